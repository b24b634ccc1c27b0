"""recvmsg_into of CPython 3.12 and 3.13.0 reads on in a list that a buffer has cleared: SIGSEGV."""
import socket, sys

print(sys.implementation.name, ".".join(map(str, sys.implementation.version[:3])), flush=True)
a, b = socket.socketpair()


class Clearing:
    def __buffer__(self, flags):
        buffers.clear()
        return memoryview(bytearray(2))


buffers = [Clearing(), bytearray(2), bytearray(2)]
a.send(b"abcdef")
print(b.recvmsg_into(buffers))
