"""The host of a link-local IPv6 sender: recvmsg_into of PyPy 7.3.11 leaves the zone in it. Needs fe80::1 on lo:

unshare -rn sh -c 'ip link set lo up; ip addr add fe80::1/64 dev lo nodad; pypy3 pypy_zone.py'"""
import socket, sys

LOOPBACK = 1  # the index of lo
receiver = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
receiver.bind(("fe80::1", 0, 0, LOOPBACK))
sender = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
sender.bind(("fe80::1", 5353, 0, LOOPBACK))
sender.sendto(b"x", receiver.getsockname())
print(sys.implementation.name, ".".join(map(str, sys.implementation.version[:3])), receiver.recvmsg_into([bytearray(8)])[3])
