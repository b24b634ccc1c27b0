"""Targets tried blind, on what their mutators make of their corpora: the programs fuzz_INVARIANT_blind."""
import dataclasses
import os
import pathlib
import subprocess
import unittest

FUZZERS = pathlib.Path(os.environ.get("FUZZERS", "build/release/fuzz"))
CORPORA = pathlib.Path(__file__).resolve().parent.parent / "corpus"
ENDS_BY_SIGNAL = {"ASAN_OPTIONS": "abort_on_error=1"}  # a report of a sanitizer's, too
DEADLINE_S = 240  # for what takes seconds: a machine may be busy


@dataclasses.dataclass
class Ended:
    """A run that has ended; `status` is negative where a signal ended it."""
    status: int
    stderr: str


class BlindTest(unittest.TestCase):
    invariant = None

    def run_blind(self, *arguments, environment=None):
        environment = {**os.environ, **ENDS_BY_SIGNAL, **(environment or {})}
        run = subprocess.run([FUZZERS / f"fuzz_{self.invariant}_blind", *arguments], env=environment,
                             stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE_S, check=False)
        return Ended(run.returncode, run.stderr.decode(errors="replace"))

    def blind(self, *arguments, bug="", corpus=None):
        return self.run_blind(*arguments, corpus or CORPORA / self.invariant, environment={"RECVINTO_PLANTED_BUG": bug})

    def assert_nothing_found(self, run):
        self.assertEqual((run.status, run.stderr.splitlines()[-1:]), (0, ["nothing found"]), run.stderr[-3000:])

    def assert_found(self, run, *words):
        self.assertNotIn(run.status, (0, 1, 2, 66), run.stderr[-3000:])
        for word in words or ["found: "]:
            self.assertIn(word, run.stderr)
