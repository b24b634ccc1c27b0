"""The command `property` as its users meet it: what it prints, writes and returns."""
import json
import os
import pathlib
import re
import signal
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "runner/tests"))

from runner_case import RUNNER, RunnerTest, hostile, without_network

# An error that waits behind data is reported before them.
RECVMMSG = str(pathlib.Path(__file__).resolve().parents[2] / "conformance/baselines/recvmmsg.toml")


class Property(RunnerTest):
    def setUp(self):
        super().setUp()
        self.out = self.directory

    def property(self, *arguments):
        seed = [] if "--seed" in arguments else ["--seed", "1"]
        return self.call("property", *seed, "--out", str(self.out), *arguments)

    def results(self):
        return json.loads((self.out / "property.json").read_text())

    def test_holds_on_the_reference_and_says_how_many_cases_were_tried(self):
        done = self.property("--cases", "4000")
        self.assertEqual(done.status, 0, done.stdout + done.stderr)
        self.assertIn("every law that was tried passed", done.stdout)
        results = self.results()
        self.assertEqual((results["schema"], results["seed"]), (3, 1))
        self.assertTrue(all(law["cases"] >= 100 for law in results["laws"]), results)

    def test_expects_no_timeouts_of_an_implementation_that_has_none(self):
        for implementation in ("raw", "recvmmsg"):
            done = self.property("--cases", "2500", "--laws", "EveryCallMatchesTheModel", "--implementation", implementation)
            self.assertEqual(done.status, 0, done.stdout + done.stderr)

    def test_saves_what_breaks_a_law_for_replay(self):
        done = self.property("--cases", "2000", "--laws", "DescriptorsAreReceivedOnceOrClosed", "--implementation",
                             "fault:reverses-descriptors")
        self.assertEqual(done.status, 1, done.stdout + done.stderr)
        file = self.out / "DescriptorsAreReceivedOnceOrClosed.json"
        self.assertEqual(json.loads(file.read_text())["law"], "DescriptorsAreReceivedOnceOrClosed")
        again = self.call("replay", str(file), "--implementation", "fault:reverses-descriptors")
        self.assertEqual(again.status, 1, again.stdout + again.stderr)
        right = self.call("replay", str(file), "--implementation", "reference")
        self.assertEqual(right.status, 0, right.stdout + right.stderr)

    def test_prints_the_sizes_in_the_scenarios_and_performs_none(self):
        done = self.property("--cases", "4000", "--statistics", "--laws", "Scattering*:*Kind*")
        self.assertEqual(done.status, 0, done.stdout + done.stderr)
        self.assertIn("2000 cases of each of 2 laws for recvinto, seed 1", done.stdout)
        counts = dict(re.findall(r"^  (.*?) +(\d+) +[\d.]+ %$", done.stdout, re.MULTILINE))
        self.assertLessEqual({"255 to 257", "4095 to 4097", "65535 to 65537", "131072 and more"}, counts.keys())
        self.assertFalse((self.out / "property.json").exists())
        again = self.property("--cases", "4000", "--statistics", "--laws", "Scattering*:*Kind*")
        self.assertEqual(again.stdout, done.stdout)

    def test_shrinks_a_history_to_the_call_that_matters(self):
        shrunk = []
        for seed in range(1, 6):  # what a seed fails with first may be a state that an earlier case has left
            done = self.property("--seed", str(seed), "--cases", "2000", "--jobs", "1", "--laws", "HistoryChangesNothing",
                                 "--implementation", "fault:lengths-of-the-call-before")
            self.assertEqual(done.status, 1, done.stdout + done.stderr)
            shrunk.append([step["step"] for step in self.results()["laws"][0]["counterexample"]["scenario"]["steps"]])
        kinds = min(shrunk, key=len)
        before, after = kinds[:kinds.index("drain")], kinds[kinds.index("drain") + 1:]
        self.assertEqual([before[-2:], after], [["start", "finish"], ["send", "start", "finish"]])
        self.assertLessEqual(len(before), 3, "a send at most, and the call")

    def test_ends_with_the_first_law_that_is_broken_where_that_is_enough(self):
        fault = ["--cases", "2000", "--tries", "0", "--deadline-ms", "1000", "--implementation", "fault:merges-messages"]
        self.assertEqual(self.property("--fail-fast", "--jobs", "1", *fault).status, 1)  # two may break two at once
        self.assertEqual(sum("counterexample" in law for law in self.results()["laws"]), 1)

    def test_the_line_that_it_prints_shows_the_same_case(self):
        fault = ["--laws", "EveryCall*", "--implementation", "fault:no-address"]
        self.assertEqual(self.property("--cases", "2000", *fault).status, 1)
        number = str(self.results()["laws"][0]["counterexample"]["case"])
        again = self.property("--case", number, *fault)
        self.assertEqual(again.status, 1)
        self.assertEqual(str(self.results()["laws"][0]["counterexample"]["case"]), number)

    def test_holds_two_implementations_against_each_other(self):
        same = self.property("--cases", "2000", "--against", "raw")
        self.assertEqual(same.status, 0, same.stdout + same.stderr)
        other = self.property("--cases", "3400", "--against", "fault:no-address", "--laws", "Address*")
        self.assertEqual(other.status, 1, other.stdout + other.stderr)

    def test_what_hangs_in_process_is_told_from_the_cases_beside_it(self):
        done = self.property("--cases", "400", "--laws", "MalformedControlDataKeepsEarlierItems", "--tries", "0",
                             "--deadline-ms", "1000", "--implementation", "fault:loops-on-zero-length", "--against",
                             "reference")
        self.assertEqual(done.status, 1, done.stdout + done.stderr)
        self.assertIn("HANG  MalformedControlDataKeepsEarlierItems", done.stdout)
        self.assertNotIn("does not recur alone", done.stdout)

    def test_every_entry_into_the_kernel_receives_the_same(self):
        for entry in ("recvmmsg", "recvmmsg_batch", "io_uring", "io_uring_multishot", "raw32"):
            with self.subTest(entry):
                known = ["--baseline", RECVMMSG] if entry.startswith("recvmmsg") else []
                done = self.property("--cases", "6000", "--implementation", entry, "--against", "raw", *known)
                if done.status == 66:
                    self.assertRegex(done.stderr, rf"\Arecvmsg-conformance: {entry}: .*\n\Z", "one line")
                    self.skipTest(done.stderr)
                self.assertEqual(done.status, 0, done.stdout + done.stderr)

    def test_programs_of_another_layout_are_compared_without_items(self):
        done = self.property("--cases", "500", "--implementation", "raw32", "--against", "raw", "--laws", "Shorter*:AShorter*")
        if done.status != 66:
            self.assertIn("not declared: ancillary, ancbufsize", done.stdout)

    def test_a_crashing_adapter_costs_the_law_that_it_was_tried_on(self):
        adapter = hostile("dies_by_signal_on_third_call")
        done = self.property("--cases", "40", "--laws", "ReceivingInParts*:Address*", "--tries", "5",
                             "--implementation", adapter)
        self.assertEqual(done.status, 1, done.stdout + done.stderr)
        self.assertIn("CRASH", done.stdout)

    def test_what_an_adapter_takes_in_secret_is_its_failure_and_not_the_suites(self):
        adapter = f"exec:{RUNNER} serve fault:keeps-the-excess"  # which no other reader gets then
        done = self.property("--cases", "300", "--laws", "ConversationMatchesTheModel", "--implementation", adapter)
        self.assertEqual(done.status, 1, done.stdout + done.stderr)

    def test_without_a_network_cases_are_left_out_and_nobody_is_accused(self):
        without = without_network()
        if without is None:
            self.skipTest("this process may have no network of its own (unshare(1))")
        for implementation in ("reference", f"exec:{RUNNER} serve reference"):
            done = self.call("property", "--seed", "1", "--cases", "2000", "--out", str(self.out), "--implementation",
                             implementation, within=without)
            self.assertEqual(done.status, 0, done.stdout + done.stderr)
            self.assertRegex(done.stdout,
                             "[0-9]+ not performed: this host: sockets of kind udp4 do not reach each other: connect")

    def test_leaves_laws_out(self):
        listing = self.property("--cases", "100", "--laws", "Peeking*:*Control*-*Kind*:Shorter*")
        names = {law["law"] for law in self.results()["laws"]}
        self.assertEqual(listing.status, 0, listing.stdout + listing.stderr)
        self.assertIn("PeekingChangesNothing", names)
        self.assertIn("MalformedControlDataWarningCanBeRaised", names)
        self.assertFalse([name for name in names if "Kind" in name or name.startswith("AShorter")])

    def test_ends_in_time(self):
        done = self.property("--seconds", "1")
        self.assertEqual(done.status, 0, done.stdout + done.stderr)
        self.assertGreater(sum(law["tried"] for law in self.results()["laws"]), 100)

    def test_a_known_failure_does_not_mask_a_law(self):
        known = self.out / "known.toml"
        entry = '[[known]]\ncheck = "{}"\nkind = "bug"\nverdict = "FAIL"\nfield = "{}"\nreason = "planted"\n'
        fault = ["--cases", "800", "--laws", "AddressMatchesTheSender", "--implementation", "fault:no-address"]
        known.write_text(entry.format("Address*", "address"))
        done = self.property("--baseline", str(known), *fault)
        self.assertEqual(done.status, 0, done.stdout + done.stderr)
        self.assertIn("known failures: bug, planted", done.stdout)
        [law] = self.results()["laws"]
        self.assertEqual(law["tried"], 800)
        known.write_text(entry.format("Address*", "nbytes"))
        self.assertEqual(self.property("--baseline", str(known), *fault).status, 1)

    def test_a_known_crash_does_not_mask_a_law(self):
        known = self.out / "known.toml"
        known.write_text('[[known]]\ncheck = "*"\nkind = "bug"\nverdict = "CRASH"\nreason = "planted"\n')
        fault = ["--cases", "400", "--tries", "20", "--laws", "MalformedControlDataKeepsEarlierItems", "--implementation",
                 "fault:malformed-crashes"]
        plain = self.property(*fault)
        self.assertEqual(plain.status, 1, plain.stdout + plain.stderr)
        self.assertIn("CRASH", plain.stdout)
        done = self.property("--baseline", str(known), *fault)
        self.assertEqual(done.status, 0, done.stdout + done.stderr)
        self.assertIn("known failures: bug, planted", done.stdout)

    def test_says_where_a_failure_depends_on_what_came_before(self):
        adapter = hostile("dies_by_signal_on_third_call")
        done = self.property("--cases", "40", "--laws", "Address*", "--tries", "5", "--implementation", adapter)
        self.assertEqual(done.status, 1, done.stdout + done.stderr)
        self.assertIn("does not recur alone", done.stdout)

    def test_what_was_found_is_kept_when_interrupted(self):
        process = self.start("property", "--seed", "1", "--seconds", "600", "--jobs", "2", "--out", str(self.out),
                             "--implementation", "fault:no-address")
        file = self.out / "AddressMatchesTheSender.json"
        while not file.exists():
            self.assertIsNone(process.poll())
        process.send_signal(signal.SIGINT)
        done = self.end(process)
        self.assertEqual(done.status, 1, done.stdout)
        self.assertIn("FAIL  AddressMatchesTheSender", done.stdout)
        self.assertIn("ended early", done.stdout)
        self.assertFalse(self.results()["complete"])

    def test_a_directory_that_cannot_be_written_loses_nothing(self):
        if os.geteuid() == 0:
            self.skipTest("root may write everywhere")
        self.out.chmod(0o500)
        done = self.call("property", "--seed", "1", "--cases", "400", "--implementation", "fault:no-address", cwd=self.out)
        self.assertEqual(done.status, 1, done.stdout + done.stderr)
        self.assertIn("here it is", done.stderr)

    def test_names_what_is_wrong_with_the_command_line(self):
        self.assertEqual(self.call("property", "--laws", "NoSuchLaw").status, 3)
        self.assertIn("--list", self.call("property", "--laws", "NoSuchLaw").stderr)
        self.assertEqual(self.call("property", "--cases", "0").status, 64)
        self.assertEqual(self.call("property", "--implementation", "nonsense").status, 64)
        self.assertEqual(self.call("property", "--implementation", "exec:/does/not/exist").status, 66)

    def test_lists_the_laws_with_their_sentences(self):
        listing = self.call("property", "--list").stdout
        self.assertIn("PeekingChangesNothing\n    A call with MSG_PEEK", listing)


if __name__ == "__main__":
    unittest.main()
