#!/usr/bin/env python3
"""Commands of ci/: wrong usage, subjects of commits, skipped checks, packages of one architecture."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
AUTHOR = {name: "test" for name in ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL")}


def run(*command, **more):
    environment = {name: value for name, value in os.environ.items() if name != "LINT_BASE" and not name.startswith("GIT_")}
    environment.update(AUTHOR, **more.pop("environment", {}))
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, **more)


class Usage(unittest.TestCase):
    def assert_wrong_usage(self, *command, saying):
        done = run(*command, cwd=ROOT)
        self.assertEqual(done.returncode, 64, done.stdout + done.stderr)
        self.assertIn(saying, done.stderr)

    def test_names_presets_and_options(self):
        text = run("ci/test", "--help", cwd=ROOT).stdout
        for word in ("asan-ubsan", "release", "tsan", "debug", "fuzz", "--quick", "--slow"):
            self.assertIn(word, text)

    def test_wrong_arguments_are_status_64(self):
        self.assert_wrong_usage("ci/test", "relaese", saying="there is no preset relaese")
        self.assert_wrong_usage("ci/test", "--fast", saying="there is no option --fast")
        self.assert_wrong_usage("ci/test", "--quick", "release", saying="--quick takes no presets")
        self.assert_wrong_usage("ci/test", "--quick", "-R", "x", saying="--quick takes no presets")
        self.assert_wrong_usage("ci/test", "--slow", "release", saying="--slow takes no presets")
        self.assert_wrong_usage("ci/test", "-R", saying="-R needs a value")
        self.assert_wrong_usage("ci/lint", "--fast", saying="there is no option --fast")
        self.assert_wrong_usage("ci/lint", "--base", saying="--base needs a value")
        self.assert_wrong_usage("ci/lint", "--base", "no-such-commit", saying="there is no commit no-such-commit")
        self.assert_wrong_usage("ci/package", "--fast", saying="there is no option --fast")
        self.assert_wrong_usage("ci/package", "--out", saying="--out needs a value")
        self.assert_wrong_usage("ci/package", "bookworm", saying="a place is given without --try")
        self.assert_wrong_usage("ci/site", "--fast", saying="there is no option --fast")
        self.assert_wrong_usage("ci/site", "--runner", saying="--runner needs a value")


class Packages(unittest.TestCase):
    """ci/setup.sh where nothing is installed, on an architecture that dpkg(1) is made to name."""

    def missing_on(self, architecture):
        script = f"""source "{ROOT}/ci/setup.sh"
            dpkg() {{ echo {architecture}; }}
            dpkg-query() {{ :; }}
            missing_packages build"""
        return run("bash", "-euc", script).stdout.split()

    def test_a_package_of_one_architecture_is_needed_there_only(self):
        self.assertIn("g++-multilib", self.missing_on("amd64"))
        self.assertNotIn("g++-multilib", self.missing_on("arm64"))

    def test_other_packages_are_needed_everywhere(self):
        self.assertIn("libgtest-dev", self.missing_on("arm64"))


class Subjects(unittest.TestCase):
    """A repository with the project's ci/lint, a file, and commits since its branch main."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.repository = pathlib.Path(directory.name)
        shutil.copytree(ROOT / "ci", self.repository / "ci", ignore=shutil.ignore_patterns("__pycache__"))
        for name in (".clang-format", ".shellcheckrc", "ruff.toml"):
            shutil.copy(ROOT / name, self.repository)
        (self.repository / "file.cc").write_text("int x;\n")
        self.git("init", "--quiet", "--initial-branch", "main")
        self.git("add", ".")
        self.commit("the first, on main, has no area")
        self.git("checkout", "--quiet", "-b", "change")

    def git(self, *arguments):
        done = run("git", *arguments, cwd=self.repository)
        self.assertEqual(done.returncode, 0, done.stderr)

    def commit(self, subject):
        self.git("commit", "--quiet", "--allow-empty", "--message", subject)

    def lint(self, *arguments, **environment):
        return run("ci/lint", *arguments, cwd=self.repository, environment=environment)

    def assert_refused(self, subject, saying):
        self.commit(subject)
        done = self.lint()
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn(saying, done.stdout)

    def test_right_ones_pass(self):
        self.commit("area: say what it does")
        self.commit("ci, docs: say " + "x" * 58)
        self.commit('Revert "area: say what it does"')
        done = self.lint()
        self.assertIn("subjects: 3 commits since main: nothing found", done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_more_than_72_characters_are_too_many(self):
        self.assert_refused("area: " + "x" * 67, "has 73 characters")

    def test_an_area_is_wanted(self):
        self.assert_refused("Say what it does", "is not of the form")

    def test_a_full_stop_is_too_much(self):
        self.assert_refused("area: say what it does.", "is not of the form")

    def test_where_no_base_exists_the_check_is_skipped(self):
        self.git("branch", "--quiet", "--delete", "--force", "main")
        done = self.lint()
        self.assertIn("subjects: skipped: there is no base to compare with", done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.lint("--strict").returncode, 1)

    def test_a_base_that_is_not_there_gives_way_to_main(self):
        self.commit("area: say what it does")
        self.assertIn("subjects: 1 commits since main", self.lint(LINT_BASE="0" * 40).stdout)

    def test_what_is_badly_formatted_is_found(self):
        (self.repository / "file.cc").write_text("int  x ;\n")
        done = self.lint()
        self.assertEqual(done.returncode, 1)
        self.assertIn("ci/lint: failed: clang-format", done.stdout)


if __name__ == "__main__":
    unittest.main()
