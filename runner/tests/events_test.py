#!/usr/bin/env python3
"""Every event of adapters/PROTOCOL.md has one verdict and one cause in every caller: each event by each caller.

Usage: RECVMSG_CONFORMANCE=... CASES_HERE=... FUZZ_TARGET=... PLUGIN=... DEVIATING_KERNEL=... events_test.py [ARGUMENT...]
REPEATED_EXITS (default 3) says how often an adapter that ends behind its reply is met by each command.
"""
import concurrent.futures
import os
import re
import tempfile
import unittest

import callers
from events import CALLERS, EVENTS, Never
from runner_case import without_network

REPEATED_EXITS = int(os.environ.get("REPEATED_EXITS", "3"))
COMMANDS = ("run", "property", "replay")
SIDE_BY_SIDE = 3  # most of the time is waiting


class EventsTest(unittest.TestCase):
    def facts(self, caller, event, mode, *more):
        with tempfile.TemporaryDirectory() as directory:
            return callers.Caller(caller, event, directory).ended(mode, *more)

    def assert_all(self, cells):
        """`cells`: (caller, event, mode, words of the adapter's command line). Side by side."""
        with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            ended = list(pool.map(lambda cell: self.facts(*cell), cells))
        for (caller, event, mode, *more), (facts, said) in zip(cells, ended):
            with self.subTest(f"{caller}: {event.sentence}", mode=" ".join([mode, *more])):
                verdict, cause = (event.verdict, event.cause) if caller not in event.writes_nothing else (None, None)
                status = facts.status if caller == "cases without workers" else event.status_of(caller)
                self.assertEqual(facts, callers.Facts(verdict, cause, status), said[-3000:])

    def cells(self, some_callers, *more):
        for event in EVENTS:
            for caller in some_callers:
                provocations = event.provocations(caller)
                if not isinstance(provocations, Never):
                    yield from ((caller, event, mode, *more) for mode in provocations)


class EveryEvent(EventsTest):
    def test_ends_alike_in_every_caller(self):
        cells = list(self.cells(CALLERS))
        if without_network() is None:
            print("this process may have no network of its own (unshare(1)): no host that lacks something")
            cells = [cell for cell in cells if cell[1].do.network]
        self.assert_all(cells)

    def test_has_an_expectation_or_a_reason_in_every_caller(self):
        for event in EVENTS:
            for caller in CALLERS:
                provocations = event.provocations(caller)
                if isinstance(provocations, Never):
                    print(f"never in {caller}: {event.sentence}: {provocations.reason}")
                    self.assertTrue(provocations.reason)
                else:
                    self.assertTrue(provocations and all(mode is not None for mode in provocations), (event, caller))

    def test_is_in_the_table_of_the_protocol(self):
        page = (callers.ROOT / "adapters/PROTOCOL.md").read_text(encoding="utf-8")
        section = page.partition("## Which event gets which verdict")[2]
        rows = re.findall(r"(?m)^\| (.+?) \| ([A-Z]+) \| `([a-z-]+)` \|$", section)
        self.assertEqual(rows, [(event.sentence, event.verdict, event.cause) for event in EVENTS])


class ThreadsThatComeAndGo(EventsTest):
    def test_change_nothing(self):
        self.assert_all([cell for cell in self.cells(COMMANDS, "--threads") if cell[1].do == type(cell[1].do)()])


class AnEndBehindAReply(EventsTest):
    def test_is_a_crash_each_time(self):
        [event] = [event for event in EVENTS if "exits_behind_third_reply" in event.modes]
        for _ in range(REPEATED_EXITS):
            self.assert_all([(caller, event, "exits_behind_third_reply") for caller in COMMANDS])


if __name__ == "__main__":
    unittest.main()
