"""recvmsg_into of PyPy 7.3.11 keeps 32 bits of ancbufsize, of flags, and of the length of each buffer."""
import array, mmap, os, socket, sys

print(sys.implementation.name, ".".join(map(str, sys.implementation.version[:3])))


def show(title, call, send_descriptor=False):
    a, b = socket.socketpair()
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [a.fileno()]).tobytes())]
    a.sendmsg([b"abcdefgh"], rights if send_descriptor else [])
    try:
        nbytes, ancdata, msg_flags, _ = call(b)
        result = f"nbytes {nbytes}, {len(ancdata)} items, msg_flags {msg_flags:#x}"
        for _, _, data in ancdata:
            os.close(array.array("i", data)[0])
    except Exception as error:
        result = repr(error)
    b.setblocking(False)
    try:
        left = b.recv(99)
    except BlockingIOError:
        left = "nothing"
    print(f"{title:44} {result}; left in the queue: {left}")


for size, text in (2**31, "2**31"), (2**32, "2**32"), (2**32 + 64, "2**32 + 64"):
    show(f"ancbufsize {text}, a descriptor was sent", lambda b: b.recvmsg_into([bytearray(8)], size), True)
for flags, text in (2**32, "2**32"), (2**32 + socket.MSG_PEEK, "2**32 + MSG_PEEK"):
    show(f"flags {text}", lambda b: b.recvmsg_into([bytearray(8)], 0, flags))
for length, text in (2**31, "2**31"), (2**32, "2**32"), (2**32 + 4, "2**32 + 4"):
    show(f"one buffer of {text} bytes", lambda b: b.recvmsg_into([mmap.mmap(-1, length)]))
