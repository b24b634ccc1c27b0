"""What tests of the runner's commands share: starting it, what it has written when it ends, and bad adapters.

RECVMSG_CONFORMANCE names the runner. With JSON_SCHEMA_CHECK=/path/to/json_schema_check, all results are held to their schema.
"""
import collections
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile
import textwrap
import unittest
import uuid
import xml.etree.ElementTree

RUNNER = pathlib.Path(os.environ.get("RECVMSG_CONFORMANCE", "recvmsg-conformance")).resolve()
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ADAPTER = ROOT / "adapters/python/adapter.py"
HOSTILE = ROOT / "fixtures/adapters/hostile"
SCHEMA, SCHEMA_CHECK = ROOT / "docs/results.schema.json", os.environ.get("JSON_SCHEMA_CHECK")
MATRIX_SCHEMA = ROOT / "docs/matrix.schema.json"
DEADLINE_S = 300  # for what takes seconds: a machine may be busy

# Checks of one call each, on the seven kinds of socket; a correct adapter passes them.
SEVEN = "FillOrder.DocumentedExampleFillsTheBuffers/*"
FOURTEEN = SEVEN + ":FillOrder.NbytesCountsAllBuffers/*"
RIGHTS = "AncillaryData.DescriptorsArriveInTheOrderSent/unix_stream"
RECOMMENDED = "PartialBuffers.EagainWritesNoBuffer/*"


def hostile(mode, *options):
    return "exec:" + shlex.join([sys.executable, "-S", "-E", "-B", str(HOSTILE / "hostile_adapter.py"), mode, *map(str, options)])


def has_address_sanitizer():
    """Whether the runner is built with it: it keeps a shadow of all memory, and up to 256 MiB of what is freed."""
    return b"__asan_init" in RUNNER.read_bytes()


def without_network():
    """The command that runs another in a network that has nothing, or None where this process may not have one."""
    command = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
    if not shutil.which("unshare") or subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
        return None
    return command


class Ended:
    """A run that has ended: its status, what it printed, and what it wrote to --out."""

    def __init__(self, status, stdout, stderr, out=None, peak_kib=0):
        self.status, self.stdout, self.stderr, self.peak_kib = status, stdout, stderr, peak_kib
        self.results = self.junit = None
        if out and (out / "results.json").exists():
            self.results = json.loads((out / "results.json").read_text(encoding="utf-8"))
        if out and (out / "junit.xml").exists():
            self.junit = xml.etree.ElementTree.parse(out / "junit.xml").getroot()

    @property
    def checks(self):
        return self.results["checks"]

    @property
    def verdicts(self):
        return [check["verdict"] for check in self.checks]

    def reasons(self, verdict):
        """Without what was seen of a check where it was judged alone."""
        return {check["reason"].split("\ndoes not recur alone: ")[0] for check in self.checks if check["verdict"] == verdict}


class RunnerTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.mark = f"recvmsg-runner-test-{uuid.uuid4()}"
        self.environment = dict(os.environ, RUNNER_TEST_MARK=self.mark)

    def start(self, *arguments, within=(), **options):
        """Starts the runner, by the command `within` if there is one. What it starts inherits a mark, by which it is found."""
        return subprocess.Popen([*within, RUNNER, *arguments], env=self.environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)

    def end(self, process, out=None):
        try:
            stdout, stderr = process.communicate(timeout=DEADLINE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            self.fail("the runner did not end")
        self.assertEqual(self.left_running(), [], "left running")
        return Ended(process.returncode, stdout, stderr, out)

    def call(self, *arguments, **options):
        return self.end(self.start(*arguments, **options))

    def judge(self, implementation, filter_="*", *more, **options):
        """A run with --out, whose results are complete whatever happened. With one adapter by default: the bad
        ones count their calls."""
        out = pathlib.Path(tempfile.mkdtemp(dir=self.directory))
        if "--jobs" not in more:
            more = (*more, "--jobs", "1")
        process = self.start("run", "--implementation", implementation, "--filter", filter_, "--out", out, *more,
                             **options)
        run = self.end(process, out)
        self.assertIsNotNone(run.results, f"no results; status {run.status}: {run.stderr}")
        self.assert_whole(run)
        self.assert_by_the_schema(out / "results.json")
        return run

    def assert_by_the_schema(self, *files, schema=SCHEMA):
        """What every run of these tests writes is as docs/results.schema.json has it, or another schema."""
        if SCHEMA_CHECK:
            check = subprocess.run([SCHEMA_CHECK, schema, *files], capture_output=True, text=True, check=False)
            self.assertEqual((check.returncode, check.stdout), (0, ""), check.stderr)

    def left_running(self):
        """The command lines of processes that carry the mark, but this test's own."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and self.mark.encode() in (entry / "environ").read_bytes():
                    found.append((entry / "cmdline").read_bytes())
            except OSError:  # ended meanwhile, or not ours to look at
                pass
        return found

    def assert_whole(self, run):
        results = run.results
        self.assertEqual(set(results) - {"merged_buffers"}, {"schema", "suite", "implementation", "environment", "seed", "rounds",
                                        "rounds_differing", "complete", "summary", "missing", "checks"})
        self.assertTrue(results["complete"])
        self.assertEqual(results["schema"], 2)
        ids = [check["id"] for check in results["checks"]]
        self.assertEqual(len(ids), len(set(ids)))
        counts = collections.Counter(verdict.lower() for verdict in run.verdicts)
        self.assertEqual({word: count for word, count in results["summary"].items() if count}, dict(counts))
        for check in results["checks"]:
            self.assertEqual(check.get("kernel_deviates", True), True)
            self.assertLessEqual({"id", "requirements", "level", "verdict", "cause", "summary", "reason", "differences",
                                  "milliseconds", "repro"}, set(check))
            if check["cause"] not in ("none", "differs"):
                self.assertTrue(check["reason"], check)
            if check["cause"] == "differs":
                self.assertTrue(check["differences"], check)
            if check["verdict"] not in ("PASS", "XPASS"):
                self.assertTrue(check["summary"], check)

    def adapter(self, body, base="Adapter"):
        """A hostile adapter of this test's own: the correct one with `body` in its class."""
        program = self.directory / f"adapter_{uuid.uuid4().hex}.py"
        program.write_text(f"import os, signal, sys\nsys.path.insert(0, {str(HOSTILE)!r})\nimport hostile_adapter\n\n"
                           f"class Mine(hostile_adapter.{base}):\n{textwrap.indent(textwrap.dedent(body), '    ')}\n"
                           "Mine().serve()\n", encoding="utf-8")
        return f"exec:{shlex.quote(sys.executable)} -B {shlex.quote(str(program))}"
