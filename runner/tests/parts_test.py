#!/usr/bin/env python3
"""A run in parts says what the whole run says, check by check: side by side (--jobs), and in shards.

Usage: RECVMSG_CONFORMANCE=/path/to/recvmsg-conformance ADAPTERS=/path/to/built/adapters parts_test.py
"""
import os
import pathlib
import shlex
import subprocess
import sys
import unittest
import xml.etree.ElementTree

import runner_case

ADAPTERS = pathlib.Path(os.environ.get("ADAPTERS", "build/release/adapters")).resolve()
CPYTHON = f"exec:{shlex.quote(sys.executable)} {shlex.quote(str(runner_case.ADAPTER))}"
# Of every kind of check some: on the host's kernel and scripted, side by side and alone.
SOME = ("FillOrder.*:Flags.*:Address.*:Waiting.*:LargeBuffers.*/unix*:Scripted*/unix_datagram:AncillaryData.*/unix*:"
        "*ControlData.*/unix_stream:Interruption.*/unix_stream:PrivateNetwork.*:*Truncation*")


def served(fault):
    """A planted fault by another name, so that it can stand in for the kernel under itself."""
    return f"exec:{shlex.quote(str(runner_case.RUNNER))} serve fault:{fault}"


def facts_of(check):
    """What is the same in each run: the fields that differ, but not how often. An implementation that reports bytes behind a
    name (GLib does) reports what its memory holds, which may look right now and then."""
    return check["verdict"], check["cause"], sorted({difference["field"] for difference in check["differences"]})


class PartsTest(runner_case.RunnerTest):
    # Whether it can be judged depends on the load.
    TOO_BUSY = "Interruption.InterruptedCallRestartsRcvtimeo/unix_stream"

    def checks(self, implementation, filter_, *more):
        run = self.judge(implementation, filter_, *more)
        self.assertIn(run.status, (0, 1), run.stderr)
        return {check["id"]: check for check in run.checks if check["id"] != self.TOO_BUSY}

    def assert_alike(self, parts, whole):
        different = [f"{name}: {facts_of(parts[name]) if name in parts else 'absent'}, in the whole run {facts_of(check)}: "
                     f"{check['summary']}" for name, check in whole.items()
                     if name not in parts or facts_of(parts[name]) != facts_of(check)]
        self.assertEqual(different, [])
        self.assertEqual(set(parts), set(whole))

    def assert_whole_in_parts(self, implementation, filter_=SOME, *more, jobs=(2, 4), shards=(2, 3, 7)):
        whole = self.checks(implementation, filter_, "--jobs", "1", *more)
        self.assertGreater(len(whole), 50)
        for count in jobs:
            with self.subTest(jobs=count):
                parts = self.checks(implementation, filter_, "--jobs", str(count), *more)
                self.assert_alike(parts, whole)
                self.assertEqual(list(parts), list(whole), "the order of the run")
        for count in shards:
            with self.subTest(shards=count):
                union = {}
                for shard in range(1, count + 1):
                    part = self.checks(implementation, filter_, "--shard", f"{shard}/{count}", *more)
                    self.assertFalse(set(union) & set(part), "in two shards")
                    union |= part
                self.assert_alike(union, whole)


class InParts(PartsTest):
    def built(self, program):
        if not (ADAPTERS / program).exists():
            self.skipTest(f"{program} is not built")
        return f"exec:{shlex.quote(str(ADAPTERS / program))}"

    def test_the_reference_as_a_whole(self):
        self.assert_whole_in_parts("reference", "*")

    def test_cpython(self):
        self.assert_whole_in_parts(CPYTHON, shards=(3,))

    def test_go(self):
        self.assert_whole_in_parts(self.built("go-adapter"), shards=(2,))

    def test_glib(self):
        self.assert_whole_in_parts(self.built("glib-adapter"), shards=(2,))

    def test_planted_faults(self):
        for fault in ("first-item-only", "port-in-network-order", "stops-at-an-empty-buffer"):
            with self.subTest(fault=fault):
                self.assert_whole_in_parts(f"fault:{fault}", jobs=(2,), shards=(3,))

    def test_a_fault_that_is_the_kernels_too(self):
        self.assert_whole_in_parts("fault:first-item-only", "Ancillary*", "--calibrate-with", served("first-item-only"),
                                   jobs=(2,), shards=(3,))

    def test_without_calibration(self):
        self.assert_whole_in_parts("fault:first-item-only", "Ancillary*", "--calibrate-with", "none", jobs=(2,),
                                   shards=(3,))


class Shards(PartsTest):
    def test_are_googletests_shards(self):
        for index in range(3):
            environment = dict(os.environ, GTEST_TOTAL_SHARDS="3", GTEST_SHARD_INDEX=str(index))
            run = subprocess.run([runner_case.RUNNER, "--filter", runner_case.SEVEN, "--out", self.directory / "out"],
                                 env=environment, capture_output=True, text=True, check=False)
            theirs = runner_case.Ended(run.returncode, run.stdout, run.stderr, self.directory / "out")
            ours = self.judge("reference", runner_case.SEVEN, "--shard", f"{index + 1}/3")
            self.assertEqual([check["id"] for check in theirs.checks], [check["id"] for check in ours.checks])

    def test_cannot_be_both(self):
        self.environment["GTEST_TOTAL_SHARDS"] = "2"
        run = self.call("--shard", "1/2")
        self.assertEqual(run.status, 64)
        self.assertIn("--shard and GTEST_TOTAL_SHARDS", run.stderr)

    def test_are_named_strictly(self):
        for shard in ("0/2", "3/2", "1", "1/", "/2", "1/2/3", "a/b", "-1/2"):
            self.assertEqual(self.call("--shard", shard).status, 64, shard)

    def test_do_not_hold_a_kernels_deviations_against_the_implementation(self):
        self.environment["GTEST_TOTAL_SHARDS"] = "2"
        for index in range(2):
            self.environment["GTEST_SHARD_INDEX"] = str(index)
            run = self.judge("fault:first-item-only", "AncillaryData.TwoItems*", "--calibrate-with",
                             served("first-item-only"))
            self.assertEqual(run.results["summary"]["fail"], 0)
            self.assertIn("this host's kernel deviates", run.stdout)
            self.assertIn(run.status, (0, 3), run.stdout)  # 3: all of a shard deviates


class VariablesOfGoogleTest(PartsTest):
    def test_a_report_is_of_the_whole_run(self):
        report = self.directory / "report.xml"
        self.environment["GTEST_OUTPUT"] = f"xml:{report}"
        run = self.judge("fault:first-item-only", "AncillaryData.TwoItems*", "--calibrate-with", "reference")
        self.assertGreater(run.results["summary"]["fail"], 0)
        root = xml.etree.ElementTree.parse(report).getroot()
        self.assertEqual(int(root.get("tests")), len(run.checks))
        self.assertEqual(int(root.get("failures")), run.results["summary"]["fail"])

    def test_another_format_is_refused(self):
        self.environment["GTEST_OUTPUT"] = "json:report.json"
        self.assertEqual(self.call("--filter", runner_case.SEVEN).status, 64)

    def test_what_fail_fast_leaves_out_is_not_run(self):
        for jobs in ("1", "2"):
            with self.subTest(jobs=jobs):
                run = self.judge(runner_case.hostile("always_error"), "FillOrder.*:Flags.*", "--gtest_fail_fast",
                                 "--jobs", jobs)
                left_out = [check for check in run.checks if check["verdict"] == "NOTRUN"]
                self.assertGreater(len(left_out), 20)
                self.assertEqual({(check["cause"], check["reason"]) for check in left_out},
                                 {("not-reached", "not reached: --gtest_fail_fast")})
                self.assertLessEqual(run.results["summary"]["fail"], int(jobs))
                self.assertGreater(run.results["summary"]["fail"], 0)
                self.assertEqual(run.status, 1)

    def test_fail_fast_does_not_end_the_calibration(self):
        run = self.judge("fault:first-item-only", "AncillaryData.TwoItems*", "--gtest_fail_fast", "--calibrate-with",
                         served("first-item-only"))
        self.assertEqual(run.results["summary"]["fail"], 0)

    def test_every_round_counts(self):
        # The third call of each life kills: the first check in the second round, and the second in the third.
        run = self.judge(runner_case.hostile("dies_by_signal_on_third_call"), "FillOrder.DocumentedExampleFillsTheBuffers/*p4",
                         "--gtest_repeat=3")
        self.assertEqual(run.verdicts, ["CRASH", "CRASH"])
        self.assertEqual((run.results["rounds"], run.results["rounds_differing"]), (3, 2))
        self.assertIn("3 rounds; in 2 of them a check had another verdict than in its first", run.stdout)
        self.assertEqual(run.status, 1)

    def test_rounds_side_by_side_are_all_performed(self):
        run = self.judge("reference", runner_case.FOURTEEN, "--gtest_repeat=5", "--gtest_shuffle", "--jobs", "2")
        self.assertEqual((run.status, run.verdicts), (0, ["PASS"] * 14))
        self.assertEqual((run.results["rounds"], run.results["rounds_differing"]), (5, 0))
        self.assertEqual(run.stdout.count("14/14 checks, 0 failed"), 5)


if __name__ == "__main__":
    unittest.main()
