#!/usr/bin/env python3
"""The parts of ci/kernels that need no virtual machine."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import types
import unittest
import unittest.mock

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "ci"))

import debian_packages  # noqa: E402 (they lie on the path that was just added)
from crossing.building import NotBuilt  # noqa: E402
from guests import architectures, comparison, gvisor, inside, kernels, machine, packages, userland  # noqa: E402
from guests.architectures import AMD64, ARM64  # noqa: E402

KNOWN = '[[known]]\nkernels = ["6.1"]\nruns = ["raw"]\nchecks = ["Z", "A.*"]\nfinding = "finding 1"\n'
# A runner whose check A fails always, B in its first run, C usually.
RUNNER = """#!/bin/sh
while [ "$1" != --out ]; do words="$words $1"; shift; done
echo "$words"
verdict() { echo '{"id": "'$1'", "verdict": "'$2'", "reason": "", "summary": ""}'; }
if [ -e "$0.ran" ]; then b=PASS; else b=FAIL; fi
touch "$0.ran"
echo '{"checks": ['$(verdict A FAIL), $(verdict B $b), $(verdict C FAIL)']}' > "$2/results.json"
exit 1
"""


class Kernels(unittest.TestCase):
    def test_the_newest_of_each_version_is_chosen(self):
        releases = ["6.12.9+deb13-amd64", "6.12.100+deb13-amd64", "6.12.100+deb13-amd64-unsigned", "6.12.200+deb13-rt-amd64",
                    "6.12.200+deb13-cloud-amd64", "5.10.0-9-amd64", "5.10.0-32-amd64", "5.10.0-32-amd64-dbg", "amd64",
                    "7.1.13+deb13-amd64"]
        names = [f"linux-image-{release}" for release in releases]
        self.assertEqual(packages.newest(names), {"5.10": "linux-image-5.10.0-32-amd64",
                                                  "6.12": "linux-image-6.12.100+deb13-amd64-unsigned",
                                                  "7.1": "linux-image-7.1.13+deb13-amd64"})
        self.assertEqual(list(packages.newest(names)), ["5.10", "6.12", "7.1"])

    def test_the_versions_of_another_processor_say_so(self):
        names = [f"linux-image-{release}" for release in ("6.12.9+deb13-arm64", "6.12.9+deb13-arm64-16k", "6.12.100+deb13-arm64",
                                                          "6.12.200+deb13-cloud-arm64", "6.12.300+deb13-amd64", "arm64")]
        self.assertEqual(packages.newest(names, ARM64), {"6.12-arm64": "linux-image-6.12.100+deb13-arm64"})
        self.assertEqual(architectures.of("6.12-arm64"), ("6.12", ARM64))
        self.assertEqual(architectures.of("6.12"), ("6.12", AMD64))
        self.assertEqual(architectures.of("gvisor"), ("gvisor", AMD64))

    def test_what_a_kernel_has_not_is_not_run_there(self):
        plan = {"seconds": 1, "runs": [{"name": "raw"}, {"name": "io_uring_multishot"}]}
        self.assertEqual(kernels.plan_for("5.10", plan), {"seconds": 1, "runs": [{"name": "raw"}]})
        self.assertEqual(kernels.plan_for("6.1", plan), plan)
        plan["runs"].append({"name": "raw32"})
        self.assertEqual(kernels.plan_for("5.10-arm64", plan)["runs"], [{"name": "raw"}])

    def test_wrong_arguments_are_status_64(self):
        for arguments, saying in ((["--bogus"], "unrecognized arguments: --bogus"),
                                  (["--runs", "raw,row"], "there is no run row"),
                                  (["--cpus", "many"], "invalid int value")):
            done = subprocess.run([ROOT / "ci/kernels", *arguments], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 64, done.stderr)
            self.assertIn(saying, done.stderr)


class AnotherProcessor(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.runner = self.directory / "recvmsg-conformance"
        (self.directory / "adapters").mkdir()
        (self.directory / "adapters/go-adapter").touch()
        self.options = types.SimpleNamespace(out=self.directory / "out", runs=["raw", "raw32", "cpython", "go", "property"],
                                             filter="*", cases=7, minutes=1, accelerator="kvm", cpus=1, megabytes=64)
        self.plan = kernels.plan_of(self.directory, self.runner, self.options)
        self.plan["speed_here"] = 0.5
        self.plan["runs"][0]["usual"] = ["A"]

    def judge(self):
        of = types.SimpleNamespace(fetch=pathlib.Path)
        return kernels.Kernels(self.options, {ARM64: of, AMD64: of}, self.plan, {"raw": {"A": ("PASS", "")}}, None)

    def test_has_runs_of_its_own_runner_and_python_and_no_adapters(self):
        own = self.directory / "own/recvmsg-conformance"
        plan = kernels.plan_with(own, "/its/python", kernels.plan_for("6.1-arm64", self.plan), self.options)
        usual = [(run["name"], run["usual"]) for run in plan["runs"]]
        self.assertEqual(usual, [("raw", ["A"]), ("cpython", []), ("property", [])])
        self.assertEqual({command[0] for command in [plan["speed"], *(run["command"] for run in plan["runs"])]}, {str(own)})
        self.assertEqual(plan["runs"][1]["command"][-1], "python:/its/python")
        self.assertEqual(plan["speed_here"], 0.5)

    def test_sees_the_suite_and_its_runner_where_they_are_here(self):
        own = self.directory / "own/recvmsg-conformance"
        with unittest.mock.patch.object(userland.Userland, "runner", return_value=own), \
                unittest.mock.patch.object(userland.Userland, "unpack"):
            guest, _ = self.judge().guest("6.1-arm64", kernels.plan_for("6.1-arm64", self.plan))
        self.assertEqual(guest.places, [self.directory, own.parent])
        command = machine._command(self.kernel(), "image", "shared", guest, "tcg", 1, 64)
        self.assertEqual(command[0], "qemu-system-aarch64")
        shares = [word for word in command if str(word).startswith("local,")]
        self.assertTrue(any(share.startswith(f"local,path={self.options.out}/aarch64/root,mount_tag=root,") for share in shares))
        self.assertTrue(any(share.startswith("local,path=/,mount_tag=host,") for share in shares))
        self.assertTrue(all("readonly=on" in share for share in shares if "mount_tag=out" not in share))

    def kernel(self):
        (self.directory / "boot").mkdir()
        (self.directory / "boot/vmlinuz-6.1").touch()
        return self.directory

    def test_is_emulated_even_where_there_is_kvm(self):
        judged, tried = self.judge(), []

        def boot(_package, _shared, guest, accelerator, *_):
            tried.append((guest.architecture, accelerator))
            return "6.1"

        with unittest.mock.patch("guests.machine.boot", boot):
            for of in (ARM64, AMD64):
                judged.boot("p", self.directory / "6.1", machine.Guest(of, "/", "", []), self.plan)
        self.assertEqual(tried, [(ARM64, "tcg"), (AMD64, "kvm")])

    def test_is_not_judged_where_the_runner_is_not_built(self):
        before = self.options.out / "6.1-arm64"
        before.mkdir(parents=True)
        (before / "raw.json").write_text('{"checks": [{"id": "A", "verdict": "PASS", "reason": "", "summary": ""}]}')
        with unittest.mock.patch.object(userland.Userland, "runner", side_effect=NotBuilt("the build failed")):
            row = self.judge().row("6.1-arm64", "p")
        self.assertEqual((row["reason"], row["runs"]), ("the build failed", {}))

    def test_root_is_unpacked_once_and_whole(self):
        land = userland.Userland(ROOT, self.directory, "arm64")
        asked = []

        def unpack(_, names, directory):
            asked.append(names)
            (directory / "rest").touch()
            if len(asked) == 1:
                raise debian_packages.NotToBeHad("no network")

        with unittest.mock.patch.object(debian_packages.Apt, "update"), \
                unittest.mock.patch.object(debian_packages.Apt, "unpack_with_needs", unpack):
            with self.assertRaises(debian_packages.NotToBeHad):
                land.unpack()
            (land.root / "half").touch()
            for _ in range(2):
                land.unpack()
        self.assertEqual(asked, [userland.PACKAGES] * 2)
        self.assertEqual([path.name for path in land.root.iterdir()], ["rest"])


class Gvisor(unittest.TestCase):
    """With a program in its place."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.shared = pathlib.Path(directory.name)

    def run_by(self, script):
        program = self.shared / "runsc"
        program.write_text(f"#!/bin/sh\n[ $5 = run ] || exit 0\n{script}\n", encoding="ascii")
        program.chmod(0o755)
        return gvisor.run(program, self.shared, 20)

    @unittest.skipIf(os.getuid() != 0, "mounts need root")
    def test_it_sees_the_files_of_this_machine_and_writes_to_one_directory(self):
        script = f"""root=${{6#--bundle=}}/root
            test -e "$root{__file__}" && cp "${{6#--bundle=}}/config.json" {self.shared}/seen"""
        self.assertEqual(self.run_by(script), gvisor.MODULE.rpartition("@")[2])
        seen = json.loads((self.shared / "seen").read_text())
        self.assertTrue(seen["root"]["readonly"])
        self.assertEqual(seen["process"]["args"][-2:], [inside.__file__, str(self.shared)])
        self.assertEqual([mount["source"] for mount in seen["mounts"] if mount["type"] == "bind"], [str(self.shared)])
        self.assertEqual(list(pathlib.Path(tempfile.gettempdir()).glob("runsc-*")), [])

    @unittest.skipIf(os.getuid() != 0, "mounts need root")
    def test_what_it_says_is_the_reason_where_it_fails(self):
        with self.assertRaisesRegex(machine.NotBooted, "status 3: no such platform"):
            self.run_by("echo no such platform; exit 3")

    def test_without_go_there_is_no_kernel(self):
        with unittest.mock.patch.dict(os.environ, {"PATH": str(self.shared)}), self.assertRaises(packages.NoKernel):
            gvisor.fetch(self.shared)


class Comparison(unittest.TestCase):
    HERE = {"A.B": ("PASS", ""), "C.D": ("PASS", ""), "E.F": ("FAIL", "as here"), "G.H": ("SKIP", "no such option"),
            "I.J": ("PASS", "")}
    THERE = {"A.B": ("FAIL", "5 bytes"), "C.D": ("FAIL", "6 bytes"), "E.F": ("FAIL", "also there"), "G.H": ("PASS", "")}

    def setUp(self):
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write(KNOWN)
            file.flush()
            self.known = comparison.Known(file.name)

    def differences(self, version="6.1", run="raw"):
        return comparison.differences(version, run, self.HERE, self.THERE, self.known)

    def test_only_what_differs_is_listed(self):
        self.assertEqual([(one.check, one.here, one.there, one.reason) for one in self.differences()],
                         [("A.B", "PASS", "FAIL", "5 bytes"), ("C.D", "PASS", "FAIL", "6 bytes"),
                          ("G.H", "SKIP", "PASS", "here: no such option"), ("I.J", "PASS", "absent", "")])

    def test_red_without_a_finding_is_unexplained(self):
        def unexplained(*of):
            return [one.check for one in self.differences(*of) if comparison.is_unexplained(one)]

        self.assertEqual(unexplained(), ["C.D", "I.J"])
        self.assertEqual(unexplained("5.10"), ["A.B", "C.D", "I.J"])
        self.assertEqual(unexplained("6.1", "reference"), ["A.B", "C.D", "I.J"])

    def test_the_page_groups_by_reason_and_has_text_in_cells(self):
        self.THERE["C.D"] = ("FAIL", "a|b\n<i>")
        rows = [{"version": "6.1", "package": "p", "release": "6.1.0", "reason": "", "runs": {
                    "raw": {"status": 1, "counts": "1 PASS", "differences": self.differences()}}},
                {"version": "5.10", "package": "q", "release": "", "reason": "no room", "runs": {}}]
        page = comparison.page({"release": "6.18"}, rows)
        self.assertIn("| 6.1 | 6.1.0 | raw | 1 PASS | 4 | 2 |", page)
        self.assertIn("| PASS | FAIL | 1: A.B | raw | finding 1 |", page)
        self.assertIn("a\\|b <i>", page)
        self.assertIn("no room", page)
        self.assertEqual(json.loads(json.dumps(comparison.as_json({}, rows)))["kernels"][0]["runs"]["raw"]["differences"][0],
                         {"check": "A.B", "here": "PASS", "there": "FAIL", "reason": "5 bytes", "finding": "finding 1"})


class Inside(unittest.TestCase):
    def test_each_run_leaves_its_log_status_and_results(self):
        with tempfile.TemporaryDirectory() as name:
            directory = pathlib.Path(name)
            runner = directory / "runner"
            runner.write_text(RUNNER, encoding="ascii")
            runner.chmod(0o755)
            run = {"name": "raw", "results": "results.json", "command": [str(runner), "raw"], "filter": "*", "usual": ["C"]}
            endless = {**run, "name": "no", "filter": "", "command": ["sh", "-c", "exec sleep 60"]}
            inside.perform(directory, {"cwd": name, "seconds": 1, "speed": ["sleep", "0.2"], "speed_here": 0.1,
                                       "deadline_ms": 5000, "runs": [run, endless]})
            slower = json.loads((directory / "speed.json").read_text())["slower"]
            self.assertGreaterEqual(slower, 2)
            self.assertIn(f"raw --filter * --deadline-ms {round(5000 * slower)}", (directory / "raw.log").read_text())
            self.assertEqual(json.loads((directory / "raw.status.json").read_text())["status"], 1)
            self.assertIn("raw --filter A:B --deadline-ms", (directory / "raw.again-1.log").read_text())
            self.assertIn("raw --filter A --deadline-ms", (directory / "raw.again-2.log").read_text())
            self.assertEqual(kernels.found_in(directory, {"runs": [run]})["raw"],
                             {"A": ("FAIL", ""), "B": ("VARIES", "FAIL in one of several runs: "), "C": ("FAIL", "")})
            self.assertIsNone(json.loads((directory / "no.status.json").read_text())["status"])


if __name__ == "__main__":
    unittest.main()
