"""The address of a sender whose pathname fills sun_path: recvmsg_into of PyPy 7.3.11 writes a byte behind its memory.

Nothing is seen without a checker of memory: valgrind pypy3 pypy_108_byte_path.py"""
import ctypes, socket, struct, sys, tempfile

print(sys.implementation.name, ".".join(map(str, sys.implementation.version[:3])), flush=True)
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind("")
sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
with tempfile.TemporaryDirectory() as directory:
    path = (directory + "/").ljust(108, "p")
    name = struct.pack("=H", socket.AF_UNIX) + path.encode()  # bind() of Python refuses it, bind(2) does not
    if ctypes.CDLL(None).bind(sender.fileno(), ctypes.c_char_p(name), len(name)) != 0:
        sys.exit("bind failed")
    sender.sendto(b"x", receiver.getsockname())
    nbytes, _, _, address = receiver.recvmsg_into([bytearray(8)])
print(f"nbytes {nbytes}, {len(address)} bytes in the address")
