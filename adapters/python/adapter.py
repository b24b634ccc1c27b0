#!/usr/bin/env python3
"""Adapter for socket.recvmsg_into of the Python that runs this file, CPython or PyPy from 3.8, or for another class of sockets
(options.py). See ../PROTOCOL.md."""
import json, os, signal, socket, struct, sys, threading, warnings  # noqa: E401
import forms, memory, options  # noqa: E401
from handlers import HANDLERS, handled

CAN = """scatter no_buffers empty_buffers overlap flags msg_flags address ancillary rights all_items ancbufsize timeout
arguments nonblocking system_wait signals raising_handler warnings warnings_as_errors error_classes recvmsg
pipelining concurrent""".split() + memory.CAN + forms.CAN
warned = []  # the classes of the warnings issued since the call began
warnings.showwarning = lambda message, category, *_where: warned.append(category.__name__)

def report_address(family, address):
    if address is None: return None
    if isinstance(address, (str, bytes)): return {"family": socket.AF_UNIX, "path": os.fsencode(address).hex()}
    if family == socket.AF_NETLINK: address = family, struct.pack("=HII", 0, *address)
    if family == socket.AF_PACKET:  # of the interface "lo", whose index is 1 in every network
        address = family, struct.pack("=HiHB9p", socket.htons(address[1]), 1, *address[3:1:-1], address[4])
    if isinstance(address[0], int): return {"family": address[0], "raw": address[1].hex()}
    inet = {2: socket.AF_INET, 4: socket.AF_INET6}[len(address)]  # the family of the socket may be another one
    return dict(zip(("host", "port", "flowinfo", "scope_id"), address), family=inet)

def recvmsg_into(request):
    storages, parts, facts, sock, timeout_ms = [], [], {}, None, request.get("timeout_ms")
    for entry in request["buffers"]:  # a part of an earlier storage also makes one, of size 0, to be reported as ""
        size, fill = entry.get("size", 0), bytes.fromhex(entry.get("fill", "ee"))
        storages.append(memory.make(entry) or bytearray((fill * (size // len(fill) + 1))[:size]))
        parts.append(memoryview(storages[entry.get("storage", -1)])[entry.get("from"):entry.get("to")])
    arguments = [request["ancbufsize"]] if "ancbufsize" in request else []
    if "flags" in request: arguments = [request.get("ancbufsize", 0), request["flags"]]  # by position only
    warnings.simplefilter(request.get("warnings", "always"))
    del handled[:], warned[:]
    try:
        sock = options.make_socket(request["family"], request["type"], 0, request["fd"])
        sock.settimeout(timeout_ms and timeout_ms / 1000)  # None waits and 0 does not, in Python as in the protocol
        nbytes, ancdata, msg_flags, address = sock.recvmsg_into(parts, *arguments) if "form" not in request else (
            forms.perform(request["form"], sock, storages, parts, arguments, facts))
        reply = {"nbytes": nbytes, "ancdata": [(level, kind, data.hex()) for level, kind, data in ancdata],
                 "msg_flags": msg_flags, "address": report_address(request["family"], address)}
    except forms.NotPerformed as refusal: return refusal.reply
    except Exception as error:  # until Python 3.10 socket.timeout was a class of its own, named "timeout"
        name = "TimeoutError" if isinstance(error, socket.timeout) else type(error).__name__
        reply = {"error": {"class": name, "errno": getattr(error, "errno", None), "message": str(error)}}
    finally:
        if sock: sock.detach()  # the descriptor stays open: it is the suite's
    return dict(reply, buffers=[storage.hex() for storage in storages], warnings=warned, signals=len(handled), facts=facts)

def answer(request):
    op, reply = request["op"], {}
    if op == "hello": reply = {"protocol": 1, "name": options.NAME, "version": options.VERSION, "language": "Python",
                               "capabilities": options.declared(CAN), **options.HELLO}
    elif op == "recvmsg_into": reply = recvmsg_into(request)
    elif op == "cmsg_sizes": reply = forms.cmsg_sizes(request["lengths"])
    elif op == "signal": signal.signal(request["signum"], HANDLERS[request["handler"]])
    elif op == "close": [os.closerange(fd, fd + 1) for fd in request["fds"]]  # passes over what is not open
    elif op != "bye": reply = {"unsupported": op}
    with output: print(json.dumps(dict(reply, id=request["id"])) + "\n", end="", flush=True)  # one write, unbuffered too

def answer_apart(request):
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())  # those of later calls may come before it has ended
    answer(request)

output = threading.Lock()
for request in map(json.loads, sys.stdin.buffer):
    if request.get("concurrent"): threading.Thread(target=answer_apart, args=[request], daemon=True).start()
    else: answer(request)
    if request["op"] == "bye": break
