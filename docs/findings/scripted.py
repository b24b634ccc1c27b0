"""What recvmsg_into makes of the answers of scripted_recvmsg.c: scripted.py ANSWER [ANCBUFSIZE [TIMEOUT]]"""
import os, socket, subprocess, sys, warnings

if "LD_PRELOAD" not in os.environ:  # the library is beside this file
    here = os.path.dirname(os.path.abspath(__file__))
    environment = dict(os.environ, LD_PRELOAD=here + "/scripted_recvmsg.so", RECVMSG=sys.argv[1])
    sys.exit(subprocess.call([sys.executable] + sys.argv, env=environment))

ancbufsize = int(sys.argv[2]) if len(sys.argv) > 2 else 0
timeout = float(sys.argv[3]) if len(sys.argv) > 3 else None
print(sys.implementation.name, ".".join(map(str, sys.implementation.version[:3])), *sys.argv[1:], flush=True)
warnings.simplefilter("always")
warnings.showwarning = lambda message, category, *_: print(f"  {category.__name__}: {message}")
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
a.send(b"x")  # so that it is ready
b.settimeout(timeout)
before = set(os.listdir("/proc/self/fd"))


def receive():
    buffer = bytearray(4)
    try:
        nbytes, ancdata, msg_flags, address = b.recvmsg_into([buffer], ancbufsize)
        for level, kind, data in ancdata:
            print(f"  item {level}, {kind}: {len(data)} bytes, {data[:16]}{'...' if len(data) > 16 else ''}")
        print(f"  {nbytes} bytes, {len(ancdata)} items, address {address!r}")
    except Exception as error:
        print(f"  {error!r}")
    print(f"  buffer {bytes(buffer)}, new descriptors: {len(set(os.listdir('/proc/self/fd')) - before)}", flush=True)


if sys.argv[1] == "eagain-then-cut":  # nothing between the two calls
    try:
        b.recvmsg_into([bytearray(4)])
    except BlockingIOError:
        pass
receive()
a.close()
b.close()
