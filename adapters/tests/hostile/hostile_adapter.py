#!/usr/bin/env python3
"""Adapters that misbehave, one way each, to test the suite with: hostile_adapter.py MODE [--call N] [--threads] [--starts N FILE]

Every mode is the correct adapter below with one thing changed. "The third call" is the third recvmsg_into request since
the program was started, or the one with the number that --call gives. With --threads, threads start and end all the time. With --starts, all starts
but the first N, which FILE counts, end with status 3 before the reply to hello.
"""
import argparse
import errno
import json
import os
import re
import signal
import socket
import struct
import sys
import threading
import time

EX_USAGE = 64
ALL_CAPABILITIES = ("scatter no_buffers empty_buffers overlap flags msg_flags address ancillary rights all_items "
                    "ancbufsize arguments nonblocking timeout system_wait signals raising_handler warnings "
                    "warnings_as_errors error_classes recvmsg sparse_buffers inaccessible_buffers "
                    "cmsg_sizes python_forms pipelining").split()


class Adapter:
    """A correct adapter for Python's recvmsg_into that knows no signals and no warnings. Each mode is a subclass."""

    capabilities = [word for word in ALL_CAPABILITIES
                    if word not in ("signals", "raising_handler", "warnings", "warnings_as_errors")]
    protocol = 1
    calls = 0
    bad_call = 3

    def serve(self):
        for line in sys.stdin.buffer:
            request = json.loads(line)
            reply = self.answer(request)
            if reply is not None:
                self.send(dict(reply, id=request["id"]))
            if request["op"] == "bye":
                return

    def send(self, reply):
        self.write(1, json.dumps(reply).encode() + b"\n")

    def write(self, fd, data):
        """Writes without the buffers of sys.stdout, so that nothing is left over when a mode closes or kills."""
        while data:
            data = data[os.write(fd, data):]

    def answer(self, request):
        """The reply without its id, or None for no reply."""
        op = request["op"]
        if op == "recvmsg_into":
            self.calls += 1
            return self.third_call(request) if self.calls == self.bad_call else self.call(request)
        if op == "hello":
            return self.hello()
        if op == "close":
            for fd in request["fds"]:
                os.closerange(fd, fd + 1)
        elif op != "bye":
            return {"unsupported": op}
        return {}

    def hello(self):
        return {"protocol": self.protocol, "name": type(self).__name__, "version": "1", "language": "Python",
                "capabilities": self.capabilities}

    def third_call(self, request):
        return self.call(request)

    def call(self, request):
        storages, parts = self.buffers(request)
        sock = None
        try:
            sock = socket.socket(request["family"], request["type"], 0, request["fd"])
            timeout_ms = request.get("timeout_ms")
            sock.settimeout(timeout_ms and timeout_ms / 1000)
            nbytes, ancdata, msg_flags, address = sock.recvmsg_into(
                parts, request.get("ancbufsize", 0), request.get("flags", 0))
            reply = {"nbytes": nbytes, "ancdata": [(level, kind, data.hex()) for level, kind, data in ancdata],
                     "msg_flags": msg_flags, "address": self.address(request["family"], address)}
        except (OSError, ValueError, OverflowError, TypeError) as error:
            name = "TimeoutError" if isinstance(error, socket.timeout) else type(error).__name__
            reply = {"error": {"class": name, "errno": getattr(error, "errno", None), "message": str(error)}}
        finally:
            if sock:
                sock.detach()
        return dict(reply, buffers=[storage.hex() for storage in storages])

    def buffers(self, request):
        storages, parts = [], []
        for entry in request["buffers"]:
            size, fill = entry.get("size", 0), bytes.fromhex(entry.get("fill", "ee"))
            storages.append(bytearray((fill * (size // len(fill) + 1))[:size]))
            parts.append(memoryview(storages[entry.get("storage", -1)])[entry.get("from"):entry.get("to")])
        return storages, parts

    def address(self, family, address):
        if address is None:
            return None
        if family == socket.AF_UNIX:
            return {"family": family, "path": os.fsencode(address).hex()}
        return dict(zip(("host", "port", "flowinfo", "scope_id"), address), family=family)


class ExitsAtOnce(Adapter):
    """ends with status 0 before it has read anything"""

    def serve(self):
        pass


class ExitsAfterHello(Adapter):
    """answers hello and ends with status 0"""

    def serve(self):
        request = json.loads(sys.stdin.buffer.readline())
        self.send(dict(self.answer(request), id=request["id"]))


class DiesBySignalOnThirdCall(Adapter):
    """kills itself with SIGSEGV on the third call"""

    def third_call(self, request):
        os.kill(os.getpid(), signal.SIGSEGV)


class DiesWithinThirdReply(Adapter):
    """writes the first half of the third call's reply and kills itself with SIGSEGV"""

    def third_call(self, request):
        line = json.dumps(dict(self.call(request), id=request["id"])).encode()
        self.write(1, line[:len(line) // 2])
        os.kill(os.getpid(), signal.SIGSEGV)


class ExitsBehindThirdReply(Adapter):
    """answers the third call and ends with status 3"""

    def third_call(self, request):
        self.send(dict(self.call(request), id=request["id"]))
        os._exit(3)


class ExitsWhenAskedWhetherItIsThere(Adapter):
    """ends with status 3 in place of the reply to a close of no descriptors; is correct otherwise"""

    def answer(self, request):
        if request["op"] == "close" and not request["fds"]:
            os._exit(3)
        return super().answer(request)


class ReportsItsCrashOnThirdCall(Adapter):
    """prints a report of several lines in place of the third call's reply, and ends by SIGABRT a moment later"""

    def third_call(self, request):
        self.write(1, b"#\n# A fatal error has been detected\n")
        time.sleep(0.05)
        self.write(1, b"# " + b"x" * (1 << 17) + b"\n")
        os.abort()


class KillsTheSuiteOnThirdCall(Adapter):
    """ends the process that started it by SIGUSR2, in place of the third call's reply"""

    def third_call(self, request):
        os.kill(os.getppid(), signal.SIGUSR2)
        sleep_for_ever()


class InterruptsTheSuiteOnThirdCall(Adapter):
    """sends SIGINT to the process group that it was started from, in place of the third call's reply"""

    def third_call(self, request):
        os.killpg(os.getpgid(os.getppid()), signal.SIGINT)
        sleep_for_ever()


class ComingAndGoingThreads(Adapter):
    """starts and ends threads all the time; is correct otherwise"""

    def hello(self):
        threading.Thread(target=come_and_go, daemon=True).start()
        return super().hello()


class WorksOnADuplicate(Adapter):
    """receives from a duplicate of the descriptor; is correct otherwise"""

    def call(self, request):
        duplicate = os.dup(request["fd"])
        try:
            return super().call(dict(request, fd=duplicate))
        finally:
            os.close(duplicate)


class TakesMore(Adapter):
    """takes what is left in the queue after each call, and does not report it"""

    def call(self, request):
        reply = super().call(request)
        sock = socket.socket(request["family"], request["type"], 0, request["fd"])
        try:
            while sock.recv(1 << 16, socket.MSG_DONTWAIT):
                pass
        except OSError:
            pass
        finally:
            sock.detach()
        return reply


class DoesNotClose(Adapter):
    """answers each close without closing anything; is correct otherwise"""

    def answer(self, request):
        return {} if request["op"] == "close" else super().answer(request)


class HangsOnThirdCall(Adapter):
    """sleeps without end on the third call"""

    def third_call(self, request):
        sleep_for_ever()


class RubbishOnThirdCall(Adapter):
    """prints a line that is not JSON in place of the third call's reply"""

    def third_call(self, request):
        self.write(1, b"Segmentation fault (core dumped)\n")


class OversizeLine(Adapter):
    """prints 8 MiB without a newline in place of the third call's reply"""

    def third_call(self, request):
        self.write(1, b"x" * (8 << 20))


class WrongId(Adapter):
    """answers the third call with the id of a call that is still to come"""

    def third_call(self, request):
        self.send(dict(self.call(request), id=request["id"] + 1))


class DoubleReply(Adapter):
    """answers the third call twice"""

    def third_call(self, request):
        reply = self.call(request)
        self.send(dict(reply, id=request["id"]))
        return reply


class LeaksDescriptor(Adapter):
    """keeps a duplicate of every descriptor that it receives"""

    def call(self, request):
        reply = super().call(request)
        for level, kind, data in reply.get("ancdata", []):
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                for (fd,) in struct.iter_unpack("i", bytes.fromhex(data)):
                    os.dup(fd)
        return reply


class AlwaysError(Adapter):
    """answers every call with OSError EIO and untouched buffers, and receives nothing"""

    def call(self, request):
        storages, _parts = self.buffers(request)
        error = {"class": "OSError", "errno": errno.EIO, "message": os.strerror(errno.EIO)}
        return {"error": error, "buffers": [storage.hex() for storage in storages]}


class Echo(Adapter):
    """sends every request line back as it came"""

    def serve(self):
        for line in sys.stdin.buffer:
            self.write(1, line)


class Grandchild(Adapter):
    """forks at hello a process that sleeps without end and holds stdout, stderr and sockets; is correct otherwise"""

    def hello(self):
        if os.fork() == 0:
            sleep_for_ever()
        return super().hello()


class GrandchildThenDies(Grandchild):
    """as grandchild, and ends with status 1 on the third call"""

    def third_call(self, request):
        sys.exit(1)


class RefusesEverything(Adapter):
    """declares every capability and answers every call unsupported"""

    capabilities = ALL_CAPABILITIES

    def call(self, request):
        return {"unsupported": "scatter"}


class SkipsEverything(Adapter):
    """declares no capability; is correct otherwise"""

    capabilities = []


class MissingField(Adapter):
    """leaves nbytes out of the third call's reply (error, if the call failed)"""

    def third_call(self, request):
        reply = self.call(request)
        del reply["nbytes" if "nbytes" in reply else "error"]
        return reply


class ShortStorage(Adapter):
    """returns each storage of the third call without its first byte (one storage too many, if all are empty)"""

    def third_call(self, request):
        reply = self.call(request)
        shortened = [storage[2:] for storage in reply["buffers"]]
        return dict(reply, buffers=shortened if shortened != reply["buffers"] else shortened + ["ee"])


class ChattersStderr(Adapter):
    """writes 1 MiB to stderr at every call; is correct otherwise"""

    def call(self, request):
        self.write(2, b"chatter\n" * (1 << 17))
        return super().call(request)


class ClosesStdoutOnThirdCall(Adapter):
    """closes stdout in place of the third call's reply, and lives on"""

    def third_call(self, request):
        os.close(1)
        sleep_for_ever()


class SpeaksProtocol2(Adapter):
    """answers hello with protocol 2; is correct otherwise"""

    protocol = 2


class WrongTypes(Adapter):
    """reports nbytes as a string (error as a string, if the call failed) at every call"""

    def call(self, request):
        reply = super().call(request)
        field = "nbytes" if "nbytes" in reply else "error"
        return dict(reply, **{field: str(reply[field])})


def sleep_for_ever():
    while True:
        signal.pause()


def come_and_go():
    while True:
        threads = [threading.Thread(target=int) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def with_threads(mode):
    """The mode, in a process whose threads come and go from its reply to hello on."""
    class Threaded(mode):
        def hello(self):
            reply = super().hello()
            threading.Thread(target=come_and_go, daemon=True).start()
            return reply
    Threaded.__name__ = mode.__name__
    return Threaded


def starts_counted_in(file):
    """Of all processes, this one included."""
    fd = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(fd, b".")
    return os.lseek(fd, 0, os.SEEK_CUR)


def modes(base=Adapter):
    """The modes by their names on the command line: those of the classes, in snake case."""
    found = {}
    for mode in base.__subclasses__():
        found[re.sub("(?<=.)(?=[A-Z0-9])", "_", mode.__name__).lower()] = mode
        found.update(modes(mode))
    return found


class OneLineParser(argparse.ArgumentParser):
    def error(self, message):
        print(f"{self.prog}: {message} (--help lists the modes)", file=sys.stderr)
        sys.exit(EX_USAGE)


def main():
    names = "".join(f"  {name:30}{mode.__doc__}\n" for name, mode in modes().items())
    parser = OneLineParser(description=__doc__, epilog="modes:\n" + names,
                           formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", metavar="MODE")
    parser.add_argument("--call", type=int, default=Adapter.bad_call, metavar="N")
    parser.add_argument("--threads", action="store_true")
    parser.add_argument("--starts", nargs=2, metavar=("N", "FILE"))
    options = parser.parse_args()
    if options.mode not in modes():
        parser.error(f"no such mode: {options.mode}")
    if options.starts and starts_counted_in(options.starts[1]) > int(options.starts[0]):
        return 3
    adapter = modes()[options.mode]()
    if options.threads:
        adapter = with_threads(type(adapter))()
    adapter.bad_call = options.call
    return adapter.serve()


if __name__ == "__main__":
    sys.exit(main())
