"""Fuzz targets with planted bugs, built where a campaign looks for builds, for the tests beside this file."""
import atexit
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
COMMAND = ROOT / "ci/fuzz-campaign"
NAMES = ("planted", "sound", "hangs", "stops_the_clock", "compares", "reads", "keeps", "crashes_often", "crashes_at_once",
         "two_at_once", "secrets")
CLANG = shutil.which("clang++-19")

_FUZZER = ["-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all"]
_COVERAGE = ["-fprofile-instr-generate", "-fcoverage-mapping"]


class StandIns:
    """The builds, at CAMPAIGN_STAND_INS or in a temporary folder: `builds`, and the plug-in for `compares`."""

    def __init__(self):
        given = os.environ.get("CAMPAIGN_STAND_INS")
        self.builds = pathlib.Path(given or tempfile.mkdtemp(prefix="recvinto-"))
        if given:
            self.builds.mkdir(parents=True, exist_ok=True)
        else:
            atexit.register(shutil.rmtree, self.builds)
        self.plugin = self.builds / "plugin.so"
        with open(self.builds / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # tests run at the same time
            self._build()

    def _build(self):
        folder = HERE / "stand_ins"
        compilers = [_compile([folder / "plugin.cc"], self.plugin, ["-shared", "-fPIC"])]
        for name in NAMES:
            compilers.append(_compile([folder / f"{name}.cc"], self.builds / f"fuzz/fuzz/fuzz_{name}", _FUZZER))
        compilers.append(_compile([folder / "sound.cc", ROOT / "fuzz/support/standalone_main.cc"],
                                  self.builds / "fuzz-coverage/fuzz/fuzz_sound", _COVERAGE))
        if any([compiler.wait() for compiler in compilers if compiler]):
            raise RuntimeError("the stand-ins do not compile")
        (self.builds / "fuzz/fuzz/targets.txt").write_text("\n".join(NAMES) + "\n")
        (self.builds / "fuzz/fuzz/fuzz_reads.options").write_text("[campaign]\njudges = suite\n")


def _compile(sources, program, flags):
    """The compiler at work, or None where the program is newer than its sources."""
    program.parent.mkdir(parents=True, exist_ok=True)
    if program.exists() and program.stat().st_mtime > max(source.stat().st_mtime for source in sources):
        return None
    return subprocess.Popen([CLANG, "-std=c++20", "-g1", "-O1", "-Wall", "-Wextra", "-Werror", *flags,
                             *map(str, sources), "-o", str(program)])


class Run:
    def __init__(self, status, out, err, folder):
        self.status = status
        self.out = out
        self.err = err
        record = folder / "campaign.json"
        self.record = json.loads(record.read_text()) if record.exists() else None
        report = folder / "report.html"
        self.html = report.read_text() if report.exists() else None

    def target(self, name):
        return next(target for target in self.record["targets"] if target["name"] == name)

    def finding(self, kind):
        return next(finding for finding in self.record["findings"] if kind in finding["kind"])


@unittest.skipUnless(CLANG, "clang++-19 is not installed")
class CampaignTest(unittest.TestCase):
    """Runs ci/fuzz-campaign on stand-ins, each test in a folder of its own."""

    @classmethod
    def setUpClass(cls):
        cls.stand_ins = StandIns()

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="recvinto-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.out = self.folder / "out"
        self.material = self.folder / "material"

    def add_seed(self, target, name, data):
        path = self.material / "corpus" / target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def start(self, *arguments, targets, seconds=2, before=()):
        command = [*before, sys.executable, COMMAND, "--no-build", "--builds", self.stand_ins.builds, "--material", self.material,
                   "--out", self.out, "--seed", "7", "--jobs", "1", "--targets", targets, "--minutes", seconds / 60,
                   *arguments]
        return subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                cwd=self.folder)

    def finish(self, process):
        out, err = process.communicate(timeout=300)
        return Run(process.returncode, out, err, self.out)

    def campaign(self, *arguments, targets, seconds=2):
        """A short campaign without coverage."""
        return self.finish(self.start("--no-coverage", *arguments, targets=targets, seconds=seconds))

    def reproduce(self, finding):
        """The exit status of the line that a finding gives."""
        return subprocess.run(finding["reproduce"], shell=True, cwd=self.folder, capture_output=True, check=False).returncode


def processes_of(program):
    """The processes that run `program`."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{pid}/exe") == str(program):
                found.append(int(pid))
        except OSError:
            pass
    return found


def wait_for_line(process, text):
    """Reads standard error until a line has `text`."""
    for line in process.stderr:
        if text in line:
            return line
    raise AssertionError(f"never said: {text}")
