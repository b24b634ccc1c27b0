#!/usr/bin/env python3
"""ci/fuzz-corpus: what it chooses of what a run recorded."""
import json
import pathlib
import stat
import subprocess
import sys
import tempfile
import unittest

from command_module import CI, command_module

fuzz_corpus = command_module("fuzz-corpus")

# "run --quiet --observations --out OUT --record-corpus CORPUS": copies what lies beside it.
RUNNER = """#!/bin/sh
mkdir -p "$5" "$7"
cp "$(dirname "$0")/results.json" "$5"
cp "$(dirname "$0")"/scenarios/* "$7"
"""


def returned(nbytes, **more):
    return {"buffers": ["61"], "nbytes": nbytes, "elapsed_us": 7, **more}


def an_input(check, value, size=10):
    return fuzz_corpus.Input(check, value, "x" * size)


class Observed(unittest.TestCase):
    def test_what_differs_from_run_to_run_is_left_out(self):
        def of(**more):
            return fuzz_corpus.observed([{"step": "recvmsg_into", "call": {"buffers": []}}, returned(1, **more)])
        self.assertEqual(of(elapsed_us=1), of(elapsed_us=2))
        self.assertEqual(of(address={"host": "::1", "port": 1}), of(address={"host": "::1", "port": 2}))
        self.assertEqual(of(address={"path": "6131"}), of(address={"path": "6132"}))
        self.assertNotEqual(of(address={"path": "6131"}), of(address={"path": "61"}))
        self.assertNotEqual(of(address=None), of(address={"path": "61"}))

    def test_every_call_counts(self):
        self.assertNotEqual(fuzz_corpus.observed([returned(1)]), fuzz_corpus.observed([returned(1), returned(1)]))
        self.assertNotEqual(fuzz_corpus.observed([returned(1)]), fuzz_corpus.observed([returned(2)]))


class Chosen(unittest.TestCase):
    def checks(self, *inputs, longest=100):
        return [one.check for one in fuzz_corpus.chosen(inputs, longest)]

    def test_a_claim_has_its_smallest(self):
        self.assertEqual(self.checks(an_input("A.A/tcp4", "1", 30), an_input("A.A/udp4", "2", 20)), ["A.A/udp4"])

    def test_what_another_returns_is_left_out_and_the_next_of_the_claim_taken(self):
        self.assertEqual(self.checks(an_input("A.A/tcp4", "1"), an_input("A.B/tcp4", "1"), an_input("A.B/udp4", "2", 20)),
                         ["A.A/tcp4", "A.B/udp4"])

    def test_what_fuzzers_do_not_take_is_left_out(self):
        self.assertEqual(self.checks(an_input("A.A/tcp4", "1", 101), an_input("A.B/tcp4", "2", 100)), ["A.B/tcp4"])


class Missing(unittest.TestCase):
    INPUTS = [an_input("A.A/tcp4", "1"), an_input("A.A/udp4", "2", 20), an_input("A.B/tcp4", "3"), an_input("A.C/tcp4", "1")]

    def test_a_claim_without_an_input(self):
        self.assertEqual(fuzz_corpus.missing(self.INPUTS, {"A.A-tcp4"}, 100), ["A.B"])

    def test_another_kind_of_the_claim_is_enough(self):
        self.assertEqual(fuzz_corpus.missing(self.INPUTS, {"A.A-udp4", "A.B-tcp4"}, 100), [])

    def test_what_another_input_returns_is_enough(self):
        self.assertEqual(fuzz_corpus.missing(self.INPUTS, {"A.C-tcp4", "A.B-tcp4"}, 100), [])


class Command(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.corpus = self.directory / "corpus"
        (self.directory / "scenarios").mkdir()
        checks = [{"id": check, "verdict": verdict, "observation": {"steps": [returned(nbytes)]}}
                  for check, verdict, nbytes in (("A.A/tcp4", "PASS", 1), ("A.B/tcp4", "PASS", 2), ("A.C/tcp4", "SKIP", 3))]
        (self.directory / "results.json").write_text(json.dumps({"checks": checks}))
        for check in checks:
            (self.directory / "scenarios" / f"{check['id'].replace('/', '-')}.json").write_text(check["id"])
        self.runner = self.directory / "runner"
        self.runner.write_text(RUNNER)
        self.runner.chmod(self.runner.stat().st_mode | stat.S_IXUSR)

    def call(self, *options):
        return subprocess.run([sys.executable, "-B", CI / "fuzz-corpus", "--runner", self.runner, "--corpus", self.corpus,
                               *options], capture_output=True, text=True, check=False)

    def test_it_writes_what_is_chosen_and_removes_the_rest(self):
        self.corpus.mkdir()
        for name in ("A.Old-tcp4", "A.C-tcp4", "a-seed"):
            (self.corpus / name).write_text(name)
        done = self.call()
        self.assertEqual((done.returncode, done.stdout.splitlines()[0][:25]), (0, "2 inputs, of 2 claims: wh"), done.stderr)
        self.assertEqual({file.name: file.read_text() for file in self.corpus.iterdir()},
                         {"A.A-tcp4": "A.A/tcp4", "A.B-tcp4": "A.B/tcp4", "A.C-tcp4": "A.C-tcp4", "a-seed": "a-seed"},
                         "what this host skips stays, and what is of no check")

    def test_a_check_says_what_is_missing_and_writes_nothing(self):
        self.call()
        self.assertEqual(self.call("--check").returncode, 0)
        (self.corpus / "A.B-tcp4").unlink()
        done = self.call("--check")
        self.assertEqual((done.returncode, done.stdout), (1, "A.B has no input: ci/fuzz-corpus writes it\n"))
        self.assertFalse((self.corpus / "A.B-tcp4").exists())
        (self.corpus / "A.C-tcp4").write_text("skipped here")
        done = self.call("--check")
        self.assertEqual((done.returncode, done.stdout.splitlines()[1]), (77, "but this host skips what others have: A.C-tcp4"))

    def test_a_run_that_fails_ends_it(self):
        self.runner.write_text("#!/bin/sh\necho why; exit 1\n")
        done = self.call()
        self.assertEqual(done.returncode, 1)
        self.assertIn("the run of the reference ended with status 1\nwhy", done.stderr)


if __name__ == "__main__":
    unittest.main()
