"""What PROTOCOL.md asks of every adapter, as tests: TestCases are made of AdapterChecks."""
import array
import errno
import os
import signal
import socket
import struct

from adapter_case import CAPABILITIES, INET_DATAGRAM, STREAM, UNIX_DATAGRAM, UNIX_STREAM


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
