#!/usr/bin/env python3
"""What a run prints and writes.

Usage: RECVMSG_CONFORMANCE=/path/to/recvmsg-conformance reports_test.py [arguments of unittest]
"""
import collections
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

from runner_case import (DEADLINE_S, FOURTEEN, HOSTILE, RECOMMENDED, RIGHTS, RUNNER, SCHEMA, SCHEMA_CHECK, SEVEN, Ended,
                         RunnerTest, hostile)


class Reports(RunnerTest):
    FAULT = "fault:errors-clear-buffers"

    def test_a_failure_says_what_when_who_says_so_and_how_to_see_it_again(self):
        run = self.judge(self.FAULT, RECOMMENDED)
        requirement = next(requirement for requirement in json.loads(self.call("list", "--format", "json").stdout)
                           ["requirements"] if requirement["slug"] == "refused-calls-write-nothing")
        first = run.stdout.partition("\nFAIL  ")[2].partition("\nFAIL  ")[0]
        self.assertTrue(first.startswith("PartialBuffers.EagainWritesNoBuffer/unix_stream\n"), first)
        for words in ("refused-calls-write-nothing (recommended): " + requirement["sentence"], requirement["citation"],
                      requirement["url"]):
            self.assertIn(words, first)
        self.assertRegex(first, r"(?m)^    recvmsg_into: buffers .*non-blocking$")
        self.assertRegex(first, r"(?m)^ +expected +actual$")
        self.assertRegex(first, r'(?m)^  \* buffer 0 +".*" +"\\x00.*"$')
        self.assertRegex(first, r"(?m)^  reproduce    recvmsg-conformance run .*$")

    def reproduce(self, line):
        """Runs the very line that was printed, with the runner in the PATH, and results."""
        out = pathlib.Path(tempfile.mkdtemp(dir=self.directory))
        environment = dict(self.environment, PATH=f"{RUNNER.parent}:{os.environ['PATH']}")
        run = subprocess.run(f"{line} --out {shlex.quote(str(out))}", shell=True, env=environment, timeout=DEADLINE_S,
                             capture_output=True, text=True, check=False, cwd=self.directory)
        return Ended(run.returncode, run.stdout, run.stderr, out)

    def assert_reproduced(self, run, status):
        lines = re.findall(r"(?m)^  reproduce    (.*)$", run.stdout)
        bad = {check["repro"]: check for check in run.checks if check["verdict"] not in ("PASS", "SKIP")}
        self.assertTrue(lines)
        self.assertLessEqual(set(lines), set(bad))
        bad = [bad[line] for line in lines]
        for line, check in list(zip(lines, bad))[:2]:
            again = self.reproduce(line)
            self.assertEqual(again.status, status, again.stderr)
            [repeated] = again.checks
            for field in ("id", "verdict", "cause", "summary", "reason", "differences"):
                self.assertEqual(repeated[field], check[field])

    def test_the_line_that_reproduces_a_failure_does(self):
        self.assert_reproduced(self.judge("fault:first-item-only", "AncillaryData.*"), status=1)

    def test_the_line_keeps_what_decides_about_the_failure(self):
        self.assert_reproduced(self.judge(self.FAULT, RECOMMENDED, "--strict"), status=1)
        hangs = self.adapter("def call(self, request): hostile_adapter.pause_without_end()")
        run = self.judge(hangs, "FillOrder.DocumentedExampleFillsTheBuffers/udp4", "--deadline-ms", "1500")
        self.assertIn(" --deadline-ms 1500", run.checks[0]["repro"])
        self.assert_reproduced(run, status=1)

    def test_the_line_keeps_a_command_line_with_blanks_and_quotes(self):
        program = self.directory / "it's an adapter.py"
        program.write_text(pathlib.Path(HOSTILE / "hostile_adapter.py").read_text(encoding="utf-8"), encoding="utf-8")
        self.assert_reproduced(self.judge(f'exec:{sys.executable} -B "{program}" leaks_descriptor', RIGHTS), status=1)

    def test_failures_with_one_cause_are_shown_once(self):
        run = self.judge(hostile("always_error"), "*-LargeBuffers.*:DroppedMessages.*")  # those take long to say nothing
        lines = run.stdout.splitlines()
        self.assertGreater(run.results["summary"]["fail"], 500)
        self.assertLess(4 * len(lines), run.results["summary"]["fail"])
        group = re.search(r"(?m)^(\d+) FAIL: error EIO \(OSError\) where none was expected$", run.stdout)
        causes = collections.Counter((check["verdict"], check["summary"]) for check in run.checks
                                     if check["verdict"] not in ("PASS", "SKIP", "NOTRUN"))
        self.assertEqual(int(group[1]), causes["FAIL", "error EIO (OSError) where none was expected"])
        self.assertEqual(int(group[1]), max(causes.values()))
        self.assertIn(f"    ... {int(group[1]) - 21} more: in results.json\n", run.stdout)
        self.assertNotIn("is this an error of your adapter?", run.stdout)  # the system may refuse whatever it likes

    def test_every_failure_is_shown_in_full_on_request(self):
        run = self.judge(self.FAULT, RECOMMENDED, "--verbose")
        self.assertEqual(re.findall(r"(?m)^  reproduce    (.*)$", run.stdout), [check["repro"] for check in run.checks])

    def test_an_error_of_the_adapter_is_suspected_first(self):
        run = self.judge(self.adapter("""
            def call(self, request):
                return {"error": {"class": "AttributeError", "errno": None, "message": "no attribute 'x'"},
                        "buffers": ["ee" * part.get("size", 0) for part in request["buffers"]]}
        """), FOURTEEN)
        first = run.stdout.partition("\nMost checks end in ")[2]
        self.assertTrue(first.startswith("AttributeError (14 of 14): is this an error of your adapter?\n"
                                         "  it says      no attribute 'x'\n"), run.stdout)
        self.assertIn("\n14 FAIL: error AttributeError where none was expected\n", first)

    def test_what_this_host_lacks_is_told_apart(self):
        run = self.judge("reference")
        lacks = [check for check in run.checks if check["cause"] == "host-lacks"]
        apart = run.stdout.partition("not judged on this host:\n")[2]
        self.assertEqual(bool(lacks), bool(apart))
        self.assertNotIn("does not declare", apart)

    def test_recommendations_count_only_when_asked(self):
        lax = self.judge(self.FAULT, RECOMMENDED)
        strict = self.judge(self.FAULT, RECOMMENDED, "--strict")
        self.assertEqual((lax.verdicts, lax.status), (["FAIL"] * 7, 0))
        self.assertEqual((strict.verdicts, strict.status), (["FAIL"] * 7, 1))

    def test_junit_agrees_with_the_results(self):
        run = self.judge("fault:first-item-only", "AncillaryData*:AncillaryTruncation*:Interruption.InterruptedCallKeeps*")
        self.assertEqual(run.junit.tag, "testsuites")
        self.assertEqual(int(run.junit.get("tests")), len(run.checks))
        self.assertEqual(int(run.junit.get("failures")), run.results["summary"]["fail"])
        self.assertGreater(run.results["summary"]["fail"], 0)
        for file in {case.get("file") for case in run.junit.iter("testcase")}:
            self.assertRegex(file, "^conformance/", "as seen from the project's folder, where services look for it")
            self.assertTrue((pathlib.Path(__file__).parents[2] / file).exists(), file)
        failed = {f"{case.get('classname')}.{case.get('name')}" for case in run.junit.iter("testcase")
                  if case.find("failure") is not None}
        self.assertEqual(failed, {check["id"] for check in run.checks if check["verdict"] == "FAIL"})

    def test_junit_knows_skips_and_crashes(self):
        run = self.judge(hostile("dies_by_signal_on_third_call"), SEVEN + ":Interruption.ManySignals*")
        self.assertEqual(int(run.junit.get("failures")), run.results["summary"]["crash"])
        self.assertEqual(sum(case.find("skipped") is not None for case in run.junit.iter("testcase")),
                         run.results["summary"]["skip"])
        self.assertEqual(run.results["summary"]["skip"], 7)

    def test_a_repeated_run_has_each_check_once(self):
        options = ("--gtest_repeat=2", "--gtest_shuffle", "--gtest_random_seed=7")
        run = self.judge("reference", FOURTEEN, *options)
        self.assertEqual((run.status, run.verdicts), (0, ["PASS"] * 14))
        self.assertEqual(run.stdout.count("14/14 checks, 0 failed"), 2)

    def test_a_repeated_run_forgets_no_failure(self):
        # Each third call kills: the third check of the first round, and the second of the second round.
        run = self.judge(hostile("dies_by_signal_on_third_call"),
                         SEVEN + "-*/unix_stream:*/unix_datagram:*/unix_seqpacket", "--gtest_repeat=2")
        self.assertEqual(run.verdicts, ["PASS", "CRASH", "CRASH", "PASS"])
        self.assertEqual(run.status, 1)

    def test_the_seed_in_the_results_shuffles_the_same_way_again(self):
        first = self.judge("reference", "FillOrder.*", "--gtest_shuffle")
        seed = first.results["seed"]
        again = self.judge("reference", "FillOrder.*", "--gtest_shuffle", f"--gtest_random_seed={seed}")
        self.assertEqual([check["id"] for check in again.checks], [check["id"] for check in first.checks])
        self.assertEqual(again.results["seed"], seed)

    def test_the_schema_of_results_refuses_what_is_none(self):
        if not SCHEMA_CHECK:
            self.skipTest("JSON_SCHEMA_CHECK is not set")
        results = self.judge("fault:first-item-only", "AncillaryData.TwoItems*").results
        def refused(change):
            file = self.directory / "changed.json"
            changed = json.loads(json.dumps(results))
            change(changed, changed["checks"][0])
            file.write_text(json.dumps(changed), encoding="utf-8")
            return subprocess.run([SCHEMA_CHECK, SCHEMA, file], stdout=subprocess.DEVNULL, check=False).returncode == 1
        self.assertFalse(refused(lambda results, check: None))
        for change in (lambda results, check: results.update(schema=1),
                       lambda results, check: results.pop("seed"),
                       lambda results, check: results["summary"].pop("xfail"),
                       lambda results, check: check.update(cause="whatever"),
                       lambda results, check: check.update(verdict="OK"),
                       lambda results, check: check.update(message="as in schema 1"),
                       lambda results, check: check.pop("summary"),
                       lambda results, check: check["differences"][0].pop("actual"),
                       lambda results, check: check["observation"].pop("kind")):
            self.assertTrue(refused(change))

    def test_observations_of_what_passed_are_kept_on_request(self):
        self.assertFalse([check for check in self.judge("reference", SEVEN).checks if "observation" in check])
        for check in self.judge("reference", SEVEN, "--observations").checks:
            self.assertEqual(check["observation"]["kind"], check["id"].rpartition("/")[2])
            self.assertTrue(check["observation"]["steps"])

    def test_results_of_a_whole_run_are_small(self):
        out = self.directory / "out"
        self.call("--implementation", "reference", "--out", out)
        self.assertLess((out / "results.json").stat().st_size, 1_000_000)

    def test_the_results_say_what_was_judged(self):
        implementation = self.judge("reference", SEVEN).results["implementation"]
        self.assertEqual((implementation["spec"], implementation["name"]), ("reference", "recvinto"))
        self.assertIn("scatter", implementation["capabilities"])


if __name__ == "__main__":
    unittest.main()
