#!/usr/bin/env python3
"""The modules of ci/campaign that need no fuzzer to be tried."""
import contextlib
import io
import os
import pathlib
import signal
import sys
import tempfile
import threading
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "ci"))

from campaign import builds, campaign, record  # noqa: E402
from campaign.afl import Afl  # noqa: E402
from campaign.fuzzing import Fuzzing, Slice, Slot  # noqa: E402
from campaign.interruption import Interruption  # noqa: E402
from campaign.minimise import OutOfTime, minimise  # noqa: E402
from campaign.plot import coverage_plot, nice_ceiling  # noqa: E402
from campaign.places import Campaign, TargetPlace, content_name  # noqa: E402
from campaign.progress import clock, short  # noqa: E402
from campaign.signature import signature_of  # noqa: E402
from campaign.sharing import Share  # noqa: E402
from campaign.slices import equal_shares, shares_by_glob, slots  # noqa: E402
from campaign.stacks import Owners, bare_name, parse_frame  # noqa: E402
from campaign.status import CampaignError  # noqa: E402
from campaign.targets import Target, read_options  # noqa: E402

REFERENCE = ("    #{} 0x55d0 in recvinto::ControlBuffer::{}(unsigned long) /src/x/reference/src/control_buffer.cc:7:88"
             " {{/b/f+0x1}}")
LIBRARY = "    #{} 0x7f00 in {} nptl/pthread_kill.c:43:17 {{/lib/x86_64-linux-gnu/libc.so.6+0x8a}}"


def report(head, *frames):
    return "\n".join([head, *(frame.format(*([number] if isinstance(frame, str) else [])) for number, frame
                              in enumerate(frames)), "", "SUMMARY: whatever"])


def reference(name):
    return REFERENCE.replace("{}(unsigned", f"{name}(unsigned")


def library(name):
    return LIBRARY.replace("in {}", f"in {name}")


class Builds(unittest.TestCase):
    """With a ci/setup.sh of the test's own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="recvinto-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "ci").mkdir()

    def build(self, script):
        (self.root / "ci/setup.sh").write_text(f"need_packages() {{ :; }}\nbuild_preset() {{ {script}; }}\n")
        with Interruption() as interruption:
            return builds.build(self.root, "fuzz", "for libfuzzer", ["clang"], interruption)

    def test_that_fail_end_with_the_status_that_says_why(self):
        self.assertTrue(self.build("true"))
        with self.assertRaises(CampaignError) as raised:
            self.build("exit 69")
        self.assertEqual(raised.exception.status, 69)

    def test_end_with_all_that_they_started_when_asked_to(self):
        """As under ninja, which gives each compiler a process group of its own and ends them before itself."""
        started = self.root / "started"
        os.mkfifo(started)

        def interrupt():
            self.compiler = int(started.read_text())
            os.kill(os.getpid(), signal.SIGINT)

        thread = threading.Thread(target=interrupt)
        thread.start()
        self.assertFalse(self.build("set -m; sleep 600 & trap 'kill $!; wait' TERM; "
                                    f'echo $! >"{started}"; wait'))
        thread.join()
        with self.assertRaises(ProcessLookupError):
            os.kill(self.compiler, 0)


class Faults(unittest.TestCase):
    def test_of_the_command_itself_are_not_taken_for_findings(self):
        with mock.patch.object(campaign, "parse", side_effect=ZeroDivisionError), \
                contextlib.redirect_stderr(io.StringIO()) as printed:
            self.assertEqual(campaign.main([], ROOT), 70)
        self.assertIn("ZeroDivisionError", printed.getvalue())


class Slices(unittest.TestCase):
    def total(self, schedule, name):
        return sum(seconds for slot in schedule for slice_name, seconds in slot if slice_name == name)

    def test_are_equal_and_fill_all_slots(self):
        for targets in range(1, 8):
            for jobs in range(1, 8):
                names = [f"t{number}" for number in range(targets)]
                schedule = slots(equal_shares(names, 60, jobs), jobs)
                self.assertEqual(len(schedule), jobs)
                for slot in schedule:
                    self.assertAlmostEqual(sum(seconds for _, seconds in slot), 60)
                for name in names:
                    self.assertAlmostEqual(self.total(schedule, name), 60 * jobs / targets)

    def test_one_target_is_not_in_two_lanes_at_once_unless_there_are_lanes_to_spare(self):
        schedule = slots(equal_shares(["a", "b", "c"], 60, 2), 2)
        self.assertEqual([[name for name, _ in slot] for slot in schedule], [["a", "b"], ["b", "c"]])
        self.assertLessEqual(schedule[1][0][1], schedule[0][0][1])  # b is done in one slot before its turn in the other

    def test_are_what_the_first_glob_that_matches_gives(self):
        shares, left_out = shares_by_glob(["deep", "flat", "flat_too"], [("flat", 1.0), ("flat*", 2.0), ("d*", 3.0)])
        self.assertEqual((shares, left_out), ({"deep": 180, "flat": 60, "flat_too": 120}, []))
        self.assertEqual(shares_by_glob(["deep", "flat"], [("flat", 1.0)])[1], ["deep"])
        self.assertEqual(slots(shares, 2), [[("deep", 180)], [("flat", 60), ("flat_too", 120)]])

    def giving_away(self, *targets_by_slot):
        """A Fuzzing that begins with slices of 60 s, all of which run and had something new, the last one last."""
        fuzzing = Fuzzing(*[None] * 10)
        for index, names in enumerate(targets_by_slot):
            slot = Slot(index, [Slice(Target(name, None, [], {}, None), 60) for name in names])
            slot.run, slot.slices[0].new_at = True, index
            fuzzing._slots.append(slot)
        return fuzzing, fuzzing._slots

    def given(self, slot):
        return [(piece.target.name, piece.seconds) for piece in slot.slices]

    def test_of_a_quiet_target_go_to_the_next_ones_of_its_slot(self):
        fuzzing, (slot,) = self.giving_away("abc")
        slot.slices.pop(0)
        fuzzing._give_away(slot, 30)
        self.assertEqual(self.given(slot), [("b", 75), ("c", 75)])

    def test_of_the_last_in_a_slot_go_to_what_grew_last(self):
        fuzzing, (first, second, third) = self.giving_away("a", "b", "c")
        fuzzing._quiet = {"a", "c"}
        first.slices.pop(0)
        first.run = None
        fuzzing._give_away(first, 30)
        self.assertEqual(self.given(first), [("b", 30)])
        third.slices.pop(0)
        third.run = None
        fuzzing._quiet.add("b")
        fuzzing._give_away(third, 30)
        self.assertEqual(self.given(third), [], "none of them grows")
        self.assertEqual(self.given(second), [("b", 60)])


class Frames(unittest.TestCase):
    def test_are_read_with_and_without_debug_information(self):
        frame = parse_frame("    #0 0x563f in a::overflow(std::vector<int, std::allocator<int>> const&, unsigned long) "
                            "/tmp/s/planted.cc:7:88 {/tmp/s/fuzz_planted+0x149f13}")
        self.assertEqual((frame.function, frame.source, frame.module), ("a::overflow", "/tmp/s/planted.cc",
                                                                        "/tmp/s/fuzz_planted"))
        frame = parse_frame("    #3 0x7f27  (/lib/libc.so.6+0x3c04f) (BuildId: 93ac) {/lib/libc.so.6+0x3c04f}")
        self.assertEqual((frame.function, frame.source, frame.module), ("", "", "/lib/libc.so.6"))
        frame = parse_frame("    #2 0x5 in ExecuteFilesOnyByOne aflpp_driver.o {/tmp/afl+0xe3d8d}")
        self.assertEqual((frame.function, frame.module), ("ExecuteFilesOnyByOne aflpp_driver.o", "/tmp/afl"))
        self.assertIsNone(parse_frame("SUMMARY: libFuzzer: timeout"))

    def test_have_names_without_parameters(self):
        self.assertEqual(bare_name("a::(anonymous namespace)::f(int)"), "a::f")
        self.assertEqual(bare_name("a::f<void (*)(int)>(int)"), "a::f<void (*)(int)>")
        self.assertEqual(bare_name("a::operator()(int) const"), "a::operator()")

    def test_belong_to_whose_code_they_are_in(self):
        with tempfile.NamedTemporaryFile(suffix=".so") as plugin:
            owners = Owners(ROOT, plugin.name)

            def owner(source, module="/b/fuzz_x"):
                return owners.of(parse_frame(f"    #0 0x1 in f() {source}:1:2 {{{module}+0x1}}"))
            self.assertEqual(owner("/somewhere/reference/src/control_buffer.cc"), "reference")
            self.assertEqual(owner("/build/h/../x/fuzz/support/standalone_main.cc"), "suite")
            self.assertIsNone(owner("/usr/include/c++/12/bits/stl_vector.h"))
            self.assertEqual(owner("/home/them/reference/src/plugin.c", plugin.name), "plug-in")


class Signatures(unittest.TestCase):
    owners = Owners(ROOT)

    def of(self, text):
        return signature_of(text, self.owners)

    def test_of_memory_errors_are_kind_and_three_frames_of_the_project(self):
        crash = self.of(report("==1==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x5 at pc 0x6",
                               library("memcpy"), *(reference(name) for name in "abcd")))
        self.assertEqual(crash.kind, "AddressSanitizer: heap-buffer-overflow")
        self.assertEqual(crash.frames, [f"recvinto::ControlBuffer::{name}" for name in "abc"])
        self.assertEqual(crash.belongs_to, "reference")

    def test_of_the_same_error_at_another_address_are_the_same(self):
        head = "==1==ERROR: AddressSanitizer: SEGV on unknown address {} (pc 0x1)"
        one, other = (self.of(report(head.format(address), reference("a"))) for address in ("0x10", "0x20"))
        self.assertEqual(one.key, other.key)
        self.assertNotEqual(one.key, self.of(report(head.format("0x10"), reference("b"))).key)

    def test_of_oracles_are_their_words_without_numbers(self):
        head = "/x/fuzz/support/oracle.h:12: found: {} descriptors are open\n==1== ERROR: libFuzzer: deadly signal"
        one, other = (self.of(report(head.format(count), library("abort"), reference("a"))) for count in (1, 22))
        self.assertEqual((one.kind, one.message, one.belongs_to), ("oracle", "1 descriptors are open", None))
        self.assertEqual(one.key, other.key)

    def test_of_undefined_behaviour_have_no_values(self):
        crash = self.of(report("a.cc:1:2: runtime error: load of misaligned address 0x7f31 for type 'int'", reference("a")))
        self.assertEqual(crash.kind,
                         "UndefinedBehaviorSanitizer: load of misaligned address N for type 'int'")

    def test_of_timeouts_do_not_depend_on_who_was_at_work(self):
        one, other = (self.of(report("==1== ERROR: libFuzzer: timeout after 26 seconds", *(
            reference(name) for name in [*inner, "parse", "judge", "entry"]))) for inner in ("xy", "z"))
        self.assertEqual(one.kind, "timeout")
        self.assertEqual(one.key, other.key)

    def test_of_crashes_that_the_target_found_in_a_plugin(self):
        crash = self.of("==1== ERROR: libFuzzer: deadly signal\n"
                        "the crash is in plugin:/p/libmine.so, in frame mine_receive (/p/libmine.so+0x1f)")
        self.assertEqual((crash.belongs_to, crash.frames), ("plug-in", ["mine_receive"]))

    def test_of_other_ends(self):
        self.assertEqual(self.of("==1== ERROR: libFuzzer: out-of-memory (used: 850Mb; limit: 256Mb)").kind, "out-of-memory")
        thrown = self.of("terminate called after throwing an instance of 'std::bad_alloc'\n"
                         "==1== ERROR: libFuzzer: deadly signal")
        self.assertEqual((thrown.kind, thrown.message), ("uncaught exception", "std::bad_alloc"))
        asserted = self.of("f: a.cc:3: int f(): Assertion `x' failed.\n==1==ERROR: libFuzzer: deadly signal")
        self.assertEqual((asserted.kind, asserted.message), ("assertion", "Assertion `x' failed"))
        self.assertIsNone(self.of("Executed input in 0 ms"))


class Minimising(unittest.TestCase):
    def test_leaves_what_it_takes(self):
        self.assertEqual(minimise(bytes(range(1, 200)), lambda data: b"\x05" in data and b"\x90" in data), b"\x05\x90")

    def test_makes_zeros_of_what_must_be_there_but_may_be_anything(self):
        self.assertEqual(minimise(b"abcdefXh", lambda data: len(data) == 8 and data[6:7] == b"X"), bytes(6) + b"X\0")

    def test_comes_to_nothing_where_nothing_is_needed(self):
        self.assertEqual(minimise(b"abc", lambda data: True), b"")

    def test_keeps_the_best_when_time_is_up(self):
        tries = []

        def until_the_fifth(data):
            tries.append(data)
            if len(tries) > 5:
                raise OutOfTime()
            return b"x" in data
        left = minimise(b"0123456789x" * 3, until_the_fifth)
        self.assertLess(len(left), 33)
        self.assertIn(b"x", left)


class Records(unittest.TestCase):
    def test_have_points_where_something_is_new(self):
        target = record.new_target("t")
        for seconds, edges in ((1, 5), (2, 5), (3, 4), (4, 6)):
            record.add_point(target, seconds, edges, edges, seconds * 100)
        self.assertEqual(target["points"], [[1, 5, 5, 100], [4, 6, 6, 400]])

    def test_are_of_bounded_size(self):
        target = record.new_target("t")
        for number in range(1, 5000):
            record.add_point(target, number, number, number, number)
        self.assertLessEqual(len(target["points"]), record.MOST_POINTS + 1)
        self.assertEqual((target["points"][0][1], target["points"][-1][1]), (1, 4999))

    def test_of_another_schema_are_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "campaign.json")
            for text, message in (('{"schema": 99}', "schema 99"), ("[]", "cannot be read"), ("{", "cannot be read")):
                path.write_text(text)
                with self.assertRaisesRegex(CampaignError, message):
                    record.load(path, "libfuzzer", None)


class Showing(unittest.TestCase):
    def test_numbers_and_times_are_short(self):
        self.assertEqual([short(number) for number in (0, 999, 1234, 1234567, 0.5)], ["0", "999", "1.23k", "1.23M", "0.5"])
        self.assertEqual([clock(seconds) for seconds in (0, 61.9, 3661)], ["00:00", "01:01", "1:01:01"])

    def test_a_plot_ends_at_the_top_right_and_marks_findings(self):
        self.assertEqual([nice_ceiling(value) for value in (1, 5, 9, 21, 1999)], [4, 8, 20, 40, 2000])
        target = {**record.new_target("t"), "fuzz_seconds": 10, "points": [[1, 4, 4, 10], [5, 8, 9, 20]]}
        svg = coverage_plot(target, [{"id": "t-1", "found_after_seconds": 6}])
        self.assertIn("V12.0H468.0", svg)
        self.assertIn('cy="12.0"', svg)
        self.assertEqual(coverage_plot(record.new_target("t"), []), "")


class Sharing(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="recvinto-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.told = []
        self.target = Target("t", None, [], {}, None)

    def machine(self, name):
        campaign_of_it = Campaign(self.folder / name)
        self.addCleanup(campaign_of_it._lock.close)
        place = campaign_of_it.of(self.target)
        return place, Share(self.folder / "share", self.told.append)

    def contents(self, folder):
        return {path.read_bytes() for path in folder.iterdir()}

    def test_gives_and_takes_inputs(self):
        (one, share_of_one), (other, share_of_other) = self.machine("one"), self.machine("other")
        one.add(b"first")
        other.add(b"second")
        for share, place in ((share_of_one, one), (share_of_other, other), (share_of_one, one)):
            self.assertEqual(share.exchange(self.target, place), [])
        self.assertEqual(self.contents(one.corpus), {b"first", b"second"})
        self.assertEqual(self.contents(other.corpus), {b"first", b"second"})

    def test_what_fails_is_taken_once_and_goes_into_no_corpus(self):
        (one, share_of_one), (other, share_of_other) = self.machine("one"), self.machine("other")
        one.add(b"bad")
        share_of_one.exchange(self.target, one)
        one.remove(b"bad")
        share_of_one.give_crash(self.target, b"bad")
        self.assertEqual(share_of_one.exchange(self.target, one), [], "it is its own")
        self.assertEqual([path.read_bytes() for path in share_of_other.exchange(self.target, other)], [b"bad"])
        self.assertEqual(share_of_other.exchange(self.target, other), [])
        self.assertEqual((self.contents(one.corpus), self.contents(other.corpus)), (set(), set()))

    def test_a_part_of_a_file_waits_for_the_rest(self):
        place, share = self.machine("one")
        share.exchange(self.target, place)
        for part in ("corpus", "crashes"):
            (self.folder / "share/t" / part / content_name(b"whole")).write_bytes(b"who")
        self.assertEqual(share.exchange(self.target, place), [])
        self.assertEqual(self.contents(place.corpus), set())
        (self.folder / "share/t/crashes" / content_name(b"whole")).write_bytes(b"whole")
        self.assertEqual(len(share.exchange(self.target, place)), 1)

    def test_what_a_target_keeps_comes_whole_and_stays_away_when_it_is_gone(self):
        (one, share_of_one), (other, share_of_other) = self.machine("one"), self.machine("other")
        (one.found / "a.json").write_text("{}")
        share_of_one.exchange(self.target, one)
        share_of_other.exchange(self.target, other)
        self.assertEqual(list(other.found.iterdir()), [], "its scenario is not there yet")
        (one.found / "a.scenario").write_text("scenario")
        share_of_one.exchange(self.target, one)
        share_of_other.exchange(self.target, other, gone=["a"])
        self.assertEqual(list(other.found.iterdir()), [])
        share_of_other.exchange(self.target, other)
        self.assertEqual(sorted(path.name for path in other.found.iterdir()), ["a.json", "a.scenario"])

    def test_a_folder_that_cannot_be_written_is_told_once(self):
        (self.folder / "share").write_text("a file")
        place, share = self.machine("one")
        place.add(b"mine")
        for _ in range(2):
            self.assertEqual(share.exchange(self.target, place), [])
            share.give_crash(self.target, b"bad")
        self.assertEqual(len(self.told), 1)
        self.assertIn("Not a directory", self.told[0])


class AflInstances(unittest.TestCase):
    def test_of_one_target_work_together_under_one_main_one(self):
        with tempfile.TemporaryDirectory(prefix="recvinto-") as folder, mock.patch("campaign.afl.Process") as process:
            place = TargetPlace(pathlib.Path(folder), "t")
            engine = Afl()
            for slot in (1, 0, 1):
                engine.start(Target("t", "program", [], {}, None), place, slot, 60, 7, {}, None)
            engine.start(Target("u", "program", [], {}, None), TargetPlace(pathlib.Path(folder), "u"), 0, 60, 7, {}, None)
        words = [call.args[0] for call in process.call_args_list]
        self.assertEqual([[command[index + 1] for index, word in enumerate(command) if word in ("-M", "-S")]
                          for command in words], [["slot1"], ["slot0"], ["slot1"], ["slot0"]])
        self.assertEqual(["-M" in command for command in words], [True, False, True, True])
        self.assertEqual(len({command[command.index("-o") + 1] for command in words}), 2, "one folder for each target")


class Options(unittest.TestCase):
    def test_are_read_as_oss_fuzz_has_them(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "t.options")
            path.write_text("[libfuzzer]\nmax_len = 2048\n[asan]\nx = 1\n")
            self.assertEqual(read_options(path), {"libfuzzer": {"max_len": "2048"}, "asan": {"x": "1"}})
            path.write_text("max_len = 2048\n")
            with self.assertRaisesRegex(CampaignError, "not an options file"):
                read_options(path)
            path.write_text("[campaign]\njudges = unknown\n")
            with self.assertRaisesRegex(CampaignError, "judges = unknown: names none of: reference, suite"):
                read_options(path)


if __name__ == "__main__":
    unittest.main()
