#!/usr/bin/env python3
"""--merge-buffers: one buffer in place of several, so that what is not about scattering is judged where that is broken."""
import json
import shlex
import sys
import unittest

from runner_case import ROOT, RunnerTest

FIXTURE = ROOT / "fixtures/adapters/reversed_buffers.py"
TWO_BUGS = "exec:" + shlex.join([sys.executable, "-B", str(FIXTURE)])
# About several buffers; about something else, with several buffers all the same; about several items.
ORDER, ITEMS = "FillOrder.DocumentedExampleFillsTheBuffers", "AncillaryData.TwoItems*"
OUTPUT = "FillOrder.*:PartialBuffers.*:OutputFlags.*:AncillaryData.*:Truncation.*"
REASON = "is about several buffers, which --merge-buffers leaves out"


class MergedBuffers(RunnerTest):
    def failures(self, run):
        return {check["id"] for check in run.checks if check["verdict"] not in ("PASS", "SKIP")}

    def test_what_scattering_hides_is_seen(self):
        whole = self.judge(TWO_BUGS, OUTPUT)
        merged = self.judge(TWO_BUGS, OUTPUT, "--merge-buffers")
        with_one_bug = self.judge("fault:swaps-buffers", OUTPUT, "--merge-buffers")
        self.assertEqual((whole.status, merged.status, with_one_bug.status), (1, 1, 0))
        self.assertEqual(self.failures(with_one_bug), set(), "of what is not about scattering nothing is wrong")
        failed = self.failures(merged)
        self.assertTrue(failed)
        self.assertLess(failed, self.failures(whole))
        for check in merged.checks:
            if check["verdict"] == "FAIL":
                self.assertRegex(check["differences"][0]["field"], "item|ancdata|descriptors|unreported",
                                 "the second bug, and no other")
        self.assertIn("checks about several buffers fail: --merge-buffers shows what fails besides\n", whole.stdout)
        self.assertNotIn("what else", merged.stdout)

    def test_checks_about_several_buffers_are_skipped_and_no_word_is_missing(self):
        run = self.judge("reference", f"{ORDER}/*", "--merge-buffers")
        self.assertEqual((run.status, set(run.verdicts), run.reasons("SKIP")), (3, {"SKIP"}, {REASON}))
        self.assertEqual(run.results["missing"], [])
        self.assertIn("scatter", run.results["implementation"]["capabilities"], "as it was declared")

    def test_files_and_lines_say_so(self):
        run = self.judge(TWO_BUGS, ITEMS, "--merge-buffers")
        self.assertIs(run.results["merged_buffers"], True)
        self.assertIn(", buffers merged): ", run.stdout)
        again = next(check["repro"] for check in run.checks if check["verdict"] == "FAIL")
        self.assertIn(" --merge-buffers", again)
        self.assertEqual(self.call(*shlex.split(again)[1:]).status, 1)
        self.assertNotIn("merged_buffers", self.judge(TWO_BUGS, ITEMS).results)

    def test_an_implementation_of_one_buffer_is_judged_as_without_it(self):
        one = f"exec:{shlex.join([sys.executable, '-B', str(ROOT / 'adapters/python/adapter.py'), '--without', 'scatter'])}"
        run = self.judge(one, f"{ORDER}/*", "--merge-buffers")
        self.assertNotIn("merged_buffers", run.results)
        self.assertEqual([word["word"] for word in run.results["missing"]], ["scatter"])

    def test_laws_about_several_buffers_are_not_tried(self):
        out = self.directory / "laws"
        laws = ("property", "--implementation", "fault:swaps-buffers", "--seed", "1", "--cases", "4000", "--out", out)
        self.assertEqual(self.call(*laws).status, 1)
        run = self.call(*laws, "--merge-buffers")
        self.assertEqual(run.status, 0, run.stdout)
        results = json.loads((out / "property.json").read_text(encoding="utf-8"))
        self.assertIs(results["merged_buffers"], True)
        not_tried = {law["law"] for law in results["laws"] if law.get("not_tried", {}).get("reason") == REASON}
        self.assertIn("ScatteringEqualsOneBufferThenSplitting", not_tried)
        self.assertNotIn("EveryCallMatchesTheModel", not_tried)

    def test_scatter_cannot_be_required_besides(self):
        run = self.call("--merge-buffers", "--require", "scatter")
        self.assertEqual((run.status, run.stderr), (
            64, "recvmsg-conformance: --merge-buffers leaves out what --require scatter asks for\n"))


if __name__ == "__main__":
    unittest.main()
