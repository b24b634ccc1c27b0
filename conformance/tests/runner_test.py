#!/usr/bin/env python3
"""The runner as its users meet it: its command line, its reports, and what bad adapters cost.

Usage: RECVMSG_CONFORMANCE=/path/to/recvmsg-conformance runner_test.py [arguments of unittest]
With JSON_SCHEMA_CHECK=/path/to/json_schema_check, all results are held to their schema.
"""
import collections
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
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
HOSTILE = ROOT / "adapters/tests/hostile"
SCHEMA, SCHEMA_CHECK = ROOT / "docs/results.schema.json", os.environ.get("JSON_SCHEMA_CHECK")
DEADLINE_S = 120  # for what takes seconds: a machine may be busy

# Checks of one call each, on the seven kinds of socket; a correct adapter passes them.
SEVEN = "FillOrder.DocumentedExampleFillsTheBuffers/*"
FOURTEEN = SEVEN + ":FillOrder.NbytesCountsAllBuffers/*"
RIGHTS = "AncillaryData.DescriptorsArriveInTheOrderSent/unix_stream"
RECOMMENDED = "PartialBuffers.EagainWritesNoBuffer/*"


def hostile(mode):
    return f"exec:{shlex.quote(sys.executable)} -B {shlex.quote(str(HOSTILE / 'hostile_adapter.py'))} {mode}"


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
        return {check["reason"] for check in self.checks if check["verdict"] == verdict}


class RunnerTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.mark = f"recvmsg-runner-test-{uuid.uuid4()}"
        self.environment = dict(os.environ, RUNNER_TEST_MARK=self.mark)

    def start(self, *arguments, **options):
        """Starts the runner. What it starts inherits a mark, by which it is found again."""
        return subprocess.Popen([RUNNER, *arguments], env=self.environment, stdin=subprocess.DEVNULL,
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
        """A run with --out, whose results are whole whatever happened. With one adapter by default: the bad
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

    def assert_by_the_schema(self, *files):
        """What every run of these tests writes is as docs/results.schema.json has it."""
        if SCHEMA_CHECK:
            check = subprocess.run([SCHEMA_CHECK, SCHEMA, *files], capture_output=True, text=True, check=False)
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
        self.assertEqual(set(results), {"schema", "suite", "implementation", "environment", "seed", "rounds",
                                        "rounds_differing", "complete", "summary", "checks"})
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


class BadAdapters(RunnerTest):
    """A bad adapter costs the checks in which it is bad, with a verdict that says how, and nothing else."""

    def assert_every_third_costs(self, mode, verdict, reason, *more):
        run = self.judge(hostile(mode), SEVEN, *more)
        self.assertEqual(run.verdicts, ["PASS", "PASS", verdict, "PASS", "PASS", verdict, "PASS"])
        for given in run.reasons(verdict):
            self.assertRegex(given, reason)
        self.assertEqual(run.status, 1)

    def assert_cannot_start(self, specification, complaint):
        run = self.call("--implementation", specification)
        self.assertEqual(run.status, 66, run.stderr)
        self.assertRegex(run.stderr, complaint)
        self.assertEqual(run.stdout, "")

    def test_death_by_a_signal_is_a_crash(self):
        self.assert_every_third_costs("dies_by_signal_on_third_call", "CRASH", "^the process was ended by SIGSEGV$")

    def test_an_exit_is_a_crash_even_where_a_grandchild_holds_the_pipes(self):
        self.assert_every_third_costs("grandchild_then_dies", "CRASH", "^the process exited with status 1$")

    def test_no_answer_is_a_hang(self):
        self.assert_every_third_costs("hangs_on_third_call", "HANG", "^no answer within the deadline$",
                                      "--deadline-ms", "1500")

    def test_rubbish_breaks_the_protocol(self):
        self.assert_every_third_costs("rubbish_on_third_call", "PROTOCOL", "not a JSON object: .*Segmentation fault")

    def test_a_line_without_an_end_breaks_the_protocol(self):
        self.assert_every_third_costs("oversize_line", "PROTOCOL", "a line of more than 4194304 bytes")

    def test_a_wrong_id_breaks_the_protocol(self):
        self.assert_every_third_costs("wrong_id", "PROTOCOL", r"has id \d+, but the request's was \d+")

    def test_a_missing_field_breaks_the_protocol(self):
        self.assert_every_third_costs("missing_field", "PROTOCOL", 'has no field "nbytes"')

    def test_a_storage_that_is_not_whole_breaks_the_protocol(self):
        self.assert_every_third_costs("short_storage", "PROTOCOL", "returns 3 bytes for storage 0, which has 4")

    def test_a_closed_output_breaks_the_protocol(self):
        run = self.judge(hostile("closes_stdout_on_third_call"), "FillOrder.DocumentedExampleFillsTheBuffers/unix_*")
        self.assertEqual(run.verdicts, ["PASS", "PASS", "PROTOCOL"])
        self.assertEqual(run.reasons("PROTOCOL"), {"the process closed its standard output"})

    def test_a_second_reply_breaks_the_protocol_where_it_is_met(self):
        # With the third check, or before the fourth, or in place of its answer: it comes when it comes.
        run = self.judge(hostile("double_reply"), SEVEN)
        self.assertEqual(run.verdicts[:2], ["PASS", "PASS"])
        self.assertIn(run.verdicts.count("PROTOCOL"), (1, 2))
        self.assertEqual(run.verdicts.count("PASS"), 7 - run.verdicts.count("PROTOCOL"))
        for reason in run.reasons("PROTOCOL"):
            self.assertRegex(reason, r"output that no request asked for|has id (\d+), but the request's was")
        self.assertEqual(run.status, 1)

    def test_wrong_types_break_the_protocol_in_each_check(self):
        run = self.judge(hostile("wrong_types"), FOURTEEN)
        self.assertEqual(run.verdicts, ["PROTOCOL"] * 14)
        self.assertRegex(" ".join(run.reasons("PROTOCOL")), '"nbytes" is not an integer')
        self.assertEqual(run.status, 1)

    def test_an_end_after_every_hello_is_a_crash_in_each_check(self):
        run = self.judge(hostile("exits_after_hello"), FOURTEEN)
        self.assertEqual(run.verdicts, ["CRASH"] * 14)
        self.assertEqual(run.reasons("CRASH"), {"the process exited with status 0"})
        self.assertEqual(run.status, 1)

    def test_no_answer_is_a_hang_in_each_check(self):
        hangs = self.adapter("""
            def call(self, request):
                hostile_adapter.sleep_for_ever()
        """)
        run = self.judge(hangs, FOURTEEN, "--deadline-ms", "50")
        self.assertEqual(run.verdicts, ["HANG"] * 14)
        self.assertEqual(run.status, 1)

    def test_ten_failed_starts_in_a_row_are_enough(self):
        mark = self.directory / "started"
        once = self.adapter(f"""
            def hello(self):
                if os.path.exists({str(mark)!r}):
                    sys.exit(3)
                open({str(mark)!r}, "x").close()
                return super().hello()

            def call(self, request):
                sys.exit(4)
        """)
        run = self.judge(once, FOURTEEN)
        self.assertEqual(run.verdicts, ["CRASH"] * 11 + ["NOTRUN"] * 3)
        self.assertEqual(run.reasons("CRASH"), {"the process exited with status 3", "the process exited with status 4"})
        self.assertEqual(run.reasons("NOTRUN"), {"given up after 10 failed starts in a row"})
        self.assertEqual(run.status, 1)

    def test_an_end_behind_the_last_reply_is_a_crash_of_that_check(self):
        for _ in range(5):
            self.assert_every_third_costs("exits_behind_third_reply", "CRASH", "^the process exited with status 3$")

    def test_an_end_behind_a_reply_with_descriptors_is_a_crash(self):
        for _ in range(5):
            run = self.judge(self.adapter("""
                def call(self, request):
                    self.send(dict(super().call(request), id=request["id"]))
                    os._exit(3)
            """), "AncillaryData.*/unix_stream")
            self.assertEqual(set(run.verdicts), {"CRASH"})
            self.assertEqual(run.reasons("CRASH"), {"the process exited with status 3"})

    def test_a_report_of_a_crash_on_standard_output_is_a_crash(self):
        self.assert_every_third_costs("reports_its_crash_on_third_call", "CRASH",
                                      '^the process was ended by SIGABRT; before, the line is not a JSON object: "#"$')

    def test_a_close_that_does_not_close_breaks_the_protocol(self):
        run = self.judge(hostile("does_not_close"), RIGHTS)
        self.assertEqual(run.verdicts, ["PROTOCOL"])
        self.assertRegex(run.reasons("PROTOCOL").pop(), r"^after the reply to close, descriptor \d+ is still open on the same")

    def test_threads_that_come_and_go_cost_nothing(self):
        run = self.judge(hostile("coming_and_going_threads"), "Waiting.*:AncillaryData.*:Interruption.*")
        self.assertLessEqual(set(run.verdicts), {"PASS", "SKIP"})
        self.assertEqual(run.status, 0)

    def test_a_duplicate_of_the_descriptor_costs_nothing(self):
        run = self.judge(hostile("works_on_a_duplicate"), "Waiting.*:WaitAll.*:Readiness.*")
        self.assertLessEqual(set(run.verdicts), {"PASS", "SKIP"})
        self.assertIn("PASS", run.verdicts)
        self.assertEqual(run.status, 0)

    def test_an_end_before_hello_is_no_adapter(self):
        self.assert_cannot_start(hostile("exits_at_once"), "no adapter: on hello, the process exited with status 0")

    def test_another_protocol_is_no_adapter(self):
        self.assert_cannot_start(hostile("speaks_protocol_2"), "speaks protocol 2, but this suite speaks 1")

    def test_an_echo_is_no_adapter(self):
        self.assert_cannot_start(hostile("echo"), 'on hello, the reply to hello has no field "name"')
        self.assert_cannot_start("exec:cat", 'on hello, the reply to hello has no field "name"')

    def test_what_is_no_program_or_no_adapter_cannot_start(self):
        self.assert_cannot_start("exec:/no/such/program", "cannot execute '/no/such/program': No such file")
        self.assert_cannot_start("exec:true", "no adapter: on hello, the process exited with status 0")
        self.assert_cannot_start("exec:", "the command line is empty")
        self.assert_cannot_start("exec:echo $(date)", "a command substitution")

    def test_a_trace_of_what_cannot_start_is_shown(self):
        self.assert_cannot_start(self.adapter("raise RuntimeError('no such luck')"), "RuntimeError: no such luck")

    def test_an_undeclared_descriptor_that_stays_open_fails(self):
        run = self.judge(hostile("leaks_descriptor"), RIGHTS)
        self.assertEqual(run.verdicts, ["FAIL"])
        [difference] = run.checks[0]["differences"]
        self.assertEqual((difference["field"], difference["expected"]), ("left open, unreported", "0 descriptors"))
        self.assertRegex(difference["actual"], r"^[1-9]\d* descriptors$")
        self.assertRegex(difference["where"], r"^conformance/\w+_test\.cc:\d+$")
        self.assertEqual(run.status, 1)

    def test_an_error_for_everything_scores_nothing(self):
        # EIO is nowhere what the documents promise, and untouched buffers alone make no check pass.
        run = self.judge(hostile("always_error"), "*-LargeBuffers.*:DroppedMessages.*")  # those take long
        self.assertEqual(run.results["summary"]["pass"], 0)
        self.assertGreater(run.results["summary"]["fail"], 500)
        self.assertEqual(run.status, 1)

    def test_a_refusal_of_what_is_declared_fails(self):
        run = self.judge(hostile("refuses_everything"), SEVEN)
        self.assertEqual(run.verdicts, ["FAIL"] * 7)
        self.assertEqual(len(run.reasons("FAIL")), 1)
        self.assertRegex(run.reasons("FAIL").pop(), 'declares what this needs, but answered "unsupported": scatter')
        self.assertEqual(run.status, 1)

    def test_a_grandchild_costs_nothing(self):
        run = self.judge(hostile("grandchild"), SEVEN)
        self.assertEqual(run.verdicts, ["PASS"] * 7)
        self.assertEqual(run.status, 0)

    def test_a_daemon_costs_nothing_and_is_ended(self):
        run = self.judge(self.adapter("""
            def hello(self):
                if os.fork() == 0:
                    os.setsid()
                    signal.signal(signal.SIGTERM, signal.SIG_IGN)
                    if os.fork() == 0:
                        hostile_adapter.sleep_for_ever()
                    os._exit(0)
                return super().hello()
        """), SEVEN)
        self.assertEqual((run.status, run.verdicts), (0, ["PASS"] * 7))

    def test_an_adapter_that_ignores_the_end_is_ended(self):
        run = self.judge(self.adapter("""
            def serve(self):
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                super().serve()
                hostile_adapter.sleep_for_ever()
        """), SEVEN)
        self.assertEqual((run.status, run.verdicts), (0, ["PASS"] * 7))

    def test_chatter_on_standard_error_costs_nothing_and_its_tail_is_kept(self):
        run = self.judge(hostile("chatters_stderr"), SEVEN)
        self.assertEqual((run.status, run.verdicts), (0, ["PASS"] * 7))
        for check in run.checks:
            self.assertRegex(check["stderr"], r"chatter\n\Z")
            self.assertLessEqual(len(check["stderr"]), 16 * 1024)

    def test_a_standard_error_without_an_end_costs_nothing(self):
        run = self.judge(self.adapter("""
            def hello(self):
                if os.fork() == 0:
                    while True:
                        os.write(2, b"x" * 65536)
                return super().hello()
        """), SEVEN)
        self.assertEqual((run.status, run.verdicts), (0, ["PASS"] * 7))

    def test_an_output_without_an_end_takes_no_memory(self):
        flood = self.adapter("""
            def call(self, request):
                while True:
                    os.write(1, b"x" * 65536)
        """)
        process = self.start("--implementation", flood, "--filter", "FillOrder.DocumentedExampleFillsTheBuffers/udp*",
                             "--deadline-ms", "2000")
        stdout = process.stdout.read()
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stderr.close()
        process.stdout.close()
        self.assertEqual(process.returncode, 1)
        self.assertIn("2 PROTOCOL", stdout)
        self.assertLess(usage.ru_maxrss, 256 * 1024, "KiB at the peak")
        self.assertEqual(self.left_running(), [])


class Skips(RunnerTest):
    def test_what_is_not_declared_is_not_judged(self):
        run = self.judge(hostile("skips_everything"))
        self.assertEqual(set(run.verdicts), {"PASS", "SKIP"})
        listed = json.loads(self.call("list", "--format", "json").stdout)["checks"]
        # One of two capabilities is asked for in the claim itself.
        one_of_two = {check["id"] for check in run.checks if check["reason"].startswith("needs system_wait or nonblocking,")}
        self.assertEqual({check["id"] for check in run.checks if check["verdict"] == "PASS"} | one_of_two,
                         {check["id"] for check in listed if not check["capabilities"]} | one_of_two)
        for reason in run.reasons("SKIP"):
            self.assertRegex(reason, r"^needs [a-z_, ]+, which the implementation does not declare$")
        self.assertEqual(run.status, 0)

    def test_nothing_but_skips_is_nothing(self):
        run = self.judge(hostile("skips_everything"), SEVEN)
        self.assertEqual(run.verdicts, ["SKIP"] * 7)
        self.assertEqual(run.status, 3)
        self.assertIn("nothing was judged: all checks were skipped", run.stderr)

    def test_a_capability_can_be_required(self):
        run = self.call("--implementation", hostile("skips_everything"), "--require", "scatter,flags")
        self.assertEqual(run.status, 3)
        self.assertRegex(run.stderr, r"^recvmsg-conformance: SkipsEverything 1 does not declare the required capability "
                                     r"scatter\n$")
        self.assertEqual(self.judge("reference", SEVEN, "--require", "scatter,flags").status, 0)


class CommandLine(RunnerTest):
    def assert_wrong_usage(self, *arguments, complaint):
        run = self.call(*arguments)
        self.assertEqual(run.status, 64, run.stderr)
        self.assertEqual(run.stdout, "")
        self.assertRegex(run.stderr, rf"\Arecvmsg-conformance: .*{complaint}.*\n\Z", "one line")

    def test_wrong_usage_is_one_line(self):
        for arguments, complaint in [
            (["--nonsense"], "--nonsense"),
            (["run", "--nonsense"], "--nonsense"),
            (["nonsense"], "nonsense"),
            (["--implementation", "nonsense"], "'nonsense' names no implementation; there are: reference"),
            (["--implementation"], "--implementation"),
            (["--implementation", "fault:nonsense"], "there is no planted fault 'nonsense'"),
            (["--require", "scater"], "'scater' is no capability"),
            (["--require", "flags,scater"], "'scater' is no capability"),
            (["--calibrate-with", "nonsense"], "'nonsense' names no implementation; there are: reference"),
            (["--baseline", "no/such/file"], "cannot read no/such/file: No such file"),
            (["--baseline", "/"], "cannot read /: Is a directory"),
            (["baseline"], "--write is required"),
            (["baseline", "--write", "a", "--baseline", "b"], "--baseline"),
            (["--deadline-ms", "soon"], "--deadline-ms"),
            (["--deadline-ms", "0"], "--deadline-ms"),
            (["list", "--format", "yaml"], "--format"),
            (["serve"], "SPEC"),
            (["serve", "nonsense"], "'nonsense' names no implementation"),
        ]:
            with self.subTest(" ".join(arguments)):
                self.assert_wrong_usage(*arguments, complaint=re.escape(complaint))

    def test_results_that_cannot_be_kept_are_not_made(self):
        file = self.directory / "file"
        file.write_text("mine")
        for out in (file, file / "below"):
            with self.subTest(out.name):
                self.assert_wrong_usage("--out", out, complaint="cannot write to --out")
        self.assertEqual(file.read_text(), "mine")
        self.assertEqual(os.listdir(self.directory), ["file"])

    def test_a_filter_that_matches_nothing_is_nothing(self):
        run = self.judge("reference", "No.SuchCheck/*")
        self.assertEqual((run.status, run.checks), (3, []))
        self.assertIn("nothing was judged: no check matches the filter", run.stderr)

    def test_help_is_no_error(self):
        for arguments in (["--help"], ["run", "--help"], ["list", "--help"], ["serve", "--help"],
                          ["baseline", "--help"], ["--version"]):
            run = self.call(*arguments)
            self.assertEqual((run.status, run.stderr), (0, ""), arguments)
            self.assertTrue(run.stdout)

    def test_help_names_every_exit_status(self):
        for status in (0, 1, 2, 3, 64, 66, 70):
            self.assertRegex(self.call("--help").stdout, rf"(?m)\b{status}  +\S")

    def test_an_adapter_may_have_a_relative_path(self):
        shutil.copytree(ADAPTER.parent, self.directory, dirs_exist_ok=True)
        run = self.judge("exec:./adapter.py", SEVEN, cwd=self.directory)
        self.assertEqual((run.status, run.verdicts), (0, ["PASS"] * 7))

    def test_out_may_be_a_relative_path_that_is_not_there(self):
        run = self.call("--filter", SEVEN, "--out", "some/where", cwd=self.directory)
        self.assertEqual(run.status, 0)
        self.assertEqual(sorted(os.listdir(self.directory / "some/where")), ["junit.xml", "results.json"])


class Lists(RunnerTest):
    def test_the_checks_that_are_listed_are_those_that_run(self):
        listing = json.loads(self.call("list", "--format", "json").stdout)
        listed = {check["id"] for check in listing["checks"]}
        self.assertGreaterEqual(len(listed), 120)
        self.assertEqual(len(listed), len(listing["checks"]))
        run = self.judge("reference")
        self.assertEqual({check["id"] for check in run.checks}, listed)
        python = {check["id"] for check in listing["checks"] if "python_forms" in check["capabilities"]}
        for check in run.checks:
            if check["id"] in python:
                self.assertEqual(check["verdict"], "SKIP", check["id"])
            elif check["verdict"] != "PASS":
                self.assertEqual((check["verdict"], check["reason"][:10]), ("SKIP", "this host:"), check["id"])
        self.assertEqual(run.status, 0)
        self.assertEqual(len(self.call("list").stdout.splitlines()), len(listed))

    def test_every_check_has_its_sources(self):
        listing = json.loads(self.call("list", "--format", "json").stdout)
        slugs = {requirement["slug"] for requirement in listing["requirements"]}
        for check in listing["checks"]:
            self.assertTrue(check["requirements"], check)
            self.assertLessEqual(set(check["requirements"]), slugs)
            self.assertIn(check["level"], ("required", "platform", "recommended"))
            self.assertEqual(len(check["citations"]), len(check["requirements"]))
            self.assertTrue(all(check["citations"]), check)

    def test_planted_faults_are_listed(self):
        faults = json.loads(self.call("list", "--faults", "--format", "json").stdout)["faults"]
        lines = self.call("list", "--faults").stdout.splitlines()
        self.assertEqual([line.split()[0] for line in lines], ["fault:" + fault["name"] for fault in faults])
        self.assertGreater(len(faults), 100)


class Reports(RunnerTest):
    FAULT = "fault:errors-clear-buffers"

    def test_a_failure_says_what_when_who_says_so_and_how_to_see_it_again(self):
        run = self.judge(self.FAULT, RECOMMENDED)
        requirement = next(requirement for requirement in json.loads(self.call("list", "--format", "json").stdout)
                           ["requirements"] if requirement["slug"] == "refused-calls-write-nothing")
        first = run.stdout.partition("\nFAIL  ")[2].partition("\nFAIL  ")[0]
        self.assertTrue(first.startswith("PartialBuffers.EagainWritesNoBuffer/unix_stream\n"), first)
        for words in ("refused-calls-write-nothing (recommended): " + requirement["sentence"], requirement["citation"],
                      requirement["url"]):
            self.assertIn(words, first)
        self.assertRegex(first, r"(?m)^    recvmsg_into: buffers .*non-blocking$")
        self.assertRegex(first, r"(?m)^ +expected +actual$")
        self.assertRegex(first, r'(?m)^  \* buffer 0 +".*" +"\\x00.*"$')
        self.assertRegex(first, r"(?m)^  reproduce    recvmsg-conformance run .*$")

    def reproduce(self, line):
        """Runs the very line that was printed, with the runner in the PATH, and results."""
        out = pathlib.Path(tempfile.mkdtemp(dir=self.directory))
        environment = dict(self.environment, PATH=f"{RUNNER.parent}:{os.environ['PATH']}")
        run = subprocess.run(f"{line} --out {shlex.quote(str(out))}", shell=True, env=environment, timeout=DEADLINE_S,
                             capture_output=True, text=True, check=False, cwd=self.directory)
        return Ended(run.returncode, run.stdout, run.stderr, out)

    def assert_reproduced(self, run, status):
        lines = re.findall(r"(?m)^  reproduce    (.*)$", run.stdout)
        bad = {check["repro"]: check for check in run.checks if check["verdict"] not in ("PASS", "SKIP")}
        self.assertTrue(lines)
        self.assertLessEqual(set(lines), set(bad))
        bad = [bad[line] for line in lines]
        for line, check in list(zip(lines, bad))[:2]:
            again = self.reproduce(line)
            self.assertEqual(again.status, status, again.stderr)
            [repeated] = again.checks
            for field in ("id", "verdict", "cause", "summary", "reason", "differences"):
                self.assertEqual(repeated[field], check[field])

    def test_the_line_that_reproduces_a_failure_does(self):
        self.assert_reproduced(self.judge("fault:first-item-only", "AncillaryData.*"), status=1)

    def test_the_line_keeps_what_decides_about_the_failure(self):
        self.assert_reproduced(self.judge(self.FAULT, RECOMMENDED, "--strict"), status=1)
        hangs = self.adapter("def call(self, request): hostile_adapter.sleep_for_ever()")
        run = self.judge(hangs, "FillOrder.DocumentedExampleFillsTheBuffers/udp4", "--deadline-ms", "1500")
        self.assertIn(" --deadline-ms 1500", run.checks[0]["repro"])
        self.assert_reproduced(run, status=1)

    def test_the_line_keeps_a_command_line_with_blanks_and_quotes(self):
        program = self.directory / "it's an adapter.py"
        program.write_text(pathlib.Path(HOSTILE / "hostile_adapter.py").read_text(encoding="utf-8"), encoding="utf-8")
        self.assert_reproduced(self.judge(f'exec:{sys.executable} -B "{program}" leaks_descriptor', RIGHTS), status=1)

    def test_failures_with_one_cause_are_shown_once(self):
        run = self.judge(hostile("always_error"), "*-LargeBuffers.*:DroppedMessages.*")  # those take long
        lines = run.stdout.splitlines()
        self.assertGreater(run.results["summary"]["fail"], 500)
        self.assertLess(len(lines), 300)
        group = re.search(r"(?m)^(\d+) FAIL: error EIO \(OSError\) where none was expected$", run.stdout)
        causes = collections.Counter((check["verdict"], check["summary"]) for check in run.checks
                                     if check["verdict"] not in ("PASS", "SKIP", "NOTRUN"))
        self.assertEqual(int(group[1]), causes["FAIL", "error EIO (OSError) where none was expected"])
        self.assertEqual(int(group[1]), max(causes.values()))
        self.assertIn(f"    ... {int(group[1]) - 21} more: in results.json\n", run.stdout)
        self.assertNotIn("is this an error of your adapter?", run.stdout)  # the system may refuse whatever it likes

    def test_every_failure_is_shown_in_full_on_request(self):
        run = self.judge(self.FAULT, RECOMMENDED, "--verbose")
        self.assertEqual(re.findall(r"(?m)^  reproduce    (.*)$", run.stdout), [check["repro"] for check in run.checks])

    def test_an_error_of_the_adapter_is_suspected_first(self):
        run = self.judge(self.adapter("""
            def call(self, request):
                return {"error": {"class": "AttributeError", "errno": None, "message": "no attribute 'x'"},
                        "buffers": ["ee" * part.get("size", 0) for part in request["buffers"]]}
        """), FOURTEEN)
        first = run.stdout.partition("\nMost checks end in ")[2]
        self.assertTrue(first.startswith("AttributeError (14 of 14): is this an error of your adapter?\n"
                                         "  it says      no attribute 'x'\n"), run.stdout)
        self.assertIn("\n14 FAIL: error AttributeError where none was expected\n", first)

    def test_what_this_host_lacks_is_told_apart(self):
        run = self.judge("reference")
        lacks = [check for check in run.checks if check["cause"] == "host-lacks"]
        apart = run.stdout.partition("not judged on this host:\n")[2]
        self.assertEqual(bool(lacks), bool(apart))
        self.assertNotIn("does not declare", apart)

    def test_recommendations_count_only_when_asked(self):
        lax = self.judge(self.FAULT, RECOMMENDED)
        strict = self.judge(self.FAULT, RECOMMENDED, "--strict")
        self.assertEqual((lax.verdicts, lax.status), (["FAIL"] * 7, 0))
        self.assertEqual((strict.verdicts, strict.status), (["FAIL"] * 7, 1))

    def test_junit_agrees_with_the_results(self):
        run = self.judge("fault:first-item-only",
                         "AncillaryData*:AncillaryTruncation*:Interruption.InterruptedCallKeeps*")
        self.assertEqual(run.junit.tag, "testsuites")
        self.assertEqual(int(run.junit.get("tests")), len(run.checks))
        self.assertEqual(int(run.junit.get("failures")), run.results["summary"]["fail"])
        self.assertGreater(run.results["summary"]["fail"], 0)
        failed = {f"{case.get('classname')}.{case.get('name')}" for case in run.junit.iter("testcase")
                  if case.find("failure") is not None}
        self.assertEqual(failed, {check["id"] for check in run.checks if check["verdict"] == "FAIL"})

    def test_junit_knows_skips_and_crashes(self):
        run = self.judge(hostile("dies_by_signal_on_third_call"), SEVEN + ":Interruption.ManySignals*")
        self.assertEqual(int(run.junit.get("failures")), run.results["summary"]["crash"])
        self.assertEqual(sum(case.find("skipped") is not None for case in run.junit.iter("testcase")),
                         run.results["summary"]["skip"])
        self.assertEqual(run.results["summary"]["skip"], 7)

    def test_a_repeated_run_has_each_check_once(self):
        options = ("--gtest_repeat=2", "--gtest_shuffle", "--gtest_random_seed=7")
        run = self.judge("reference", FOURTEEN, *options)
        self.assertEqual((run.status, run.verdicts), (0, ["PASS"] * 14))
        self.assertEqual(run.stdout.count("14/14 checks, 0 failed"), 2)

    def test_a_repeated_run_forgets_no_failure(self):
        # Each third call kills: the third check of the first round, and the second of the second round.
        run = self.judge(hostile("dies_by_signal_on_third_call"),
                         SEVEN + "-*/unix_stream:*/unix_datagram:*/unix_seqpacket", "--gtest_repeat=2")
        self.assertEqual(run.verdicts, ["PASS", "CRASH", "CRASH", "PASS"])
        self.assertEqual(run.status, 1)

    def test_the_seed_in_the_results_shuffles_the_same_way_again(self):
        first = self.judge("reference", "FillOrder.*", "--gtest_shuffle")
        seed = first.results["seed"]
        again = self.judge("reference", "FillOrder.*", "--gtest_shuffle", f"--gtest_random_seed={seed}")
        self.assertEqual([check["id"] for check in again.checks], [check["id"] for check in first.checks])
        self.assertEqual(again.results["seed"], seed)

    def test_the_schema_of_results_refuses_what_is_none(self):
        if not SCHEMA_CHECK:
            self.skipTest("JSON_SCHEMA_CHECK is not set")
        results = self.judge("fault:first-item-only", "AncillaryData.TwoItems*").results
        def refused(change):
            file = self.directory / "changed.json"
            changed = json.loads(json.dumps(results))
            change(changed, changed["checks"][0])
            file.write_text(json.dumps(changed), encoding="utf-8")
            return subprocess.run([SCHEMA_CHECK, SCHEMA, file], stdout=subprocess.DEVNULL, check=False).returncode == 1
        self.assertFalse(refused(lambda results, check: None))
        for change in (lambda results, check: results.update(schema=1),
                       lambda results, check: results.pop("seed"),
                       lambda results, check: results["summary"].pop("xfail"),
                       lambda results, check: check.update(cause="whatever"),
                       lambda results, check: check.update(verdict="OK"),
                       lambda results, check: check.update(message="as in schema 1"),
                       lambda results, check: check.pop("summary"),
                       lambda results, check: check["differences"][0].pop("actual"),
                       lambda results, check: check["observation"].pop("kind")):
            self.assertTrue(refused(change))

    def test_observations_of_what_passed_are_kept_on_request(self):
        self.assertFalse([check for check in self.judge("reference", SEVEN).checks if "observation" in check])
        for check in self.judge("reference", SEVEN, "--observations").checks:
            self.assertEqual(check["observation"]["kind"], check["id"].rpartition("/")[2])
            self.assertTrue(check["observation"]["steps"])

    def test_results_of_a_whole_run_are_small(self):
        out = self.directory / "out"
        self.call("--implementation", "reference", "--out", out)
        self.assertLess((out / "results.json").stat().st_size, 1_000_000)

    def test_the_results_say_what_was_judged(self):
        implementation = self.judge("reference", SEVEN).results["implementation"]
        self.assertEqual((implementation["spec"], implementation["name"]), ("reference", "recvinto"))
        self.assertIn("scatter", implementation["capabilities"])


class Interruption(RunnerTest):
    """The run ends, keeps what it has, and leaves nothing behind."""

    def judge_and_interrupt(self, signum, body):
        """Sends the signal when the adapter, in `body`, says that it is where it should be."""
        where = self.directory / "there"
        os.mkfifo(where)
        there = f"there = {str(where)!r}\n" + textwrap.dedent(body)
        out = self.directory / "out"
        process = self.start("--implementation", self.adapter(there), "--filter", SEVEN, "--out", out,
                             "--deadline-ms", "100000", "--jobs", "1")
        with open(where, "rb") as fifo:
            self.assertEqual(fifo.read(1), b"!")
            process.send_signal(signum)
        return self.end(process, out)

    def assert_ends_the_run(self, signum):
        run = self.judge_and_interrupt(signum, """
            def third_call(self, request):
                with open(self.there, "wb") as fifo:
                    fifo.write(b"!")
                hostile_adapter.sleep_for_ever()
        """)
        self.assert_whole(run)
        self.assertEqual(run.verdicts, ["PASS", "PASS"] + ["NOTRUN"] * 5)
        self.assertEqual(run.reasons("NOTRUN"), {"interrupted"})
        self.assertEqual(run.status, 1)

    def test_sigint_ends_the_run_and_keeps_the_results(self):
        self.assert_ends_the_run(signal.SIGINT)

    def test_sigterm_ends_the_run_and_keeps_the_results(self):
        self.assert_ends_the_run(signal.SIGTERM)

    def test_before_anything_ran_it_is_told_in_one_line(self):
        run = self.judge_and_interrupt(signal.SIGINT, """
            def hello(self):
                with open(self.there, "wb") as fifo:
                    fifo.write(b"!")
                hostile_adapter.sleep_for_ever()
        """)
        self.assertEqual((run.status, run.stdout, run.stderr), (1, "", "recvmsg-conformance: interrupted\n"))
        self.assertIsNone(run.results)


if __name__ == "__main__":
    unittest.main()
