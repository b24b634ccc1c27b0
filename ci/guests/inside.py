#!/usr/bin/env python3
"""What a guest does: the runs of plan.json, one after the other. Each has a file of its verdicts when it ends."""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import verdicts  # it lies on the path that was just added

AGAIN = 2  # times that what is red is judged anew: a guest's clock may jump
MOST = 100  # checks; more than that are no accident


def timed(command, cwd, seconds, environment=None):
    """Status (None: it had to be ended), seconds, and what was printed."""
    begin = time.monotonic()
    try:
        done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=seconds, check=False, env=environment)
        return done.returncode, time.monotonic() - begin, done.stdout
    except subprocess.TimeoutExpired as expired:
        return None, time.monotonic() - begin, expired.stdout or b""


class Guest:
    def __init__(self, directory, plan):
        self.directory, self.plan = directory, plan
        _, seconds, _ = timed(plan["speed"], plan["cwd"], plan["seconds"])
        slower = max(1.0, seconds / plan["speed_here"])
        (directory / "speed.json").write_text(json.dumps({"slower": slower}), encoding="ascii")
        self.deadline = ["--deadline-ms", str(min(3_600_000, round(plan["deadline_ms"] * slower)))]

    def perform(self, run):
        """Writes NAME.log, NAME.json, which the runner wrote, NAME.varies.json and, last, NAME.status.json."""
        name = run["name"]
        chosen = ["--filter", run["filter"]] if run["filter"] else []
        status, seconds = self._judge(run, chosen, name)
        if run["filter"]:
            red = self._red(run, name)
            varies = self._varying(run, red) if len(red) <= MOST else []
            (self.directory / f"{name}.varies.json").write_text(json.dumps(sorted(varies)), encoding="utf-8")
        ended = {"status": status, "seconds": round(seconds, 1)}
        (self.directory / f"{name}.status.json").write_text(json.dumps(ended), encoding="ascii")

    def _judge(self, run, chosen, name):
        with tempfile.TemporaryDirectory() as out:
            status, seconds, said = timed([*run["command"], *chosen, *self.deadline, "--out", out], self.plan["cwd"],
                                          self.plan["seconds"])
            (self.directory / f"{name}.log").write_bytes(said)
            results = pathlib.Path(out) / run["results"]
            if results.exists():
                shutil.copyfile(results, self.directory / f"{name}.json")
        return status, seconds

    def _red(self, run, name):
        found = verdicts.of_file(self.directory / f"{name}.json")
        return {check for check, (verdict, _) in found.items() if verdict in verdicts.FAILURES} - set(run["usual"])

    def _varying(self, run, red):
        """Those of them that are not red each time."""
        steady = set(red)
        for number in range(1, AGAIN + 1):
            if not steady:
                break
            name = f"{run['name']}.again-{number}"
            self._judge(run, ["--filter", ":".join(sorted(steady))], name)
            steady &= self._red(run, name)
        return red - steady


def perform(directory, plan):
    guest = Guest(directory, plan)
    for run in plan["runs"]:
        guest.perform(run)


if __name__ == "__main__":
    OUT = pathlib.Path(sys.argv[1])
    perform(OUT, json.loads((OUT / "plan.json").read_text(encoding="utf-8")))
