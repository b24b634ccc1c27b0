#!/usr/bin/env python3
"""What must make no difference to a verdict, tried with the whole suite: who answers the receives while no script is
played, and how wide the implementation's words are.

Usage: RECVMSG_CONFORMANCE=/path/to/recvmsg-conformance ADAPTERS=/path/to/built/adapters judged_alike_test.py
"""
import os
import pathlib
import re
import shlex
import subprocess
import sys
import unittest

import runner_case

ADAPTERS = pathlib.Path(os.environ.get("ADAPTERS", "build/release/adapters")).resolve()
# Go's runtime preempts its own threads by signals, which end some receives: that is no difference of who answers them.
os.environ["GODEBUG"] = "asyncpreemptoff=1"

# Which kernel answers them is the script's business. A wait that asks over and over costs less where each question waits for
# the supervisor.
ALL_BUT_SCRIPTED = "-Scripted*:*ControlData.*:ImpossibleLength.*:WaitingCost.*"
SHOWN = 3  # differences
OTHER_ABI = (r"this host: (the suite's own recvmsg\(2\) lays out ancillary data for 64-bit programs|"
             r"the implementation is a 32-bit program)")


def facts_of(check):
    """What a check says, but for what is another in each run: processes, temporary directories, ports, times, IP headers."""
    differences = "\n".join(" | ".join((row["where"], row["field"], row["expected"], row["actual"]))
                            for row in check["differences"])
    message = re.sub(r"recvinto-\w+", "recvinto-NAME", differences)
    message = re.sub(r"(127\.0\.0\.1|\[::1\]|\[::ffff:127\.0\.0\.1\]):\d+", r"\1:PORT", message)
    message = re.sub(r'(SCM_TIMESTAMP(?:NS)?) "(\\.|[^"\\\n])*"', r'\1 "TIME"', message)
    if check["id"].endswith("/packet"):
        message = re.sub(r'"(\\.|[^"\\\n])*"', '"PACKET"', message)
    return f"{check['verdict']} {check['reason']}\n{message}"


class JudgedAlike(runner_case.RunnerTest):
    def built(self, program):
        if not (ADAPTERS / program).exists():
            self.skipTest(f"{program} is not built")
        return f"exec:{shlex.quote(str(ADAPTERS / program))}"

    def checks(self, implementation, kernel):
        run = self.judge(implementation, ALL_BUT_SCRIPTED, "--kernel", kernel, "--calibrate-with", "none")
        self.assertIn(run.status, (0, 1), run.stderr)
        self.assertGreater(len(run.checks), 500)
        return {check["id"]: check for check in run.checks}

    def assert_alike(self, one, other):
        self.assertEqual(list(one), list(other))
        different = [f"{name}\n--- one: {facts_of(one[name])}\n--- other: {facts_of(other[name])}" for name in one
                     if facts_of(one[name]) != facts_of(other[name])]
        if different:
            self.fail("\n".join([f"{len(different)} of {len(one)} checks differ", *different[:SHOWN]]))


class WhoeverAnswers(JudgedAlike):
    """Without interception (host), intercepted and forwarded (pass), and with the supervisor in the kernel's place
    wherever it can be (proxy): a supervisor that plays no script is invisible."""

    @classmethod
    def setUpClass(cls):
        probe = subprocess.run([runner_case.RUNNER, "probe"], capture_output=True, text=True, check=False)
        if probe.returncode == 3:
            raise unittest.SkipTest(probe.stdout.strip())
        assert probe.returncode == 0, probe

    def assert_invisible_to(self, implementation):
        by_host = self.checks(implementation, "host")
        for kernel in ("pass", "proxy"):
            with self.subTest(kernel=kernel):
                self.assert_alike(by_host, self.checks(implementation, kernel))

    def test_to_the_reference(self):
        self.assert_invisible_to("reference")

    def test_to_the_system_call(self):
        self.assert_invisible_to("raw")

    def test_to_cpython(self):
        self.assert_invisible_to(f"exec:{shlex.quote(sys.executable)} {shlex.quote(str(runner_case.ADAPTER))}")

    def test_to_a_go_program(self):
        self.assert_invisible_to(self.built("go-adapter"))

    def test_to_a_go_program_of_32_bits(self):
        self.assert_invisible_to(self.built("go-adapter-386"))

    def test_to_glib(self):
        self.assert_invisible_to(self.built("glib-adapter"))

    def test_to_a_wrong_implementation(self):
        self.assert_invisible_to("fault:first-item-only")


class HoweverWideTheWords(JudgedAlike):
    def test_of_the_same_go_program(self):
        wide = self.checks(self.built("go-adapter"), "host")
        narrow = self.checks(self.built("go-adapter-386"), "host")
        incomparable = [name for name in narrow if re.match(OTHER_ABI, narrow[name]["reason"])]
        self.assertEqual({narrow[name]["verdict"] for name in incomparable}, {"SKIP"})
        self.assertLess(len(incomparable), 20)
        for name in incomparable:
            del wide[name], narrow[name]
        self.assert_alike(wide, narrow)


if __name__ == "__main__":
    unittest.main()
