#!/usr/bin/env python3
"""Whatever ends a run, or a part of it: what was judged is on disk, nothing is left running, and no other verdict changes.

Usage: RECVMSG_CONFORMANCE=/path/to/recvmsg-conformance [KILLS=N] [SEED=S] lost_nothing_test.py [arguments of unittest]
"""
import json
import os
import pathlib
import random
import re
import resource
import shlex
import signal
import subprocess
import sys
import time
import unittest
import xml.etree.ElementTree

import runner_case

KILLS = int(os.environ.get("KILLS", "6"))  # of each sort
SEED = int(os.environ.get("SEED", str(random.randrange(1 << 32))))
CPYTHON = f"exec:{shlex.quote(sys.executable)} -B {shlex.quote(str(runner_case.ADAPTER))}"
# A few hundred checks: on the host's kernel and scripted, side by side and alone.
SOME = "FillOrder.*:Flags.*:Waiting.*:Scripted*/unix_datagram:AncillaryData.*/unix_stream"


def children_of(pid):
    try:
        return [int(word) for word in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


class StruckTest(runner_case.RunnerTest):
    """Runs that are struck at moments that the seed chooses."""

    @classmethod
    def setUpClass(cls):
        print(f"SEED={SEED} KILLS={KILLS}", file=sys.stderr)
        cls.random = random.Random(SEED)

    def setUp(self):
        super().setUp()
        undisturbed = self.judge(CPYTHON, SOME, "--jobs", "2")
        self.verdicts_undisturbed = {check["id"]: check["verdict"] for check in undisturbed.checks}
        begin = time.monotonic()
        self.judge(CPYTHON, SOME, "--jobs", "2")
        self.duration = time.monotonic() - begin

    def strike(self, choose):
        """Starts a run and sends SIGKILL, at some moment, to what `choose` returns of it. The run, its --out."""
        out = self.directory / f"out{self.random.randrange(1 << 64):x}"
        process = self.start("--implementation", CPYTHON, "--filter", SOME, "--jobs", "2", "--out", out)
        time.sleep(self.random.uniform(0, self.duration))  # this is no waiting for anything: the moment is random
        struck = choose(process)
        try:
            if struck is not None:
                os.kill(struck, signal.SIGKILL)
        except ProcessLookupError:  # it has ended
            pass
        return process, out

    def judged_in(self, out):
        """What results.json has, which is whole whenever it is there; and so is junit.xml."""
        if not (out / "results.json").exists():
            return None
        results = json.loads((out / "results.json").read_text(encoding="utf-8"))
        if (out / "junit.xml").exists():
            xml.etree.ElementTree.parse(out / "junit.xml")
        counted = sum(results["summary"].values())
        self.assertEqual(counted, len(results["checks"]))
        return results

    def assert_as_undisturbed(self, results, but_for=0):
        other = [check for check in results["checks"] if check["verdict"] != self.verdicts_undisturbed[check["id"]]]
        self.assertLessEqual(len(other), but_for, other)
        return other

    def eventually_nothing_is_left(self):
        """SIGKILL takes effect when the kernel delivers it."""
        latest = time.monotonic() + runner_case.DEADLINE_S
        while self.left_running():
            self.assertLess(time.monotonic(), latest, f"left running: {self.left_running()}")
            os.sched_yield()

    def test_the_runner(self):
        for _ in range(KILLS):
            process, out = self.strike(lambda process: process.pid)
            stdout, _stderr = process.communicate()
            self.eventually_nothing_is_left()
            results = self.judged_in(out)
            shown = [int(count) for count in re.findall(r"(?m)^(\d+)/\d+ checks", stdout)]
            if results is None:
                self.assertEqual(shown, [], "what was shown is not there")
                continue
            self.assert_as_undisturbed(results)
            # What is printed has been written, but for the one result that is printed just now.
            self.assertGreaterEqual(len(results["checks"]) + 1, max(shown, default=0))
            # It may be struck behind its last write.
            if results["complete"]:
                self.assertEqual(len(results["checks"]), len(self.verdicts_undisturbed))
            else:
                self.assertNotEqual(process.returncode, 0)

    def test_a_worker(self):
        for _ in range(KILLS):
            process, out = self.strike(lambda process: self.random.choice(children_of(process.pid) or [None]))
            run = self.end(process, out)
            if run.results is None:  # there was none yet
                continue
            self.assertTrue(run.results["complete"])
            self.assertEqual(len(run.checks), len(self.verdicts_undisturbed))
            for check in self.assert_as_undisturbed(run.results, but_for=1):
                self.assertEqual((check["verdict"], check["cause"]), ("NOTRUN", "interrupted"))
                self.assertRegex(check["reason"], "^the process of the suite that performed this check was ended by SIGKILL")

    def test_an_adapter(self):
        def adapter(process):
            adapters = [child for worker in children_of(process.pid) for child in children_of(worker)]
            return self.random.choice(adapters or [None])
        for _ in range(KILLS):
            process, out = self.strike(adapter)
            run = self.end(process, out)
            if run.status == 66:  # the first, before it said hello
                continue
            self.assertTrue(run.results["complete"])
            self.assertEqual(len(run.checks), len(self.verdicts_undisturbed))
            for check in self.assert_as_undisturbed(run.results, but_for=1):
                # Struck while it was started for this check, it cannot be started.
                expected = ("NOTRUN", "cannot-start") if "on hello" in check["reason"] else ("CRASH", "ended")
                self.assertEqual((check["verdict"], check["cause"]), expected, check)
                self.assertIn("SIGKILL", check["reason"])


class Interrupted(runner_case.RunnerTest):
    def test_what_was_judged_is_there_and_the_rest_is_not_run(self):
        for signum in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signum.name):
                out = self.directory / signum.name
                process = self.start("--implementation", CPYTHON, "--jobs", "2", "--out", out)
                while len(re.findall(r"^\d+/\d+ checks", process.stdout.readline())) == 0:
                    pass
                process.send_signal(signum)
                run = self.end(process, out)
                self.assert_whole(run)
                self.assertEqual(run.status, 1)
                self.assertGreater(run.results["summary"]["pass"], 0)
                self.assertGreater(run.results["summary"]["notrun"], 100)
                self.assertEqual({(check["cause"], check["reason"]) for check in run.checks
                                  if check["verdict"] == "NOTRUN"}, {("interrupted", "interrupted")})
                self.assertIn("NOTRUN", run.stdout.splitlines()[-1])


class NoRoom(runner_case.RunnerTest):
    """Files that cannot get any longer cost nothing but what they would have held."""

    def assert_told(self, run):
        self.assertEqual(run.status, 70, run.stderr)
        self.assertEqual(run.stderr.count("; the run goes on"), 1)
        self.assertIn("not all results could be written", run.stderr)
        self.assertIn("7 checks" if "7 checks" in run.stdout else " checks in ", run.stdout)
        self.assertFalse(run.results["complete"])
        self.assertGreater(len(run.checks), 3)
        self.assertEqual(sum(run.results["summary"].values()), len(run.checks))

    def test_beyond_the_limit_of_a_files_size(self):
        out = self.directory / "out"
        process = self.start("--filter", "FillOrder.*", "--out", out, "--jobs", "2",
                             preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000)))
        self.assert_told(self.end(process, out))

    def test_on_a_full_disk(self):
        disk, out = self.directory / "disk", self.directory / "out"
        disk.mkdir()
        out.mkdir()
        inside = ('mount -t tmpfs -o size=32k none "$1" || exit 99; shift; "$@"; status=$?; '
                  f'cp {shlex.quote(str(disk))}/*.json {shlex.quote(str(disk))}/*.xml {shlex.quote(str(out))}; exit $status')
        run = subprocess.run(["unshare", "--mount", "sh", "-c", inside, "sh", disk, runner_case.RUNNER, "--filter",
                              "FillOrder.*:Flags.*", "--out", disk, "--jobs", "2"], capture_output=True, text=True,
                             check=False)
        if run.returncode in (1, 99) and not list(out.iterdir()):
            self.skipTest(f"no file system of one's own: {run.stderr}")
        self.assert_told(runner_case.Ended(run.returncode, run.stdout, run.stderr, out))
        self.assertEqual([file.name for file in out.iterdir() if "unfinished" in file.name], [])


class BadEnds(runner_case.RunnerTest):
    def test_an_answer_and_an_end_are_never_the_suites_fault(self):
        body = """
            def call(self, request):
                super().call(request)
                sys.stdout.flush()
                os._exit(0)
        """
        for _ in range(KILLS):
            run = self.judge(self.adapter(body), runner_case.SEVEN, "--jobs", "2")
            self.assertIn(run.status, (0, 1), run.stdout)
            self.assertLessEqual(set(run.verdicts), {"PASS", "CRASH"})

    def test_what_cannot_be_started_any_more_is_given_up(self):
        starts = self.directory / "starts"
        adapter = self.adapter(f"""
            def serve(self):
                with open({str(starts)!r}, "a") as file:
                    file.write("x")
                if os.path.getsize({str(starts)!r}) > 2:
                    raise SystemExit("no more")
                super().serve()

            def third_call(self, request):
                os._exit(3)
        """)
        run = self.judge(adapter, runner_case.FOURTEEN + ":Flags.*", "--jobs", "2")
        self.assertEqual(run.status, 1)
        self.assertGreater(run.results["summary"]["notrun"], 20)
        self.assertLessEqual(starts.stat().st_size, 2 + 3 * 10)


class Memory(runner_case.RunnerTest):
    def setUp(self):
        super().setUp()
        if runner_case.has_address_sanitizer():
            self.skipTest("AddressSanitizer keeps what is freed, and a shadow of everything")

    def peak_of(self, *arguments):
        """Of the runner alone, as far as it has come when it tells its last line."""
        process = self.start(*arguments)
        peak = 0
        for _line in process.stdout:
            try:
                status = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
                peak = max(peak, int((re.findall(r"VmHWM:\s+(\d+)", status) or [0])[0]))
            except OSError:
                pass
        self.end(process)
        self.assertGreater(peak, 0)
        return peak

    def test_the_runner_stays_small(self):
        self.assertLess(self.peak_of("--implementation", "reference", "--out", self.directory / "out"), 100 * 1024, "KiB")

    def test_the_runner_stays_small_where_everything_fails(self):
        self.assertLess(self.peak_of("--implementation", runner_case.hostile("always_error"),
                                     "--deadline-ms", "1000", "--out", self.directory / "out"), 100 * 1024, "KiB")


if __name__ == "__main__":
    unittest.main()
