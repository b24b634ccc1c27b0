#!/usr/bin/env python3
"""ci/fault-matrix: what it makes of what a fuzzer says, which is a few lines of shell here, and what it writes."""
import pathlib
import tempfile
import types
import unittest

from command_module import command_module

fault_matrix = command_module("fault-matrix")

# Called with --runs=N --seed=N --count=FILE --implementation=fault:NAME FOLDER. It says what it was called with; NAME is how it
# ends.
FUZZER = """#!/bin/sh
echo "$1 $2 $(ls "$5" | wc -l)" > "$0.called"
count=${3#--count=}
case $4 in
  --implementation=fault:found-in-7) echo 7 > "$count"; kill -ABRT $$ ;;
  --implementation=fault:reported-in-8) echo 8 > "$count"; exit 1 ;;
  --implementation=fault:waits-in-9) echo 9 > "$count"; mkfifo "$count.fifo"; exec cat "$count.fifo" ;;
  --implementation=fault:never-ends) while :; do echo >> "$count"; done ;;
  --implementation=fault:not-found) echo 50 > "$count" ;;
  *) exit 66 ;;
esac
"""


class Executions(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.fuzzer = self.directory / "fuzzer"
        self.fuzzer.write_text(FUZZER)
        self.fuzzer.chmod(0o755)
        self.corpus = self.directory / "corpus"
        self.corpus.mkdir()
        for name in "abc":
            (self.corpus / name).touch()

    def until_found(self, name, corpus=None):
        return fault_matrix.executions_until_found(self.fuzzer, name, corpus, 50, 4)

    def called(self):
        return (self.directory / "fuzzer.called").read_text().split()

    def test_are_those_that_the_fuzzer_counted(self):
        self.assertEqual(self.until_found("found-in-7"), 7)
        self.assertEqual(self.until_found("reported-in-8"), 8)
        self.assertIsNone(self.until_found("not-found"))

    def test_begin_with_the_first_input(self):
        self.until_found("not-found")
        self.assertEqual(self.called(), ["--runs=49", "--seed=4", "0"])
        self.until_found("not-found", self.corpus)
        self.assertEqual(self.called(), ["--runs=47", "--seed=4", "3"])

    def limit(self, **limits):
        for name, seconds in limits.items():
            self.addCleanup(setattr, fault_matrix, name, getattr(fault_matrix, name))
            setattr(fault_matrix, name, seconds)

    def test_end_in_one_that_stands_still(self):
        self.limit(STANDSTILL_S=1)
        self.assertEqual(self.until_found("waits-in-9"), 9)

    def test_end_where_they_take_too_long(self):
        self.limit(STANDSTILL_S=2, MOST_S=0)
        self.assertIsNone(self.until_found("never-ends"))

    def test_are_not_said_of_what_could_not_be_tried(self):
        with self.assertRaisesRegex(SystemExit, "fault:unknown .*: status 66"):
            self.until_found("unknown")


def row(name, python=False, pair=False, **found):
    fault = {"name": name, "description": f"does {name}", "python": python, "needs_two_conditions": pair}
    return fault_matrix.Row(fault, "data", **found)


class Document(unittest.TestCase):
    INPUTS = fault_matrix.number_of_inputs(fault_matrix.CORPUS)
    ROWS = [row("a", claims=2, law="ALaw", from_nothing=40, from_corpus=INPUTS),
            row("b", pair=True, claims=1, from_corpus=INPUTS + 1),
            row("c", pair=True, law="ALaw", from_nothing=7000, from_corpus=9),
            row("d", python=True, claims=1)]

    def lines(self):
        return fault_matrix.document(self.ROWS, types.SimpleNamespace(executions=8000, seed=3)).splitlines()

    def test_has_what_finds_each_fault(self):
        for line in (f"| a | does a | 2 | ALaw | 40 | {self.INPUTS} |", f"| b | does b | 1 | - | - | {self.INPUTS + 1} |",
                     "| c | does c | - | ALaw | 7000 | 9 |", "| d | does d | 1 | - | - | - |"):
            self.assertIn(line, self.lines())

    def test_says_how_it_was_found(self):
        for words in ("`-` where 8000 executions, or those of 60 seconds, do not", "are of seed 3,",
                      f"the {self.INPUTS} committed inputs"):
            self.assertIn(words, "\n".join(self.lines()))

    def test_sums_up_all_those_in_process_and_those_of_two_conditions(self):
        for line in (f"| all | 4 | 3 | 2 | 2 | 40 | 3 | {self.INPUTS} | 2 |",
                     f"| called in process | 3 | 2 | 2 | 2 | 40 | 3 | {self.INPUTS} | 2 |",
                     "| two conditions at once | 2 | 1 | 1 | 1 | 7000 | 2 | 9 | 1 |"):
            self.assertIn(line, self.lines())

    def test_sums_up_what_is_not_found(self):
        self.assertIn("| all | 1 | 1 | 0 | 0 | - | 0 | - | 0 |", fault_matrix.summary(self.ROWS[3:]))


if __name__ == "__main__":
    unittest.main()
