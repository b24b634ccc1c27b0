#!/usr/bin/env python3
"""Scenarios in files, performed again: replay as its users meet it, and the files that a run writes.

Usage: RECVMSG_CONFORMANCE=/path/to/recvmsg-conformance replay_test.py [arguments of unittest]
"""
import json
import pathlib
import shlex
import unittest

import runner_case
from runner_case import hostile

FAULT = "fault:no-address"
CHECK = "Address.Ipv4SenderIsReported/udp4"
FILE = "Address.Ipv4SenderIsReported-udp4.json"

SEND, FINISH = {"step": "send", "data": "616263"}, {"step": "finish"}


def start(**call):
    return {"step": "start", "call": {"buffers": [{"size": 4}], **call}}


def scenario(*steps, kind="unix_stream", **more):
    return {"schema": 1, "scenario": {"kind": kind, "steps": list(steps)}, **more}


PLAIN = scenario(SEND, start(), FINISH)


class ReplayTest(runner_case.RunnerTest):
    def file(self, contents, name="a.json"):
        file = self.directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(contents if isinstance(contents, str) else json.dumps(contents), encoding="utf-8")
        return file

    def replay(self, contents, *more):
        return self.call("replay", self.file(contents), *more)

    def failed_check(self):
        """The results of a check that fails with a planted fault, and the file with its scenario."""
        out = self.directory / "out"
        run = self.end(self.start("run", "--implementation", FAULT, "--filter", f"{CHECK}:FillOrder.*", "--out", out), out)
        return run, out / "scenarios" / FILE


class RecordsACorpus(ReplayTest):
    def test_of_every_check_that_was_performed(self):
        corpus = self.directory / "corpus"
        run = self.call("run", "--filter", f"{CHECK}:FillOrder.DocumentedExampleFillsTheBuffers/unix_*",
                        "--record-corpus", corpus)
        self.assertEqual(run.status, 0, run.stderr)
        self.assertEqual(sorted(file.name for file in corpus.iterdir()),
                         [FILE, *(f"FillOrder.DocumentedExampleFillsTheBuffers-unix_{kind}.json"
                                  for kind in ("datagram", "seqpacket", "stream"))])
        again = self.call("replay", corpus)
        self.assertEqual(again.status, 0, again.stdout + again.stderr)


class PerformsAgain(ReplayTest):
    def test_the_steps_and_what_came_back_are_told(self):
        run = self.replay(scenario(SEND, start(ancbufsize=64), FINISH, law="Bytes", seed=7, case=2, note="first\nsecond"))
        self.assertEqual(run.status, 0, run.stderr)
        self.assertEqual(run.stdout.split("\n", 1)[1],
                         "  law   Bytes\n"
                         "  seed  7, case 2\n"
                         "  note\n"
                         "    first\n"
                         "    second\n"
                         "  on    reference\n"
                         '     1  sender 0 sends "abc"\n'
                         "     2  recvmsg_into: buffers 4; ancbufsize 64\n"
                         "     3  the call returns\n"
                         "         nbytes     3\n"
                         '         buffer 0   "abc\\xee"\n'
                         "         ancdata    none\n"
                         "         msg_flags  0\n"
                         "         address    none\n")

    def test_an_error_is_what_came_back(self):
        run = self.replay(scenario(start(timeout_ms=0), FINISH))
        self.assertEqual(run.status, 0, run.stderr)
        self.assertRegex(run.stdout, r"\n +error +EAGAIN \(")

    def test_a_scripted_kernel_answers(self):
        answer = {"kind": "result", "data": "7879", "msg_flags": 8}
        run = self.replay(scenario({"step": "play", "script": {"steps": [{"answer": answer}]}}, start(), FINISH))
        if run.status == 3:
            self.skipTest(run.stdout)
        self.assertEqual(run.status, 0, run.stderr)
        self.assertRegex(run.stdout, r"nbytes +2\n")
        self.assertRegex(run.stdout, r"msg_flags +MSG_CTRUNC\n")
        self.assertRegex(run.stdout, r"the kernel saw +recvmsg\(")

    def test_the_same_as_json(self):
        run = self.replay(PLAIN, "--against", "raw", "--format", "json")
        self.assertEqual(run.status, 0, run.stderr)
        [replay] = json.loads(run.stdout)["replays"]
        self.assertEqual(replay["implementation"]["spec"], "reference")
        self.assertEqual((replay["implementation"]["verdict"], replay["implementation"]["cause"]), ("PASS", "none"))
        self.assertEqual(replay["implementation"]["observations"][0]["buffers"], ["616263ee"])
        self.assertEqual(replay["against"]["name"], "recvmsg(2)")
        self.assertEqual(replay["differences"], [])

    def test_a_directory_is_all_the_files_in_it(self):
        for name in ("b.json", "a.json"):
            self.file(PLAIN, f"all/{name}")
        self.file("no scenario", "all/notes.txt")
        run = self.call("replay", self.directory / "all")
        self.assertEqual(run.status, 0, run.stderr)
        self.assertEqual([pathlib.Path(line.split(":")[0]).name for line in run.stdout.splitlines() if "all/" in line],
                         ["a.json", "b.json"])


class TellsWhatDiffers(ReplayTest):
    def test_a_failed_check_has_a_file(self):
        run, file = self.failed_check()
        entries = {check["id"]: check.get("scenario") for check in run.checks}
        self.assertEqual(entries.pop(CHECK), f"scenarios/{FILE}")
        self.assertEqual(set(entries.values()), {None}, "what passed has none")
        self.assertEqual(json.loads(file.read_text(encoding="utf-8"))["note"], f"FAIL of {CHECK} on recvinto 0.1.0")
        self.assertIn(f"replay       recvmsg-conformance replay {file} --implementation {FAULT}\n", run.stdout)

    def test_a_crashed_check_has_one_too(self):
        run = self.judge(hostile("dies_by_signal_on_third_call"), "FillOrder.DocumentedExampleFillsTheBuffers/unix_*")
        self.assertEqual([check.get("scenario") for check in run.checks],
                         [None, None, "scenarios/FillOrder.DocumentedExampleFillsTheBuffers-unix_seqpacket.json"])

    def test_the_fault_differs_and_the_reference_does_not(self):
        _, file = self.failed_check()
        run = self.call("replay", file, "--implementation", FAULT, "--against", "reference")
        self.assertEqual(run.status, 1, run.stderr)
        self.assertRegex(run.stdout, r"call 1 differs\n +reference +fault:no-address\n")
        self.assertRegex(run.stdout, r"\n +\* address +127\.0\.0\.1:\d+ +none\n")
        run = self.call("replay", file, "--implementation", "reference", "--against", "raw")
        self.assertEqual(run.status, 0, run.stderr)
        self.assertTrue(run.stdout.endswith("nothing differs from raw\n"), run.stdout)

    def test_differences_as_json(self):
        _, file = self.failed_check()
        run = self.call("replay", file, "--implementation", FAULT, "--against", "reference", "--format", "json")
        self.assertEqual(run.status, 1, run.stderr)
        [difference] = json.loads(run.stdout)["replays"][0]["differences"]
        self.assertEqual((difference["call"], difference["field"], difference["implementation"]), (0, "address", "none"))

    def test_one_file_of_several_is_enough(self):
        self.file(PLAIN, "all/a.json")
        self.file(scenario(SEND, start(), FINISH, kind="udp4"), "all/b.json")
        run = self.call("replay", self.directory / "all", "--implementation", FAULT, "--against", "reference")
        self.assertEqual(run.status, 1, run.stderr)
        self.assertEqual(run.stdout.count("nothing differs"), 1)


class MeetsBadAdapters(ReplayTest):
    THREE = scenario(*(3 * [SEND, start(), FINISH]))

    def test_a_crash_is_told_after_what_came_back_before_it(self):
        run = self.replay(self.THREE, "--implementation", hostile("dies_by_signal_on_third_call"))
        self.assertEqual(run.status, 1, run.stderr)
        self.assertEqual(run.stdout.count("nbytes"), 2)
        self.assertIn("CRASH: the process was ended by SIGSEGV\n", run.stdout)

    def test_a_hang_and_a_broken_protocol(self):
        run = self.replay(self.THREE, "--implementation", hostile("hangs_on_third_call"), "--deadline-ms", "1500")
        self.assertEqual(run.status, 1, run.stderr)
        self.assertIn("HANG: no answer within the deadline\n", run.stdout)
        run = self.replay(self.THREE, "--implementation", hostile("rubbish_on_third_call"))
        self.assertEqual(run.status, 1, run.stderr)
        self.assertIn("PROTOCOL: the line is not a JSON object", run.stdout)

    def test_the_other_one_counts_too(self):
        run = self.replay(self.THREE, "--against", hostile("dies_by_signal_on_third_call"))
        self.assertEqual(run.status, 1, run.stderr)
        self.assertNotIn("nothing differs", run.stdout)

    def test_the_next_file_is_performed_all_the_same(self):
        for i in range(12):
            self.file(self.THREE, f"all/{i:02}.json")
        run = self.call("replay", self.directory / "all", "--implementation", hostile("dies_by_signal_on_third_call"))
        self.assertEqual(run.status, 1, run.stderr)
        self.assertEqual(run.stdout.count("CRASH: "), 12)

    def test_an_adapter_that_cannot_be_started(self):
        run = self.replay(PLAIN, "--implementation", "exec:/nonexistent/adapter")
        self.assertEqual(run.status, 66, run.stderr)
        self.assertIn("/nonexistent/adapter", run.stderr)


class JudgesEditedFiles(ReplayTest):
    """A person may have edited the file: its law judges it only where the scenario is still of the law's family."""

    LAWS_OF_A_FAMILY = ("MalformedControlDataKeepsEarlierItems", "DescriptorsInMalformedItemsAreReported",
                        "InvalidKernelLengthsAreHandledSafely", "ControlMessagesOfEveryKindAreReturned",
                        "MalformedControlDataWarningCanBeRaised")

    def test_that_have_left_the_family_of_their_law(self):
        for law in self.LAWS_OF_A_FAMILY:
            for steps in ([SEND], [SEND, start(), FINISH]):
                with self.subTest(law=law, steps=len(steps)):
                    run = self.replay(scenario(*steps, law=law))
                    self.assertEqual(run.status, 0, run.stdout + run.stderr)

    def test_of_which_the_model_says_nothing(self):
        option = {"step": "set_option", "level": 1, "name": 8, "value": 5000}
        for law in ("EveryCallMatchesTheModel", "MsgFlagsMatchTheModel", "AddressMatchesTheSender",
                    "ConversationMatchesTheModel", "DescriptorsAreReceivedOnceOrClosed"):
            with self.subTest(law=law):
                run = self.replay(scenario(option, SEND, start(), FINISH, law=law))
                self.assertEqual(run.status, 0, run.stdout + run.stderr)
                self.assertIn("not judged: an option of the socket", run.stdout)

    def test_with_a_sender_that_does_not_exist(self):
        run = self.replay(scenario({**SEND, "sender": 9}, start(), FINISH))
        self.assertEqual(run.status, 3, run.stdout + run.stderr)
        self.assertIn("not performed on reference: step 1 (sender 9 sends", run.stdout)

    def test_in_which_a_call_waits_for_nothing(self):
        run = self.replay(scenario(start(), FINISH), "--deadline-ms", "200")
        self.assertEqual(run.status, 3, run.stdout + run.stderr)
        self.assertIn("the model does not say that the call returns", run.stdout)

    def test_with_buffers_that_no_reply_can_have(self):
        run = self.replay(scenario(SEND, start(buffers=[{"size": 4}, {"size": 67108868}]), FINISH))
        self.assertEqual(run.status, 3, run.stdout + run.stderr)
        self.assertIn("a call has larger buffers than the reply of an adapter can have", run.stdout)

    def test_in_which_more_is_read_elsewhere_than_was_sent(self):
        run = self.replay(scenario(SEND, {"step": "read_elsewhere", "bytes": 50}))
        self.assertEqual(run.status, 3, run.stdout + run.stderr)

    def test_that_a_known_fault_breaks_by_the_law_that_they_name(self):
        out = self.directory / "found by a law"
        found = self.call("property", "--seed", "1", "--cases", "500", "--laws", "DescriptorsAreReceivedOnceOrClosed",
                          "--implementation", "fault:reverses-descriptors", "--out", out)
        self.assertEqual(found.status, 1, found.stdout + found.stderr)
        [line] = [line for line in found.stdout.splitlines() if line.startswith("  replay:")]
        words = shlex.split(line)[2:]
        again = self.call(*words)
        self.assertEqual(again.status, 1, again.stdout + again.stderr)
        self.assertIn("Of the descriptors sent, each is received once", again.stdout)


class Refuses(ReplayTest):
    def assert_refused(self, complaint, *arguments, status=64):
        run = self.call("replay", *arguments, "--implementation", "exec:/nonexistent/adapter")
        self.assertEqual((run.status, run.stdout), (status, ""), run.stderr)
        self.assertRegex(run.stderr, complaint)

    def test_a_file_that_is_no_scenario(self):
        good = self.file(PLAIN, "good.json")
        bad = self.file(scenario(SEND, start(buffers=[{"size": -1}])), "bad.json")
        self.assert_refused(r"bad\.json: /scenario/steps/1/call/buffers/0/size: is -1; what is allowed is an integer", good,
                            bad)
        self.assert_refused(r"a\.json: the document is not JSON: parse error at line 2", self.file("{\n oops"))
        self.assert_refused(r"a\.json: /scenario/steps/0/dta: there is no such field here, only step, sender, data",
                            self.file(scenario({**SEND, "dta": ""})))
        self.assert_refused(r"a\.json: /schema: is 2; what is allowed is 1", self.file({**PLAIN, "schema": 2}))

    def test_a_file_that_is_not_there(self):
        self.assert_refused(r"cannot read .*/none\.json: No such file", self.directory / "none.json")
        (self.directory / "empty").mkdir()
        self.assert_refused(r"/empty: there is no \*\.json in it", self.directory / "empty")

    def test_wrong_usage(self):
        self.assert_refused("FILE is required")
        run = self.replay(PLAIN, "--implementation", "unknown")
        self.assertEqual(run.status, 64, run.stderr)
        run = self.replay(PLAIN, "--against", "unknown")
        self.assertEqual(run.status, 64, run.stderr)

    def test_what_cannot_be_performed_proves_nothing(self):
        run = self.replay(scenario(SEND, start(timeout_ms=100), FINISH), "--implementation", "raw")
        self.assertEqual(run.status, 3, run.stderr)
        self.assertIn("not performed on raw: it does not declare timeout\n", run.stdout)
        for call in (start(ancbufsize=-1), start(flags=2**32)):
            run = self.replay(scenario(SEND, call, FINISH), "--implementation", "raw")
            self.assertEqual(run.status, 3, run.stderr)
            self.assertIn("not performed on raw: it does not declare arguments\n", run.stdout)
        run = self.replay(scenario(SEND, FINISH))
        self.assertEqual(run.status, 3, run.stderr)
        self.assertIn("not performed on reference: step 2 (the call returns): no call is on its way\n", run.stdout)

    def test_room_beyond_all_memory_is_an_error_of_the_call(self):
        run = self.replay(scenario(SEND, start(ancbufsize=2**48), FINISH), "--implementation", "raw")
        self.assertEqual(run.status, 0, run.stdout)
        self.assertIn("error     ENOMEM", run.stdout)
        self.assertIn("not judged: more room for ancillary data than there may be\n", run.stdout)

    def test_a_comparison_needs_both(self):
        run = self.replay(scenario(SEND, start(timeout_ms=100), FINISH), "--against", "raw")
        self.assertEqual(run.status, 3, run.stderr)
        self.assertIn("not performed on raw: it does not declare timeout\n", run.stdout)
        self.assertNotIn("nothing differs", run.stdout)


if __name__ == "__main__":
    unittest.main()
