"""gevent: a socket that is always readable, of which nothing can be received, and a timeout of 0.1 s."""
import gevent, gevent.socket, platform, socket, sys, time

def timed(name, sock):
    sock.settimeout(0.1)
    began, cpu = time.monotonic(), time.process_time()
    try:
        sock.recvmsg_into([bytearray(8)])
    except socket.timeout as error:
        print(f"{name}: {error!r} after {time.monotonic() - began:.1f} s, {time.process_time() - cpu:.1f} s of CPU time")

module = gevent.socket if "gevent" in sys.argv else socket
name = f"gevent {gevent.__version__}" if module is gevent.socket else f"cpython {platform.python_version()}"
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
a.shutdown(socket.SHUT_WR)
b.shutdown(socket.SHUT_RD)  # readable from now on, and a call that does not block is EAGAIN
sock = module.socket(b.family, b.type, 0, b.detach())
if module is socket:
    timed(name, sock)
else:
    began, cpu = time.monotonic(), time.process_time()
    call = gevent.spawn(timed, name, sock)
    call.join(3)
    print(f"{name}: {'still waits' if not call.dead else 'has ended'} after {time.monotonic() - began:.1f} s, "
          f"{time.process_time() - cpu:.1f} s of CPU time")
