"""The command `property` as its users meet it: what it prints, writes and returns."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

RUNNER = os.environ["RECVMSG_CONFORMANCE"]
HOSTILE = pathlib.Path(os.environ["ADAPTERS_SOURCE"], "tests", "hostile", "hostile_adapter.py")


def run(*arguments, **more):
    return subprocess.run([RUNNER, *arguments], capture_output=True, text=True, timeout=300, **more)


class Property(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.out = pathlib.Path(directory.name)

    def property(self, *arguments):
        return run("property", "--seed", "1", "--out", str(self.out), *arguments)

    def results(self):
        return json.loads((self.out / "property.json").read_text())

    def test_holds_on_the_reference_and_says_how_many_cases_were_tried(self):
        done = self.property("--cases", "2000")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("every law that was tried holds", done.stdout)
        results = self.results()
        self.assertEqual((results["schema"], results["seed"]), (1, 1))
        self.assertTrue(all(law["cases"] >= 100 for law in results["laws"]), results)

    def test_saves_what_breaks_a_law_for_replay(self):
        done = self.property("--cases", "2000", "--laws", "DescriptorsAreConserved", "--implementation",
                             "fault:reverses-descriptors")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        file = self.out / "DescriptorsAreConserved.json"
        self.assertEqual(json.loads(file.read_text())["law"], "DescriptorsAreConserved")
        again = run("replay", str(file), "--implementation", "fault:reverses-descriptors")
        self.assertEqual(again.returncode, 1, again.stdout + again.stderr)
        right = run("replay", str(file), "--implementation", "reference")
        self.assertEqual(right.returncode, 0, right.stdout + right.stderr)

    def test_ends_with_the_first_law_that_is_broken_where_that_is_enough(self):
        fault = ["--cases", "2000", "--tries", "0", "--deadline-ms", "1000", "--implementation", "fault:merges-messages"]
        self.assertEqual(self.property("--fail-fast", "--jobs", "1", *fault).returncode, 1)  # two may break two at once
        self.assertEqual(sum("counterexample" in law for law in self.results()["laws"]), 1)

    def test_the_line_that_it_prints_shows_the_same_case(self):
        fault = ["--laws", "EveryCall*", "--implementation", "fault:no-address"]
        self.assertEqual(self.property("--cases", "2000", *fault).returncode, 1)
        number = str(self.results()["laws"][0]["counterexample"]["case"])
        again = self.property("--case", number, *fault)
        self.assertEqual(again.returncode, 1)
        self.assertEqual(str(self.results()["laws"][0]["counterexample"]["case"]), number)

    def test_holds_two_implementations_against_each_other(self):
        same = self.property("--cases", "2000", "--against", "raw")
        self.assertEqual(same.returncode, 0, same.stdout + same.stderr)
        other = self.property("--cases", "3400", "--against", "fault:no-address", "--laws", "TheAddress*")
        self.assertEqual(other.returncode, 1, other.stdout + other.stderr)

    def test_a_crashing_adapter_costs_the_law_that_it_was_tried_on(self):
        adapter = f"exec:{sys.executable} {HOSTILE} dies_by_signal_on_third_call"
        done = self.property("--cases", "40", "--laws", "ReceivingInParts*:TheAddress*", "--tries", "5", "--implementation", adapter)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("CRASH", done.stdout)

    def test_what_an_adapter_takes_in_secret_is_its_failure_and_not_the_suites(self):
        adapter = f"exec:{RUNNER} serve fault:keeps-the-excess"  # which nobody else can read then
        done = self.property("--cases", "300", "--laws", "AConversationComesToWhatTheModelSays", "--implementation", adapter)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)

    def test_without_a_network_cases_are_left_out_and_nobody_is_accused(self):
        without = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
        if subprocess.run([*without, "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("this process may have no network of its own (unshare(1))")
        for implementation in ("reference", f"exec:{RUNNER} serve reference"):
            done = subprocess.run([*without, RUNNER, "property", "--seed", "1", "--cases", "2000", "--out", str(self.out),
                                   "--implementation", implementation], capture_output=True, text=True, timeout=300)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertRegex(done.stdout, "[0-9]+ not performed: sockets of kind udp4 do not reach each other: connect")

    def test_names_what_is_wrong_with_the_command_line(self):
        self.assertEqual(run("property", "--laws", "NoSuchLaw").returncode, 3)
        self.assertIn("--list", run("property", "--laws", "NoSuchLaw").stderr)
        self.assertEqual(run("property", "--cases", "0").returncode, 64)
        self.assertEqual(run("property", "--implementation", "nonsense").returncode, 64)
        self.assertEqual(run("property", "--implementation", "exec:/does/not/exist").returncode, 66)

    def test_lists_the_laws_with_their_sentences(self):
        listing = run("property", "--list").stdout
        self.assertIn("PeekingChangesNothing\n    A call with MSG_PEEK", listing)


if __name__ == "__main__":
    unittest.main()
