"""Who meets the events of events.py: each caller of the one judge, and the facts in what it writes."""
import collections
import json
import os
import pathlib
import shlex
import subprocess
import sys

from runner_case import without_network

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RUNNER, CASES_HERE, TARGET, PLUGIN, KERNEL = (
    os.environ[name] for name in ("RECVMSG_CONFORMANCE", "CASES_HERE", "FUZZ_TARGET", "PLUGIN", "DEVIATING_KERNEL"))
DEADLINE_S = 300  # for what takes a second: a machine may be busy
PYTHON = [sys.executable, "-S", "-E", "-B"]
CASES = 30  # of each law
# What a process of its own and cases in process have each of: the first call of a life is the bad one.
FIRST_CALL = ["--call", "1"]

Facts = collections.namedtuple("Facts", "verdict cause status")


def hostile(mode, *more):
    return "exec:" + shlex.join([*PYTHON, str(ROOT / "fixtures/adapters/hostile/hostile_adapter.py"), mode, *FIRST_CALL, *more])


class Caller:
    """Runs one caller on one event, in a directory of its own."""

    def __init__(self, name, event, directory):
        self.name, self.event, self.directory = name, event, pathlib.Path(directory)
        self.environment = dict(os.environ)
        if event.do.preloaded:
            self.environment.update(LD_PRELOAD=KERNEL)
            options = self.environment.get("ASAN_OPTIONS", "")
            self.environment["ASAN_OPTIONS"] = f"{options}:verify_asan_link_order=0"

    def ended(self, mode, *more):
        """Its result, and what it printed."""
        if self.name == "property in process":
            self.environment["HOSTILE_PLUGIN"] = mode
            specification = f"plugin:{PLUGIN}"
        else:
            starts = self.event.do.starts.get(self.name)
            if starts:
                more = (*more, "--starts", str(starts), str(self.directory / "starts"))
            specification = hostile(mode, *more)
        arguments, facts = {
            "run": (self.run_arguments, self.run_facts),
            "property": (self.property_arguments, self.property_facts),
            "property in two workers": (self.property_arguments, self.property_facts),
            "property in process": (self.property_arguments, self.property_facts),
            "cases without workers": (self.cases_arguments, self.cases_facts),
            "replay": (self.replay_arguments, self.replay_facts),
            "fuzz target": (self.target_arguments, self.target_facts)}[self.name]
        command = [*without_network()] if not self.event.do.network else []
        done = subprocess.run([*command, *arguments(specification), *self.event.do.options.get(self.name, [])],
                              env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=DEADLINE_S, check=False, start_new_session=True)
        said = done.stdout + done.stderr
        return Facts(*(facts(done) or (None, None)), done.returncode), said

    def run_arguments(self, specification):
        return [RUNNER, "run", "--implementation", specification, "--filter", self.event.on.check, "--jobs", "1", "--deadline-ms",
                str(self.event.deadline_ms), "--out", str(self.directory)]

    def run_facts(self, _done):
        """Of the last check."""
        results = self.read("results.json")
        return results and (results["checks"][-1]["verdict"], results["checks"][-1]["cause"])

    def property_arguments(self, specification):
        return [RUNNER, "property", "--implementation", specification, "--laws", ":".join(self.event.on.laws), "--jobs",
                "2" if self.name == "property in two workers" else "1", "--deadline-ms", str(self.event.deadline_ms),
                "--tries", "0", "--cases", str(CASES * len(self.event.on.laws)), "--seed", str(self.event.on.seed), "--out",
                str(self.directory)]

    def property_facts(self, _done):
        return facts_of_laws(self.read("property.json"))

    def cases_arguments(self, specification):
        return [CASES_HERE, specification, str(CASES * len(self.event.on.laws)), str(self.event.on.seed),
                *self.event.on.laws]

    def cases_facts(self, done):
        return facts_of_laws(json.loads(done.stdout)) if done.stdout else None

    def replay_arguments(self, specification):
        return [RUNNER, "replay", self.scenarios(), "--implementation", specification, "--deadline-ms",
                str(self.event.deadline_ms), "--format", "json"]

    def replay_facts(self, done):
        """Of the last file."""
        if not done.stdout:
            return None
        outcome = json.loads(done.stdout)["replays"][-1]["implementation"]
        return outcome["verdict"], outcome["cause"]

    def target_arguments(self, specification):
        return [TARGET, "--runs=0", f"--implementation={specification}", f"--outcome={self.directory / 'outcome.json'}",
                self.scenarios()]

    def target_facts(self, _done):
        outcome = self.read("outcome.json")
        return outcome and (outcome["verdict"], outcome["cause"])

    def scenarios(self):
        folder = self.directory / "scenarios"
        folder.mkdir()
        scenario = {"schema": 1, "scenario": {"kind": self.event.on.kind, "steps": self.event.on.steps}}
        for number in range(self.event.on.files):
            (folder / f"{number:02}.json").write_text(json.dumps(scenario), encoding="utf-8")
        return str(folder)

    def read(self, name):
        file = self.directory / name
        return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


VERDICTS = {"differs": "FAIL", "refused": "FAIL", "took-more": "FAIL", "ended": "CRASH", "timed-out": "HANG",
            "malformed-reply": "PROTOCOL"}


def facts_of_laws(document):
    """Of the last law: its counterexample, or why it, or cases of it, were not judged."""
    if document is None:
        return None
    law = document["laws"][-1]
    if "counterexample" in law:
        return law["counterexample"]["verdict"], law["counterexample"]["cause"]
    if "fault" in law:
        return "NOTRUN", "suite-fault"
    if "not_tried" in law or "ended" in document:
        cause = (law.get("not_tried") or document["ended"])["cause"]
        return ("SKIP" if cause in ("not-declared", "host-lacks", "unpredictable") else "NOTRUN"), cause
    if "skipped" in law:
        return "SKIP", " ".join(sorted({omission["cause"] for omission in law["skipped"]}))
    return ("SKIP", "kernel-deviates") if law.get("kernel_deviates") else ("PASS", "none")
