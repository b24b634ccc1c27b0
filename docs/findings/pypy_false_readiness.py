"""Two threads wait for one datagram; PyPy 7.3.11 raises BlockingIOError in the one that comes too late."""
import socket, sys, threading, time

print(sys.implementation.name, ".".join(map(str, sys.implementation.version[:3])))
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
b.settimeout(1)


def receive():
    begin = time.monotonic()
    try:
        result = b.recvmsg_into([bytearray(8)])[0], "bytes"
    except OSError as error:
        result = repr(error), "after %.1f s" % (time.monotonic() - begin)
    results.append(" ".join(map(str, result)))


seen = {}
for _ in range(20):
    results = []
    threads = [threading.Thread(target=receive) for _ in range(2)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    a.send(b"one")
    for thread in threads:
        thread.join()
    key = "; ".join(sorted(results))
    seen[key] = seen.get(key, 0) + 1
for key, count in seen.items():
    print(f"{count} times: {key}")
