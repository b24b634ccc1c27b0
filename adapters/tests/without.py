#!/usr/bin/env python3
"""Runs an adapter and takes capabilities out of what it declares; everything else is as the adapter says.

    without.py [--silent] [--default-room] CAPABILITY[,CAPABILITY...] COMMAND...

A right implementation whose interface can express less is still right, so the suite must not accuse it. What is
withdrawn must not be asked for either: a request that needs it ends the adapter with a message that names it. With
--silent the replies are without the facts that need what is withdrawn; else they tell more than was declared. With
--default-room a call without an ancbufsize has room for ancillary data all the same, as the contract allows.

The process that the suite starts becomes the adapter itself, so signals and /proc find it; a child passes the lines on.
"""
import json
import os
import select
import sys

FACTS = {"msg_flags": "msg_flags", "address": "address", "ancillary": "ancdata", "warnings": "warnings", "signals": "signals"}
ROOM = 4096  # for ancillary data, where the implementation is to choose it: 253 descriptors, and credentials
INT = range(-1 << 31, 1 << 31)
LENGTHS = range((1 << 63) - 1 - 15)  # those that CMSG_SPACE takes somewhere


def length_of(entry, entries):
    size = entries[entry["storage"]]["size"] if "storage" in entry else entry["size"]
    return entry.get("to", size) - entry.get("from", 0)


def needed_for(request):
    """The capabilities without which the request cannot be performed: PROTOCOL.md, the table of capabilities."""
    op = request["op"]
    if op == "signal":
        return {"raising_handler" if request["handler"] == "raise" else "signals"} - (
            {"signals"} if request["handler"] == "default" else set())
    if op == "cmsg_sizes":
        return {op} | ({"arguments"} if any(length not in LENGTHS for length in request["lengths"]) else set())
    if op != "recvmsg_into":
        return set()
    buffers, timeout = request["buffers"], request.get("timeout_ms")
    room, flags = request.get("ancbufsize"), request.get("flags")
    needs = {
        "no_buffers": not buffers,
        "scatter": len(buffers) > 1,
        "empty_buffers": any(length_of(entry, buffers) == 0 for entry in buffers),
        "overlap": any("storage" in entry for entry in buffers),
        "sparse_buffers": any(entry.get("memory") == "sparse" for entry in buffers),
        "inaccessible_buffers": any(entry.get("memory") == "inaccessible" for entry in buffers),
        "ancbufsize": room is not None,
        "flags": flags is not None,
        "arguments": (room or 0) not in LENGTHS or (flags or 0) not in INT,
        "nonblocking": timeout == 0,
        "timeout": bool(timeout),
        "warnings_as_errors": request.get("warnings") == "error",
        "python_forms": "form" in request,
    }
    return {capability for capability, is_needed in needs.items() if is_needed}


def pieces_of(number):
    try:
        return os.read(number, 1 << 20)
    except OSError:
        return b""


class Lines:
    """What comes in on a descriptor, line by line."""

    def __init__(self, number):
        self.number, self.rest = number, b""

    def read(self):
        """Those that are there now; None at the end."""
        piece = pieces_of(self.number)
        if not piece:
            return None
        *lines, self.rest = (self.rest + piece).split(b"\n")
        return [line + b"\n" for line in lines]


def write(number, data):
    while data:
        data = data[os.write(number, data):]


class Filter:
    def __init__(self, withdrawn, is_silent, chooses_room, requests, replies):
        self.withdrawn, self.is_silent = withdrawn, is_silent
        # Without the word the implementation takes what size it likes; none would not do for `ancillary`.
        self.chooses_room = chooses_room or "ancbufsize" in withdrawn
        self.requests, self.replies = requests, replies  # descriptors of the adapter's ends
        self.outstanding = 0

    def ask(self, line):
        request = json.loads(line)
        asked = needed_for(request) & self.withdrawn
        self.outstanding += 1
        if "pipelining" in self.withdrawn and self.outstanding > 1:
            asked.add("pipelining")
        if asked:
            sys.exit(f"without.py: the suite asks for what was not declared: {', '.join(sorted(asked))} in {line.decode()}")
        if self.chooses_room and request["op"] == "recvmsg_into" and "ancbufsize" not in request:
            line = json.dumps(dict(request, ancbufsize=ROOM)).encode() + b"\n"
        write(self.requests, line)

    def reply(self, line):
        """The reply as it is passed on."""
        self.outstanding -= 1
        if b'"capabilities"' in line:
            reply = json.loads(line)
            reply["capabilities"] = [word for word in reply["capabilities"] if word not in self.withdrawn]
            return json.dumps(reply).encode() + b"\n"
        if self.is_silent and self.withdrawn & FACTS.keys():
            reply = json.loads(line)
            for word in self.withdrawn & FACTS.keys():
                reply.pop(FACTS[word], None)
            return json.dumps(reply).encode() + b"\n"
        return line

    def run(self):
        """Until one of both sides ends."""
        asked, answered = Lines(0), Lines(self.replies)
        sources = [asked, answered]
        while answered in sources:
            ready = select.select([source.number for source in sources], [], [])[0]
            for source in [source for source in sources if source.number in ready]:
                lines = source.read()
                if lines is None:
                    sources.remove(source)
                    if source is asked:
                        os.close(self.requests)  # the adapter sees the end of file, and ends
                    continue
                for line in lines:
                    if source is asked:
                        self.ask(line)
                    else:
                        write(1, self.reply(line))


def main(arguments):
    options = set()
    while arguments[0].startswith("--"):
        options.add(arguments.pop(0))
    withdrawn, *command = arguments
    for_adapter, requests = os.pipe()
    replies, from_adapter = os.pipe()
    if os.fork() != 0:
        os.dup2(for_adapter, 0)
        os.dup2(from_adapter, 1)
        os.execvp(command[0], command)
    kept = sorted([requests, replies])
    for first, last in zip([3, kept[0] + 1, kept[1] + 1], [*kept, os.sysconf("SC_OPEN_MAX")]):
        os.closerange(first, last)  # the pool's sockets, too, or their peers would never see them closed
    Filter(set(withdrawn.split(",")), "--silent" in options, "--default-room" in options, requests, replies).run()


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1:])
