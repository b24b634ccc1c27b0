"""A packet from an interface whose name is not UTF-8: recvmsg_into of CPython loses it. Needs root:

unshare -rn python3 interface_name.py"""
import fcntl, socket, struct, sys

SIOCSIFFLAGS, SIOCSIFNAME, IFF_UP, ETH_P_IP = 0x8914, 0x8923, 1, 0x800

print(sys.implementation.name, ".".join(map(str, sys.implementation.version[:3])))
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
fcntl.ioctl(sender, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
sender.bind(("127.0.0.1", 0))
receiver = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
receiver.bind(("lo", ETH_P_IP))
receiver.setblocking(False)
fcntl.ioctl(sender, SIOCSIFNAME, struct.pack("16s16s", b"lo", b"b\xffd"))
sender.sendto(b"abcd", sender.getsockname())
for _ in range(2):
    try:
        nbytes, _, _, address = receiver.recvmsg_into([bytearray(64)])
        print(f"{nbytes} bytes, interface {address[0]!a}")
    except Exception as error:
        print(repr(error))
