#!/usr/bin/env python3
"""Plug-ins as their users meet them: what cannot be loaded is reported, and what a bad one costs.

Usage: RECVMSG_CONFORMANCE=/path/to/recvmsg-conformance PLUGINS=template.so:hostile.so:none.so plugin_test.py
       [arguments of unittest]
"""
import os
import unittest

import runner_case
from runner_case import SEVEN

TEMPLATE, HOSTILE, NONE = os.environ["PLUGINS"].split(":")


class PluginTest(runner_case.RunnerTest):
    def hostile(self, mode):
        self.environment.update(HOSTILE_PLUGIN=mode, ASAN_OPTIONS="handle_segv=0")  # a crash is a signal, in every build
        return f"plugin:{HOSTILE}"


class CannotBeLoaded(PluginTest):
    def assert_cannot_start(self, specification, complaint):
        for command in ("run", "property"):
            run = self.call(command, "--implementation", specification)
            self.assertEqual(run.status, 66, run.stderr)
            self.assertRegex(run.stderr, complaint)
            self.assertEqual(run.stdout, "")

    def test_what_is_no_file_or_no_library(self):
        self.assert_cannot_start("plugin:/no/such.so", "plugin:/no/such.so: there is no such file")
        text = self.directory / "text.so"
        text.write_text("text", encoding="utf-8")
        self.assert_cannot_start(f"plugin:{text}", "plugin:.*text.so: .*(file too short|invalid ELF header)")

    def test_a_library_that_is_no_plugin(self):
        self.assert_cannot_start(f"plugin:{NONE}", "it has no function recvinto_plugin_v1")

    def test_a_name_without_a_path(self):
        run = self.call("--implementation", "plugin:")
        self.assertEqual(run.status, 64, run.stderr)
        self.assertRegex(run.stderr, "plugin: needs the path of a shared library")

    def test_another_abi(self):
        for mode, complaint in (("null", "returns NULL"), ("small", "its recvinto_plugin has size 8; the least is"),
                                ("version_2", "it is of version 2 of the ABI; this is 1"),
                                ("no_call", "it has no hello, or no call"), ("no_hello", "hello returns NULL"),
                                ("small_hello", "its recvinto_hello has size 8; the least is"),
                                ("no_name", "no name, no version or no language"),
                                ("unknown_capability", "declares the unknown capability 'dancing'"),
                                ("capability_of_others", "declares python_forms, which cannot be asked of a plug-in"),
                                ("unknown_sockets", "declares the unknown kind of socket 'carrier_pigeon'"),
                                ("unknown_choice", "makes the unknown choice 'unnamed_address=loud'")):
            with self.subTest(mode):
                self.assert_cannot_start(self.hostile(mode), complaint)

    def test_one_that_ends_who_loads_it(self):
        self.assert_cannot_start(self.hostile("crashes_when_loaded"), "on hello, the process was ended by SIGSEGV")


class ABadCall(PluginTest):
    def assert_every_third_costs(self, mode, verdict, reason, *more):
        run = self.judge(self.hostile(mode), SEVEN, *more)
        self.assertEqual(run.verdicts, ["PASS", "PASS", verdict, "PASS", "PASS", verdict, "PASS"])
        for given in run.reasons(verdict):
            self.assertRegex(given, reason)
        self.assertEqual(run.status, 1)

    def test_that_is_the_end_is_a_crash(self):
        self.assert_every_third_costs("crashes", "CRASH", "^the process was ended by SIGSEGV$")
        self.assert_every_third_costs("exits", "CRASH", "^the process exited with status 3$")

    def test_without_an_end_is_a_hang(self):
        self.assert_every_third_costs("never_returns", "HANG", "^no answer within the deadline$", "--deadline-ms", "1500")

    def test_that_lies_breaks_the_protocol_and_says_how(self):
        for mode, reason in (("too_many_items", r"tells of (\d+) items; there is room for \d+"),
                             ("item_beyond_its_data", "an item of 2 bytes from byte 65535 on; there is room for 65536"),
                             ("item_that_wraps", "an item of 18446744073709551612 bytes from byte 8 on"),
                             ("more_room_than_given", "tells of 1099511627776 items; there is room for"),
                             ("long_address", "an address of 129 bytes; there is room for 128"),
                             ("unknown_form", "an address in the form 7, which there is not"),
                             ("many_warnings", "gives 9 warnings; there is room for 8"),
                             ("endless_text", "ends the class of an error by no zero byte"),
                             ("unknown_outcome", "returns 42, which there is not")):
            with self.subTest(mode):
                run = self.judge(self.hostile(mode), SEVEN)
                self.assertEqual(run.verdicts, ["PASS", "PASS", "PROTOCOL"] * 2 + ["PASS"])
                for given in run.reasons("PROTOCOL"):
                    self.assertRegex(given, "the plug-in .*" + reason)

    def test_that_refuses_what_is_declared_fails(self):
        run = self.judge(self.hostile("refuses"), SEVEN)
        self.assertIn("FAIL", run.verdicts)
        self.assertEqual(run.status, 1)

    def test_ends_or_hangs_a_worker_of_properties_alone(self):
        for mode, verdict in (("exits", "CRASH"), ("never_returns", "HANG")):
            with self.subTest(mode):
                run = self.call("property", "--implementation", self.hostile(mode), "--out", self.directory, "--cases",
                                "200", "--laws", "EveryCallMatchesTheModel", "--deadline-ms", "1500")
                self.assertEqual(run.status, 1, run.stderr)
                self.assertRegex(run.stdout, f"{verdict}  EveryCallMatchesTheModel")


class WhereverAnImplementationIsNamed(PluginTest):
    def test_it_may_be_a_plugin(self):
        plugin = f"plugin:{TEMPLATE}"
        run = self.call("property", "--implementation", plugin, "--cases", "2000", "--out", self.directory)
        self.assertEqual(run.status, 0, run.stdout + run.stderr)
        self.assertRegex(run.stdout, "on recvmsg.2. 1, seed")
        run = self.call("property", "--against", plugin, "--cases", "2000", "--out", self.directory)
        self.assertEqual(run.status, 0, run.stdout + run.stderr)
        scenario = self.directory / "a.json"
        scenario.write_text('{"schema":1,"scenario":{"kind":"udp4","steps":[{"step":"send","data":"616263"},'
                            '{"step":"start","call":{"buffers":[{"size":4}]}},{"step":"finish"}]}}', encoding="utf-8")
        run = self.call("replay", scenario, "--implementation", plugin, "--against", "raw")
        self.assertEqual(run.status, 0, run.stdout + run.stderr)
        run = self.call("baseline", "--implementation", plugin, "--filter", SEVEN, "--write", self.directory / "b.toml")
        self.assertEqual(run.status, 0, run.stdout + run.stderr)


if __name__ == "__main__":
    unittest.main()
