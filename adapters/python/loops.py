"""Sockets of event loops, for adapter.py --socket loops:NAME: what is awaited there is waited for here.

A loop lives as long as the adapter, so that a call opens no descriptor of its own.
"""
import socket


class Waiting:
    """A socket with a recvmsg_into that waits. A subclass performs `receive` in its loop."""

    def __init__(self, *arguments):
        self.sock = socket.socket(*arguments)
        self.sock.setblocking(False)
        self.seconds = None

    def settimeout(self, seconds):
        self.seconds = seconds

    def detach(self):
        return self.sock.detach()

    def recvmsg_into(self, *arguments):
        return self.receive(*arguments)


def _trio():
    """Trio has one run for all. It is a greenlet beside the adapter's own, so that both are the main thread, which handlers run
    in; the loop stands still between calls."""
    import greenlet
    import trio
    adapter = greenlet.getcurrent()

    async def live():
        task = adapter.switch(None)
        while True:
            try:
                answer = await task(), None
            except Exception as error:
                answer = None, error
            task = adapter.switch(answer)
    loop = greenlet.greenlet(trio.run)
    loop.switch(live)

    class Trio(Waiting):
        def receive(self, *arguments):
            async def within():
                with trio.move_on_after(float("inf") if self.seconds is None else self.seconds):
                    return await trio.socket.from_stdlib_socket(self.sock).recvmsg_into(*arguments)
                raise socket.timeout("timed out")
            result, error = loop.switch(within)
            if error:
                raise error
            return result
    return Trio


def _curio():
    import curio
    import curio.io
    kernel = curio.Kernel()
    kernel.run(curio.sleep, 0)  # it opens its descriptors now

    class Curio(Waiting):
        def receive(self, *arguments):
            receive = curio.io.Socket(self.sock).recvmsg_into
            try:
                if self.seconds is None:
                    return kernel.run(receive, *arguments)
                return kernel.run(curio.timeout_after, self.seconds, receive, *arguments)
            except curio.TaskTimeout:
                raise socket.timeout("timed out") from None
    return Curio


def _asyncio(loop, reports_addresses):
    import asyncio

    class Asyncio(Waiting):
        """One buffer, by loop.sock_recvfrom_into, or loop.sock_recv_into where it has no other."""

        async def within(self, buffer):
            if reports_addresses:
                return await loop.sock_recvfrom_into(self.sock, buffer)
            return await loop.sock_recv_into(self.sock, buffer), None

        def receive(self, buffers):
            [buffer] = buffers
            try:
                nbytes, address = loop.run_until_complete(asyncio.wait_for(self.within(buffer), self.seconds))
            except asyncio.TimeoutError:
                raise socket.timeout("timed out") from None
            return nbytes, [], 0, address
    return Asyncio


def _asyncio_of_python():
    import asyncio
    loop = asyncio.new_event_loop()
    return _asyncio(loop, hasattr(loop, "sock_recvfrom_into"))  # from 3.11 on


def _uvloop():
    import uvloop
    return _asyncio(uvloop.new_event_loop(), reports_addresses=False)  # its sock_recvfrom_into is NotImplementedError


def _anyio():
    import anyio.abc
    import array
    import asyncio
    loop = asyncio.new_event_loop()

    class Anyio(Waiting):
        """UNIXSocketStream.receive_fds: data of one buffer, and descriptors."""

        async def within(self, buffer):
            stream = await anyio.abc.UNIXSocketStream.from_socket(self.sock)
            with anyio.move_on_after(self.seconds):
                return await stream.receive_fds(len(buffer), 253)
            raise socket.timeout("timed out")

        def receive(self, buffers):
            [buffer] = buffers
            try:
                data, descriptors = loop.run_until_complete(self.within(buffer))
            except anyio.EndOfStream:
                return 0, [], 0, None
            except anyio.BrokenResourceError as error:
                raise error.__cause__ or error from None
            buffer[:len(data)] = data
            numbers = array.array("i", descriptors).tobytes()
            return len(data), [(socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)] if descriptors else [], 0, None
    return Anyio


_LOOPS = {"anyio": _anyio, "trio": _trio, "curio": _curio, "asyncio": _asyncio_of_python, "uvloop": _uvloop}


def __getattr__(name):
    """A loop begins when its socket is asked for."""
    if name not in _LOOPS:
        raise AttributeError(f"there is no loop {name}")
    return _LOOPS[name]()
