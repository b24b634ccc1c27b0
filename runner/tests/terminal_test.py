#!/usr/bin/env python3
"""What a run prints on a terminal, and in a log.

Usage: RECVMSG_CONFORMANCE=/path/to/recvmsg-conformance terminal_test.py [arguments of unittest]
"""
import os
import pty
import unittest

from runner_case import SEVEN, RunnerTest

FAULT = "fault:errors-clear-buffers"
SOME = "PartialBuffers.EagainWritesNoBuffer/*:PythonBuffers.*"


class Terminal(RunnerTest):
    def on_a_terminal(self, *arguments, **environment):
        """All that the terminal gets."""
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        self.environment = dict(self.environment, TERM="xterm", **environment)
        if "NO_COLOR" not in environment:
            self.environment.pop("NO_COLOR", None)
        # By the descriptor that it inherits: by its name, the terminal would be gone before it is opened.
        process = self.start("--implementation", FAULT, "--filter", SOME, *arguments, pass_fds=[slave],
                             within=["sh", "-c", '"$@" >"/proc/self/fd/$0"', str(slave)])
        os.close(slave)
        text = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:  # the last that has the terminal open has ended
                break
            text += part
            if not part:
                break
        self.end(process)
        return text.decode()

    def test_a_terminal_has_one_live_line_and_colours(self):
        text = self.on_a_terminal()
        self.assertIn("\r\x1b[K1/", text)
        self.assertIn("\x1b[1;31mFAIL\x1b[0m  PartialBuffers.EagainWritesNoBuffer/", text)

    def test_no_color_is_heeded(self):
        text = self.on_a_terminal(NO_COLOR="1")
        self.assertIn("\r\x1b[K1/", text)
        self.assertNotIn("\x1b[1;31m", text)

    def test_a_log_has_neither(self):
        run = self.call("--implementation", FAULT, "--filter", SOME)
        self.assertNotIn("\x1b", run.stdout)
        self.assertNotIn("\r", run.stdout)
        self.assertIn("PartialBuffers done", run.stdout)

    def test_quiet_leaves_failures_and_the_summary(self):
        run = self.call("--implementation", FAULT, "--filter", SOME, "--quiet")
        self.assertNotRegex(run.stdout, "(?m)^(skipped|[0-9]+/[0-9]+ checks)")
        self.assertIn("\nFAIL  PartialBuffers.EagainWritesNoBuffer/", run.stdout)
        self.assertIn(" checks in ", run.stdout.splitlines()[-1])
        self.assertNotIn("checks, ", self.on_a_terminal("--quiet"))

    def test_a_failed_run_says_what_to_do_next(self):
        out = self.directory / "out"
        for arguments, words in ((["--out", out], f"{out}/report.html"), ([], "--out DIR writes report.html")):
            last = self.call("--implementation", FAULT, "--filter", SOME, *arguments).stdout.splitlines()[-2]
            self.assertTrue(last.startswith("what next"), last)
            self.assertIn(words, last)
        self.assertNotIn("what next", self.call("--filter", SEVEN).stdout)

    def test_control_characters_of_an_adapter_are_shown_as_text(self):
        evil = "\x1b]0;title\x07\x1b[2J\u202e"
        adapter = self.adapter(f"""
            def hello(self):
                return dict(super().hello(), name={evil!r})
            def call(self, request):
                os.write(2, {evil!r}.encode() + b"\\xff\\n")
                raise SystemExit(1)
        """)
        run = self.call("--implementation", adapter, "--filter", SEVEN, "--verbose")
        cannot = self.call("--implementation", self.adapter(f"""
            def hello(self):
                os.write(2, {evil!r}.encode())
                raise SystemExit({evil!r})
        """), "--filter", SEVEN)
        self.assertEqual(cannot.status, 66)
        for text in (run.stdout, run.stderr, cannot.stdout, cannot.stderr):
            self.assertNotRegex(text, "[\x00-\x08\x0b-\x1f\u202e]")
        self.assertIn("\\x1b[2J\\u202e", run.stdout)
        self.assertIn("\\x1b[2J\\u202e", cannot.stderr)


if __name__ == "__main__":
    unittest.main()
