"""eventlet: a call that is to wait for what another green thread sends."""
import eventlet, eventlet.green.socket, importlib.metadata, socket
print("eventlet", importlib.metadata.version("eventlet"))
a, b = eventlet.green.socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
for timeout in None, 5:
    for name, call in {"recv_into": lambda buffer: b.recv_into(buffer), "recvmsg_into": lambda buffer: b.recvmsg_into([buffer]),
                       "recvmsg": lambda buffer: b.recvmsg(8)}.items():
        b.settimeout(timeout)
        eventlet.spawn_after(0.1, a.send, b"abc")
        try:
            result = call(bytearray(8))
        except OSError as error:
            result = repr(error)
            eventlet.sleep(0.2)
            b.recv(8)
        print(f"timeout {timeout}: {name}: {result}")
