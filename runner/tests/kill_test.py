#!/usr/bin/env python3
"""SIGKILL in the middle of a receive: whichever process is killed, none hangs and none is left running.

Usage: RECVMSG_CONFORMANCE=/path/to/recvmsg-conformance kill_test.py [arguments of unittest]
"""
import os
import pathlib
import platform
import select
import shlex
import signal
import subprocess
import unittest

import runner_case

# The number of recvmsg(2), as /proc/PID/syscall shows it.
RECVMSG = {"x86_64": b"47 ", "aarch64": b"212 ", "riscv64": b"212 "}.get(platform.machine())
# A socket that does not show the death of its peer: a wait on it does not end.
UDP = "FillOrder.DocumentedExampleFillsTheBuffers/udp4"

# Takes what is there, says so, and then waits in recvmsg(2) for what never comes.
WAITS = """
def hello(self):
    return dict(super().hello(), pid=os.getpid())

def call(self, request):
    super().call(request)
    self.tell("!")
    super().call(request)

def tell(self, word):
    with open(WHERE, "w") as fifo:
        fifo.write(word)
"""
# As WAITS, but makes its receive only on request.
WAITS_FOR_A_WORD = WAITS.replace('self.tell("!")', 'self.tell("!"); open(GO).read()')
# Nothing that an adapter can ignore makes it stay.
IGNORES_ALL = WAITS + """
def serve(self):
    for signum in set(range(1, 65)) - {signal.SIGKILL, signal.SIGSTOP, 32, 33}:
        signal.signal(signum, signal.SIG_IGN)
    super().serve()
    hostile_adapter.pause_without_end()
"""


def eventually(condition, what):
    """Waits, not a moment longer than it takes, for what /proc shows."""
    latest = runner_case.DEADLINE_S + os.times().elapsed
    while not condition():
        if os.times().elapsed > latest:
            raise AssertionError(f"timed out: {what}")
        os.sched_yield()


def content_of(pid, name):
    try:
        return pathlib.Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:  # it has ended
        return b""


def is_in_recvmsg(pid):
    """Asleep in it; or waiting for the supervisor, which looks the same."""
    return content_of(pid, "syscall").startswith(RECVMSG)


def state_and_parent_of(pid):
    return content_of(pid, "stat").rpartition(b") ")[2].split()[:2]


class KilledInTheMiddleOfAReceive(runner_case.RunnerTest):
    kernel = "host"

    def setUp(self):
        super().setUp()
        if RECVMSG is None or not content_of("self", "syscall"):
            self.skipTest("what a process sleeps in cannot be seen here")
        probe = subprocess.run([runner_case.RUNNER, "probe"], capture_output=True, text=True, check=False)
        if self.kernel != "host" and probe.returncode == 3:
            self.skipTest(probe.stdout.strip())
        self.where, self.go = self.directory / "where", self.directory / "go"
        os.mkfifo(self.where)
        os.mkfifo(self.go)

    def adapter(self, body, wrapped=False):
        """With `wrapped`, the adapter is a child of the program that the suite starts."""
        words = body.replace("WHERE", repr(str(self.where))).replace("GO", repr(str(self.go)))
        specification = super().adapter(words)
        if wrapped:
            command = specification.removeprefix("exec:")
            specification = f"exec:sh -c {shlex.quote(command + '; exit $?')}"
        return specification

    def start_waiting(self, body, wrapped, filter_=UDP):
        """A run whose adapter has reached its receive; the run, its --out, and all its processes but the runner."""
        out = self.directory / "out"
        process = self.start("--implementation", self.adapter(body, wrapped), "--filter", filter_, "--out", out,
                             "--kernel", self.kernel, "--deadline-ms", str(1000 * runner_case.DEADLINE_S),
                             "--jobs", "1")
        self.addCleanup(self.end_group_of, process)
        with open(self.where, encoding="ascii") as fifo:
            self.assertEqual(fifo.read(), "!")
        pids = self.processes_of(process)
        self.assertEqual(len(pids), 2 if wrapped else 1)
        return process, out, pids

    def processes_of(self, process):
        """Of the implementation: neither the runner nor its worker."""
        return [pid for pid in self.marked()
                if pid != process.pid and not content_of(pid, "cmdline").startswith(bytes(runner_case.RUNNER))]

    def marked(self):
        return sorted(int(entry.name) for entry in pathlib.Path("/proc").iterdir()
                      if entry.name.isdigit() and self.mark.encode() in content_of(entry.name, "environ"))

    def descriptors_of_all_but(self, process):
        return [os.pidfd_open(pid) for pid in self.marked() if pid != process.pid]

    def end_group_of(self, process):
        """Where a test failed."""
        process.kill()
        process.communicate()
        for pid in self.marked():
            os.kill(pid, signal.SIGKILL)

    def adapter_of(self, pids):
        """The one that receives: it has no children."""
        parents = {int(state_and_parent_of(pid)[1]) for pid in pids}
        return next(pid for pid in pids if pid not in parents)

    def assert_all_end(self, descriptors):
        for descriptor in descriptors:
            ended, _, _ = select.select([descriptor], [], [], runner_case.DEADLINE_S)
            self.assertTrue(ended, "a process lives on")
            os.close(descriptor)
        self.assertEqual(self.left_running(), [])

    # The runner is killed.

    def assert_leaves_nothing(self, body, wrapped):
        process, _, pids = self.start_waiting(body, wrapped)
        adapter = self.adapter_of(pids)
        eventually(lambda: is_in_recvmsg(adapter), "it receives")
        descriptors = self.descriptors_of_all_but(process)
        process.kill()
        self.assertEqual(process.wait(runner_case.DEADLINE_S), -signal.SIGKILL)
        self.assert_all_end(descriptors)

    def test_the_runner_leaves_nothing(self):
        self.assert_leaves_nothing(WAITS, wrapped=False)

    def test_the_runner_leaves_nothing_of_a_wrapped_adapter(self):
        self.assert_leaves_nothing(WAITS, wrapped=True)

    def test_the_runner_leaves_nothing_of_a_wrapped_adapter_that_ignores_all(self):
        self.assert_leaves_nothing(IGNORES_ALL, wrapped=True)

    def test_the_runner_leaves_nothing_whose_receive_it_never_saw(self):
        # It is stopped, and its supervisor with it, before the receive is made.
        process, _, pids = self.start_waiting(WAITS_FOR_A_WORD, wrapped=True)
        process.send_signal(signal.SIGSTOP)
        workers = [pid for pid in self.marked() if pid not in (process.pid, *pids)]
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        for pid in (process.pid, *workers):
            eventually(lambda pid=pid: state_and_parent_of(pid)[0] == b"T", "the runner is stopped")
        adapter = self.adapter_of(pids)
        self.go.write_text("go")
        eventually(lambda: is_in_recvmsg(adapter), "it receives")
        descriptors = self.descriptors_of_all_but(process)
        process.kill()
        self.assertEqual(process.wait(runner_case.DEADLINE_S), -signal.SIGKILL)
        self.assert_all_end(descriptors)

    # The adapter is killed.

    def assert_one_crash(self, wrapped, reason):
        body = WAITS.replace("super().call(request)\n    self.tell", "return super().call(request)\n\n"
                             "def third_call(self, request):\n    super().call(request)\n    self.tell")
        process, out, pids = self.start_waiting(body, wrapped, runner_case.SEVEN)
        adapter = self.adapter_of(pids)
        eventually(lambda: is_in_recvmsg(adapter), "it receives")
        os.kill(adapter, signal.SIGKILL)
        # Another life, another third call, until the checks are at an end.
        with open(self.where, encoding="ascii") as fifo:
            self.assertEqual(fifo.read(), "!")
        pids = self.processes_of(process)
        os.kill(self.adapter_of(pids), signal.SIGKILL)
        run = self.end(process, out)
        self.assert_whole(run)
        self.assertEqual(run.verdicts, ["PASS", "PASS", "CRASH", "PASS", "PASS", "CRASH", "PASS"])
        self.assertEqual(run.reasons("CRASH"), {reason})
        self.assertEqual(run.status, 1)

    def test_an_adapter_costs_one_check(self):
        self.assert_one_crash(wrapped=False, reason="the process was ended by SIGKILL")

    def test_a_wrapped_adapter_costs_one_check(self):
        self.assert_one_crash(wrapped=True, reason="the process exited with status 137")


class KilledInTheHandsOfASupervisor(KilledInTheMiddleOfAReceive):
    kernel = "pass"


class KilledWhereASupervisorReceives(KilledInTheMiddleOfAReceive):
    kernel = "proxy"


if __name__ == "__main__":
    unittest.main()
