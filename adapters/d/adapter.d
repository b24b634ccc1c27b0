// Adapter for D's std.socket: Socket.receiveFrom, or, with the argument "receive", Socket.receive. ../PROTOCOL.md is the contract.
import core.stdc.errno : errno;
import core.sys.posix.arpa.inet : ntohl;
import core.sys.posix.netinet.in_ : sockaddr_in6;
import core.sys.posix.unistd : close;
import std.conv : to;
import std.json;
import std.socket;
import std.stdio;
import std.string : indexOf;

immutable capabilities = ["flags", "nonblocking", "system_wait", "inaccessible_buffers"];
bool withAddress;

string hex(const(ubyte)[] bytes)
{
    immutable digits = "0123456789abcdef";
    char[] made = new char[2 * bytes.length];
    foreach (i, one; bytes)
    {
        made[2 * i] = digits[one >> 4];
        made[2 * i + 1] = digits[one & 15];
    }
    return made.to!string;
}

long intOf(JSONValue request, string field, long otherwise)
{
    auto found = field in request;
    return found is null || found.isNull ? otherwise : found.integer;
}

ubyte[] storageOf(JSONValue entry)
{
    const size = cast(size_t) entry.intOf("size", 0);
    auto memory = "memory" in entry;
    if (memory !is null)
        return (cast(ubyte*) 1)[0 .. size];
    auto fill = "fill" in entry;
    const digits = fill is null ? "ee" : fill.str;
    auto made = new ubyte[size];
    foreach (i, ref one; made)
    {
        const at = 2 * i % digits.length;
        one = digits[at .. at + 2].to!ubyte(16);
    }
    return made;
}

// A Socket closes its descriptor when it goes, so they are kept.
Socket[int] adopted;

Socket adopt(int fd, int family)
{
    if (auto known = fd in adopted)
        return *known;
    return adopted[fd] = new Socket(cast(socket_t) fd, cast(AddressFamily) family);
}

JSONValue addressOf(Address sender)
{
    const size = sender is null ? 0 : sender.nameLen;
    if (size <= 2)
        return JSONValue(null);
    auto bytes = (cast(const(ubyte)*) sender.name)[2 .. size];
    const family = cast(int) sender.addressFamily;
    if (auto four = cast(InternetAddress) sender)
        return JSONValue(["family": JSONValue(family), "host": JSONValue(four.toAddrString), "port": JSONValue(four.port)]);
    if (auto six = cast(Internet6Address) sender)
    {
        auto host = six.toAddrString; // with the zone, where there is one
        if (host.indexOf('%') >= 0)
            host = host[0 .. host.indexOf('%')];
        auto name = *cast(const(sockaddr_in6)*) sender.name;
        return JSONValue(["family": JSONValue(family), "host": JSONValue(host), "port": JSONValue(six.port),
            "flowinfo": JSONValue(ntohl(name.sin6_flowinfo)), "scope_id": JSONValue(name.sin6_scope_id)]);
    }
    if (auto local = cast(UnixAddress) sender)
        return JSONValue(["family": JSONValue(family), "path": JSONValue(hex(cast(const(ubyte)[]) local.path))]);
    return JSONValue(["family": JSONValue(family), "raw": JSONValue(hex(bytes))]);
}

JSONValue recvmsgInto(JSONValue request)
{
    auto entry = request["buffers"].array[0];
    auto storage = storageOf(entry);
    const from = cast(size_t) entry.intOf("from", 0);
    const to = cast(size_t) entry.intOf("to", storage.length);
    JSONValue[string] reply;
    try
    {
        auto socket = adopt(cast(int) request.intOf("fd", -1), cast(int) request.intOf("family", 0));
        socket.blocking = request.intOf("timeout_ms", -1) != 0;
        Address sender;
        const flags = cast(SocketFlags) cast(int) request.intOf("flags", 0);
        const nbytes = withAddress
            ? socket.receiveFrom(storage[from .. to], flags, sender) : socket.receive(storage[from .. to], flags);
        if (nbytes == Socket.ERROR)
            reply["error"] = JSONValue(["class": JSONValue("Socket.ERROR"), "errno": JSONValue(errno), "message": JSONValue(lastSocketError())]);
        else
        {
            reply["nbytes"] = nbytes;
            if (withAddress)
                reply["address"] = addressOf(sender);
        }
    }
    catch (SocketOSException e)
        reply["error"] = JSONValue(["class": JSONValue("SocketOSException"), "errno": JSONValue(e.errorCode), "message": JSONValue(e.msg)]);
    catch (Throwable e)
        reply["error"] = JSONValue(["class": JSONValue(e.classinfo.name), "errno": JSONValue(null), "message": JSONValue(e.msg)]);
    reply["buffers"] = JSONValue(["memory" in entry ? "" : hex(storage)]);
    return JSONValue(reply);
}

JSONValue answer(JSONValue request)
{
    switch (request["op"].str)
    {
    case "hello":
        return JSONValue(["protocol": JSONValue(1), "name": JSONValue("std.socket"), "version": JSONValue(__VERSION__.to!string),
            "language": JSONValue("D"), "capabilities": JSONValue(capabilities ~ (withAddress ? ["address"] : null))]);
    case "recvmsg_into":
        return recvmsgInto(request);
    case "close":
        foreach (number; request["fds"].array)
        {
            if (auto known = cast(int) number.integer in adopted)
                known.close();
            else
                close(cast(int) number.integer);
            adopted.remove(cast(int) number.integer);
        }
        return parseJSON("{}");
    case "bye":
        return parseJSON("{}");
    default:
        return JSONValue(["unsupported": request["op"]]);
    }
}

void main(string[] arguments)
{
    withAddress = arguments.length == 1;
    foreach (line; stdin.byLineCopy)
    {
        auto request = parseJSON(line);
        auto reply = answer(request);
        reply["id"] = request["id"];
        writeln(reply.toString);
        stdout.flush();
        if (request["op"].str == "bye")
            return;
    }
}
