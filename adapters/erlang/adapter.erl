%% Adapter for socket:recvmsg/5 of Erlang/OTP. ../PROTOCOL.md is the contract.
-module(adapter).
-export([main/1, close_number/1]).
-nifs([close_number/1]).

-define(CAPABILITIES, [flags, msg_flags, address, ancillary, rights, all_items, ancbufsize, nonblocking, timeout, recvmsg, pipelining]).

%% Numbers of Linux for the names that the module has.
-define(LEVELS, #{ip => 0, socket => 1, icmp => 1, tcp => 6, udp => 17, ipv6 => 41}).
-define(TYPES, #{socket => #{rights => 1, credentials => 2, timestamp => 29, priority => 12, mark => 36},
                 ip => #{tos => 1, ttl => 2, recvopts => 6, retopts => 7, pktinfo => 8, recverr => 11, recvttl => 12, recvtos => 13,
                         origdstaddr => 20, recvorigdstaddr => 20},
                 ipv6 => #{recverr => 25, pktinfo => 50, hoplimit => 52, hopopts => 54, dstopts => 59, pathmtu => 61, tclass => 67,
                           flowinfo => 11, recvorigdstaddr => 74}}).
-define(FLAGS, #{oob => 1, peek => 2, dontroute => 4, ctrunc => 8, trunc => 16#20, dontwait => 16#40, eor => 16#80, waitall => 16#100,
                 confirm => 16#800, errqueue => 16#2000, nosignal => 16#4000, more => 16#8000, cmsg_cloexec => 16#40000000}).
-define(ERRORS, #{eperm => 1, enoent => 2, eintr => 4, eio => 5, ebadf => 9, eagain => 11, enomem => 12, eacces => 13, efault => 14,
                  einval => 22, enfile => 23, emfile => 24, epipe => 32, eproto => 71, ebadmsg => 74, enotsock => 88,
                  edestaddrreq => 89, emsgsize => 90, enoprotoopt => 92, eopnotsupp => 95, enotsup => 95, eafnosupport => 97,
                  enetdown => 100, enetunreach => 101, enetreset => 102, econnaborted => 103, econnreset => 104, enobufs => 105,
                  enotconn => 107, eshutdown => 108, etimedout => 110, econnrefused => 111, ehostdown => 112, ehostunreach => 113,
                  ealready => 114, einprogress => 115}).

%% In C: the folder of closing.so is the argument.
close_number(_) -> erlang:nif_error(not_loaded).

main([Folder]) ->
    %% Loaded when first used, they need a descriptor, which a call may not have.
    ok = code:ensure_modules_loaded([socket, io_lib, io_lib_format, io_lib_pretty, inet, re, string, jiffy]),
    ok = erlang:load_nif(filename:join(Folder, "closing"), 0),
    Port = open_port({fd, 0, 1}, [stream, binary, eof]),
    lines(Port, []).

%% `Parts` are of a line that has not ended yet, the last one first.
lines(Port, Parts) ->
    receive
        {Port, {data, Data}} -> lines(Port, answered(Port, Parts, Data));
        {Port, eof} -> halt(0)
    end.

answered(Port, Parts, Data) ->
    case binary:split(Data, <<"\n">>) of
        [Part] -> [Part | Parts];
        [Last, Rest] ->
            answer(Port, iolist_to_binary(lists:reverse([Last | Parts]))),
            answered(Port, [], Rest)
    end.

answer(Port, Line) ->
    Request = #{<<"id">> := Id, <<"op">> := Op} = jiffy:decode(Line, [return_maps]),
    Reply = case Op of
        <<"hello">> ->
            #{protocol => 1, name => <<"Erlang/OTP socket">>, version => version(), language => <<"Erlang">>,
              capabilities => ?CAPABILITIES};
        <<"recvmsg_into">> -> recvmsg_into(Request);
        <<"close">> -> [close(FD) || FD <- maps:get(<<"fds">>, Request)], #{};
        <<"bye">> -> #{};
        _ -> #{unsupported => Op}
    end,
    port_command(Port, [jiffy:encode(Reply#{id => Id}, [use_nil]), $\n]),
    Op =:= <<"bye">> andalso halt(0).

version() ->
    Release = erlang:system_info(otp_release),
    case file:read_file(filename:join([code:root_dir(), "releases", Release, "OTP_VERSION"])) of
        {ok, Text} -> string:trim(Text);
        _ -> list_to_binary(Release)
    end.

%% The socket of a number. With all three named, nothing is asked of the number here.
adopted(FD, Domain, Type) ->
    case get(FD) of
        undefined ->
            {ok, Socket} = socket:open(FD, #{dup => false, domain => Domain, type => Type, protocol => default}),
            put(FD, Socket),
            Socket;
        Socket -> Socket
    end.

close(FD) ->
    case erase(FD) of
        undefined -> ok;
        Socket -> socket:close(Socket)
    end,
    close_number(FD).

recvmsg_into(#{<<"buffers">> := [Entry], <<"fd">> := FD} = Request) ->
    Size = maps:get(<<"size">>, Entry),
    From = maps:get(<<"from">>, Entry, 0),
    Room = maps:get(<<"to">>, Entry, Size) - From,
    %% A size of 0 means a default; in a control buffer of one byte there is no room either.
    Control = max(1, maps:get(<<"ancbufsize">>, Request, 0)),
    Flags = [Bits band 16#ffffffff || Bits <- [maps:get(<<"flags">>, Request, 0)], Bits =/= 0],
    Timeout = case maps:get(<<"timeout_ms">>, Request, null) of null -> infinity; 0 -> nowait; Time -> Time end,
    Result = try
        Socket = adopted(FD, domain(maps:get(<<"family">>, Request)), type(maps:get(<<"type">>, Request))),
        received(Socket, socket:recvmsg(Socket, Room, Control, Flags, Timeout))
    catch _:{badmatch, {error, Reason}} -> error_of(Reason);
          _:Reason -> error_of(Reason)
    end,
    Storage = storage(maps:get(<<"fill">>, Entry, <<"ee">>), Size),
    Stored = case Result of
        #{returned := Data} ->
            Kept = min(byte_size(Data), Room),
            <<Before:From/binary, _:Kept/binary, After/binary>> = Storage,
            <<Before/binary, (binary:part(Data, 0, Kept))/binary, After/binary>>;
        _ -> Storage
    end,
    hexadecimal(returned, Result#{buffers => [hex(Stored)]});
recvmsg_into(_) -> #{unsupported => scatter}.

received(_, {ok, #{iov := Parts, ctrl := Items, flags := Flags} = Message}) ->
    Data = iolist_to_binary(Parts),
    #{returned => Data, nbytes => byte_size(Data), msg_flags => lists:sum([number(Flag, ?FLAGS) || Flag <- Flags]),
      ancdata => [item(Item) || Item <- Items], address => address(maps:get(addr, Message, none))};
%% What a stream's end is reported as.
received(_, {error, closed}) -> #{returned => <<>>, nbytes => 0, msg_flags => 0, ancdata => [], address => null};
received(Socket, {select, Info}) -> socket:cancel(Socket, Info), error_of(eagain);
received(_, {error, Reason}) -> error_of(Reason).

error_of(timeout) -> failed(<<"TimeoutError">>, null, timeout);
error_of({Name, _}) when is_atom(Name) -> error_of(Name);
error_of(Name) when is_atom(Name), is_map_key(Name, ?ERRORS) -> failed(Name, maps:get(Name, ?ERRORS), Name);
error_of(Number) when is_integer(Number) -> failed(errno, Number, Number);
error_of(Reason) -> failed(<<"error">>, null, Reason).

failed(Class, Number, Reason) ->
    #{error => #{class => Class, errno => Number, message => iolist_to_binary(io_lib:format("~0p", [Reason]))}}.

item(#{level := Level, type := Type, data := Data}) ->
    [level(Level), number(Type, maps:get(Level, ?TYPES, #{})), hex(Data)].

%% A level that the module does not know has the name of the protocol with that number.
level(Name) when is_map_key(Name, ?LEVELS) -> maps:get(Name, ?LEVELS);
level(Number) when is_integer(Number) -> Number;
level(Name) ->
    case get({level, Name}) of
        undefined -> put({level, Name}, protocol(Name)), level(Name);
        Number -> Number
    end.

protocol(Name) ->
    {ok, Protocols} = file:read_file("/etc/protocols"),
    Pattern = ["^(?:", atom_to_list(Name), "\\s+(\\d+)|\\S+\\s+(\\d+)\\s+", atom_to_list(Name), ")\\b"],
    {match, Found} = re:run(Protocols, Pattern, [multiline, {capture, all_but_first, list}]),
    list_to_integer(lists:last(Found)).

address(none) -> null;
address(#{family := Family, addr := Rest}) when is_binary(Rest), Family =:= inet orelse Family =:= inet6 -> null;
address(#{family := local, path := Path}) -> #{family => 1, path => hex(Path)};
address(#{family := inet, addr := Host, port := Port}) when is_tuple(Host) -> #{family => 2, host => list_to_binary(inet:ntoa(Host)), port => Port};
address(#{family := inet6, addr := Host, port := Port, flowinfo := Flow, scope_id := Scope}) ->
    #{family => 10, host => list_to_binary(inet:ntoa(Host)), port => Port, flowinfo => Flow, scope_id => Scope};
address(#{family := packet, addr := Hardware, protocol := Protocol, ifindex := Index, hatype := Kind, pkttype := Packet}) ->
    Types = #{host => 0, broadcast => 1, multicast => 2, otherhost => 3, outgoing => 4},
    Raw = <<(number(Protocol, #{all => 3, ip => 16#800})):16, Index:32/native, (number(Kind, #{loopback => 772})):16/native,
            (number(Packet, Types)):8, (byte_size(Hardware)):8, Hardware/binary, 0:(8 * (8 - byte_size(Hardware)))>>,
    #{family => 17, raw => hex(Raw)};
address(#{family := Family, addr := Rest}) ->
    #{family => number(Family, #{unspec => 0, local => 1}), raw => hex(Rest)};
address(Bytes) when is_binary(Bytes), byte_size(Bytes) >= 2 ->
    <<Family:16/native, Rest/binary>> = Bytes,
    #{family => Family, raw => hex(Rest)};
address(_) -> null.

number(Number, _) when is_integer(Number) -> Number;
number(Name, Numbers) -> maps:get(Name, Numbers).

domain(1) -> local;
domain(2) -> inet;
domain(10) -> inet6;
domain(Number) -> Number.

type(1) -> stream;
type(2) -> dgram;
type(3) -> raw;
type(5) -> seqpacket.

storage(Fill, Size) ->
    Pattern = binary:decode_hex(Fill),
    binary:part(binary:copy(Pattern, Size div byte_size(Pattern) + 1), 0, Size).

hexadecimal(Field, Reply) ->
    case Reply of #{Field := Bytes} -> Reply#{Field := hex(Bytes)}; _ -> Reply end.

hex(Bytes) -> string:lowercase(binary:encode_hex(Bytes)).
