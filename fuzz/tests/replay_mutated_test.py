#!/usr/bin/env python3
"""replay of scenario files that were edited: the reference is never accused; no signal, no fault of the suite, and an end
in time.

Usage: RECVMSG_CONFORMANCE=... MUTATED_SCENARIOS=... replay_mutated_test.py [FILES [SEED [SPEC]]]
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

RUNNER = os.environ["RECVMSG_CONFORMANCE"]
MUTATE = os.environ["MUTATED_SCENARIOS"]
FUZZ = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = [FUZZ / "corpus/implementations_agree", FUZZ / "regressions/implementations_agree"]
FILES = 300
SEED = 1
SPEC = "reference"
BATCH = 100
RIGHT = (0, 3)  # as expected, or nothing could be judged


class MutatedFiles(unittest.TestCase):
    def replayed(self, files, directory):
        batch = pathlib.Path(tempfile.mkdtemp(dir=directory))
        for file in files:
            shutil.copy(file, batch)
        command = [RUNNER, "replay", batch, "--deadline-ms", "1000", "--implementation", SPEC]
        return subprocess.run(command, capture_output=True, text=True, timeout=1200, check=False)

    def test_are_performed_or_refused(self):
        with tempfile.TemporaryDirectory() as directory:
            mutated = pathlib.Path(directory, "mutated")
            subprocess.run([MUTATE, mutated, str(FILES), str(SEED), *FOLDERS], check=True)
            files = sorted(mutated.iterdir())
            self.assertEqual(len(files), FILES)
            print(f"{FILES} files of seed {SEED}", flush=True)
            for begin in range(0, len(files), BATCH):
                run = self.replayed(files[begin:begin + BATCH], directory)
                if run.returncode in RIGHT:
                    continue
                for file in files[begin:begin + BATCH]:  # which of them
                    one = self.replayed([file], directory)
                    self.assertIn(one.returncode, RIGHT, f"{file.name}\n{file.read_text()}\n{one.stdout}{one.stderr}")
                self.fail(f"only together: files {begin} to {begin + BATCH}\n{run.stdout[-3000:]}{run.stderr}")


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        FILES = int(sys.argv.pop(1))
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        SEED = int(sys.argv.pop(1))
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        SPEC = sys.argv.pop(1)
    unittest.main()
