#!/usr/bin/env python3
"""The forms of Python, in the Python adapter and in PROTOCOL.md."""
import re
import socket
import sys
import unittest

from adapter_case import ADAPTERS, PROTOCOL, UNIX_STREAM, TestCase


class FormsOfPython(TestCase):
    """PROTOCOL.md and adapters/python/forms name the same forms, and an adapter answers for each."""

    def setUp(self):
        sys.path.insert(0, str(ADAPTERS / "python"))
        self.addCleanup(sys.path.remove, str(ADAPTERS / "python"))
        import forms
        self.forms = set(forms.registered())
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

    def test_memory_runs_out_in_the_interpreters_own_call_only(self):
        standing_between = ("import functools, runpy, socket, sys\n"
                            f"sys.path.insert(0, {str(ADAPTERS / 'python')!r})\n"
                            "own = socket.SocketType.recvmsg_into\n"
                            "class NoFunction:\n"
                            "    def __get__(self, sock, _): return self if sock is None else functools.partial(own, sock)\n"
                            "socket.socket.recvmsg_into = {}\n"
                            f"runpy.run_path({str(ADAPTERS / 'python/adapter.py')!r}, run_name='__main__')\n")
        for method, is_performed in (("own", True), ("lambda *arguments: own(*arguments)", True),
                                     ("NoFunction()", False)):
            with self.subTest(method):
                adapter = self.start([sys.executable, "-c", standing_between.format(method)])
                adapter.stream.send(b"ab")
                reply = adapter.receive(UNIX_STREAM, {"size": 2}, ancbufsize=0, form="out_of_memory:100000")
                if "_testcapi" in reply.get("lacks", ""):
                    self.skipTest(reply["lacks"])
                self.assertEqual("lacks" not in reply, is_performed, reply)

    def test_cmsg_sizes(self):
        adapter = self.start([sys.executable, str(ADAPTERS / "python/adapter.py")])
        self.assertEqual(adapter.ask("cmsg_sizes", lengths=[0, 1, -1, 1 << 31]),
                         {"len": [socket.CMSG_LEN(0), socket.CMSG_LEN(1), None, None],
                          "space": [socket.CMSG_SPACE(0), socket.CMSG_SPACE(1), None, None]})


if __name__ == "__main__":
    unittest.main()
