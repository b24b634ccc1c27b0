"""An adapter that runs without the suite, with a pool of sockets, for tests to talk to."""
import json
import os
import pathlib
import re
import select
import signal
import socket
import subprocess
import sys
import time
import unittest

ADAPTERS = pathlib.Path(__file__).resolve().parent.parent
PROTOCOL = (ADAPTERS / "PROTOCOL.md").read_text(encoding="utf-8")
CAPABILITIES = set(re.findall(r"^\| `(\w+)` \|", PROTOCOL.partition("### Capabilities")[2].partition("###")[0], re.M))
HOSTILE = [sys.executable, str(ADAPTERS.parent / "fixtures/adapters/hostile/hostile_adapter.py")]
DEADLINE_S = 20  # for what takes milliseconds: a machine may be busy

STREAM, DATAGRAM, INET = 200, 201, 202  # the pool
UNIX_STREAM = {"fd": STREAM, "family": socket.AF_UNIX, "type": socket.SOCK_STREAM}
UNIX_DATAGRAM = {"fd": DATAGRAM, "family": socket.AF_UNIX, "type": socket.SOCK_DGRAM}
INET_DATAGRAM = {"fd": INET, "family": socket.AF_INET, "type": socket.SOCK_DGRAM}


class Process:
    """An adapter that runs, with its pool. `stream`, `datagram` and `inet` are what to send with, or to."""

    def __init__(self, command):
        self.stream, theirs_stream = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self.datagram, theirs_datagram = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.inet = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.inet.bind(("127.0.0.1", 0))
        pool = {STREAM: theirs_stream, DATAGRAM: theirs_datagram, INET: self.inet}
        for number, end in pool.items():
            os.dup2(end.fileno(), number, inheritable=True)
        self.child = subprocess.Popen(command, bufsize=0, start_new_session=True, pass_fds=list(pool),
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for number in pool:
            os.close(number)
        theirs_stream.close()
        theirs_datagram.close()
        self.id = 0
        self.unread = b""

    def stop(self):
        try:
            os.killpg(self.child.pid, signal.SIGKILL)  # what it forked, too
        except ProcessLookupError:
            pass
        self.child.wait()
        for end in (self.stream, self.datagram, self.inet, self.child.stdin, self.child.stdout):
            end.close()

    def request(self, op, **fields):
        self.id += 1
        self.child.stdin.write(json.dumps(dict(fields, id=self.id, op=op)).encode() + b"\n")

    def line(self, deadline_s=DEADLINE_S):
        """The next line of stdout; what there is of it at end of file; None when nothing comes."""
        end_time = time.monotonic() + deadline_s
        while b"\n" not in self.unread:
            if not select.select([self.child.stdout], [], [], max(0, end_time - time.monotonic()))[0]:
                return None
            piece = self.child.stdout.read(1 << 16)
            if not piece:
                break
            self.unread += piece
        line, newline, self.unread = self.unread.partition(b"\n")
        return line + newline

    def reply(self):
        reply = json.loads(self.line())
        assert reply.pop("id") == self.id, "a reply to another request"
        return reply

    def ask(self, op, **fields):
        self.request(op, **fields)
        return self.reply()

    def receive(self, where, *buffers, **fields):
        return self.ask("recvmsg_into", buffers=[*buffers], **where, **fields)

    def status(self):
        return self.child.wait(DEADLINE_S)

    def descriptors(self):
        return {int(name) for name in os.listdir(f"/proc/{self.child.pid}/fd")}

    def wait_until_asleep(self):
        """Returns when the adapter has slept for a while: it has read its request and its call waits."""
        asleep = 0
        while asleep < 10:
            time.sleep(0.01)  # between two samples: /proc has no event for it
            stat = pathlib.Path(f"/proc/{self.child.pid}/stat").read_text(encoding="ascii")
            asleep = asleep + 1 if stat.rpartition(")")[2].split()[0] == "S" else 0


class TestCase(unittest.TestCase):
    def start(self, command):
        process = Process(command)
        self.addCleanup(process.stop)
        return process
