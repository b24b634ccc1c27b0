"""A pending IPV6_PATHMTU: recvmsg_into of CPython and PyPy, with a timeout, waits for data. Needs a small MTU on lo:

unshare -rn sh -c 'ip link set lo up mtu 1300; python3 timeout_path_mtu.py'"""
import socket, struct, sys

IPV6_RECVPATHMTU = 60

print(sys.implementation.name, ".".join(map(str, sys.implementation.version[:3])))
receiver = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
receiver.bind(("::1", 0))
receiver.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVPATHMTU, 1)
receiver.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_DONTFRAG, 1)
try:
    receiver.sendto(bytes(3000), ("::1", 9))
except OSError as error:
    print(f"sendto: {error!r}")
for timeout in 0.5, None:
    receiver.settimeout(timeout)
    try:
        nbytes, ancdata, _, address = receiver.recvmsg_into([bytearray(4)], 100)
        level, kind, data = ancdata[0]
        result = f"{nbytes} bytes, item {level}, {kind}: MTU {struct.unpack_from('I', data, 28)[0]}"
    except OSError as error:
        result = repr(error)
    print(f"timeout {timeout}: {result}")
