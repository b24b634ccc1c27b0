#!/usr/bin/env escript
%% socket:recvmsg of Erlang/OTP: MSG_TRUNC on TCP; credentials at the end of a stream; the flow of an address;
%% MSG_TRUNC of a datagram. escript erlang_recvmsg.escript
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
    io:format("end of a stream with SO_PASSCRED: ~p~n", [socket:recvmsg(Right)]),

    %% The error of a datagram with flow label 0x123ef to a closed port (IPV6_RECVERR, IPV6_FLOWINFO_SEND).
    {ok, Flowing} = socket:open(inet6, dgram),
    ok = socket:setopt_native(Flowing, {ipv6, 25}, 1),
    ok = socket:setopt_native(Flowing, {ipv6, 33}, 1),
    Closed = #{family => inet6, addr => loopback, port => 9, flowinfo => 16#ef230100, scope_id => 0},
    ok = socket:sendto(Flowing, <<"x">>, Closed),
    {ok, #{addr := #{flowinfo := Flow}}} = socket:recvmsg(Flowing, 16, 256, [errqueue], 1000),
    io:format("an error of flow label 0x123ef: flowinfo ~p, sent with ~p~n", [Flow, maps:get(flowinfo, Closed)]),

    {ok, Receiver} = socket:open(inet, dgram),
    ok = socket:bind(Receiver, #{family => inet, addr => {127, 0, 0, 1}, port => 0}),
    {ok, Where} = socket:sockname(Receiver),
    {ok, Sender} = socket:open(inet, dgram),
    ok = socket:sendto(Sender, binary:copy(<<"x">>, 60000), Where),
    {ok, #{iov := [Part], flags := Flags}} = socket:recvmsg(Receiver, 100, 0, [trunc], infinity),
    io:format("60000 bytes, recvmsg(100, [trunc]): ~p bytes, flags ~p~n", [byte_size(Part), Flags]).

pair() ->
    {ok, Listener} = socket:open(local, stream),
    ok = socket:bind(Listener, #{family => local, path => <<0, "erlang-recvmsg">>}),
    ok = socket:listen(Listener),
    {ok, Left} = socket:open(local, stream),
    ok = socket:connect(Left, #{family => local, path => <<0, "erlang-recvmsg">>}),
    {ok, Right} = socket:accept(Listener),
    {ok, Left, Right}.
