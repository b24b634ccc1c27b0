#!/usr/bin/env python3
"""ci/oss-fuzz/bundle.py sees what is wrong in a folder of fuzz targets."""
import copy
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "ci/oss-fuzz"))

from bundle import problems_of  # noqa: E402
from variants import VARIANTS  # noqa: E402

STAND_INS = pathlib.Path(__file__).resolve().parent / "stand_ins"
ADDRESS = VARIANTS["address"]
FLAGS = [flag for flag in ADDRESS.environment["CXXFLAGS"].split() if flag != "-stdlib=libc++"] + ["-static-libstdc++"]


@unittest.skipUnless(shutil.which("clang++-19"), "clang++-19 is not installed")
class Bundle(unittest.TestCase):
    """A copy for each test of a folder with one right target, which the test then damages."""

    @classmethod
    def setUpClass(cls):
        cls.made = tempfile.TemporaryDirectory(prefix="recvinto-")
        cls.addClassCleanup(cls.made.cleanup)
        cls.right = cls.compiled("right", FLAGS)

    @classmethod
    def compiled(cls, name, flags, source="right.cc"):
        program = pathlib.Path(cls.made.name, name)
        subprocess.run(["clang++-19", "-std=c++20", *flags, str(STAND_INS / source), "-fsanitize=fuzzer", "-o",
                        str(program)], check=True)
        return program

    def setUp(self):
        self.out = pathlib.Path(tempfile.mkdtemp(prefix="recvinto-"))
        self.addCleanup(shutil.rmtree, self.out)
        self.put(self.right)
        self.zip({"seed": b"harmless"})
        (self.out / "fuzz_t.dict").write_text('# words\nkey="\\x00a\\\\"\n"bare"\n')
        (self.out / "fuzz_t.options").write_text("[libfuzzer]\nmax_len = 64\n")

    def put(self, program, name="fuzz_t"):
        shutil.copy(program, self.out / name)

    def zip(self, entries):
        with zipfile.ZipFile(self.out / "fuzz_t_seed_corpus.zip", "w") as archive:
            for name, data in entries.items():
                archive.writestr(name, data)

    def problems(self, variant=ADDRESS, expected=("fuzz_t",)):
        return "\n".join(problems_of(self.out, variant, expected))

    def test_that_is_right_has_no_problems(self):
        self.assertEqual(self.problems(), "")

    def test_without_a_target_is_noticed(self):
        self.assertIn("not there, or no fuzz targets: fuzz_other", self.problems(expected=("fuzz_t", "fuzz_other")))
        os.chmod(self.out / "fuzz_t", 0o644)
        self.assertIn("not there", self.problems())

    def test_with_a_name_that_is_refused_there(self):
        self.put(self.right, "fuzz.t")
        self.assertIn("other characters", self.problems())

    def test_with_seeds_in_folders_or_that_crash(self):
        self.zip({"folder/seed": b"harmless"})
        self.assertIn("has folders in it", self.problems())
        self.zip({"seed": b"out"})
        self.assertIn("fails on an input", self.problems())
        self.zip({})
        self.assertIn("is empty", self.problems())
        (self.out / "fuzz_t_seed_corpus.zip").write_bytes(b"no zip")
        self.assertIn("is no zip file", self.problems())

    def test_with_files_that_nobody_will_use(self):
        shutil.copy(self.out / "fuzz_t_seed_corpus.zip", self.out / "t_seed_corpus.zip")
        self.assertIn("there is no target t", self.problems())

    def test_with_a_dictionary_or_options_that_do_not_parse(self):
        (self.out / "fuzz_t.dict").write_text('key=unquoted\n')
        self.assertIn("fuzz_t.dict: line 1 is no entry", self.problems())
        (self.out / "fuzz_t.dict").unlink()
        for text, message in (("max_len = 1\n", "is no options file"), ("[libfuzz]\nx = 1\n", "no runner reads"),
                              ("[libfuzzer]\nmax_len = long\n", "are numbers")):
            (self.out / "fuzz_t.options").write_text(text)
            self.assertIn(message, self.problems())

    def test_that_fails_at_its_start(self):
        self.put(self.compiled("failing", FLAGS, "fails_at_once.cc"))
        self.assertIn("does not survive 4 runs", self.problems())

    def test_of_another_sanitizer_than_was_asked_for(self):
        undefined = self.compiled("undefined", ["-static-libstdc++", "-O1", "-fsanitize=undefined", "-fsanitize=fuzzer-no-link"])
        self.put(undefined)
        self.assertIn("is not compiled for the sanitizer 'address'", self.problems())
        self.assertEqual(self.problems(VARIANTS["undefined"]), "")
        self.put(self.right)
        self.assertIn("is compiled for another sanitizer too", self.problems(VARIANTS["undefined"]))
        self.assertIn("does not look for pointer overflows", self.problems(VARIANTS["undefined"]))
        self.assertIn("is not compiled for llvm-cov", self.problems(VARIANTS["coverage"]))
        self.assertIn("is not linked with AFL++", self.problems(VARIANTS["afl"]))

    def test_that_depends_on_where_it_was_built(self):
        self.put(self.compiled("rpath", [*FLAGS, "-Wl,-rpath,/somewhere"]))
        self.assertIn("looks for libraries at /somewhere", self.problems())
        self.put(self.compiled("path", [*FLAGS, '-DPLACE="/where/it/was"'], "places.cc"))
        variant = copy.copy(ADDRESS)
        variant.places = ["/where/it/was"]
        self.assertIn("has the path /where/it/was in it", self.problems(variant))

    def test_that_needs_libraries_that_are_not_there(self):
        self.put(self.compiled("library", [*FLAGS, "-Wl,--no-as-needed", "-lfmt"]))
        self.assertIn("needs libfmt.so", self.problems())


if __name__ == "__main__":
    unittest.main()
