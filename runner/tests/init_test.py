#!/usr/bin/env python3
"""init: a template of each language is written whole, and what it is made of is right where its tools are here."""
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

from runner_case import ROOT, RunnerTest

WHOLE = {
    "c": {"Makefile", "README.md", "plugin.c", "recvinto/plugin.h"},
    "go": {"README.md", "go.mod", "go.sum", "main.go"},
    "java": {"README.md", "pom.xml", "src/main/java/Adapter.java"},
    "perl": {"README.md", "adapter.pl"},
    "python": {"README.md", "adapter.py"},
    "ruby": {"README.md", "adapter.rb"},
    "rust": {"Cargo.toml", "README.md", "src/main.rs"},
}
# A program, and its arguments: whether the template is of its language. Of Java and Rust that needs packages of a registry.
SYNTAX = {
    "go": ["gofmt", "-l", "main.go"],
    "ruby": ["ruby", "-wc", "adapter.rb"],
    "rust": ["rustfmt", "--edition", "2021", "--check", "--config", "max_width=120,use_small_heuristics=Max", "src/main.rs"],
}


class Init(RunnerTest):
    def write(self, language):
        folder = self.directory / "new" / language
        ended = self.call("init", language, folder)
        self.assertEqual((ended.status, ended.stderr), (0, ""))
        self.assertEqual(files_of(folder), WHOLE[language])
        for name in WHOLE[language]:
            self.assertIn(f"written: {folder / name}\n", ended.stdout)
        self.assertIn(f"what next      {folder}/README.md\n", ended.stdout)
        return folder

    def assert_judged_without_failure(self, folder, *command):
        """By the SPEC that its README names, in its folder."""
        specification = f"exec:{' '.join(command)}"
        self.assertIn(f"recvmsg-conformance --implementation '{specification}'\n", (folder / "README.md").read_text())
        doctor = self.end(self.start("doctor", specification, cwd=folder))
        self.assertEqual(doctor.status, 0, doctor.stdout)
        out = self.directory / "out"
        run = self.end(self.start("--implementation", specification, "--strict", "--out", out, cwd=folder), out)
        self.assertEqual(run.status, 0, run.stdout)
        self.assertEqual(set(run.verdicts), {"PASS", "SKIP"})
        self.assertGreater(run.verdicts.count("PASS"), 100)

    def assert_wrong_usage(self, *arguments, saying):
        ended = self.call("init", *map(str, arguments))
        self.assertEqual((ended.status, ended.stdout), (64, ""))
        self.assertRegex(ended.stderr, rf"\Arecvmsg-conformance: .*{saying}.*\n\Z", "one line")

    def test_every_language_is_tried_here(self):
        self.assertEqual({folder.name for folder in (ROOT / "adapters/templates").iterdir()}, set(WHOLE))

    def test_templates_are_written_whole(self):
        for language in WHOLE:
            with self.subTest(language):
                folder = self.write(language)
                readme = (folder / "README.md").read_text().splitlines()
                self.assertLessEqual(len(readme), 25)
                self.assertTrue(any("YOUR IMPLEMENTATION" in (folder / name).read_text()
                                    for name in WHOLE[language] - {"README.md"}))

    def test_python_is_judged_without_failure(self):
        self.assert_judged_without_failure(self.write("python"), "python3", "adapter.py")

    def test_perl_is_judged_without_failure(self):
        if not shutil.which("perl"):
            self.skipTest("there is no perl")
        self.assert_judged_without_failure(self.write("perl"), "perl", "adapter.pl")

    def test_c_is_built_by_its_makefile(self):
        folder = self.write("c")
        if not shutil.which("make"):
            self.skipTest("there is no make")
        made = subprocess.run(["make", "CFLAGS=-std=gnu11 -Wall -Wextra -Werror"], cwd=folder, capture_output=True, text=True,
                              check=False)
        self.assertEqual((made.returncode, made.stderr), (0, ""))

    def test_syntax_of_the_others(self):
        for language, command in SYNTAX.items():
            with self.subTest(language):
                folder = self.write(language)
                if not runs(command[0]):
                    print(f"{language}: not tried, there is no {command[0]}", file=sys.stderr)
                    continue
                tried = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
                self.assertEqual((tried.returncode, tried.stderr), (0, ""), tried.stdout)
                self.assertIn(tried.stdout, ("", "Syntax OK\n"))
        print("java: not tried, its template needs Gson of Maven Central", file=sys.stderr)

    def test_what_is_there_already_is_kept(self):
        mine = self.directory / "mine"
        mine.mkdir()
        (mine / "adapter.py").write_text("mine")
        self.assert_wrong_usage("python", mine, saying=f"{mine} is not empty")
        self.assertEqual((files_of(mine), (mine / "adapter.py").read_text()), ({"adapter.py"}, "mine"))
        empty = self.directory / "empty"
        empty.mkdir()
        self.assertEqual(self.call("init", "python", empty).status, 0)

    def test_wrong_usage_is_one_line(self):
        file = self.directory / "file"
        file.write_text("mine")
        self.assert_wrong_usage("cobol", self.directory / "a", saying=f"no template in 'cobol'; there are: {', '.join(WHOLE)}")
        self.assert_wrong_usage("../template", self.directory / "a", saying="no template in '../template'")
        self.assert_wrong_usage("python", file, saying=f"cannot write {file}: Not a directory")
        self.assert_wrong_usage("python", file / "below", saying="cannot write .*/below: Not a directory")
        self.assert_wrong_usage("python", "/proc/no/such", saying="cannot write /proc/no/such: ")
        self.assert_wrong_usage("python", saying="DIR is required")
        self.assert_wrong_usage(saying="LANGUAGE")
        self.assertEqual(os.listdir(self.directory), ["file"])


def runs(program):
    """A program in PATH may be one of rustup's that says what to install."""
    ask = [program, "-h" if program == "gofmt" else "--version"]
    return shutil.which(program) and subprocess.run(ask, capture_output=True, check=False).returncode in (0, 2)


def files_of(folder):
    return {str(pathlib.PurePath(path).relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


if __name__ == "__main__":
    unittest.main()
