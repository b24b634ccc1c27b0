"""The command `property` as its users meet it: what it prints, writes and returns."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

RUNNER = os.environ["RECVMSG_CONFORMANCE"]
HOSTILE = pathlib.Path(os.environ["ADAPTERS_SOURCE"], "tests", "hostile", "hostile_adapter.py")


def run(*arguments, **more):
    return subprocess.run([RUNNER, *arguments], capture_output=True, text=True, timeout=300, check=False, **more)


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
        self.assertIn("every law that was tried passed", done.stdout)
        results = self.results()
        self.assertEqual((results["schema"], results["seed"]), (3, 1))
        self.assertTrue(all(law["cases"] >= 100 for law in results["laws"]), results)

    def test_saves_what_breaks_a_law_for_replay(self):
        done = self.property("--cases", "2000", "--laws", "DescriptorsAreReceivedOnceOrClosed", "--implementation",
                             "fault:reverses-descriptors")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        file = self.out / "DescriptorsAreReceivedOnceOrClosed.json"
        self.assertEqual(json.loads(file.read_text())["law"], "DescriptorsAreReceivedOnceOrClosed")
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
        other = self.property("--cases", "3400", "--against", "fault:no-address", "--laws", "Address*")
        self.assertEqual(other.returncode, 1, other.stdout + other.stderr)

    def test_a_crashing_adapter_costs_the_law_that_it_was_tried_on(self):
        adapter = f"exec:{sys.executable} {HOSTILE} dies_by_signal_on_third_call"
        done = self.property("--cases", "40", "--laws", "ReceivingInParts*:Address*", "--tries", "5",
                             "--implementation", adapter)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("CRASH", done.stdout)

    def test_what_an_adapter_takes_in_secret_is_its_failure_and_not_the_suites(self):
        adapter = f"exec:{RUNNER} serve fault:keeps-the-excess"  # which no other reader gets then
        done = self.property("--cases", "300", "--laws", "ConversationMatchesTheModel", "--implementation", adapter)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)

    def test_without_a_network_cases_are_left_out_and_nobody_is_accused(self):
        without = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
        if subprocess.run([*without, "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("this process may have no network of its own (unshare(1))")
        for implementation in ("reference", f"exec:{RUNNER} serve reference"):
            done = subprocess.run([*without, RUNNER, "property", "--seed", "1", "--cases", "2000", "--out", str(self.out),
                                   "--implementation", implementation], capture_output=True, text=True, timeout=300,
                                  check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertRegex(done.stdout,
                             "[0-9]+ not performed: this host: sockets of kind udp4 do not reach each other: connect")

    def test_leaves_laws_out(self):
        listing = self.property("--cases", "100", "--laws", "Peeking*:*Control*-*Kind*:Shorter*")
        names = {law["law"] for law in self.results()["laws"]}
        self.assertEqual(listing.returncode, 0, listing.stdout + listing.stderr)
        self.assertIn("PeekingChangesNothing", names)
        self.assertIn("MalformedControlDataWarningCanBeRaised", names)
        self.assertFalse([name for name in names if "Kind" in name or name.startswith("AShorter")])

    def test_ends_in_time(self):
        done = self.property("--seconds", "1")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertGreater(sum(law["tried"] for law in self.results()["laws"]), 100)

    def test_a_known_failure_does_not_mask_a_law(self):
        known = self.out / "known.toml"
        entry = '[[known]]\ncheck = "{}"\nkind = "bug"\nverdict = "FAIL"\nfield = "{}"\nreason = "planted"\n'
        fault = ["--cases", "800", "--laws", "AddressMatchesTheSender", "--implementation", "fault:no-address"]
        known.write_text(entry.format("Address*", "address"))
        done = self.property("--baseline", str(known), *fault)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("known failures: bug, planted", done.stdout)
        [law] = self.results()["laws"]
        self.assertEqual(law["tried"], 800)
        known.write_text(entry.format("Address*", "nbytes"))
        self.assertEqual(self.property("--baseline", str(known), *fault).returncode, 1)

    def test_a_known_crash_does_not_mask_a_law(self):
        known = self.out / "known.toml"
        known.write_text('[[known]]\ncheck = "*"\nkind = "bug"\nverdict = "CRASH"\nreason = "planted"\n')
        fault = ["--cases", "400", "--tries", "20", "--laws", "MalformedControlDataKeepsEarlierItems",
                 "--implementation", "fault:malformed-crashes"]
        plain = self.property(*fault)
        self.assertEqual(plain.returncode, 1, plain.stdout + plain.stderr)
        self.assertIn("CRASH", plain.stdout)
        done = self.property("--baseline", str(known), *fault)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("known failures: bug, planted", done.stdout)

    def test_says_where_a_failure_depends_on_what_came_before(self):
        adapter = f"exec:{sys.executable} {HOSTILE} dies_by_signal_on_third_call"
        done = self.property("--cases", "40", "--laws", "Address*", "--tries", "5", "--implementation", adapter)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("does not recur alone", done.stdout)

    def test_what_was_found_is_kept_when_interrupted(self):
        process = subprocess.Popen([RUNNER, "property", "--seed", "1", "--seconds", "600", "--jobs", "2", "--out", str(self.out),
                                    "--implementation", "fault:no-address"], stdout=subprocess.PIPE, text=True)
        file = self.out / "AddressMatchesTheSender.json"
        while not file.exists():
            self.assertIsNone(process.poll())
        process.send_signal(signal.SIGINT)
        stdout, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1, stdout)
        self.assertIn("FAIL  AddressMatchesTheSender", stdout)
        self.assertIn("ended early", stdout)
        self.assertFalse(self.results()["complete"])

    def test_a_directory_that_cannot_be_written_loses_nothing(self):
        if os.geteuid() == 0:
            self.skipTest("root may write everywhere")
        self.out.chmod(0o500)
        done = run("property", "--seed", "1", "--cases", "400", "--implementation", "fault:no-address", cwd=self.out)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("here it is", done.stderr)

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
