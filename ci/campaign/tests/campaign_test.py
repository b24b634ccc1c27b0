#!/usr/bin/env python3
"""ci/fuzz-campaign from its arguments to its report, on targets with planted bugs."""
import html.parser
import os
import pathlib
import signal
import time
import unittest

from stand_ins import CampaignTest, processes_of, wait_for_line


class WhatItFinds(CampaignTest):
    def test_planted_bugs_are_found_counted_minimised_and_reproduced(self):
        self.add_seed("planted", "grown", b"orx" + b"ballast" * 5)
        self.add_seed("planted", "arithmetic", b"arx")
        self.add_seed("planted", "memory", b"me!")
        run = self.campaign("--jobs", "2", targets="planted")

        self.assertEqual(run.status, 1, run.err)
        oracle = run.finding("oracle")
        self.assertEqual(oracle["bytes"], 3)
        self.assertTrue(oracle["minimised"], f"{oracle}\n{run.err}")
        self.assertEqual(oracle["reproduced"], "3 of 3")
        self.assertEqual(oracle["belongs_to"], "reference")
        memory = run.finding("AddressSanitizer: heap-buffer-overflow")
        self.assertEqual(memory["frames"], ["read_beyond", "LLVMFuzzerTestOneInput"])
        self.assertEqual(memory["belongs_to"], "suite")
        self.assertEqual((self.out / memory["input"]).read_bytes()[:2], b"me")
        arithmetic = run.finding("UndefinedBehaviorSanitizer: signed integer overflow")
        self.assertEqual(len(run.record["findings"]), 3, "one for each bug, however often it was met")
        for finding in (oracle, memory, arithmetic):
            self.assertNotEqual(self.reproduce(finding), 0, finding["reproduce"])
            self.assertIn(finding["reproduce"], run.out)
            self.assertIn("LLVMFuzzerTestOneInput", (self.out / "findings" / finding["id"] / "report.txt").read_text())

    def test_a_seed_that_crashes_is_a_finding_and_ends_nothing(self):
        self.add_seed("planted", "arithmetic", b"arx")
        self.add_seed("planted", "memory", b"me!")
        run = self.campaign(targets="planted")
        for kind in ("UndefinedBehaviorSanitizer", "AddressSanitizer"):
            self.assertEqual(run.finding(kind)["found_after_seconds"], 0, "known inputs come before any fuzzing")
        self.assertGreater(run.target("planted")["executions"], 1000)

    def test_a_sound_target_has_no_findings_and_a_covering_corpus(self):
        run = self.finish(self.start(targets="sound"))
        self.assertEqual(run.status, 0, run.err)
        target = run.target("sound")
        self.assertGreater(target["executions"], 1000)
        self.assertGreater(target["cpu_seconds"], 0.5)
        self.assertEqual(target["points"][-1][1], target["edges"])
        self.assertIn(b"good", [path.read_bytes()[:4] for path in (self.out / "corpus/sound").iterdir()])
        self.assertEqual(target["corpus"]["files"], len(list((self.out / "corpus/sound").iterdir())))
        lines = {file["file"]: file["lines"] for file in run.record["coverage"]["files"]}
        covered, count = lines["ci/campaign/tests/stand_ins/sound.cc"]
        self.assertEqual(covered, count)
        self.assertTrue((self.out / run.record["coverage"]["html"]).exists())

    def test_what_adds_no_coverage_is_left_out_of_the_corpus(self):
        for number in range(40):
            self.add_seed("sound", str(number), b"x" * (number + 1))
        run = self.campaign(targets="sound")
        self.assertLess(run.target("sound")["corpus"]["files"], 20)

    def test_a_bug_that_is_met_again_and_again_ends_no_fuzzing(self):
        run = self.campaign(targets="crashes_often", seconds=12)
        self.assertEqual(run.target("crashes_often")["notes"], [])
        self.assertGreater(run.finding("oracle")["count"], 6)

    def test_a_report_is_of_the_inputs_of_its_own_run(self):
        run = self.campaign("--jobs", "2", targets="two_at_once")
        by_message = {finding["message"]: finding for finding in run.record["findings"]}
        self.assertEqual(sorted(by_message), ["first", "second"], run.err)
        self.assertIsNone(by_message["first"]["input"])
        self.assertEqual(by_message["second"]["reproduced"], "3 of 3")

    def test_a_target_that_cannot_begin_is_given_up(self):
        run = self.campaign(targets="crashes_at_once", seconds=30)
        self.assertIn("given up after 5 runs", run.target("crashes_at_once")["notes"][0])

    def test_the_first_finding_can_end_the_fuzzing(self):
        run = self.campaign("--stop-at-first", targets="planted", seconds=120)
        self.assertEqual(run.status, 1, run.err)
        self.assertEqual(run.record["findings"][0]["reproduced"], "3 of 3")
        self.assertFalse(run.record["sessions"][0]["interrupted"])
        self.assertLess(run.target("planted")["fuzz_seconds"], 100)

    def test_a_target_with_nothing_new_can_end_its_turn(self):
        run = self.campaign("--until-quiet", "0.05", targets="sound", seconds=120)
        self.assertEqual(run.status, 0, run.err)
        self.assertIn("sound: nothing new for 0.05 minutes", run.err)
        self.assertGreater(run.target("sound")["executions"], 1000)
        self.assertFalse(run.record["sessions"][0]["interrupted"])
        self.assertLess(run.target("sound")["fuzz_seconds"], 100)

    def test_a_hang_is_a_finding(self):
        run = self.campaign("--timeout", "1", targets="hangs")
        self.assertEqual(run.status, 1, run.err)
        hang = run.finding("timeout")
        self.assertEqual((self.out / hang["input"]).read_bytes()[:1], b"h")
        self.assertNotEqual(self.reproduce(hang), 0)

    def test_what_stops_the_clock_is_ended_all_the_same(self):
        run = self.campaign("--timeout", "1", targets="stops_the_clock")
        self.assertEqual(run.status, 1, run.err)
        self.assertIn("fuzz_stops_the_clock", run.finding("does not end")["reproduce"])
        self.assertEqual(len(run.record["findings"]), 1)
        self.assertEqual(processes_of(self.stand_ins.builds / "fuzz/fuzz/fuzz_stops_the_clock"), [])


    def test_what_the_suite_reads_wrongly_is_its_own(self):
        self.add_seed("reads", "wrong", b"b")
        self.assertEqual(self.campaign(targets="reads").finding("oracle")["belongs_to"], "suite")


class APlugin(CampaignTest):
    def test_a_plugin_is_told_what_is_its_own(self):
        self.add_seed("compares", "wrong", b"wx")
        self.add_seed("compares", "crash", b"px")
        self.add_seed("compares", "suite", b"sx")
        run = self.campaign("--timeout", "1", "--implementation", f"plugin:{self.stand_ins.plugin}", targets="compares")
        self.assertEqual(run.status, 1, run.err)
        self.assertEqual(run.finding("oracle")["belongs_to"], "plug-in")
        self.assertEqual(run.finding("SEGV")["belongs_to"], "plug-in")
        self.assertEqual(run.finding("deadly signal")["belongs_to"], "suite")
        self.assertIn("RECVINTO_FUZZ_IMPLEMENTATION=plugin:/", run.finding("oracle")["reproduce"])
        self.assertNotEqual(self.reproduce(run.finding("oracle")), 0)

    def test_a_hang_in_a_plugin_is_its_own(self):
        self.add_seed("compares", "hangs", b"hx")
        run = self.campaign("--timeout", "1", "--implementation", f"plugin:{self.stand_ins.plugin}", targets="compares")
        self.assertEqual(run.finding("timeout")["belongs_to"], "plug-in")

    def test_a_plugin_that_cannot_be_loaded_is_status_66(self):
        run = self.campaign("--implementation", "plugin:nowhere.so", targets="compares")
        self.assertEqual(run.status, 66)
        self.assertIn("nowhere.so", run.err)
        (self.folder / "empty.so").write_bytes(b"")
        run = self.campaign("--implementation", "plugin:empty.so", targets="compares")
        self.assertEqual(run.status, 66, run.err)
        self.assertIn("file too short", run.err)


class KeptByTheTarget(CampaignTest):
    """Findings that a target keeps by itself, and fuzzes on behind them."""

    def keeps(self, bugs, *arguments, seconds=2):
        os.environ["KEEPS_BUGS"] = bugs
        self.addCleanup(os.environ.pop, "KEEPS_BUGS", None)
        self.add_seed("keeps", "both", b"-a-b-l-")
        return self.campaign("--implementation", f"plugin:{self.stand_ins.plugin}", *arguments, targets="keeps",
                             seconds=seconds)

    def by_status(self, run):
        return sorted((finding["message"], finding["status"]) for finding in run.record["findings"])

    def test_each_bug_is_a_finding_with_its_scenario_and_what_is_wrong(self):
        run = self.keeps("ab")
        self.assertEqual(run.status, 1, run.err)
        self.assertEqual(self.by_status(run), [("EveryCallMatchesTheModel: a", "open"),
                                               ("EveryCallMatchesTheModel: b", "open")])
        self.assertGreater(run.target("keeps")["executions"], 1000)
        for finding in run.record["findings"]:
            self.assertEqual((finding["belongs_to"], finding["severity"]), ("plug-in", "descriptor"))
            self.assertEqual(finding["reproduced"], "3 of 3")
            self.assertGreater(finding["count"], 1)
            self.assertLessEqual(finding["first_seen"], finding["last_seen"])
            self.assertIn(f"replay {os.path.relpath(self.out / finding['input'], self.folder)} ", finding["replay"])
            for text in (finding["replay"], "<li>send &lt;", "<code>file 0</code>", "descriptor · keeps"):
                self.assertIn(text, run.html)
        for text in ("from None", "<dt>frames</dt>"):  # it has neither an original nor frames
            self.assertNotIn(text, run.html)

    def test_what_is_fixed_is_gone_and_the_others_stay(self):
        self.keeps("ab")
        (self.material / "corpus/keeps/both").unlink()
        run = self.keeps("b")
        self.assertEqual(self.by_status(run), [("EveryCallMatchesTheModel: a", "gone"),
                                               ("EveryCallMatchesTheModel: b", "open")])
        self.assertIn("gone: keeps-", run.err)
        self.assertIn("found again in keeps", self.keeps("ab").err)

    def test_what_a_law_finds_after_the_model_is_the_same_finding(self):
        run = self.keeps("l")
        self.assertEqual(self.by_status(run), [("EveryCallMatchesTheModel: l", "open"), ("SomeLaw: l", "same")])
        self.assertIn("<dt>breaks, too</dt><dd>SomeLaw</dd>", run.html)

    def test_known_ones_do_not_hide_the_next(self):
        known = self.folder / "known.toml"
        self.assertEqual(self.keeps("a", "--write-known", known).status, 1)
        self.assertIn("# disagreement: EveryCallMatchesTheModel: a\n", known.read_text())
        run = self.keeps("a", "--known", known)
        self.assertEqual(run.status, 64)
        self.assertIn("has no reason yet", run.err)
        known.write_text(known.read_text().replace("to be explained", "as it is documented"))
        run = self.keeps("a", "--known", known)
        self.assertEqual(run.status, 0, run.err)
        self.assertIn("as it is documented", run.html)
        run = self.keeps("ab", "--known", known)
        self.assertEqual(run.status, 1)
        self.assertIn("1 findings and 1 that are known", run.out)
        run = self.keeps("b", "--known", known)
        self.assertIn("known, but not found: keeps-", run.out)


class Ending(CampaignTest):
    def assert_ends_in_order(self, number):
        process = self.start("--jobs", "2", targets="sound,planted", seconds=600)
        wait_for_line(process, "found in planted")
        process.send_signal(number)
        run = self.finish(process)
        self.assertEqual(run.status, 1, run.err)
        self.assertTrue(run.record["sessions"][0]["interrupted"])
        self.assertGreater(run.target("sound")["executions"], 0)
        self.assertIn("interrupted", run.html)
        for name in ("sound", "planted"):
            self.assertEqual(processes_of(self.stand_ins.builds / f"fuzz/fuzz/fuzz_{name}"), [])

    def test_ctrl_c_saves_everything(self):
        self.assert_ends_in_order(signal.SIGINT)

    def test_sigterm_saves_everything(self):
        self.assert_ends_in_order(signal.SIGTERM)

    def test_being_killed_leaves_no_process_and_a_campaign_to_resume(self):
        process = self.start(targets="sound", seconds=600)
        wait_for_line(process, "executions")
        program = self.stand_ins.builds / "fuzz/fuzz/fuzz_sound"
        until = time.monotonic() + 60
        while not processes_of(program):
            self.assertLess(time.monotonic(), until)
        process.kill()
        process.communicate()
        while processes_of(program):
            self.assertLess(time.monotonic(), until)
        run = self.campaign(targets="sound")
        self.assertEqual(run.status, 0, run.err)


class Resuming(CampaignTest):
    def test_resuming_goes_on_where_it_was(self):
        first = self.campaign(targets="sound")
        second = self.campaign(targets="sound")
        self.assertIn("resuming", second.err)
        self.assertEqual(len(second.record["sessions"]), 2)
        self.assertGreater(second.target("sound")["executions"], first.target("sound")["executions"])
        self.assertGreater(second.target("sound")["fuzz_seconds"], first.target("sound")["fuzz_seconds"] + 1)
        self.assertEqual(second.target("sound")["points"][0], first.target("sound")["points"][0])

    def test_resuming_says_what_is_gone(self):
        self.add_seed("planted", "one", b"or1")
        self.assertEqual(self.campaign(targets="planted").status, 1)
        finding = self.campaign(targets="planted").finding("oracle")
        self.assertEqual(finding["status"], "open")
        (self.out / finding["input"]).write_bytes(b"harmless")  # as if the target did not mind it any more
        (self.material / "corpus/planted/one").unlink()
        run = self.campaign(targets="sound,planted")
        self.assertIn(f"gone: {finding['id']}", run.err)

    def test_another_implementation_is_another_campaign(self):
        self.campaign(targets="sound", seconds=1)
        run = self.campaign("--implementation", f"plugin:{self.stand_ins.plugin}", targets="sound")
        self.assertEqual(run.status, 64)
        self.assertIn("name another --out", run.err)

    def test_resuming_sees_to_what_was_left(self):
        self.campaign(targets="planted,sound", seconds=1)
        (self.out / "artifacts/planted/crash-left").write_bytes(b"or left behind")
        run = self.campaign(targets="planted,sound", seconds=1)
        self.assertEqual(run.finding("oracle")["bytes"], 3)


class TwoMachines(CampaignTest):
    """Two folders and, as root, two networks: what they have in common is the folder that they share."""

    def machine(self, name, *seeds):
        self.material = self.folder / f"material of {name}"
        self.out = self.folder / name
        for seed in seeds:
            self.add_seed("secrets", seed.decode(), seed)
        return self.start("--no-coverage", "--share", self.folder / "share", targets="secrets",
                          before=["unshare", "--net"] if os.geteuid() == 0 else [])

    def test_each_has_what_any_of_them_finds(self):
        processes = {"one": self.machine("one", b"bug.one.", b"way.one."), "two": self.machine("two", b"bug.two.", b"way.two.")}
        for name, process in processes.items():
            self.out = self.folder / name
            self.assertEqual(self.finish(process).status, 1)
        edges = set()
        for name in processes:
            run = self.finish(self.machine(name))
            self.assertEqual({(finding["message"], finding["status"], finding["reproduced"])
                              for finding in run.record["findings"]},
                             {("the first bug", "open", "3 of 3"), ("the other bug", "open", "3 of 3")}, run.err)
            self.assertLessEqual({b"way.one.", b"way.two."},
                                 {path.read_bytes()[:8] for path in (self.out / "corpus/secrets").iterdir()})
            edges.add(run.target("secrets")["edges"])
        self.assertEqual(len(edges), 1, edges)


class Arguments(CampaignTest):
    def assert_refused(self, message, *arguments, targets="sound"):
        run = self.campaign(*arguments, targets=targets)
        self.assertEqual(run.status, 64, run.err)
        self.assertIn(message, run.err)

    def test_wrong_arguments_are_refused(self):
        self.assert_refused("--minutes", "--minutes", "0")
        self.assert_refused("--minutes", "--minutes", "sound=0")
        self.assert_refused("no glob matches planted", "--minutes", "sound=0.1", targets="sound,planted")
        self.assert_refused("--jobs", "--jobs", "none")
        self.assert_refused("--engine", "--engine", "honggfuzz")
        self.assert_refused("plugin:PATH.so", "--implementation", "exec:python3")
        self.assert_refused("matches none of: planted, sound", targets="typo*")
        self.assert_refused("unrecognized arguments: --frobnicate", "--frobnicate")

    def test_a_folder_of_something_else_is_left_alone(self):
        self.out.mkdir()
        (self.out / "thesis.txt").write_text("years of work")
        self.assert_refused("is not empty, and no campaign")
        self.assertEqual(os.listdir(self.out), ["thesis.txt"])

    def test_a_folder_that_cannot_be_made_is_told(self):
        (self.folder / "file").write_text("")
        self.out = self.folder / "file/out"
        self.assert_refused("nothing can be written in")
        self.out = pathlib.Path("/proc/out")
        self.assert_refused("name another folder")

    def test_list_names_the_targets_and_runs_nothing(self):
        self.add_seed("sound", "one", b"g")
        run = self.campaign("--list", targets="*")
        self.assertEqual(run.status, 0)
        self.assertIn("sound  1 inputs\n", run.out)
        self.assertIsNone(run.record)

    def test_one_campaign_at_a_time_is_at_work_in_a_folder(self):
        process = self.start(targets="sound", seconds=600)
        wait_for_line(process, "executions")
        self.assert_refused("another campaign is at work")
        process.send_signal(signal.SIGINT)
        self.assertEqual(self.finish(process).status, 0)


class TheReport(CampaignTest):
    def test_the_report_is_there_before_coverage_is_measured(self):
        process = self.start(targets="sound")
        wait_for_line(process, "what it has yet to get is coverage")
        self.assertIn("sound", (self.out / "report.html").read_text())
        run = self.finish(process)
        self.assertEqual(run.status, 0, run.err)
        self.assertIn("stand_ins/sound.cc", run.html)

    def test_the_report_is_whole_and_needs_nothing_beside_it(self):
        self.add_seed("planted", "one", b"or1")
        run = self.campaign("--jobs", "2", targets="planted,sound")
        seen = Seen()
        seen.feed(run.html)
        self.assertEqual(seen.open, [])
        self.assertEqual(seen.fetched, [])
        self.assertEqual(seen.count["svg"], 2)
        self.assertGreaterEqual(seen.count["circle"], 1)
        self.assertIn(run.finding("oracle")["reproduce"], run.html)
        self.assertIn("corpus/sound/", run.html)


class Seen(html.parser.HTMLParser):
    """Elements that were not closed, what a browser would fetch, and how often each element is there."""

    def __init__(self):
        super().__init__()
        self.open, self.fetched, self.count = [], [], {}

    def handle_starttag(self, tag, attrs):
        self.count[tag] = self.count.get(tag, 0) + 1
        self.fetched += [value for name, value in attrs if name == "src" or (tag == "link" and name == "href")]
        if tag not in ("meta", "br", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if self.open and self.open[-1] == tag:
            self.open.pop()


if __name__ == "__main__":
    unittest.main()
