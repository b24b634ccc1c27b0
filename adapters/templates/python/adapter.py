#!/usr/bin/env python3
"""An adapter of the recvmsg conformance suite: README.md says what to change."""
import json
import os
import socket
import sys

# Who is judged, and what its interface can express.
HELLO = {"protocol": 1, "name": "socket.recvmsg_into", "version": sys.version.split()[0], "language": "Python",
         "capabilities": ["scatter", "flags", "msg_flags", "ancillary", "rights", "all_items", "ancbufsize", "nonblocking",
                          "system_wait"],
         "sockets": ["unix_stream", "unix_datagram", "unix_seqpacket", "udp4", "udp6", "tcp4", "tcp6"]}


# ---- YOUR IMPLEMENTATION: its call takes the place of recvmsg_into here.
def receive(fd, family, kind, parts, ancbufsize, flags, wait):
    """Fills `parts`, writable memoryviews. Returns the number of bytes, the items (level, type, data), and the flags."""
    sock = socket.socket(family, kind, 0, fd)
    try:
        sock.setblocking(wait)
        nbytes, ancdata, msg_flags, _address = sock.recvmsg_into(parts, ancbufsize, flags)
        return nbytes, ancdata, msg_flags
    finally:
        sock.detach()  # the descriptor stays open: it is the suite's
# ---- What follows need not change.


def recvmsg_into(request):
    storages, parts = [], []
    for entry in request["buffers"]:
        size, fill = entry["size"], bytes.fromhex(entry.get("fill", "ee"))
        storages.append(bytearray((fill * (size // len(fill) + 1))[:size]))
        parts.append(memoryview(storages[-1])[entry.get("from", 0):entry.get("to", size)])
    try:
        nbytes, ancdata, msg_flags = receive(request["fd"], request["family"], request["type"], parts,
                                             request.get("ancbufsize", 0), request.get("flags", 0),
                                             request.get("timeout_ms") != 0)
        reply = {"nbytes": nbytes, "ancdata": [[level, kind, data.hex()] for level, kind, data in ancdata],
                 "msg_flags": msg_flags}
    except Exception as error:  # whatever it is, it is reported
        reply = {"error": {"class": type(error).__name__, "errno": getattr(error, "errno", None), "message": str(error)}}
    return {**reply, "buffers": [storage.hex() for storage in storages]}


for line in sys.stdin:
    request = json.loads(line)
    op, reply = request["op"], {}
    if op == "hello":
        reply = HELLO
    elif op == "recvmsg_into":
        reply = recvmsg_into(request)
    elif op == "close":
        for fd in request["fds"]:
            os.closerange(fd, fd + 1)  # passes over what is not open
    elif op != "bye":
        reply = {"unsupported": op}
    print(json.dumps({**reply, "id": request["id"]}), flush=True)
    if op == "bye":
        break
