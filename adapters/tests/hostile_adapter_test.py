#!/usr/bin/env python3
"""Tries each mode of the hostile adapter against its description, without the suite."""
import array
import errno
import json
import os
import re
import signal
import socket
import struct
import subprocess
import tempfile
import unittest

from adapter_case import CAPABILITIES, HOSTILE, UNIX_STREAM, TestCase
from adapter_checks import AdapterChecks


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
        self.assertEqual(len(modes), 31)
        self.assertIn("speaks_protocol_2", modes)

    def test_unknown_mode_is_a_usage_error(self):
        for arguments in ([], ["kind"], ["echo", "echo"]):
            ended = self.run_alone(*arguments)
            self.assertEqual((ended.returncode, ended.stdout, ended.stderr.count(b"\n")), (os.EX_USAGE, b"", 1))

    def test_the_bad_call_may_be_another(self):
        adapter = self.start([*HOSTILE, "dies_by_signal_on_third_call", "--call", "1"])
        adapter.request("recvmsg_into", buffers=[{"size": 2}], **UNIX_STREAM)
        self.assertEqual((adapter.line(), adapter.status()), (b"", -signal.SIGSEGV))

    def test_starts_may_be_counted(self):
        with tempfile.TemporaryDirectory() as directory:
            command = [*HOSTILE, "works_on_a_duplicate", "--starts", "1", directory + "/starts"]
            self.assertEqual(self.start(command).ask("hello", protocol=1)["protocol"], 1)
            second = self.start(command)
            self.assertEqual((second.line(), second.status()), (b"", 3))

    def test_threads_may_come_and_go_in_any_mode(self):
        adapter = self.start([*HOSTILE, "works_on_a_duplicate", "--threads"])
        adapter.ask("hello", protocol=1)
        seen = set()
        while len(seen) < 10:
            seen.update(os.listdir(f"/proc/{adapter.child.pid}/task"))

    def test_dies_within_third_reply(self):
        adapter = self.third_call("dies_within_third_reply")
        line = adapter.line()
        self.assertTrue(line.startswith(b"{") and not line.endswith(b"\n"), line)
        self.assertEqual(adapter.status(), -signal.SIGSEGV)

    def test_exits_when_asked_whether_it_is_there(self):
        adapter = self.before_third_call("exits_when_asked_whether_it_is_there")
        self.assertEqual(adapter.ask("close", fds=[1000]), {})
        adapter.request("close", fds=[])
        self.assertEqual((adapter.line(), adapter.status()), (b"", 3))

    def test_takes_more(self):
        adapter = self.before_third_call("takes_more")
        adapter.stream.send(b"cd")
        self.assertEqual(adapter.receive(UNIX_STREAM, {"size": 2})["buffers"], [b"ab".hex()])
        self.assertEqual(adapter.receive(UNIX_STREAM, {"size": 2}, timeout_ms=0)["error"]["errno"], errno.EAGAIN)

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
