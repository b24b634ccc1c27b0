#!/usr/bin/env python3
"""doctor: right adapters, and the first step that each mistake is found by."""
import shlex
import sys
import unittest

from runner_case import ADAPTER, ROOT, RunnerTest, hostile

MISTAKEN = ROOT / "fixtures/adapters/mistaken_adapter.py"
PYTHON = f"exec:{sys.executable} -B {ADAPTER}"


def mistaken(mistake):
    return "exec:" + shlex.join([sys.executable, "-B", str(MISTAKEN), mistake])


class Doctor(RunnerTest):
    def examine(self, specification, deadline=3000):
        return self.call("doctor", "--deadline-ms", str(deadline), specification)

    def wrong_steps(self, ended):
        return [line[10:32].strip() for line in ended.stdout.splitlines() if line.startswith("WRONG")]

    def assert_found(self, specification, step, saying, deadline=3000):
        """The first step that is wrong, and what it says."""
        ended = self.examine(specification, deadline)
        self.assertEqual(ended.status, 1, ended.stdout + ended.stderr)
        self.assertEqual(self.wrong_steps(ended)[:1], [step], ended.stdout)
        self.assertRegex(ended.stdout, saying)
        self.assertRegex(ended.stdout, r"\n {10} +next +\w")
        self.assertIn(f"Begin with the first, {step}", ended.stdout)
        return ended

    def assert_no_adapter(self, specification, step, saying):
        ended = self.examine(specification)
        self.assertEqual(ended.status, 66, ended.stdout + ended.stderr)
        self.assertEqual(self.wrong_steps(ended), [step], ended.stdout)
        self.assertRegex(ended.stdout, saying)

    def assert_right(self, specification):
        ended = self.examine(specification)
        self.assertEqual(ended.status, 0, ended.stdout + ended.stderr)
        self.assertEqual(self.wrong_steps(ended), [])
        self.assertIn("what a run finds is the implementation's", ended.stdout)
        return ended

    def test_right_adapters_are_right(self):
        for specification in ("reference", "raw", PYTHON, f"exec:perl {ROOT}/adapters/template/adapter.pl"):
            with self.subTest(specification):
                self.assert_right(specification)

    def test_a_wrong_implementation_is_not_the_adapters_fault(self):
        self.assert_right("fault:drops-input-flags")

    def test_what_is_not_declared_is_left_out(self):
        ended = self.assert_right(f"{PYTHON} --only scatter")
        for step in ("descriptors", "timeout", "no waiting", "signal", "raising handler"):
            self.assertRegex(ended.stdout, rf"left out +{step} +.*declared")

    def test_what_is_no_adapter(self):
        self.assert_no_adapter("exec:/nonexistent/adapter", "program", "/nonexistent/adapter.*No such file")
        self.assert_no_adapter(f"exec:{ROOT}/README.md", "program", "Permission denied")
        self.assert_no_adapter("exec:true", "hello", "exited with status 0")
        self.assert_no_adapter("exec:cat", "hello", "try it by hand: echo '.*hello.*' [|] cat")
        self.assert_no_adapter(mistaken("greets_first"), "hello", "my adapter 1.0")
        self.assert_no_adapter(hostile("speaks_protocol_2"), "hello", "protocol 2")

    def test_a_wrong_specification_is_wrong_usage(self):
        for arguments in (["doctor"], ["doctor", "no-such-implementation"]):
            ended = self.call(*arguments)
            self.assertEqual(ended.status, 64, ended.stdout + ended.stderr)

    def test_lines(self):
        self.assert_found(mistaken("ids_of_its_own"), "framing", "the reply to request 20 is .*7")
        self.assert_found(hostile("exits_after_hello"), "framing", "exited with status 0")
        self.assert_found(mistaken("answers_what_it_does_not_know"), "unknown requests", "unsupported")
        self.assert_found(mistaken("goes_on_after_bye"), "bye", "it goes on after bye", 500)
        self.assert_found(mistaken("ends_with_status_1"), "bye", "after bye it exited with status 1")

    def test_buffers(self):
        self.assert_found(mistaken("forgets_the_fill"), "buffers", "buffer 1 is 000064656600; it must be eeee646566ee")
        self.assert_found(hostile("short_storage", "--call", 1), "buffers", "storage")
        self.assert_found(hostile("always_error"), "buffers", "EIO")
        self.assert_found(hostile("refuses_everything"), "buffers", "Take the capability out")
        self.assert_found(hostile("wrong_types"), "buffers", '"nbytes" is not an integer')

    def test_sockets(self):
        self.assert_found(mistaken("closes_its_socket"), "socket unix_stream", "the second call failed: .*EBADF")

    def test_descriptors(self):
        self.assert_found(mistaken("keeps_no_descriptors"), "descriptors",
                          "two descriptors were sent; 2 were reported, of which 0")
        self.assert_found(mistaken("closes_nothing"), "descriptors", "still open on the same file")

    def test_waiting(self):
        self.assert_found(mistaken("never_waits"), "waiting", "did not wait: .*EAGAIN")
        self.assert_found(mistaken("counts_too_fast"), "timeout", "timeout_ms is 200, and the call gave up after")
        self.assert_found(mistaken("calls_a_timeout_an_error"), "timeout", "ETIMEDOUT")

    def test_signals(self):
        self.assert_found(mistaken("counts_no_signals"), "signal", "one signal was taken, and `signals` of the reply is 0")
        self.assert_found(mistaken("calls_a_raising_handler_an_error"), "raising handler", "KeyboardInterrupt")

    def test_a_hang_costs_each_step_its_deadline_only(self):
        ended = self.assert_found(hostile("hangs_on_third_call", "--call", 1), "buffers", "within the deadline", 200)
        self.assertRegex(ended.stdout, "left out +provoked hang")
        self.assertRegex(ended.stdout, "WRONG +closing +as in the step buffers")

    def test_what_is_said_of_markup_and_control_characters_is_text(self):
        ended = self.examine("exec:printf '\\033[31m<b>\\n'")
        self.assertNotIn("\033", ended.stdout)

    def test_a_run_offers_it_where_the_adapter_looks_wrong(self):
        self.assertNotIn("examine it", self.call("--implementation", PYTHON, "--filter", "FillOrder.*").stdout)
        specification = hostile("wrong_types")
        ended = self.call("--implementation", specification, "--filter", "FillOrder.*")
        self.assertIn(f"examine it   recvmsg-conformance doctor {shlex.quote(specification)}\n", ended.stdout)


if __name__ == "__main__":
    unittest.main()
