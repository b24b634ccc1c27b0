#!/usr/bin/env python3
"""What bad adapters cost, and what adapters cost that declare little.

Usage: RECVMSG_CONFORMANCE=/path/to/recvmsg-conformance bad_adapters_test.py [arguments of unittest]
"""
import json
import os
import unittest

from runner_case import FOURTEEN, RIGHTS, SEVEN, RunnerTest, has_address_sanitizer, hostile


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
                hostile_adapter.pause_without_end()
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

    def test_failed_starts_are_counted_for_all_workers_together(self):
        jobs = 4
        once_each = hostile("dies_by_signal_on_third_call", "--call", "1", "--starts", str(jobs), self.directory / "starts")
        run = self.judge(once_each, "FillOrder.*:Flags.*", "--jobs", str(jobs))
        # Each worker's first life, ten starts, and those that were on their way when the tenth had failed.
        self.assertLessEqual(run.verdicts.count("CRASH"), jobs + 10 + jobs - 1)
        # A worker that has not begun yet fails without a check.
        self.assertGreaterEqual((self.directory / "starts").stat().st_size, jobs + 10)
        self.assertEqual(run.reasons("NOTRUN"), {"given up after 10 failed starts in a row"})
        self.assertEqual(set(run.verdicts), {"CRASH", "NOTRUN", "SKIP"} & set(run.verdicts))

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
        self.assert_cannot_start("exec:true", "no adapter: on hello, the process exited with status 0\n"
                                              "recvmsg-conformance: 'recvmsg-conformance doctor SPEC' examines an adapter")
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
        run = self.judge(hostile("always_error"), "*-LargeBuffers.*:DroppedMessages.*")  # those take long to say nothing
        self.assertEqual(run.results["summary"]["pass"], 0)
        self.assertGreater(run.results["summary"]["fail"], 500)
        self.assertEqual(run.status, 1)

    def test_bytes_that_were_never_sent_are_a_failure(self):
        returning = self.adapter("""
            capabilities = ["nonblocking"]

            def call(self, request):
                reply = super().call(request)
                if "nbytes" not in reply:
                    return reply
                buffers = reply.pop("buffers")
                return dict(reply, returned=buffers[0] + "00" * 9)
        """)
        run = self.judge(returning, "PartialBuffers.StreamReceiveReturnsPartialData/*")
        self.assertEqual(run.verdicts, ["FAIL"] * 3)
        for check in run.checks:
            self.assertEqual([difference["field"] for difference in check["differences"]], ["returned"])
            self.assertEqual(check["summary"], "bytes were returned that were never sent, more than the room")

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
                        hostile_adapter.pause_without_end()
                    os._exit(0)
                return super().hello()
        """), SEVEN)
        self.assertEqual((run.status, run.verdicts), (0, ["PASS"] * 7))

    def test_an_adapter_that_ignores_the_end_is_ended(self):
        run = self.judge(self.adapter("""
            def serve(self):
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                super().serve()
                hostile_adapter.pause_without_end()
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
        # Two seconds of such an output are gigabytes.
        self.assertLess(usage.ru_maxrss, (768 if has_address_sanitizer() else 256) * 1024, "KiB at the peak")
        self.assertEqual(self.left_running(), [])


class Skips(RunnerTest):
    def test_what_is_not_declared_is_not_judged(self):
        # CPython's own recvmsg_into, which receives here, fails this one (docs/findings/cpython.md, 23).
        cpythons = "PacketSocket.NonTextInterfaceNameLosesNoPacket/packet"
        run = self.judge(hostile("skips_everything"), f"*-{cpythons}")
        self.assertEqual(set(run.verdicts), {"PASS", "SKIP"})
        listed = [check for check in json.loads(self.call("list", "--format", "json").stdout)["checks"]
                  if check["id"] != cpythons]
        # One of two capabilities is asked for in the claim itself.
        one_of_two = {check["id"] for check in run.checks if check["reason"].startswith("needs system_wait or nonblocking,")}
        self.assertEqual({check["id"] for check in run.checks if check["verdict"] == "PASS"} | one_of_two,
                         {check["id"] for check in listed if not check["capabilities"]} | one_of_two)
        for reason in run.reasons("SKIP"):
            self.assertRegex(reason, r"^needs [a-z_, ]+, which the implementation does not declare$")
        self.assertEqual(run.status, 0)

    def test_sockets_that_cannot_be_adopted_are_skipped(self):
        run = self.judge(self.adapter("""
            def hello(self):
                return dict(super().hello(), sockets=["udp4", "unix_stream"])

            def call(self, request):
                if (request["family"], request["type"]) not in ((1, 1), (2, 2)):
                    os._exit(7)
                return super().call(request)
        """), SEVEN)
        self.assertEqual(sorted(run.verdicts), ["PASS"] * 2 + ["SKIP"] * 5)
        self.assertIn("the implementation can be given no socket of kind tcp6", run.reasons("SKIP"))
        self.assertIn({"word": "sockets tcp6", "checks": 1, "alone": 1}, run.results["missing"])

    def test_laws_are_tried_on_the_sockets_that_can_be_adopted(self):
        datagrams = self.adapter("""
            def hello(self):
                return dict(super().hello(), sockets=["unix_datagram"])

            def call(self, request):
                if (request["family"], request["type"]) != (1, 2):
                    os._exit(7)
                return super().call(request)
        """)
        run = self.call("property", "--implementation", datagrams, "--laws", "Scattering*:ReceivingInParts*", "--cases", "200",
                        "--seed", "1")
        self.assertEqual(run.status, 0, run.stdout + run.stderr)
        self.assertIn("its sockets are of none of the law's kinds", run.stdout)

    def test_the_words_that_would_bring_checks_are_in_a_table(self):
        run = self.judge(hostile("skips_everything"), "PartialBuffers.*")
        _, _, table = run.stdout.partition("not declared: how many checks are skipped for each word, and how many it would "
                                           "bring by itself:\n")
        rows = [line.split() for line in table.splitlines() if line.startswith("  ")]
        told = {word: (int(checks), int(alone)) for checks, alone, word in rows}
        self.assertEqual(told, {entry["word"]: (entry["checks"], entry["alone"]) for entry in run.results["missing"]})
        skipped = run.results["summary"]["skip"]
        self.assertGreater(told["scatter"][1], 0)
        self.assertLessEqual(sum(alone for _, alone in told.values()), skipped)

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


if __name__ == "__main__":
    unittest.main()
