"""A datagram that comes while sock_recv() waits beside an unread error (IP_RECVERR): uvloop_unread_error.py [uvloop]"""
import asyncio
import socket
import sys

if "uvloop" in sys.argv:
    import uvloop
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())


async def main():
    loop = asyncio.get_running_loop()
    sock, closed, sender = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3))
    for one in sock, closed:
        one.bind(("127.0.0.1", 0))
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_IP, 11, 1)  # IP_RECVERR
    nowhere = closed.getsockname()
    closed.close()
    sock.sendto(b"to nowhere", nowhere)
    loop.call_later(0.5, sender.sendto, b"abcd", sock.getsockname())
    for _ in range(2):
        try:
            print(type(loop).__module__, await asyncio.wait_for(loop.sock_recv(sock, 16), 3))
        except OSError as error:
            print(type(loop).__module__, repr(error))

asyncio.run(main())
