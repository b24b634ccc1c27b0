#!/usr/bin/env python3
"""A run that is interrupted.

Usage: RECVMSG_CONFORMANCE=/path/to/recvmsg-conformance interruption_test.py [arguments of unittest]
"""
import os
import signal
import textwrap
import unittest

from runner_case import SEVEN, RunnerTest


class Interruption(RunnerTest):
    """The run ends, keeps what it has, and leaves nothing behind."""

    def judge_and_interrupt(self, signum, body):
        """Sends the signal when the adapter, in `body`, says that it is where it should be."""
        where = self.directory / "there"
        os.mkfifo(where)
        there = f"there = {str(where)!r}\n" + textwrap.dedent(body)
        out = self.directory / "out"
        process = self.start("--implementation", self.adapter(there), "--filter", SEVEN, "--out", out,
                             "--deadline-ms", "100000", "--jobs", "1")
        with open(where, "rb") as fifo:
            self.assertEqual(fifo.read(1), b"!")
            process.send_signal(signum)
        return self.end(process, out)

    def assert_ends_the_run(self, signum):
        run = self.judge_and_interrupt(signum, """
            def third_call(self, request):
                with open(self.there, "wb") as fifo:
                    fifo.write(b"!")
                hostile_adapter.pause_without_end()
        """)
        self.assert_whole(run)
        self.assertEqual(run.verdicts, ["PASS", "PASS"] + ["NOTRUN"] * 5)
        self.assertEqual(run.reasons("NOTRUN"), {"interrupted"})
        self.assertEqual(run.status, 1)

    def test_sigint_ends_the_run_and_keeps_the_results(self):
        self.assert_ends_the_run(signal.SIGINT)

    def test_sigterm_ends_the_run_and_keeps_the_results(self):
        self.assert_ends_the_run(signal.SIGTERM)

    def test_while_a_check_is_judged_alone_all_results_are_kept(self):
        """The third check ends its process. What comes next is judged in a second, and that check alone in a third."""
        run = self.judge_and_interrupt(signal.SIGINT, f"""
            def hello(self):
                with open({str(self.directory / "starts")!r}, "ab") as starts:
                    starts.write(b"x")
                    self.start = starts.tell()
                return super().hello()

            def call(self, request):
                if self.start == 1 and self.calls == 3:
                    os.abort()
                if self.start == 3:
                    with open(self.there, "wb") as fifo:
                        fifo.write(b"!")
                    hostile_adapter.pause_without_end()
                return super().call(request)
        """)
        self.assert_whole(run)
        self.assertEqual(run.verdicts, ["PASS", "PASS", "CRASH"] + ["PASS"] * 4)
        self.assertNotIn("alone", run.checks[2])
        self.assertEqual(run.status, 1)

    def test_before_anything_ran_it_is_told_in_one_line(self):
        run = self.judge_and_interrupt(signal.SIGINT, """
            def hello(self):
                with open(self.there, "wb") as fifo:
                    fifo.write(b"!")
                hostile_adapter.pause_without_end()
        """)
        self.assertEqual((run.status, run.stdout, run.stderr), (1, "", "recvmsg-conformance: interrupted\n"))
        self.assertIsNone(run.results)


if __name__ == "__main__":
    unittest.main()
