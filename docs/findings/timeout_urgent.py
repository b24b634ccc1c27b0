"""An urgent byte that comes alone: recvmsg_into of CPython and PyPy, with a timeout, waits for ordinary data."""
import socket, sys

print(sys.implementation.name, ".".join(map(str, sys.implementation.version[:3])))
listener = socket.create_server(("127.0.0.1", 0))
receiver = socket.create_connection(listener.getsockname())
sender, _ = listener.accept()
sender.send(b"!", socket.MSG_OOB)
for timeout in 0.5, None:
    receiver.settimeout(timeout)
    buffer = bytearray(4)
    try:
        result = receiver.recvmsg_into([buffer], 0, socket.MSG_OOB)[0], bytes(buffer)
    except OSError as error:
        result = repr(error)
    print(f"timeout {timeout}: {result}")
