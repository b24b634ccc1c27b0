#!/usr/bin/env python3
"""The parts of ci/cross that build nothing."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "ci"))

import debian_packages  # noqa: E402 (they lie on the path that was just added)
from crossing import building, cross, emulation  # noqa: E402
from crossing.known import Known  # noqa: E402
from crossing.targets import TARGETS  # noqa: E402
from guests import comparison  # noqa: E402

EXECUTABLE, SHARED, OBJECT = 2, 3, 1


def header(target, kind=EXECUTABLE, bits=2):
    """The first bytes of an ELF file."""
    order = 1 if target.order == "little" else 2
    return b"\x7fELF" + bytes([bits, order, 1]) + bytes(9) + b"".join(number.to_bytes(2, target.order)
                                                                      for number in (kind, target.machine))


def matches(entry, begin):
    """Whether binfmt_misc takes a file that begins so for one of `entry`."""
    magic, mask = (bytes.fromhex(field.replace("\\x", "")) for field in entry.split(":")[4:6])
    return all(one & of == other & of for one, of, other in zip(begin, mask, magic, strict=True))


class Entry(unittest.TestCase):
    def test_takes_programs_of_its_machine_only(self):
        for name in ("aarch64", "s390x"):
            target = TARGETS[name]
            entry = emulation.entry(target, "/bin/qemu")
            self.assertTrue(matches(entry, header(target)), name)
            self.assertTrue(matches(entry, header(target, SHARED)), name)
            self.assertFalse(matches(entry, header(target, OBJECT)), name)
            self.assertFalse(matches(entry, header(target, bits=1)), name)
            for other in {"aarch64", "s390x", "x86_64-musl"} - {name}:
                self.assertFalse(matches(entry, header(TARGETS[other])), f"{name} takes {other}")

    def test_runs_a_program_and_leaves_this_machine_as_it_is(self):
        target = next(TARGETS[name] for name in ("s390x", "aarch64") if TARGETS[name].triple.split("-")[0] != os.uname().machine)
        before = os.listdir(emulation.PLACE)
        with tempfile.NamedTemporaryFile(suffix=".program", delete=False) as file:
            file.write(header(target) + bytes(100))
        self.addCleanup(os.unlink, file.name)
        os.chmod(file.name, 0o755)
        with unittest.mock.patch("crossing.emulation.shutil.which", return_value="/bin/echo"):
            lacking = emulation.lacking(target)
            if lacking:
                self.skipTest(lacking)
            done = subprocess.run(emulation.inside(target, [file.name, "word"]), capture_output=True, text=True, check=True)

        self.assertIn(file.name, done.stdout)
        self.assertEqual(os.listdir(emulation.PLACE), before)

    def test_programs_of_this_machine_need_none(self):
        self.assertEqual(emulation.inside(None, ["x"])[-2:], ["", "x"])

    def test_what_a_command_started_ends_with_it(self):
        left = "import os, sys; os.fork() or os.setsid(); os.write(1, b'x'); sys.stdin.read()"
        reader, kept_open = os.pipe()  # by the command and its child, for as long as one of them runs
        started = subprocess.Popen(emulation.inside(None, [sys.executable, "-c", left]), stdin=subprocess.PIPE,
                                   stdout=kept_open, pass_fds=[kept_open])
        os.close(kept_open)
        with started, open(reader, "rb") as said:
            self.assertEqual(said.read(2), b"xx")
            started.kill()
            self.assertEqual(said.read(), b"")


class Libraries(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def test_are_unpacked_once(self):
        build = building.Build(ROOT, self.directory, TARGETS["aarch64"])
        made = []
        for _ in range(2):
            build._unless_done(lambda: made.append("made"))
        self.assertEqual(made, ["made"])

    def test_that_are_not_whole_are_made_anew(self):
        build = building.Build(ROOT, self.directory, TARGETS["aarch64"])

        def fails():
            (build.libraries / "rest").touch()
            raise debian_packages.NotToBeHad("no network")

        with self.assertRaises(debian_packages.NotToBeHad):
            build._unless_done(fails)
        build._unless_done(lambda: None)
        self.assertEqual([path.name for path in build.libraries.iterdir()], ["whole"])

    def test_of_another_architecture_are_none_of_this_machines(self):
        said = self.directory / "said"
        program = self.directory / "apt-get"
        program.write_text(f'#!/bin/sh\necho "$*" >>{said}\n', encoding="ascii")
        program.chmod(0o755)
        with unittest.mock.patch.dict(os.environ, {"PATH": f"{self.directory}:{os.environ['PATH']}"}):
            debian_packages.Apt(self.directory, ["bookworm"], "arm64").update()
        for option in ("APT::Architecture=arm64", f"Dir::State::status={self.directory}/apt/status",
                       "Dir::Etc::SourceParts=/dev/null"):
            self.assertIn(option, said.read_text())

    def test_what_apt_says_is_the_reason(self):
        program = self.directory / "apt-get"
        program.write_text("#!/bin/sh\necho 'E: no such host' >&2; exit 100\n", encoding="ascii")
        program.chmod(0o755)
        with unittest.mock.patch.dict(os.environ, {"PATH": f"{self.directory}:{os.environ['PATH']}"}), \
                self.assertRaisesRegex(debian_packages.NotToBeHad, "apt-get: E: no such host"):
            debian_packages.Apt(self.directory, ["bookworm"]).update()


class KnownFailures(unittest.TestCase):
    def test_of_the_emulator_are_known_of_what_it_runs(self):
        with unittest.mock.patch("crossing.targets.platform.machine", return_value="x86_64"):
            known = Known(["aarch64", "x86_64-musl"])
        check = "NoBuffers.MessageReceiveWithoutBuffersReportsTrunc/udp4"
        self.assertEqual(known.finding("aarch64", "raw", check), "QEMU: a call without buffers receives nothing")
        self.assertIsNone(known.finding("aarch64", "raw", "FillOrder.BuffersAreFilledInOrder/udp4"))
        self.assertIsNone(known.finding("x86_64-musl", "raw", check))

    def test_of_a_processor_are_no_emulators_on_that_processor(self):
        with unittest.mock.patch("crossing.targets.platform.machine", return_value="aarch64"):
            known = Known(["aarch64"])
        self.assertIsNone(known.finding("aarch64", "raw", "NoBuffers.MessageReceiveWithoutBuffersReportsTrunc/udp4"))


class Command(unittest.TestCase):
    def test_wrong_arguments_are_status_64(self):
        for arguments, saying in ((["--bogus"], "unrecognized arguments: --bogus"), (["m68k"], "there is no target m68k"),
                                  (["--runs", "raw,row"], "there is no run row")):
            done = subprocess.run([ROOT / "ci/cross", *arguments], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 64, done.stderr)
            self.assertIn(saying, done.stderr)

    def test_a_page_speaks_of_targets(self):
        row = {"version": "aarch64", "release": "clang", "reason": "no Linux 6.7", "runs": {}}
        page = comparison.page({"release": "GCC"}, [row], cross.WORDS)
        self.assertIn("Compared with GCC, the build for this machine.", page)
        self.assertIn("| target | compiler and C library | run |", page)
        self.assertIn("| aarch64 | clang | - | no Linux 6.7 | - | - |", page)
        self.assertIn("targets", comparison.as_json({}, [row], cross.WORDS))


if __name__ == "__main__":
    unittest.main()
