#!/usr/bin/env escript
%% socket:recvmsg of Erlang/OTP: MSG_TRUNC on TCP; credentials at the end of a stream; the scope of an address. escript erlang_recvmsg.escript
main(_) ->
    io:format("erts ~s~n", [erlang:system_info(version)]),
    {ok, Listener} = socket:open(inet, stream),
    ok = socket:bind(Listener, #{family => inet, addr => {127, 0, 0, 1}, port => 0}),
    ok = socket:listen(Listener),
    {ok, Name} = socket:sockname(Listener),
    {ok, Client} = socket:open(inet, stream),
    ok = socket:connect(Client, Name),
    {ok, Server} = socket:accept(Listener),
    [binary:copy(<<"password">>, 500) || _ <- lists:seq(1, 100)],
    erlang:garbage_collect(),
    ok = socket:send(Client, binary:copy(<<"x">>, 4000)),
    timer:sleep(100),
    {ok, #{iov := [Data]}} = socket:recvmsg(Server, 4000, 0, [trunc], infinity),
    io:format("TCP, recvmsg(4000, [trunc]): ~p bytes, ~p of them sent~n", [byte_size(Data), length([1 || <<$x>> <= Data])]),

    {ok, Left, Right} = pair(),
    ok = socket:setopt_native(Right, {socket, passcred}, 1),
    ok = socket:shutdown(Left, write),
    io:format("end of a stream with SO_PASSCRED: ~p~n", [socket:recvmsg(Right)]).

pair() ->
    {ok, Listener} = socket:open(local, stream),
    ok = socket:bind(Listener, #{family => local, path => <<0, "erlang-recvmsg">>}),
    ok = socket:listen(Listener),
    {ok, Left} = socket:open(local, stream),
    ok = socket:connect(Left, #{family => local, path => <<0, "erlang-recvmsg">>}),
    {ok, Right} = socket:accept(Listener),
    {ok, Left, Right}.
