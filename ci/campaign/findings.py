"""Findings: one for each way in which a target fails, with the smallest input that shows it and the line that does."""
import os
import shlex
from datetime import datetime
from time import monotonic

from campaign import collected
from campaign.environment import IMPLEMENTATION
from campaign.minimise import OutOfTime, minimise
from campaign.severity import severity_of

RECHECKS = 3


class Findings:
    """Those of a campaign. Each has a folder findings/ID with `input`, `original` (as it was found) and `report.txt`."""

    def __init__(self, record, folder, replayer, tell):
        self._record = record
        self._folder = folder
        self._replayer = replayer
        self._tell = tell
        self._triaged = set()  # in this session

    def add(self, target, signature, report, data, seconds, command=()):
        """Counts a failure. `data` is None where the input is not known; `command` is then what may bring it about."""
        finding = self._finding_of(target, signature, seconds, datetime.now())
        identifier = finding["id"]
        if command and not finding["reproduce"]:
            finding["reproduce"] = " ".join(map(shlex.quote, command))
        finding["count"] += 1
        place = self._folder / identifier
        place.mkdir(parents=True, exist_ok=True)
        if data is not None and (finding["bytes"] is None or len(data) < finding["bytes"]):
            self._set_input(finding, target, data)
            (place / "original").write_bytes(data)
            finding.update(original_bytes=len(data), minimised=False, reproduced=None)
            self._triaged.discard(identifier)
        if report and not (place / "report.txt").exists():
            (place / "report.txt").write_text(report)

    def collect(self, target, folder, seconds):
        """What the target keeps by itself in `folder`: it comes with the simplest scenario that shows it."""
        for one in collected.in_folder(folder):
            finding = self._by_id(one.signature.identifier(target.name))
            if finding is not None and finding["status"] != "gone":
                finding["count"], finding["last_seen"] = one.count, _timestamp(one.seen)
                continue
            finding = self._finding_of(target, one.signature, seconds, one.seen)
            finding["count"] = one.count
            facts = one.facts
            place = self._folder / finding["id"]
            place.mkdir(parents=True, exist_ok=True)
            (place / "report.txt").write_text(facts["report"])
            self._set_input(finding, target, one.scenario)
            is_of_the_judge = facts["is_the_judges"] or not self._replayer.implementation
            finding.update(
                {name: facts[name] for name in ("judge", "symptom", "symptoms", "sockets", "severity", "steps")},
                belongs_to=target.judges if is_of_the_judge else "plug-in", kept_as=one.stem, original_bytes=None,
                minimised=True, differences=facts["outcome"].get("differences", []))
        collected.join(self._record["findings"])

    def _finding_of(self, target, signature, seconds, seen):
        """The finding with that signature, which is open from now on."""
        finding = self._by_id(signature.identifier(target.name))
        if finding is None:
            finding = {"id": signature.identifier(target.name), "target": target.name, "kind": signature.kind,
                       "frames": signature.frames, "message": signature.message, "severity": severity_of(signature.kind),
                       "belongs_to": _accused(target, signature), "status": "open", "known": None, "count": 0,
                       "found_after_seconds": round(seconds, 1), "first_seen": _timestamp(seen), "input": None,
                       "bytes": None, "original_bytes": None, "reproduced": None, "minimised": False, "reproduce": "",
                       "replay": None}
            self._record["findings"].append(finding)
            self._tell(f"found in {target.name}: {headline(finding)}")
        elif finding["status"] == "gone":
            finding["status"] = "open"
            self._tell(f"found again in {target.name}: {headline(finding)}")
        finding["last_seen"] = _timestamp(seen)
        return finding

    def _by_id(self, identifier):
        return next((finding for finding in self._record["findings"] if finding["id"] == identifier), None)

    def _set_input(self, finding, target, data):
        path = self._folder / finding["id"] / "input"
        path.write_bytes(data)
        finding["input"] = os.path.relpath(path, self._folder.parent)
        finding["bytes"] = len(data)
        finding["reproduce"] = self.reproduce_line(target, path)
        if data.startswith(b"{") and b'"scenario"' in data:
            implementation = self._replayer.implementation or "reference"
            finding["replay"] = " ".join(["recvmsg-conformance replay", shlex.quote(_short_path(path)),
                                          "--implementation", shlex.quote(implementation)])

    def reproduce_line(self, target, path):
        words = [_short_path(target.program), *self._replayer.engine.replay_command(target, _short_path(path))[1:]]
        given = {IMPLEMENTATION: self._replayer.implementation} if self._replayer.implementation else {}
        return " ".join([*(f"{name}={shlex.quote(value)}" for name, value in given.items()), *map(shlex.quote, words)])

    def recheck(self, targets):
        """Replays what an earlier session found: what does not fail in that way any more is gone."""
        for finding in self._record["findings"]:
            target = targets.get(finding["target"])
            if target is None or not finding["input"] or finding["status"] == "gone":
                continue
            if not self._is_same(target, finding, self._folder.parent / finding["input"]):
                finding["status"] = "gone"
                self._tell(f"gone: {finding['id']} ({headline(finding)})")
                if "kept_as" in finding:
                    collected.forget(self._folder.parent / "found" / target.name, finding["kept_as"])
        collected.join(self._record["findings"])

    def triage(self, targets, seconds_each, interruption):
        """Makes each input as small as it can be, and says how surely it fails and whose the failure is."""
        for finding in self._record["findings"]:
            target = targets.get(finding["target"])
            if target is None or finding["status"] != "open" or not finding["input"] or finding["id"] in self._triaged:
                continue
            if interruption.requested:
                return
            self._triaged.add(finding["id"])
            self._triage_one(finding, target, seconds_each, interruption)

    def _triage_one(self, finding, target, seconds, interruption):
        place = self._folder / finding["id"]
        same = [self._is_same(target, finding, place / "input") for _ in range(RECHECKS)]
        finding["reproduced"] = f"{sum(same)} of {RECHECKS}"
        # Nothing can be tried in the way of an input that takes minutes: a hang is kept as it was found.
        if all(same) and not finding["minimised"] and 10 * self._cost(finding, target) <= seconds:
            until = monotonic() + seconds
            trial = place / "trial"

            def is_same(data):
                if monotonic() >= until or interruption.requested:
                    raise OutOfTime()
                trial.write_bytes(data)
                return self._is_same(target, finding, trial)

            data = minimise((place / "input").read_bytes(), is_same)
            trial.write_bytes(data)
            if self._is_same(target, finding, trial):
                self._set_input(finding, target, data)
                finding["minimised"] = not interruption.requested
            trial.unlink()
        if finding["kind"] == collected.KIND:
            return
        signature, report = self._replayer.crash(target, place / "input")
        if signature is not None:
            (place / "report.txt").write_text(report)
        if self._replayer.implementation:
            finding["belongs_to"] = self._whose(finding, target, signature, place / "input")

    def _is_same(self, target, finding, path):
        kept = []
        signature, _ = self._replayer.crash(target, path, kept=kept)
        met = [one.signature for one in kept] + ([signature] if signature else [])
        return finding["id"] in [one.identifier(target.name) for one in met]

    def _cost(self, finding, target):
        """Seconds that one try takes."""
        return self._replayer.engine.timeout(target) if finding["kind"] == "timeout" else 0.2

    def _whose(self, finding, target, signature, path):
        """What only the plug-in brings about is the plug-in's; so is what crashes in its own frames."""
        if signature is not None and signature.belongs_to == "plug-in":
            return "plug-in"
        without, _ = self._replayer.crash(target, path, without_implementation=True)
        if without is None:
            return "plug-in"
        return _accused(target, without)


def _timestamp(time):
    return time.astimezone().isoformat(timespec="seconds")


def _accused(target, signature):
    return target.judges if signature.kind == "oracle" else signature.belongs_to or "suite"


def _short_path(path):
    relative = os.path.relpath(path)
    return os.path.abspath(path) if relative.startswith("..") else relative


def headline(finding):
    """A finding in a line."""
    if finding["message"]:
        return f"{finding['kind']}: {finding['message']}"
    where = f" in {' < '.join(finding['frames'])}" if finding["frames"] else ""
    return finding["kind"] + where
