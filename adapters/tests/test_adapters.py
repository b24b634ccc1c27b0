#!/usr/bin/env python3
"""Tries each adapter against PROTOCOL.md, and each mode of the hostile one against its description, without the suite.

GO_ADAPTER and GLIB_ADAPTER name the built adapters. An adapter that is not there is skipped.
"""
import array
import errno
import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import unittest

ADAPTERS = pathlib.Path(__file__).resolve().parent.parent
PROTOCOL = (ADAPTERS / "PROTOCOL.md").read_text(encoding="utf-8")
CAPABILITIES = set(re.findall(r"^\| `(\w+)` \|", PROTOCOL.partition("### Capabilities")[2].partition("###")[0], re.M))
HOSTILE = [sys.executable, str(ADAPTERS / "tests/hostile/hostile_adapter.py")]
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
            time.sleep(0.01)
            stat = pathlib.Path(f"/proc/{self.child.pid}/stat").read_text(encoding="ascii")
            asleep = asleep + 1 if stat.rpartition(")")[2].split()[0] == "S" else 0


class TestCase(unittest.TestCase):
    def start(self, command):
        process = Process(command)
        self.addCleanup(process.stop)
        return process


class AdapterChecks:
    """What holds for each adapter. A subclass has `command`, or `reason` why there is none."""

    command = None
    reason = ""

    def setUp(self):
        if self.command is None:
            self.skipTest(self.reason)
        self.adapter = self.start(self.command)
        self.hello = self.adapter.ask("hello", protocol=1)

    def need(self, *capabilities):
        missing = [capability for capability in capabilities if capability not in self.hello["capabilities"]]
        if missing:
            self.skipTest(f"the adapter does not declare {', '.join(missing)}")

    def test_says_hello(self):
        self.assertEqual(self.hello["protocol"], 1)
        for field in ("name", "version", "language"):
            self.assertRegex(self.hello[field], ".")
        self.assertLessEqual(set(self.hello["capabilities"]), CAPABILITIES)

    def test_fills_one_buffer(self):
        self.adapter.stream.send(b"abc")
        reply = self.adapter.receive(UNIX_STREAM, {"size": 5, "fill": "0102"})
        self.assertEqual((reply["nbytes"], reply["buffers"]), (3, ["6162630201"]))

    def test_does_the_example_of_the_python_documentation(self):
        self.need("scatter", "ancillary", "address")
        self.adapter.stream.send(b"Mary had a little lamb")
        reply = self.adapter.receive(UNIX_STREAM, {"size": 4, "fill": b"-".hex()},
                                     {"size": 10, "fill": b"0123456789".hex(), "from": 2, "to": 9},
                                     {"size": 14, "fill": b"-".hex()})
        self.assertEqual([bytes.fromhex(storage) for storage in reply["buffers"]],
                         [b"Mary", b"01 had a 9", b"little lamb---"])
        self.assertEqual((reply["nbytes"], reply["ancdata"], reply["address"]), (22, [], None))

    def test_receives_into_parts_of_one_storage(self):
        self.need("overlap")
        self.adapter.datagram.send(b"abcdef")
        reply = self.adapter.receive(UNIX_DATAGRAM, {"size": 4}, {"storage": 0, "from": 1, "to": 3})
        self.assertEqual(reply["buffers"], [b"aefd".hex(), ""])

    def test_passes_the_flags_on(self):
        self.need("flags", "msg_flags")
        self.adapter.datagram.send(b"abcdef")
        peeked = self.adapter.receive(UNIX_DATAGRAM, {"size": 2}, flags=socket.MSG_PEEK | socket.MSG_TRUNC)
        self.assertEqual((peeked["nbytes"], peeked["msg_flags"] & socket.MSG_TRUNC), (6, socket.MSG_TRUNC))
        self.assertEqual(self.adapter.receive(UNIX_DATAGRAM, {"size": 6})["nbytes"], 6)

    def test_keeps_received_descriptors_until_they_are_closed(self):
        self.need("ancillary", "rights")
        before = self.adapter.descriptors()
        with open(os.devnull, "rb") as null:
            self.adapter.stream.sendmsg(
                [b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [null.fileno()] * 2))])
        fields = {"ancbufsize": socket.CMSG_SPACE(8)} if "ancbufsize" in self.hello["capabilities"] else {}
        [[level, kind, data]] = self.adapter.receive(UNIX_STREAM, {"size": 1}, **fields)["ancdata"]
        self.assertEqual((level, kind), (socket.SOL_SOCKET, socket.SCM_RIGHTS))
        received = struct.unpack("2i", bytes.fromhex(data))
        self.assertEqual(self.adapter.descriptors() - before, set(received))
        for fd in received:
            self.assertEqual(os.readlink(f"/proc/{self.adapter.child.pid}/fd/{fd}"), os.devnull)
        self.assertEqual(self.adapter.ask("close", fds=[*received, 999]), {})
        self.assertEqual(self.adapter.descriptors(), before)

    def test_reports_addresses(self):
        self.need("address")
        inet = self.adapter.inet
        inet.sendto(b"x", inet.getsockname())
        host, port = inet.getsockname()
        self.assertEqual(self.adapter.receive(INET_DATAGRAM, {"size": 1})["address"],
                         {"family": socket.AF_INET, "host": host, "port": port})
        name = b"\0recvmsg-conformance-%d" % os.getpid()
        self.adapter.datagram.bind(name)
        self.adapter.datagram.send(b"x")
        self.assertEqual(self.adapter.receive(UNIX_DATAGRAM, {"size": 1})["address"],
                         {"family": socket.AF_UNIX, "path": name.hex()})

    def test_returns_at_once_when_asked_to(self):
        self.need("nonblocking")
        reply = self.adapter.receive(UNIX_STREAM, {"size": 2}, timeout_ms=0)
        self.assertEqual((reply["error"]["errno"], reply["buffers"]), (errno.EAGAIN, ["eeee"]))
        self.adapter.request("recvmsg_into", buffers=[{"size": 2}], **UNIX_STREAM)  # and waits again, when not
        self.adapter.wait_until_asleep()
        self.adapter.stream.send(b"ab")
        self.assertEqual(self.adapter.reply()["buffers"], [b"ab".hex()])

    def test_gives_up_in_time(self):
        self.need("timeout")
        error = self.adapter.receive(UNIX_STREAM, {"size": 2}, timeout_ms=20)["error"]
        self.assertEqual((error["class"], error["errno"]), ("TimeoutError", None))

    def test_refuses_a_negative_ancbufsize(self):
        self.need("arguments")
        error = self.adapter.receive(UNIX_STREAM, {"size": 2}, ancbufsize=-1)["error"]
        self.assertEqual((error["class"], error["errno"]), ("ValueError", None))

    def test_waits_on_after_a_handler(self):
        self.need("signals")
        self.assertEqual(self.adapter.ask("signal", signum=signal.SIGUSR1, handler="return"), {})
        self.adapter.request("recvmsg_into", buffers=[{"size": 2}], **UNIX_STREAM)
        self.adapter.wait_until_asleep()
        self.adapter.child.send_signal(signal.SIGUSR1)
        self.adapter.wait_until_asleep()
        self.adapter.stream.send(b"ab")
        reply = self.adapter.reply()
        self.assertEqual((reply["buffers"], reply["signals"]), ([b"ab".hex()], 1))

    def test_reports_what_a_handler_raises(self):
        self.need("raising_handler")
        self.adapter.ask("signal", signum=signal.SIGUSR1, handler="raise")
        self.adapter.request("recvmsg_into", buffers=[{"size": 2}], **UNIX_STREAM)
        self.adapter.wait_until_asleep()
        self.adapter.child.send_signal(signal.SIGUSR1)
        reply = self.adapter.reply()
        self.assertEqual((reply["error"]["class"], reply["error"]["errno"]), ("HandlerError", None))
        self.assertEqual((reply["buffers"], reply["signals"]), (["eeee"], 1))

    def test_reports_a_descriptor_that_is_not_open(self):
        self.adapter.ask("close", fds=[STREAM])
        self.assertEqual(self.adapter.receive(UNIX_STREAM, {"size": 1})["error"]["errno"], errno.EBADF)

    def test_answers_an_unknown_op_and_ignores_an_unknown_field(self):
        self.assertEqual(self.adapter.ask("dance", partner=None), {"unsupported": "dance"})
        self.adapter.stream.send(b"a")
        self.assertEqual(self.adapter.receive(UNIX_STREAM, {"size": 1, "colour": 1}, weather=[])["nbytes"], 1)

    def test_ends_at_end_of_file(self):
        self.adapter.child.stdin.close()
        self.assertEqual(self.adapter.status(), 0)

    def test_ends_after_bye(self):
        self.assertEqual(self.adapter.ask("bye"), {})
        self.assertEqual(self.adapter.status(), 0)


def built(variable):
    """What a subclass has for an adapter that the environment names."""
    path = os.environ.get(variable, "")
    if os.access(path, os.X_OK):
        return {"command": [path]}
    return {"reason": f"{variable} names no program: {path or 'it is not set'}"}


def interpreted(interpreter, program, *needed):
    """The same for a program in a language. `needed` are arguments with which the interpreter just has to succeed."""
    path = shutil.which(interpreter)
    if not path:
        return {"reason": f"there is no {interpreter}"}
    if needed and subprocess.run([path, *needed], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        return {"reason": f"{interpreter} {' '.join(needed)} fails"}
    return {"command": [path, str(ADAPTERS / program)]}


class FormsOfPython(TestCase):
    """PROTOCOL.md and adapters/python/forms name the same forms, and an adapter answers for each."""

    def setUp(self):
        sys.path.insert(0, str(ADAPTERS / "python"))
        self.addCleanup(sys.path.remove, str(ADAPTERS / "python"))
        import forms.call
        self.forms = set(forms.call.FORMS)
        table = PROTOCOL.partition("## Forms of Python")[2].partition("\n## ")[0]
        self.rows = [row.split("|")[1:3] for row in table.splitlines() if row.startswith("| `")]

    def test_each_has_a_row_in_the_protocol(self):
        for form in self.forms:
            for names, text in self.rows:
                words = [word.partition(":")[0] for word in re.findall(r"`([\w:]+)`", names)]
                prefixes = [word[:-len("KIND")] for word in words if word.endswith("KIND")]
                if form in words + re.findall(r"`(\w+)`", text) or any(
                        form.startswith(prefix) and f"`{form[len(prefix):]}`" in text for prefix in prefixes):
                    break
            else:
                self.fail(f"PROTOCOL.md does not say what {form} is")

    def test_each_row_in_the_protocol_is_of_one(self):
        for names, _ in self.rows:
            for word in re.findall(r"`(\w+)", names):
                self.assertTrue(any(form == word or word.endswith("KIND") and form.startswith(word[:-4])
                                    for form in self.forms), word)

    def test_a_form_that_nobody_knows_is_unsupported(self):
        adapter = self.start([sys.executable, str(ADAPTERS / "python/adapter.py")])
        self.assertEqual(adapter.receive(UNIX_STREAM, {"size": 2}, form="dance"), {"unsupported": "form dance"})

    def test_what_a_form_sees_is_told_with_an_error_too(self):
        adapter = self.start([sys.executable, str(ADAPTERS / "python/adapter.py")])
        adapter.stream.send(b"ab")
        reply = adapter.receive(UNIX_STREAM, {"size": 2}, form="resized_after_a_bad_element")
        self.assertEqual((reply["error"]["class"], reply["facts"]), ("TypeError", {"resizable": True}))
        self.assertEqual(adapter.receive(UNIX_STREAM, {"size": 2}, form="as_tuple")["buffers"], [b"ab".hex()])

    def test_cmsg_sizes(self):
        adapter = self.start([sys.executable, str(ADAPTERS / "python/adapter.py")])
        self.assertEqual(adapter.ask("cmsg_sizes", lengths=[0, 1, -1, 1 << 31]),
                         {"len": [socket.CMSG_LEN(0), socket.CMSG_LEN(1), None, None],
                          "space": [socket.CMSG_SPACE(0), socket.CMSG_SPACE(1), None, None]})


CPython = type("CPython", (AdapterChecks, TestCase), {"command": [sys.executable, str(ADAPTERS / "python/adapter.py")]})
PyPy = type("PyPy", (AdapterChecks, TestCase), interpreted("pypy3", "python/adapter.py"))
Go = type("Go", (AdapterChecks, TestCase), built("GO_ADAPTER"))
Template = type("Template", (AdapterChecks, TestCase), interpreted("perl", "template/adapter.pl", "-MJSON::PP", "-e1"))
GLib = type("GLib", (AdapterChecks, TestCase), built("GLIB_ADAPTER"))
# The hostile adapter must differ from a correct one in one way only, and be correct otherwise.
HostileOtherwise = type("HostileOtherwise", (AdapterChecks, TestCase), {"command": [*HOSTILE, "chatters_stderr"]})


class HostileModes(TestCase):
    def said_hello(self, mode):
        adapter = self.start([*HOSTILE, mode])
        self.hello = adapter.ask("hello", protocol=1)
        return adapter

    def before_third_call(self, mode):
        """The mode after two calls that were answered as they should be, with data for a third."""
        adapter = self.said_hello(mode)
        for _call in range(2):
            adapter.stream.send(b"ab")
            self.assertEqual(adapter.receive(UNIX_STREAM, {"size": 2})["buffers"], [b"ab".hex()])
        adapter.stream.send(b"ab")
        return adapter

    def third_call(self, mode):
        adapter = self.before_third_call(mode)
        adapter.request("recvmsg_into", buffers=[{"size": 2}], **UNIX_STREAM)
        return adapter

    def run_alone(self, *arguments):
        return subprocess.run([*HOSTILE, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False)

    def test_help_describes_every_mode(self):
        modes = re.findall(r"^  (\w+) +\S", self.run_alone("--help").stdout.decode(), re.M)
        self.assertEqual(len(modes), 26)
        self.assertIn("speaks_protocol_2", modes)

    def test_unknown_mode_is_a_usage_error(self):
        for arguments in ([], ["kind"], ["echo", "echo"]):
            ended = self.run_alone(*arguments)
            self.assertEqual((ended.returncode, ended.stdout, ended.stderr.count(b"\n")), (os.EX_USAGE, b"", 1))

    def test_exits_at_once(self):
        adapter = self.start([*HOSTILE, "exits_at_once"])
        self.assertEqual((adapter.line(), adapter.status()), (b"", 0))

    def test_exits_after_hello(self):
        self.assertEqual(self.said_hello("exits_after_hello").status(), 0)

    def test_dies_by_signal_on_third_call(self):
        self.assertEqual(self.third_call("dies_by_signal_on_third_call").status(), -signal.SIGSEGV)

    def test_hangs_on_third_call(self):
        self.assertIsNone(self.third_call("hangs_on_third_call").line(deadline_s=0.3))

    def test_rubbish_on_third_call(self):
        with self.assertRaises(ValueError):
            json.loads(self.third_call("rubbish_on_third_call").line())

    def test_oversize_line(self):
        adapter = self.third_call("oversize_line")
        adapter.child.stdin.close()
        line = adapter.line()
        self.assertEqual((len(line), line.count(b"\n")), (8 << 20, 0))

    def test_wrong_id(self):
        adapter = self.third_call("wrong_id")
        self.assertNotEqual(json.loads(adapter.line())["id"], adapter.id)

    def test_double_reply(self):
        adapter = self.third_call("double_reply")
        self.assertEqual(adapter.line(), adapter.line())

    def test_leaks_descriptor(self):
        adapter = self.said_hello("leaks_descriptor")
        before = adapter.descriptors()
        adapter.stream.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0]))])
        [[_level, _kind, data]] = adapter.receive(UNIX_STREAM, {"size": 1}, ancbufsize=socket.CMSG_SPACE(4))["ancdata"]
        adapter.ask("close", fds=struct.unpack("i", bytes.fromhex(data)))
        self.assertEqual(len(adapter.descriptors() - before), 1)

    def test_always_error(self):
        adapter = self.said_hello("always_error")
        adapter.stream.send(b"ab")
        reply = adapter.receive(UNIX_STREAM, {"size": 2})
        self.assertEqual((reply["error"]["errno"], reply["buffers"]), (errno.EIO, ["eeee"]))

    def test_echo(self):
        adapter = self.start([*HOSTILE, "echo"])
        adapter.request("hello")
        self.assertEqual(json.loads(adapter.line()), {"id": 1, "op": "hello"})

    def test_grandchild(self):
        adapter = self.third_call("grandchild")
        self.assertEqual(adapter.reply()["nbytes"], 2)
        self.assertEqual(adapter.ask("bye"), {})
        self.assertEqual(adapter.status(), 0)
        self.assertIsNone(adapter.line(deadline_s=0.3))  # no end of file: another process holds stdout

    def test_grandchild_then_dies(self):
        adapter = self.third_call("grandchild_then_dies")
        self.assertEqual(adapter.status(), 1)
        self.assertIsNone(adapter.line(deadline_s=0.3))

    def test_refuses_everything(self):
        adapter = self.said_hello("refuses_everything")
        self.assertEqual(set(self.hello["capabilities"]), CAPABILITIES)
        self.assertEqual(adapter.receive(UNIX_STREAM, {"size": 2}), {"unsupported": "scatter"})

    def test_skips_everything(self):
        self.assertEqual(self.third_call("skips_everything").reply()["nbytes"], 2)
        self.assertEqual(self.hello["capabilities"], [])

    def test_missing_field(self):
        self.assertNotIn("nbytes", self.third_call("missing_field").reply())

    def test_short_storage(self):
        self.assertEqual(self.third_call("short_storage").reply()["buffers"], [b"b".hex()])

    def test_closes_stdout_on_third_call(self):
        adapter = self.third_call("closes_stdout_on_third_call")
        self.assertEqual((adapter.line(), adapter.child.poll()), (b"", None))

    def test_speaks_protocol_2(self):
        self.assertEqual(self.third_call("speaks_protocol_2").reply()["nbytes"], 2)
        self.assertEqual(self.hello["protocol"], 2)

    def test_wrong_types(self):
        adapter = self.said_hello("wrong_types")
        adapter.stream.send(b"ab")
        self.assertEqual(adapter.receive(UNIX_STREAM, {"size": 2})["nbytes"], "2")


if __name__ == "__main__":
    unittest.main()
