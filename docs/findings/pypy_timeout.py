"""Each signal makes recvmsg_into of PyPy 7.3.11 wait for the whole timeout anew."""
import signal, socket, sys, time

print(sys.implementation.name, ".".join(map(str, sys.implementation.version[:3])))
a, b = socket.socketpair()
b.settimeout(0.3)
signals = []


def handler(signum, _frame):
    signals.append(signum)
    if len(signals) == 20:
        signal.setitimer(signal.ITIMER_REAL, 0)


signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)  # 20 signals, one every 0.1 s
begin = time.monotonic()
try:
    b.recvmsg_into([bytearray(8)])
except socket.timeout:
    print(f"timeout 0.3 s: gave up after {time.monotonic() - begin:.1f} s and {len(signals)} signals")
