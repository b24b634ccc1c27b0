#!/usr/bin/env python3
"""The command line of the runner, and what it lists.

Usage: RECVMSG_CONFORMANCE=/path/to/recvmsg-conformance command_line_test.py [arguments of unittest]
"""
import json
import os
import re
import shutil
import unittest

from runner_case import ADAPTER, SEVEN, RunnerTest


class CommandLine(RunnerTest):
    def assert_wrong_usage(self, *arguments, complaint):
        run = self.call(*arguments)
        self.assertEqual(run.status, 64, run.stderr)
        self.assertEqual(run.stdout, "")
        self.assertRegex(run.stderr, rf"\Arecvmsg-conformance: .*{complaint}.*\n\Z", "one line")

    def test_wrong_usage_is_one_line(self):
        for arguments, complaint in [
            (["--nonsense"], "there is no option '--nonsense' (see"),
            (["run", "--nonsense"], "run takes no option '--nonsense' (see"),
            (["nonsense"], "there is no command 'nonsense' (see"),
            (["--implementaton", "raw"], "there is no option '--implementaton'; is '--implementation' meant?"),
            (["--filtr=FillOrder.*"], "there is no option '--filtr'; is '--filter' meant?"),
            (["propety"], "there is no command 'propety'; is 'property' meant?"),
            (["property", "--lawz", "*"], "property takes no option '--lawz'; is '--laws' meant?"),
            (["property", "--cases", "0"], "--cases: Value 0 not in range 1 to"),
            (["run", "raw"], "run takes no argument 'raw' (see"),
            (["serve", "raw", "--out", "x"], "serve takes no option '--out' (see"),
            (["--implementation", "nonsense"], "'nonsense' names no implementation; a SPEC is one of: reference"),
            (["--implementation"], "--implementation"),
            (["--implementation", "fault:nonsense"], "there is no planted fault 'nonsense'"),
            (["--require", "scater"], "'scater' is no capability"),
            (["--require", "flags,scater"], "'scater' is no capability"),
            (["--calibrate-with", "nonsense"], "'nonsense' names no implementation; a SPEC is one of: reference"),
            (["--baseline", "no/such/file"], "cannot read no/such/file: No such file"),
            (["--baseline", "/"], "cannot read /: Is a directory"),
            (["baseline"], "--write is required"),
            (["baseline", "--write", "a", "--baseline", "b"], "--baseline"),
            (["--deadline-ms", "soon"], "--deadline-ms"),
            (["--deadline-ms", "0"], "--deadline-ms"),
            (["list", "--format", "yaml"], "--format"),
            (["serve"], "SPEC"),
            (["serve", "nonsense"], "'nonsense' names no implementation"),
        ]:
            with self.subTest(" ".join(arguments)):
                self.assert_wrong_usage(*arguments, complaint=re.escape(complaint))

    def test_results_that_cannot_be_kept_are_not_made(self):
        file = self.directory / "file"
        file.write_text("mine")
        for out in (file, file / "below"):
            with self.subTest(out.name):
                self.assert_wrong_usage("--out", out, complaint="cannot write to --out")
        self.assertEqual(file.read_text(), "mine")
        self.assertEqual(os.listdir(self.directory), ["file"])

    def test_a_filter_that_matches_nothing_is_nothing(self):
        run = self.judge("reference", "No.SuchCheck/*")
        self.assertEqual((run.status, run.checks), (3, []))
        self.assertIn("nothing was judged: no check matches the filter", run.stderr)

    def test_help_is_no_error(self):
        for arguments in (["--help"], ["run", "--help"], ["list", "--help"], ["serve", "--help"],
                          ["baseline", "--help"], ["--version"]):
            run = self.call(*arguments)
            self.assertEqual((run.status, run.stderr), (0, ""), arguments)
            self.assertTrue(run.stdout)

    def test_help_of_a_command_has_the_options_that_it_shares(self):
        for command in ("run", "property", "baseline", "replay", "report", "list"):
            self.assertRegex(self.call(command, "--help").stdout, r"(?m)^  --implementation SPEC +\S", command)
        for command in ("serve", "probe"):
            self.assertNotIn("--implementation SPEC", self.call(command, "--help").stdout, command)

    def test_help_names_every_exit_status(self):
        for status in (0, 1, 2, 3, 64, 66, 70):
            self.assertRegex(self.call("--help").stdout, rf"(?m)\b{status}  +\S")

    def test_an_adapter_may_have_a_relative_path(self):
        shutil.copytree(ADAPTER.parent, self.directory, dirs_exist_ok=True)
        run = self.judge("exec:./adapter.py", SEVEN, cwd=self.directory)
        self.assertEqual((run.status, run.verdicts), (0, ["PASS"] * 7))

    def test_out_may_be_a_relative_path_that_is_not_there(self):
        run = self.call("--filter", SEVEN, "--out", "some/where", cwd=self.directory)
        self.assertEqual(run.status, 0)
        self.assertEqual(sorted(os.listdir(self.directory / "some/where")), ["junit.xml", "report.html", "results.json"])


class Lists(RunnerTest):
    def test_the_checks_that_are_listed_are_those_that_run(self):
        listing = json.loads(self.call("list", "--format", "json").stdout)
        listed = {check["id"] for check in listing["checks"]}
        self.assertGreaterEqual(len(listed), 120)
        self.assertEqual(len(listed), len(listing["checks"]))
        run = self.judge("reference")
        self.assertEqual({check["id"] for check in run.checks}, listed)
        python = {check["id"] for check in listing["checks"] if "python_forms" in check["capabilities"]}
        for check in run.checks:
            if check["id"] in python:
                self.assertEqual(check["verdict"], "SKIP", check["id"])
            elif check["verdict"] != "PASS":
                self.assertEqual(check["verdict"], "SKIP", check["id"])
                adds_a_flag = "the implementation adds a flag that packet sockets refuse" in check["reason"]
                cause = "not-declared" if check["id"].startswith("PacketSocket.") and adds_a_flag else "host-lacks"
                self.assertEqual(check["cause"], cause, check["id"])
        self.assertEqual(run.status, 0)
        self.assertEqual(len(self.call("list").stdout.splitlines()), len(listed))

    def test_every_check_has_its_sources(self):
        listing = json.loads(self.call("list", "--format", "json").stdout)
        slugs = {requirement["slug"] for requirement in listing["requirements"]}
        for check in listing["checks"]:
            self.assertTrue(check["requirements"], check)
            self.assertLessEqual(set(check["requirements"]), slugs)
            self.assertIn(check["level"], ("required", "platform", "recommended"))
            self.assertEqual(len(check["citations"]), len(check["requirements"]))
            self.assertTrue(all(check["citations"]), check)

    def test_planted_faults_are_listed(self):
        faults = json.loads(self.call("list", "--faults", "--format", "json").stdout)["faults"]
        lines = self.call("list", "--faults").stdout.splitlines()
        self.assertEqual([line.split()[0] for line in lines], ["fault:" + fault["name"] for fault in faults])
        self.assertGreater(len(faults), 100)
        pairs = {fault["name"] for fault in faults if fault["needs_two_conditions"]}
        self.assertEqual({line.split()[0] for line in lines if " (two conditions; breaks " in line},
                         {"fault:" + name for name in pairs})
        self.assertLessEqual({"trunc-is-lost-at-a-peek", "warns-once", "peeks-into-16-buffers"}, pairs)
        self.assertNotIn("no-address", pairs)


if __name__ == "__main__":
    unittest.main()
