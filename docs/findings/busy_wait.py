"""With a timeout, and a socket that poll(2) reports at all times and that has nothing to give, a receive keeps a processor busy.
Without an argument on a UDP socket with an unread error; `shutdown`: on a unix datagram socket after shutdown(SHUT_RD)."""
import platform, resource, select, socket, sys, time

TIMEOUT = 0.5
IP_RECVERR = 11


def with_an_unread_error():
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("127.0.0.1", 0))
    receiver.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()
    receiver.sendto(b"ABCDEF", port)
    poll = select.poll()
    poll.register(receiver, 0)
    poll.poll()  # until the error is there
    try:
        receiver.recvmsg_into([bytearray(8)])
    except ConnectionRefusedError:
        return receiver  # the error is reported once, and stays in the queue


def after_a_shutdown():
    receiver, with_an_unread_error.peer = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    receiver.shutdown(socket.SHUT_RD)
    return receiver


sock = after_a_shutdown() if "shutdown" in sys.argv else with_an_unread_error()
sock.settimeout(TIMEOUT)
before, begin = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
try:
    sock.recvmsg_into([bytearray(8)])
except OSError as error:
    elapsed, after = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_SELF)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    switches = after.ru_nvcsw - before.ru_nvcsw
    print(f"{platform.python_implementation()} {platform.python_version()}: {error!r} after {elapsed:.1f} s, "
          f"{busy:.2f} s of processor time, slept {switches} times")
