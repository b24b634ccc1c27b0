#!/usr/bin/env python3
"""ci/stability, with a runner that is a few lines of shell."""
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What the runner is called with: run --implementation SPEC --out DIR ...; its N-th run has the N-th word of SPEC as verdict.
RUNNER = """#!/bin/sh
number=$(cat "$0.runs" 2>/dev/null || echo 0)
echo $((number + 1)) > "$0.runs"
verdict=$(echo "$3" | cut -d ' ' -f $((number + 1)))
[ "$verdict" = KILLED ] && kill -9 $$
mkdir -p "$5"
echo '{"checks": [{"id": "A.B/udp4", "verdict": "'$verdict'", "reason": "of run '$number'", "summary": ""}]}' > "$5/results.json"
exit 1
"""
BASELINE = """
[[known]]
check = "A.*"
verdict = ["FAIL", "PASS"]
"""


class Stability(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.runner = self.directory / "runner"
        self.runner.write_text(RUNNER)
        self.runner.chmod(0o755)

    def run_of(self, verdicts, *arguments):
        return subprocess.run([ROOT / "ci/stability", "--runner", self.runner, "--out", self.directory / "out", "--seed", "1",
                               "--runs", str(len(verdicts.split())), verdicts, *arguments],
                              capture_output=True, text=True, check=False)

    def kept(self):
        return sorted(path.name.partition("-")[0] for path in self.directory.glob("out/*"))

    def test_one_verdict_is_status_0(self):
        done = self.run_of("FAIL FAIL FAIL")
        self.assertEqual((done.returncode, self.kept()), (0, []), done.stdout + done.stderr)
        self.assertIn("3 runs of 1 checks", done.stdout)

    def test_another_verdict_is_status_1_with_its_seed_and_results(self):
        done = self.run_of("PASS PASS FAIL PASS")
        self.assertEqual((done.returncode, self.kept()), (1, ["002"]), done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"run 2, seed \d+: A.B/udp4 FAIL, was PASS: of run 2")
        self.assertIn("1 checks with more than one verdict\n       1 A.B/udp4", done.stdout)

    def test_a_baseline_lists_what_varies(self):
        baseline = self.directory / "baseline.toml"
        baseline.write_text(BASELINE)
        self.assertEqual(self.run_of("PASS FAIL", "--baseline", baseline).returncode, 0)
        (self.directory / "runner.runs").unlink()
        self.assertEqual(self.run_of("PASS HANG", "--baseline", baseline).returncode, 1)

    def test_a_run_that_ends_in_another_way_is_reported_and_the_others_go_on(self):
        done = self.run_of("KILLED PASS PASS")
        self.assertEqual(done.returncode, 1)
        self.assertIn("run 0", done.stdout)
        self.assertIn("exit status -9", done.stdout)
        self.assertIn("3 runs of 1 checks", done.stdout)

    def test_wrong_usage_is_status_64(self):
        self.assertEqual(self.run_of("PASS").returncode, 64)
        self.assertEqual(self.run_of("PASS PASS", "--lod", "4").returncode, 64)


if __name__ == "__main__":
    unittest.main()
