"""PyPy 7.3.11 lets a bytearray be resized while recvmsg_into waits with it; what arrives is written elsewhere and lost."""
import socket, sys, threading, time

print(sys.implementation.name, ".".join(map(str, sys.implementation.version[:3])))
a, b = socket.socketpair()
first, second = bytearray(b"--"), bytearray(b"--")


def meanwhile():
    time.sleep(0.3)
    try:
        first.append(0)
        first.pop()
    except BufferError as error:
        print("BufferError:", error)
    a.send(b"abcd")


threading.Thread(target=meanwhile).start()
print(b.recvmsg_into([first, second])[0], first, second)
