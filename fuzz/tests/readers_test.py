#!/usr/bin/env python3
"""The targets on what the suite reads find a bug in the reading, and nothing without one.

Usage: FUZZERS=build/release/fuzz readers_test.py [arguments of unittest]
"""
import unittest

from blind import BlindTest

# Of each, in the order of what has_planted() has in the target's own file, and what is said of it.
BUGS = {
    "lines_come_whole": {"newline_first_in_a_piece_is_lost": "in pieces come other lines"},
    "protocol_lines_round_trip": {"last_item_is_lost": "not decoded to the same",
                                  "error_number_is_assumed": "bad_optional_access"},
    "scenario_files_round_trip": {"not_to_wait_is_forgotten": "is read as something else",
                                  "long_scenarios_are_cut": "is read as something else"},
    "toml_files_are_read_or_refused": {"lines_are_not_told": "the complaint names no file",
                                       "ends_of_values_one_early": "not where it is said to be"},
}


class Readers(BlindTest):
    def try_bugs_of(self, invariant):
        self.invariant = invariant
        self.assert_nothing_found(self.blind("--runs=5000"))
        for bug, words in BUGS[invariant].items():
            with self.subTest(bug):
                self.assert_found(self.blind("--runs=20000", bug=bug), words)

    def test_lines_come_whole(self):
        self.try_bugs_of("lines_come_whole")

    def test_protocol_lines_round_trip(self):
        self.try_bugs_of("protocol_lines_round_trip")

    def test_scenario_files_round_trip(self):
        self.try_bugs_of("scenario_files_round_trip")

    def test_toml_files_are_read_or_refused(self):
        self.try_bugs_of("toml_files_are_read_or_refused")


if __name__ == "__main__":
    unittest.main()
