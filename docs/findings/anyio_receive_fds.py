"""AnyIO: descriptors that come with credentials, as they do where SO_PASSCRED is set."""
import anyio, anyio.abc, array, importlib.metadata, os, socket

async def main():
    there, here = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    here.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    here.setblocking(False)
    there.sendmsg([b"abc"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 0]))])
    stream = await anyio.abc.UNIXSocketStream.from_socket(here)
    before = len(os.listdir("/proc/self/fd"))
    try:
        print(await stream.receive_fds(8, 16))
    except Exception as error:
        print(repr(error))
    print(len(os.listdir("/proc/self/fd")) - before, "more descriptors are open")

print("anyio", importlib.metadata.version("anyio"))
anyio.run(main)
