#!/usr/bin/env python3
"""The target that compares implementations: what it finds in those that are wrong, and what it tells of a finding.

Usage: FUZZERS=build/release/fuzz RECVMSG_CONFORMANCE=... TEMPLATE=template.so BUGGY=buggy.so GLIB=glib.so
       BUGGY_GLIB=buggy-glib.so implementations_test.py [arguments of unittest]
GLIB and BUGGY_GLIB may be empty: then there is no GLib.
"""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from blind import DEADLINE_S, BlindTest

RUNNER = os.environ.get("RECVMSG_CONFORMANCE", "recvmsg-conformance")
TEMPLATE, BUGGY, GLIB, BUGGY_GLIB = (
    os.environ.get(name) and f"plugin:{os.environ[name]}" for name in ("TEMPLATE", "BUGGY", "GLIB", "BUGGY_GLIB"))


def descriptors(**call):
    """Two descriptors, received by one call."""
    return {"schema": 1, "scenario": {"kind": "unix_stream", "steps": [
        {"step": "send", "data": "61", "files": 2},
        {"step": "start", "call": {"buffers": [{"size": 4}], **call}},
        {"step": "finish"}]}}


def datagram():
    """A datagram, whose sender is reported."""
    return {"schema": 1, "scenario": {"kind": "udp4", "steps": [
        {"step": "send", "data": "61"},
        {"step": "start", "call": {"buffers": [{"size": 4}]}},
        {"step": "finish"}]}}


class ImplementationsTest(BlindTest):
    invariant = "implementations_agree"

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def runner(self, *arguments, bug=""):
        return subprocess.run([RUNNER, *arguments], env={**os.environ, "RECVINTO_PLANTED_BUG": bug},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE_S, check=False)

    def corpus_of(self, scenario):
        (self.directory / "scenario.json").write_text(json.dumps(scenario), encoding="utf-8")
        return self.directory


class Agreeing(ImplementationsTest):
    def test_nothing_is_found_in_the_reference(self):
        self.assert_nothing_found(self.blind("--runs=2000"))

    def test_nothing_is_found_in_the_system_call_as_a_plugin(self):
        self.assert_nothing_found(self.blind("--runs=1000", f"--implementation={TEMPLATE}"))
        self.assert_nothing_found(self.blind("--runs=1000", f"--implementation={TEMPLATE}", "--against=reference"))


class Disagreeing(ImplementationsTest):
    def test_planted_faults_are_found(self):
        for fault in ("no-address", "drops-cut-items", "keeps-a-duplicate"):
            with self.subTest(fault):
                self.assert_found(self.blind(f"--implementation=fault:{fault}"), "the implementation disagrees")

    def test_bugs_of_a_plugin_are_found(self):
        for bug in ("ctrunc_is_lost", "last_item_is_lost"):
            with self.subTest(bug):
                self.assert_found(self.blind(f"--implementation={BUGGY}", bug=bug), "the implementation disagrees")

    def test_what_each_answers_is_told(self):
        run = self.blind(f"--implementation={BUGGY}", "--against=reference", bug="ctrunc_is_lost")
        self.assert_found(run, f"{BUGGY} against reference", f"against the model, {BUGGY} is wrong, reference is right",
                          f"\n{BUGGY}\n", "\nreference\n", "\nrecvmsg(2) itself\n")

    def test_the_environment_names_the_implementation_too(self):
        environment = {"RECVINTO_FUZZ_IMPLEMENTATION": "fault:no-address"}
        self.assert_found(self.run_blind(self.corpus_of(descriptors(ancbufsize=128)), environment=environment),
                          "fault:no-address against")

    def test_one_that_cannot_be_loaded_is_status_66(self):
        run = self.blind("--implementation=plugin:nowhere.so")
        self.assertEqual(run.status, 66, run.stderr)
        self.assertIn("nowhere.so", run.stderr)


class Counted(ImplementationsTest):
    """--count has the number of the execution that found something."""

    def found_in(self, *arguments, corpus):
        count = self.directory / "count"
        self.assert_found(self.blind(f"--count={count}", "--implementation=fault:no-address", *arguments, corpus=corpus))
        return int(count.read_text(encoding="utf-8"))

    def corpus(self, **scenarios):
        corpus = self.directory / "corpus"
        corpus.mkdir()
        for name, scenario in scenarios.items():
            (corpus / name).write_text(json.dumps(scenario), encoding="utf-8")
        return corpus

    def test_inputs_come_first_and_by_name(self):
        harmless, telling = descriptors(), datagram()
        self.assertEqual(self.found_in("--runs=0", corpus=self.corpus(a=harmless, b=harmless, c=telling, d=telling)), 3)

    def test_mutations_come_behind_them(self):
        corpus = self.corpus(a=descriptors(), b=descriptors())
        found = self.found_in(corpus=corpus)
        self.assertGreater(found, 2)
        self.assert_nothing_found(self.blind(f"--runs={found - 3}", "--implementation=fault:no-address", corpus=corpus))
        self.assertEqual(self.found_in(f"--runs={found - 2}", corpus=corpus), found)

    def test_without_inputs_the_empty_one_is_the_first(self):
        corpus = self.corpus()
        found = self.found_in(corpus=corpus)
        self.assertEqual(self.found_in(f"--runs={found - 1}", corpus=corpus), found)
        self.assert_nothing_found(self.blind(f"--runs={found - 2}", "--implementation=fault:no-address", corpus=corpus))

    def test_a_file_that_cannot_be_written_is_status_2(self):
        run = self.blind("--count=/nowhere/count", "--runs=0")
        self.assertEqual(run.status, 2, run.stderr)
        self.assertIn("cannot write /nowhere/count", run.stderr)


class Crashing(ImplementationsTest):
    def test_a_crash_in_a_plugin_is_said_to_be_its_own(self):
        run = self.blind(f"--implementation={BUGGY}", bug="items_crash")
        self.assert_found(run, f"the crash is in {BUGGY}, in frame read_an_item (")

    def test_a_finding_is_no_crash_of_the_plugin(self):
        run = self.blind(f"--implementation={BUGGY}", bug="ctrunc_is_lost")
        self.assertNotIn("the crash is in", run.stderr)


class Kept(ImplementationsTest):
    """With --findings, fuzzing goes on behind what is found."""

    def kept(self, bugs, **options):
        folder = self.directory / "found"
        self.assert_nothing_found(self.blind(f"--implementation={BUGGY}", f"--findings={folder}", "--runs=1500",
                                             bug=",".join(bugs), **options))
        return {file: json.loads(file.read_text(encoding="utf-8")) for file in folder.glob("*.json")}

    BUGS = {
        "last_of_four_is_cleared": "buffers other, on unix",
        "nbytes_is_one_less": "nbytes less, on unix",
        "unix_ctrunc_is_lost": "msg_flags without MSG_CTRUNC, on unix",
        "trunc_is_lost": "msg_flags without MSG_TRUNC, on unix",
        "unix_address_is_lost": "address missing, on unix",
        "scope_is_wrong": "address other, on internet",
        "emsgsize_is_einval": "error EINVAL (OSError) where EMSGSIZE was expected, on unix",
        "credentials_are_cut": "ancdata other, on unix",
        "oob_is_invented": "msg_flags with MSG_OOB, on unix",
        "inheritable": "close-on-exec other, on unix",
        "duplicate_stays_open": "left open, unreported other, on unix",
    }

    def test_bugs_are_told_apart(self):
        found = self.kept(self.BUGS)
        by_the_model = sorted(one["signature"].removeprefix("EveryCallMatchesTheModel: ") for one in found.values()
                              if one["judge"] == "EveryCallMatchesTheModel")
        self.assertEqual(by_the_model, sorted(self.BUGS.values()))
        for file, one in found.items():
            self.assertFalse(one["is_the_judges"], one)
            self.assertLessEqual(len(one["steps"]), 4, one)
            replay = self.runner("replay", file.with_suffix(".scenario"), "--implementation", BUGGY, bug=",".join(self.BUGS))
            self.assertEqual(replay.returncode, 1, replay.stdout + replay.stderr)

    def kept_of_the_model(self, bug):
        """The file of what the model finds. A law may find it, too, and then has a file of its own."""
        (file,) = [file for file, one in self.kept((bug,)).items() if one["judge"] == "EveryCallMatchesTheModel"]
        return file

    def test_what_is_known_is_counted_and_not_kept_again(self):
        file = self.kept_of_the_model("unix_ctrunc_is_lost")
        hits = file.with_suffix(".hits").stat().st_size
        written = file.stat().st_mtime_ns
        self.assertEqual(self.kept_of_the_model("unix_ctrunc_is_lost"), file)
        self.assertEqual(file.stat().st_mtime_ns, written)
        self.assertGreater(file.with_suffix(".hits").stat().st_size, hits)

    def test_the_simplest_scenario_is_found_to_be_the_same(self):
        file = self.kept_of_the_model("unix_ctrunc_is_lost")
        corpus = self.directory / "corpus"
        corpus.mkdir()
        (corpus / "input").write_bytes(file.with_suffix(".scenario").read_bytes())
        again = self.directory / "again"
        self.blind("--runs=0", f"--implementation={BUGGY}", f"--findings={again}", bug="unix_ctrunc_is_lost", corpus=corpus)
        self.assertIn(file.name, [path.name for path in again.glob("*.json")])


class Exported(ImplementationsTest):
    def test_a_finding_is_performed_again_by_the_runner(self):
        file = self.directory / "found.json"
        self.assert_found(self.blind(f"--implementation={BUGGY}", f"--export={file}", bug="ctrunc_is_lost"))
        self.assertLessEqual(len(json.loads(file.read_text(encoding="utf-8"))["scenario"]["steps"]), 4)
        replay = self.runner("replay", file, "--implementation", BUGGY, bug="ctrunc_is_lost")
        self.assertEqual(replay.returncode, 1, replay.stdout + replay.stderr)
        self.assertIn("MSG_CTRUNC", replay.stdout)
        self.assertEqual(self.runner("replay", file, "--implementation", BUGGY).returncode, 0)

    def test_the_input_of_a_crash_is_performed_again_as_it_is(self):
        file = self.directory / "crash"
        self.assert_found(self.blind(f"--implementation={BUGGY}", f"--keep={file}", bug="items_crash"),
                          "the crash is in")
        replay = self.runner("replay", file, "--implementation", BUGGY, bug="items_crash")
        self.assertEqual(replay.returncode, 1, replay.stdout + replay.stderr)
        self.assertIn("CRASH", replay.stdout)


class Recorded(ImplementationsTest):
    def test_a_conformance_run_is_a_corpus(self):
        record = self.runner("run", "--filter", "Address.*:AncillaryData.*:FillOrder.*",
                             "--record-corpus", self.directory)
        self.assertEqual(record.returncode, 0, record.stdout + record.stderr)
        self.assert_nothing_found(self.blind("--runs=0", corpus=self.directory))
        run = self.blind("--runs=0", "--implementation=fault:first-item-only", corpus=self.directory)
        self.assert_found(run, "the implementation disagrees")


@unittest.skipUnless(GLIB, "there is no GLib")
class Glib(ImplementationsTest):
    def test_a_bug_that_it_does_not_have_is_found(self):
        corpus = self.corpus_of(descriptors())  # it chooses the size of the control buffer itself
        self.assert_nothing_found(self.blind("--runs=0", f"--implementation={GLIB}", corpus=corpus))
        run = self.blind("--runs=0", f"--implementation={BUGGY_GLIB}", bug="last_item_is_lost", corpus=corpus)
        self.assert_found(run, f"{BUGGY_GLIB} against model")

    def test_flags_about_waiting_are_not_asked_of_it(self):
        # It polls before it receives, and again after EAGAIN: MSG_DONTWAIT would make it loop without end.
        scenario = descriptors(flags=0x40)
        del scenario["scenario"]["steps"][0]
        self.assert_nothing_found(self.blind("--runs=0", f"--implementation={GLIB}", corpus=self.corpus_of(scenario)))

    def test_a_crash_in_it_is_said_to_be_its_own(self):
        run = self.blind(f"--implementation={BUGGY_GLIB}", bug="items_crash", corpus=self.corpus_of(descriptors()))
        self.assert_found(run, f"the crash is in {BUGGY_GLIB}, in frame read_an_item (")


if __name__ == "__main__":
    unittest.main()
