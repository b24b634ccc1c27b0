#!/usr/bin/env escript
%% socket:recvmsg of Erlang/OTP, of what scripted_recvmsg.c answers.
%% RECVMSG=rights-0 LD_PRELOAD=./scripted_recvmsg.so escript erlang_scripted.escript
main(_) ->
    {ok, Here} = socket:open(local, dgram),
    ok = socket:bind(Here, #{family => local, path => <<0, "erlang-scripted">>}),
    {ok, There} = socket:open(local, dgram),
    ok = socket:sendto(There, <<"x">>, #{family => local, path => <<0, "erlang-scripted">>}),
    {ok, Message = #{ctrl := Items}} = socket:recvmsg(Here, 4, 64, [], 1000),
    Sizes = [Item#{data => {bytes, byte_size(Data)}} || Item = #{data := Data} <- Items],
    io:format("~0p~n", [Message#{ctrl => Sizes}]),
    io:format("checksums ~0p~n", [[erlang:crc32(Data) || #{data := Data} <- Items]]).
