#!/usr/bin/env python3
"""What ci/packaging/pack makes of a build: it runs wherever it lies, and the wheel judges the Python that it is installed for.

BUILD names the build tree. That the packages need nothing of the system they are installed on is tried by ci/package --try.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

PACKAGING = pathlib.Path(__file__).resolve().parent.parent
FEW = "FillOrder.DocumentedExampleFillsTheBuffers/*"
PYTHON = "%d.%d.%d" % sys.version_info[:3]


def run(*command, **more):
    environment = {name: value for name, value in os.environ.items() if name != "RECVMSG_CONFORMANCE_PYTHON"}
    return subprocess.run([str(word) for word in command], env=environment, capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, **more)


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.directory = pathlib.Path(directory.name)
        done = run(PACKAGING / "pack", os.environ["BUILD"], cls.directory / "packages")
        assert done.returncode == 0, done.stdout + done.stderr
        cls.files = {pathlib.Path(line).suffix: pathlib.Path(line) for line in done.stdout.splitlines()}

    def judged(self, runner, specification, **more):
        """results.json of a run in an empty folder."""
        elsewhere = pathlib.Path(tempfile.mkdtemp(dir=self.directory))
        done = run(runner, "--implementation", specification, "--filter", FEW, "--out", "out", cwd=elsewhere, **more)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return json.loads((elsewhere / "out/results.json").read_text())

    def unpacked(self):
        """The folder of the archive, moved to a place of its own."""
        there = pathlib.Path(tempfile.mkdtemp(dir=self.directory))
        shutil.unpack_archive(self.files[".gz"], there / "first")
        [folder] = (there / "first").iterdir()
        return folder.rename(there / "a folder of another name")

    def assert_layout(self, prefix):
        for file in ("bin/recvmsg-conformance", "share/recvmsg-conformance/adapters/python/adapter.py",
                     "share/recvmsg-conformance/adapters/PROTOCOL.md", "share/recvmsg-conformance/pipelines/judge",
                     "share/recvmsg-conformance/adapters/include/recvinto/plugin.h",
                     "share/recvmsg-conformance/fixtures/adapters/faulty_python.py",
                     "share/recvmsg-conformance/fixtures/adapters/python_faults/buffers.py"):
            self.assertTrue((prefix / file).is_file(), file)
        self.assertEqual([], [str(file) for file in prefix.rglob("__pycache__")])

    def test_the_archive_runs_wherever_it_is_unpacked(self):
        folder = self.unpacked()
        self.assert_layout(folder)
        results = self.judged(folder / "bin/recvmsg-conformance", "python:" + sys.executable)
        self.assertEqual(results["implementation"]["version"], PYTHON)
        self.assertEqual({check["verdict"] for check in results["checks"]}, {"PASS"})
        self.judged(folder / "bin/recvmsg-conformance", "reference")

    def test_the_archive_writes_templates(self):
        folder = self.unpacked()
        there = pathlib.Path(tempfile.mkdtemp(dir=self.directory))
        for language, file in (("c", "recvinto/plugin.h"), ("python", "adapter.py"), ("rust", "src/main.rs")):
            done = run(folder / "bin/recvmsg-conformance", "init", language, there / language)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertTrue((there / language / file).is_file(), file)
            self.assertIn(f"the contract   {folder}/share/", done.stdout)

    def test_the_adapter_is_that_of_the_archive(self):
        folder = self.unpacked()
        adapters = folder / "share/recvmsg-conformance/adapters"
        shutil.rmtree(adapters / "python")
        done = run(folder / "bin/recvmsg-conformance", "--implementation", "python:" + sys.executable, "--filter", FEW)
        self.assertEqual(done.returncode, 66, done.stdout + done.stderr)
        self.assertIn(str(adapters / "python/adapter.py"), done.stdout + done.stderr)

    def test_a_planted_fault_of_python_is_in_it(self):
        folder = self.unpacked()
        done = run(folder / "bin/recvmsg-conformance", "--implementation", "fault:python-a-buffer-is-a-list", "--filter",
                   "PythonIterables.BareBuffer*", cwd=self.directory)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)

    def test_it_works_through_a_symbolic_link(self):
        folder = self.unpacked()
        link = folder.parent / "linked"
        link.symlink_to(folder / "bin/recvmsg-conformance")
        self.judged(link, "python:" + sys.executable)

    def test_the_debian_package_has_the_same_files_and_says_what_it_needs(self):
        there = pathlib.Path(tempfile.mkdtemp(dir=self.directory))
        self.assertEqual(run("dpkg-deb", "-x", self.files[".deb"], there).returncode, 0)
        self.assert_layout(there / "usr")
        self.assertTrue((there / "usr/share/doc/recvmsg-conformance/copyright").is_file())
        fields = run("dpkg-deb", "-f", self.files[".deb"]).stdout
        self.assertRegex(fields, r"Depends: .*libc6 \(>= 2\.")
        self.judged(there / "usr/bin/recvmsg-conformance", "python:" + sys.executable)

    def test_the_wheel_judges_the_python_that_it_is_installed_for(self):
        environment = pathlib.Path(tempfile.mkdtemp(dir=self.directory)) / "environment"
        self.assertEqual(run(sys.executable, "-m", "venv", environment).returncode, 0)
        done = run(environment / "bin/pip", "install", "--no-index", self.files[".whl"])
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        # Not the python3 that PATH has.
        results = self.judged(environment / "bin/recvmsg-conformance", "python:--name Installed")
        self.assertEqual(results["implementation"]["name"], "Installed")
        self.assertEqual(results["implementation"]["version"], PYTHON)
        as_module = run(environment / "bin/python", "-m", "recvmsg_conformance", "--version")
        self.assertEqual((as_module.returncode, as_module.stderr), (0, ""))
        self.assertIn(f"-{as_module.stdout.strip()}-", self.files[".whl"].name)
        files = run(environment / "bin/pip", "show", "--files", "recvmsg-conformance").stdout
        self.assertIn("recvmsg_conformance/share/recvmsg-conformance/adapters/python/adapter.py", files)

    def test_the_command_of_the_wheel_starts_its_own_interpreter(self):
        """With no python3 in PATH."""
        environment = pathlib.Path(tempfile.mkdtemp(dir=self.directory)) / "environment"
        run(sys.executable, "-m", "venv", "--without-pip", environment)
        folder = next(environment.glob("lib/python3*/site-packages"))
        shutil.unpack_archive(self.files[".whl"], folder, "zip")
        runner = folder / "recvmsg_conformance/bin/recvmsg-conformance"
        runner.chmod(0o755)  # which pip does by what the wheel says
        command = [environment / "bin/python", "-m", "recvmsg_conformance", "--implementation", "python", "--filter", FEW]
        done = subprocess.run(command, env={"PATH": "/nonexistent"}, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn(PYTHON, done.stdout)


if __name__ == "__main__":
    unittest.main()
