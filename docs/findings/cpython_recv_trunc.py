"""recv and recvmsg of CPython with MSG_TRUNC: bytes that nothing wrote. recvmsg_into is not affected."""
import re, socket, sys

print(sys.implementation.name, ".".join(map(str, sys.implementation.version[:3])))
listener = socket.create_server(("127.0.0.1", 0))
peer = socket.create_connection(listener.getsockname())
receiver, _ = listener.accept()
peer.sendall(b"A" * 1000)


def work_with_secrets():
    return len([b"password-%d " % number * 16 for number in range(10, 100)])  # freed on return


def show(title, received):
    print(f"{title:25} {len(received)} bytes, {received.count(b'A')} of them sent,",
          f"{len(re.findall(rb'password-[0-9][0-9]', received))} passwords; in the middle: {received[90:114]}")


flags = socket.MSG_PEEK | socket.MSG_TRUNC
work_with_secrets()
show("TCP recv(192)", receiver.recv(192, flags))
work_with_secrets()
show("TCP recvmsg(192)", receiver.recvmsg(192, 0, flags)[0])
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
a.send(b"A" * 192)
work_with_secrets()
show("unix datagram recv(2)", b.recv(2, flags))
buffer = bytearray(b"." * 192)
work_with_secrets()
nbytes = receiver.recvmsg_into([buffer], 0, flags)[0]
print(f"TCP recvmsg_into          returned {nbytes}; the buffer is {'as it was' if buffer == b'.' * 192 else 'changed'}")
