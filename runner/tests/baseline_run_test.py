#!/usr/bin/env python3
"""Baselines and calibration as users of the runner meet them: exit status, reports, and the file that is written.

Usage: RECVMSG_CONFORMANCE=/path/to/recvmsg-conformance baseline_run_test.py [arguments of unittest]
"""
import os
import re
import signal
import textwrap
import unittest

import runner_case
from runner_case import RECOMMENDED, ROOT, SEVEN, hostile

FAULT = "fault:first-item-only"
# What fails with this fault: one claim on both its kinds of socket, another on its only one.
BOTH = "AncillaryData.TwoItemsInExactSpaceAreCompleteAndInOrder"
SINGLE = "AncillaryData.ItemAfterOneByteItemIsFound/udp4"
FAILURES = {f"{BOTH}/udp4", f"{BOTH}/udp6", SINGLE}
# What does not; the second claim fails with fault:padding-is-data, as all of the above do.
FINE = "AncillaryData.PlainMessageHasNoAncillaryData/udp4"
PADDED = "AncillaryData.DescriptorsAreNotRepeatedWithTheNextMessage/*"
ANCILLARY = f"{BOTH}/*:{SINGLE}:{FINE}:{PADDED}"


def known(check, *, kind="bug", reason="it is an old one", **more):
    """An entry of a baseline."""
    return "[[known]]\n" + "".join(f'{key} = "{value}"\n' for key, value in
                                   dict(check=check, kind=kind, reason=reason, **more).items())


class BaselineTest(runner_case.RunnerTest):
    def baseline(self, *entries):
        file = self.directory / "baseline.toml"
        file.write_text("\n".join(entries), encoding="utf-8")
        return file

    def judge_with(self, implementation, filter_, *entries):
        return self.judge(implementation, filter_, "--baseline", self.baseline(*entries))

    def assert_refused(self, *entries, complaint):
        """Before anything runs: the adapter, which is not there, is not even started."""
        file = self.baseline(*entries)
        run = self.call("--implementation", "exec:/no/such/program", "--baseline", file)
        self.assertEqual((run.status, run.stdout), (2, ""), run.stderr)
        self.assertIn(complaint.replace("FILE", str(file)), run.stderr)

    @staticmethod
    def with_verdict(run, verdict):
        return {check["id"] for check in run.checks if check["verdict"] == verdict}


class Judging(BaselineTest):
    def test_failures_as_listed_do_not_count(self):
        link = "https://example.org/bug"
        run = self.judge_with(FAULT, ANCILLARY, known(f"{BOTH}/*", link=link), known(SINGLE, kind="deviation"))
        self.assertEqual((run.status, run.stderr), (0, ""))
        self.assertEqual(self.with_verdict(run, "XFAIL"), FAILURES)
        self.assertEqual((run.results["summary"]["xfail"], run.results["summary"]["fail"]), (3, 0))
        for check in run.checks:
            if check["id"].startswith(BOTH):
                self.assertTrue(check["differences"], "what happened stays to be read")
                self.assertEqual(check["baseline"], {"entry": f"{self.directory / 'baseline.toml'}:1", "kind": "bug",
                                                     "verdict": "FAIL", "reason": "it is an old one", "link": link})
            elif check["verdict"] == "PASS":
                self.assertNotIn("baseline", check)
        self.assertIn("known      2: bug, it is an old one (", run.stdout)
        self.assertIn("known      1: deviation, it is an old one (", run.stdout)
        self.assertIn(" 3 XFAIL\n", run.stdout)
        self.assertNotIn("\nFAIL", run.stdout)
        self.assertEqual((run.junit.get("failures"), run.junit.get("skipped")), ("0", "3"))

    def test_a_failure_that_is_not_listed_counts(self):
        run = self.judge_with(FAULT, ANCILLARY, known(f"{BOTH}/*"))
        self.assertEqual((run.status, self.with_verdict(run, "FAIL")), (1, {SINGLE}))

    def test_what_passes_though_listed_makes_the_baseline_stale(self):
        run = self.judge_with("reference", ANCILLARY, known(SINGLE))
        self.assertEqual((run.status, self.with_verdict(run, "XPASS"), run.results["summary"]["xpass"]),
                         (2, {SINGLE}, 1))
        self.assertIn(f"\nXPASS  {SINGLE}\n  listed       {self.directory / 'baseline.toml'}:1 as FAIL: bug, ", run.stdout)
        self.assertEqual(run.junit.get("failures"), "1")

    def test_an_unexpected_failure_is_worse_than_a_stale_baseline(self):
        run = self.judge_with(FAULT, ANCILLARY, known(FINE))
        self.assertEqual((run.status, self.with_verdict(run, "FAIL")), (1, FAILURES))
        self.assertEqual(len(self.with_verdict(run, "XPASS")), 1)

    def test_another_failure_than_listed_counts(self):
        crashes = [f"FillOrder.DocumentedExampleFillsTheBuffers/{kind}" for kind in ("unix_seqpacket", "tcp4")]
        right, wrong = known(crashes[0], verdict="CRASH"), known(crashes[1], verdict="HANG")
        run = self.judge_with(hostile("dies_by_signal_on_third_call"), SEVEN, right, wrong)
        bad = {check["id"] for check in run.checks if check["verdict"] != "PASS"}
        self.assertEqual(run.verdicts.count("CRASH") + run.verdicts.count("XFAIL"), 2)
        self.assertEqual((run.status, bad), (1, set(crashes)))
        self.assertEqual((self.with_verdict(run, "XFAIL"), self.with_verdict(run, "CRASH")),
                         ({crashes[0]}, {crashes[1]}))
        self.assertIn(" as HANG: bug, it is an old one\n", run.stdout)

    def test_what_is_recommended_may_be_listed(self):
        fault = "fault:errors-clear-buffers"
        self.assertEqual(self.judge_with(fault, RECOMMENDED, known(RECOMMENDED)).verdicts, ["XFAIL"] * 7)
        self.assertEqual(self.judge_with("reference", RECOMMENDED, known(RECOMMENDED)).status, 2)
        otherwise = self.judge_with(fault, RECOMMENDED, known(RECOMMENDED, verdict="CRASH"))
        self.assertEqual((otherwise.status, otherwise.verdicts), (1, ["FAIL"] * 7))

    def test_a_skip_is_no_error_and_is_told(self):
        run = self.judge_with(hostile("skips_everything"), "*", known(SEVEN))
        self.assertEqual(run.status, 0)
        self.assertIn("known      0: bug, it is an old one", run.stdout)
        self.assertIn("baseline.toml:1, 7 skipped)", run.stdout)

    def test_what_the_filter_leaves_out_is_no_error_and_is_told(self):
        run = self.judge_with(FAULT, SINGLE, known(f"{BOTH}/*"), known(SINGLE))
        self.assertEqual((run.status, run.verdicts), (0, ["XFAIL"]))
        self.assertIn("baseline.toml: none of their checks was chosen: the entries at line 1\n", run.stdout)

    def test_a_repeated_run_may_fail_as_listed_each_time(self):
        run = self.judge(FAULT, SINGLE, "--gtest_repeat=2", "--baseline", self.baseline(known(SINGLE)))
        self.assertEqual((run.status, run.verdicts), (0, ["XFAIL"]))


class DamagedProcess(BaselineTest):
    """Each third call kills: of seven checks of one call the third and the sixth. Alone, they pass."""

    KILLS = hostile("dies_by_signal_on_third_call")
    SECOND = "FillOrder.DocumentedExampleFillsTheBuffers/unix_datagram"

    @staticmethod
    def with_damage(check, value="true"):
        damaging = known(check).replace("reason", f"damages_process = {value}\nreason")
        return damaging.replace("kind", 'verdict = ["FAIL", "PASS"]\nkind')

    def test_an_end_that_does_not_recur_alone_is_said_to_be_so(self):
        run = self.judge(self.KILLS, SEVEN)
        self.assertEqual((run.status, run.verdicts), (1, ["PASS", "PASS", "CRASH"] * 2 + ["PASS"]))
        self.assertEqual([check.get("alone") for check in run.checks], [None, None, "PASS"] * 2 + [None])
        self.assertIn("the check is PASS; the process had performed 2 checks, the last of them " + run.checks[0]["id"] + ", " +
                      run.checks[1]["id"] + "\n", run.stdout)

    def test_an_end_that_recurs_alone_is_the_checks(self):
        counter = self.directory / "starts"
        run = self.judge(self.adapter(f"""
            def call(self, request):
                if request["type"] != 5:  # SOCK_SEQPACKET
                    return super().call(request)
                with open({str(counter)!r}, "a") as starts:
                    starts.write("x")
                os.abort()
        """), SEVEN)
        self.assertEqual((run.verdicts.count("PASS"), run.verdicts.count("CRASH")), (6, 1))
        crashed = next(check for check in run.checks if check["verdict"] == "CRASH")
        self.assertEqual((crashed["alone"], counter.read_text()), ("CRASH", "xx"))
        self.assertTrue(crashed["reason"].endswith("\nalone, in a process of its own, it ends so too"), crashed["reason"])

    def test_an_end_is_charged_to_what_damages_the_process(self):
        run = self.judge_with(self.KILLS, SEVEN, self.with_damage(self.SECOND))
        self.assertEqual(run.verdicts, ["PASS"] * 5 + ["CRASH", "PASS"], "no such check comes before the sixth")
        self.assertEqual(run.checks[2]["damaged_by"]["entry"], f"{self.directory / 'baseline.toml'}:1")
        self.assertIn("; the process ended in later checks, which were judged alone: 1)", run.stdout)
        self.assertFalse(list(self.directory.glob("*/scenarios/*unix_seqpacket*")), "it passes")

    def test_without_such_an_entry_it_is_not(self):
        self.assertEqual(self.judge_with(self.KILLS, SEVEN, self.with_damage(self.SECOND, "false")).verdicts.count("CRASH"), 2)

    def test_a_new_entry_lists_what_it_is_alone_too(self):
        file = self.directory / "new.toml"
        self.call("baseline", "--implementation", self.KILLS, "--filter", SEVEN, "--write", file, "--jobs", "1")
        self.assertIn('verdict = ["CRASH", "PASS"]\n', file.read_text(encoding="utf-8"))


class Refusing(BaselineTest):
    def test_an_entry_for_no_check(self):
        self.assert_refused(known(SINGLE), known("No.SuchCheck/*"),
                            complaint='FILE:6: no check is named "No.SuchCheck/*"')

    def test_two_entries_for_a_check(self):
        self.assert_refused(known(SINGLE), known("*/udp4"), complaint='"*/udp4" and "' + SINGLE + '" at FILE:1 both list')

    def test_a_reason_that_is_still_to_be_found(self):
        self.assert_refused(known(SINGLE, reason="to be explained"),
                            complaint='FILE:1: the reason is still "to be explained"')

    def test_what_is_no_baseline(self):
        self.assert_refused("[[known]\n", complaint="FILE:1: this is no TOML: ")
        self.assert_refused(known(SINGLE, when="always"), complaint='FILE:5: "when" is no key of an entry')
        self.assert_refused(known(SINGLE, verdict="PASS"), complaint="FILE:5: the verdict is none of FAIL, ")


class Writing(BaselineTest):
    def write(self, implementation, filter_, *more, status=0):
        file = self.directory / "baseline.toml"
        run = self.call("baseline", "--implementation", implementation, "--filter", filter_, "--write", file, *more)
        self.assertEqual(run.status, status, run.stderr)
        return run, file.read_text(encoding="utf-8") if file.exists() else None

    def test_a_new_one_lists_what_fails_to_be_explained(self):
        run, text = self.write(FAULT, ANCILLARY)
        self.assertIn(f'added "{BOTH}/*": FAIL, to be explained\n', run.stdout)
        self.assertIn(f'added "{SINGLE}": FAIL, to be explained\n', run.stdout)
        self.assertRegex(text, r"\A# What is known to fail in recvinto \S+\. To bring this up to date:\n"
                               r"#   recvmsg-conformance baseline --implementation fault:first-item-only --write \S+\n\n#")
        self.assertIn("# items-begin-aligned (required): ", text)
        self.assertIn("# RFC 3542", text)
        self.assertEqual(text.count("[[known]]"), 2)
        explained = text.replace("to be explained", "only the first is taken")
        self.assertEqual(self.judge_with(FAULT, ANCILLARY, explained).status, 0)

    def test_what_holds_stays_letter_by_letter(self):
        text = textwrap.dedent(f"""\
            # Ours.   \t

            # --- two ---
            [[known]]
            reason = '''it is
            an old one'''   # really
            kind   = "platform"
            check = "{SINGLE}"

            # the other
            [[known]]
            check = "{BOTH}/*"
            kind = "bug"
            link = "https://example.org/"
            reason = "r"
            # the end""")
        self.baseline(text)
        run, written = self.write(FAULT, ANCILLARY)
        self.assertEqual(written, text)
        self.assertIn("baseline.toml: nothing to change\n", run.stdout)

    def test_what_passes_goes_and_what_is_new_comes(self):
        self.baseline("# Ours.\n", "# gone soon\n" + known(FINE),
                      "# the order stays\n" + known(SINGLE), known("No.SuchCheck"))
        run, written = self.write(FAULT, ANCILLARY)
        self.assertTrue(written.startswith("# Ours.\n\n# the order stays\n" + known(SINGLE)), written)
        self.assertEqual(written.count("[[known]]"), 2)
        self.assertIn(f'removed "{FINE}" (', run.stdout)
        self.assertIn('removed "No.SuchCheck" (', run.stdout)
        self.assertIn(f'added "{BOTH}/*": FAIL, to be explained\n', run.stdout)

    def test_what_the_filter_leaves_out_is_believed(self):
        text = known("FillOrder.*")
        self.baseline(text)
        self.assertTrue(self.write(FAULT, ANCILLARY)[1].startswith(text))

    def test_two_entries_for_a_check_are_for_people_to_mend(self):
        text = known(SINGLE) + known("*/udp4")
        self.baseline(text)
        run, written = self.write(FAULT, ANCILLARY, status=2)
        self.assertIn("both list", run.stderr)
        self.assertEqual(written, text)

    def test_recommendations_are_listed_only_when_they_count(self):
        fault = "fault:errors-clear-buffers"
        self.assertNotIn("[[known]]", self.write(fault, RECOMMENDED)[1])
        self.assertIn(f'check = "{RECOMMENDED}"', self.write(fault, RECOMMENDED, "--strict")[1])

    def test_what_cannot_be_written_is_not_judged(self):
        run = self.call("baseline", "--implementation", "exec:/no/such/program", "--write", "/no/such/folder/file")
        self.assertEqual((run.status, run.stdout), (64, ""))
        self.assertIn("cannot write --write /no/such/folder/file: No such file", run.stderr)

    def test_one_of_nothing_is_written_too(self):
        run, text = self.write("reference", SEVEN)
        self.assertIn("baseline.toml: written\n", run.stdout)
        self.assertEqual(self.judge_with("reference", SEVEN, text).status, 0)

    def test_what_was_not_judged_is_not_written(self):
        self.assertEqual(self.write(FAULT, "No.SuchCheck", status=3)[1], None)
        self.assertEqual(self.write("exec:/no/such/program", "*", status=66)[1], None)


class Shipped(BaselineTest):
    """The baselines in this repository, whether the implementation is here or not."""

    def test_they_can_be_used_and_lead_to_findings(self):
        files = sorted((ROOT / "conformance/baselines").glob("*.toml"))
        self.assertTrue(files)
        anchors = {
            f"{page.relative_to(ROOT)}#" + re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
            for page in [ROOT / "docs/findings.md", *(ROOT / "docs/findings").glob("*.md")]
            for title in re.findall(r"(?m)^## (.*)$", page.read_text(encoding="utf-8"))
        }
        for file in files:
            with self.subTest(file.name):
                run = self.call("--filter", "No.SuchCheck", "--baseline", file)
                self.assertEqual(run.status, 3, run.stderr)
                links = re.findall(r'(?m)^link = "(.*)"$', file.read_text(encoding="utf-8"))
                self.assertLessEqual(set(links), anchors)


class Calibrating(BaselineTest):
    """A planted fault stands in for a kernel that deviates."""

    def calibrated(self, implementation, kernel, filter_, *more):
        return self.judge(implementation, filter_, "--calibrate-with", kernel, *more)

    def test_what_the_kernel_fails_too_is_not_held_against_the_implementation(self):
        run = self.calibrated("fault:padding-is-data", FAULT, ANCILLARY)
        self.assertEqual(self.with_verdict(run, "SKIP"), FAILURES)
        self.assertEqual({check["id"] for check in run.checks if check.get("kernel_deviates")}, FAILURES)
        self.assertEqual(len(self.with_verdict(run, "FAIL")), 3, "what that kernel does right is the implementation's")
        self.assertEqual(run.status, 1)
        for reason in run.reasons("SKIP"):
            self.assertRegex(reason, r"^this host's kernel: fault:first-item-only fails this too: .+: expected .+, actual ")
        self.assertIn("kernel     3: this host's kernel deviates; not held against recvinto\n", run.stdout)
        self.assertIn(f"\n  {SINGLE}: this host's kernel: ", run.stdout)
        self.assertNotIn("skipped ", run.stdout)
        self.assertEqual((run.junit.get("failures"), run.junit.get("skipped")), ("3", "3"))

    def test_the_kernel_of_this_host_is_asked_unless_told_otherwise(self):
        for more in ((), ("--calibrate-with", "none"), ("--calibrate-with", "reference")):
            self.assertEqual(self.with_verdict(self.judge(FAULT, ANCILLARY, *more), "FAIL"), FAILURES)

    def test_nobody_is_excused_by_himself(self):
        self.assertEqual(self.with_verdict(self.calibrated(FAULT, FAULT, ANCILLARY), "FAIL"), FAILURES)

    def test_a_shard_of_a_run_is_calibrated_as_a_whole(self):
        excused = set()
        for shard in range(3):
            self.environment.update(GTEST_TOTAL_SHARDS="3", GTEST_SHARD_INDEX=str(shard))
            run = self.calibrated("fault:padding-is-data", FAULT, ANCILLARY)
            excused |= {check["id"] for check in run.checks if "kernel_deviates" in check}
        self.assertEqual(excused, FAILURES)

    def test_a_scripted_answer_is_never_the_kernels(self):
        # Both fail it: but it is the suite that answers, whatever the host's kernel.
        run = self.calibrated("fault:padding-is-data", FAULT, "ControlData.PaddingBytesAreNotReturned/*")
        self.assertFalse([check for check in run.checks if "kernel_deviates" in check])
        if set(run.verdicts) == {"SKIP"}:
            self.skipTest(run.checks[0]["reason"])
        self.assertEqual(set(run.verdicts), {"FAIL"})

    def test_a_crash_is_never_the_kernels(self):
        run = self.calibrated(hostile("dies_by_signal_on_third_call"), hostile("always_error"), SEVEN)
        self.assertEqual(run.verdicts.count("CRASH"), 2)

    def test_what_is_listed_is_not_asked_for(self):
        run = self.judge(FAULT, SINGLE, "--calibrate-with", "fault:padding-is-data", "--baseline",
                         self.baseline(known(SINGLE)))
        self.assertEqual((run.status, run.verdicts), (0, ["XFAIL"]))

    def test_without_an_answer_it_stays_the_implementations(self):
        run = self.calibrated(FAULT, "exec:/no/such/program", ANCILLARY)
        self.assertEqual((run.status, self.with_verdict(run, "FAIL")), (1, FAILURES))
        self.assertRegex(run.stderr, r"not calibrated with exec:/no/such/program, so a failure may be the kernel's: "
                                     r"cannot execute")

    def test_an_interruption_ends_it(self):
        there, out = self.directory / "there", self.directory / "out"
        os.mkfifo(there)
        waits = self.adapter(f"""
            def call(self, request):
                with open({str(there)!r}, "wb") as fifo:
                    fifo.write(b"!")
                hostile_adapter.pause_without_end()
        """)
        process = self.start("--implementation", FAULT, "--filter", SINGLE, "--calibrate-with", waits, "--out", out,
                             "--deadline-ms", "100000")
        with open(there, "rb") as fifo:
            self.assertEqual(fifo.read(1), b"!")
            process.send_signal(signal.SIGTERM)
        run = self.end(process, out)
        self.assertEqual((run.status, run.verdicts), (1, ["FAIL"]))
        self.assertIn("so a failure may be the kernel's: interrupted\n", run.stderr)

    def test_it_leaves_no_files_behind(self):
        self.environment["TMPDIR"] = str(self.directory)
        self.calibrated(FAULT, "raw", ANCILLARY)
        self.assertFalse([name for name in os.listdir(self.directory) if "calibration" in name])


if __name__ == "__main__":
    unittest.main()
