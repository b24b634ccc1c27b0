"""Processor time of event loops beside an unread error (IP_RECVERR): busy_loops.py asyncio|uvloop|trio|curio|gevent"""
import importlib.metadata
import select
import socket
import sys
import time

SECONDS = 0.5


def prepared():
    """A socket without data that has an error in its queue, which poll(2) reports at all times."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    sock.setsockopt(socket.IPPROTO_IP, 11, 1)  # IP_RECVERR
    closed = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    closed.bind(("127.0.0.1", 0))
    address = closed.getsockname()
    closed.close()
    sock.sendto(b"to nowhere", address)
    reported = select.poll()
    reported.register(sock, 0)
    reported.poll(5000)  # until the error is there
    try:
        sock.recv(1, socket.MSG_DONTWAIT)  # takes the error of the socket, and leaves the queue as it is
    except ConnectionRefusedError:
        pass
    sock.setblocking(False)
    return sock


def by_asyncio(sock, policy=None):
    import asyncio
    if policy:
        asyncio.set_event_loop_policy(policy)

    async def receive():
        await asyncio.wait_for(asyncio.get_running_loop().sock_recv(sock, 16), SECONDS)
    asyncio.run(receive())


def by_uvloop(sock):
    import uvloop
    by_asyncio(sock, uvloop.EventLoopPolicy())


def by_trio(sock):
    import trio

    async def receive():
        with trio.fail_after(SECONDS):
            await trio.socket.from_stdlib_socket(sock).recv(16)
    trio.run(receive)


def by_curio(sock):
    import curio

    async def receive():
        await curio.timeout_after(SECONDS, curio.io.Socket(sock).recv(16))
    curio.run(receive)


def by_gevent(sock):
    import gevent.socket
    loops = gevent.socket.socket(fileno=sock.detach())
    loops.settimeout(SECONDS)
    loops.recv(16)


name = sys.argv[1]
sock = prepared()
begin, used = time.monotonic(), time.process_time()
try:
    globals()[f"by_{name}"](sock)
    ended = "returned"
except BaseException as error:  # curio has one that is no Exception
    ended = type(error).__name__
version = sys.version.split()[0] if name == "asyncio" else importlib.metadata.version(name)
print(f"{name} {version}: {ended} after {time.monotonic() - begin:.1f} s, {time.process_time() - used:.2f} s of processor time")
