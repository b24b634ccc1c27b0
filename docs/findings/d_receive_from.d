// std.socket: receiveFrom of a TCP socket, and of a sender whose pathname fills sun_path. gdc d_receive_from.d -o d_receive_from
import core.sys.posix.sys.socket : AF_UNIX, bind, sockaddr;
import core.sys.posix.sys.un : sockaddr_un;
import std.array : replicate;
import std.file : remove, tempDir;
import std.socket : Address, AddressFamily, InternetAddress, Socket, SocketType, TcpSocket, UnixAddress, socketPair;
import std.stdio : writefln;

void attempt(string what, Socket receiver)
{
    ubyte[16] buffer;
    Address from;
    try
        writefln("%s: receiveFrom returns %s", what, receiver.receiveFrom(buffer, from));
    catch (Exception e)
        writefln("%s: %s: %s", what, typeid(e), e.msg);
    receiver.blocking = false;
    const rest = receiver.receive(buffer);
    writefln("%s: then there is %s", what, rest == Socket.ERROR ? "nothing" : "something");
}

void main()
{
    auto listener = new TcpSocket(AddressFamily.INET);
    listener.bind(new InternetAddress("127.0.0.1", InternetAddress.PORT_ANY));
    listener.listen(1);
    auto client = new TcpSocket(listener.localAddress);
    auto server = listener.accept();
    client.send("abcd");
    attempt("TCP", server);

    auto pair = socketPair();
    pair[0].send("abcd");
    attempt("socket pair", pair[1]);

    const folder = tempDir ~ "/d-receive-from-";
    const path = folder ~ "p".replicate(108 - folder.length);
    auto receiver = new Socket(AddressFamily.UNIX, SocketType.DGRAM), sender = new Socket(AddressFamily.UNIX, SocketType.DGRAM);
    receiver.bind(new UnixAddress("\0d-receive-from"));
    sockaddr_un name = {sun_family: AF_UNIX}; // UnixAddress is for no more than 107
    name.sun_path[] = cast(byte[]) path;
    bind(sender.handle, cast(sockaddr*) &name, name.sizeof);
    scope (exit) remove(path);
    sender.sendTo("abcd", new UnixAddress("\0d-receive-from"));
    attempt("108 bytes", receiver);
}
