#!/usr/bin/env python3
"""A right implementation stays green: adapters that can express less, and implementations that do things in another way.

    ablation_test.py            each adapter with one capability less at a time (without.py), and each way of right_python.py
    ablation_test.py --full     the same with more cases, with adapters that tell no more than they declare, and in Go

What is judged red that is red neither in the whole adapter nor in CPython's baseline is a false accusation by the suite.
RECVMSG_CONFORMANCE names the runner, PLUGIN the plug-in in C, GO_ADAPTER the adapter in Go; what is not built is skipped.
"""
import concurrent.futures
import fnmatch
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import tomllib
import unittest


HERE = pathlib.Path(__file__).resolve().parent
FIXTURES = HERE.parents[1] / "fixtures/adapters"
sys.path.insert(0, str(FIXTURES))
import right_python  # noqa: E402
RUNNER = os.environ["RECVMSG_CONFORMANCE"]
FULL = "--full" in sys.argv
CASES = 20_000 if FULL else 300
PYTHON = [sys.executable, "-B"]
ADAPTERS = {
    "reference": [RUNNER, "serve", "reference"],
    "python": [*PYTHON, str(HERE.parent / "python/adapter.py")],
    "c": [RUNNER, "serve", "plugin:" + os.environ.get("PLUGIN", "")],
    "go": [os.environ.get("GO_ADAPTER", "")],
}
SAID = ("msg_flags", "address", "ancillary", "warnings", "signals")  # what --silent takes out of replies
RED = ("FAIL", "CRASH", "HANG", "PROTOCOL", "NOTRUN")
NOTHING = "none"  # a word that no adapter declares
# Of CPython: a law whose cases are others with a capability less may find there what it does not find in the whole.
BASELINE = tomllib.loads((HERE.parents[1] / "conformance/baselines/cpython.toml").read_text(encoding="utf-8"))
CPYTHONS = [entry["check"] for entry in BASELINE["known"]]


def without(words, command, *options):
    return [*PYTHON, str(FIXTURES / "without.py"), *options, ",".join(words) or NOTHING, *command]


def capabilities_of(command):
    hello = subprocess.run(command, input=b'{"id":0,"op":"hello","protocol":1}\n', capture_output=True, check=True)
    return json.loads(hello.stdout)["capabilities"]


def judged(command):
    """What is red: checks, and laws; and how both runs ended, where that is not a verdict."""
    implementation = ["--implementation", "exec:" + shlex.join(command)]
    red, ended = {}, []
    with tempfile.TemporaryDirectory() as out:
        for name, arguments in {"run": [], "property": ["--seed", "1", "--cases", str(CASES), "--tries", "0"]}.items():
            done = subprocess.run([RUNNER, name, *implementation, "--out", out, *arguments], capture_output=True, text=True,
                                  check=False)
            if done.returncode not in (0, 1):
                ended.append(f"{name}: exit status {done.returncode}: {(done.stdout + done.stderr)[-2000:]}")
                continue
            if name == "run":
                results = json.loads(pathlib.Path(out, "results.json").read_text())
                red.update({check["id"]: str(check.get("differences") or check.get("reason", ""))
                            for check in results["checks"] if check["verdict"] in RED})
            else:
                results = json.loads(pathlib.Path(out, "property.json").read_text())
                red.update({law["law"]: json.dumps(law["counterexample"])[:3000]
                            for law in results["laws"] if "counterexample" in law})
    return red, ended


class Ablation(unittest.TestCase):
    def expect_no_more_red(self, commands, baseline=()):
        """`commands`: what is left of an adapter -> its command line; that of the whole one is `whole`. `baseline`: globs of
        what is known to fail."""
        with concurrent.futures.ThreadPoolExecutor(4) as pool:  # most of the time is waiting
            verdicts = dict(zip(commands, pool.map(judged, commands.values())))
        known = verdicts.pop("whole")[0]
        for name, (red, ended) in verdicts.items():
            with self.subTest(name):
                accused = [f"{check}\n{text}" for check, text in red.items()
                           if check not in known and not any(fnmatch.fnmatchcase(check, glob) for glob in baseline)]
                self.assertEqual("\n".join(ended + accused), "", f"of {name}")

    def expect_right_with_one_capability_less(self, command, baseline=()):
        commands = {"whole": without([], command)}
        for word in capabilities_of(command):
            commands[f"without {word}"] = without([word], command)
            if FULL and word in SAID:
                commands[f"silent without {word}"] = without([word], command, "--silent")
        commands["with a default ancbufsize"] = without(["python_forms"], command, "--default-room")
        self.expect_no_more_red(commands, baseline)

    def test_the_reference_with_one_capability_less(self):
        self.expect_right_with_one_capability_less(ADAPTERS["reference"])

    def test_cpython_with_one_capability_less(self):
        self.expect_right_with_one_capability_less(ADAPTERS["python"], CPYTHONS)

    def test_c_with_one_capability_less(self):
        if not FULL or not os.path.exists(os.environ.get("PLUGIN", "")):
            self.skipTest("of the full form only, where PLUGIN is built")
        self.expect_right_with_one_capability_less(ADAPTERS["c"])

    def test_go_with_one_capability_less(self):
        if not FULL or not os.path.exists(ADAPTERS["go"][0]):
            self.skipTest("of the full form only, where GO_ADAPTER is built")
        self.expect_right_with_one_capability_less(ADAPTERS["go"])

    def test_what_is_right_in_another_way(self):
        way = [*PYTHON, str(FIXTURES / "right_python.py")]
        commands = {"whole": without(["python_forms"], ADAPTERS["python"])}
        for name, (_, missing, says) in right_python.WAYS.items():
            commands[name] = without(sorted(missing), [*way, name], "--says", json.dumps(says))
        commands["returns the data"] = without(["python_forms", "scatter", "pipelining", "concurrent"],
                                               ADAPTERS["python"], "--returns")
        self.expect_no_more_red(commands, CPYTHONS)

    def test_what_is_not_declared_and_asked_for_all_the_same_is_seen(self):
        without_flags = without(["flags"], ADAPTERS["python"])
        self.assertNotIn("flags", capabilities_of(without_flags))
        call = b'{"id":1,"op":"recvmsg_into","fd":200,"family":1,"type":1,"buffers":[{"size":1}],"flags":0}\n'
        done = subprocess.run(without_flags, input=call, capture_output=True, check=False)
        self.assertIn(b"asks for what was not declared: flags", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=[argument for argument in sys.argv if argument != "--full"])
