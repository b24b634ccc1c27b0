"""From an implementation to its row: install, build, conformance, laws."""
import collections
import json
import re
import time

from validation.commands import complaint
from validation.installing import NotBuilt, NotInstalled, build, environment, filled, install, places

COUNTED = ("FAIL", "CRASH", "HANG", "PROTOCOL", "NOTRUN", "XFAIL")
SEED = 1  # of the laws: two validations try the same cases


class Judge:
    """`say(name, text)` prints progress."""

    def __init__(self, root, out, runner, seconds, commands, say):
        self.root, self.out, self.runner, self.seconds = root, out, runner, seconds
        self.commands, self.say = commands, say

    def row(self, implementation):
        """What there is to say of one implementation. Raises commands.Interrupted."""
        row = {"name": implementation.name, "title": implementation.title, "language": implementation.language,
               "folder": implementation.folder, "notes": implementation.notes, "upstream": implementation.upstream,
               "packages": implementation.packages, "baseline": implementation.baseline, "spec": implementation.spec,
               "status": "judged", "reason": ""}
        began = time.monotonic()
        try:
            (self.out / implementation.name).mkdir(parents=True, exist_ok=True)
            self.say(implementation.name, "installing")
            install(self.root, self.out, implementation, self.commands)
            if implementation.build:
                self.say(implementation.name, "building")
            build(self.root, self.out, implementation, self.commands)
            self._conformance(implementation, row)
            if row["status"] == "judged" and implementation.laws and self.seconds:
                self._laws(implementation, row)
        except NotInstalled as error:
            row.update(status="not installed", reason=str(error))
        except NotBuilt as error:
            row.update(status="not built", reason=str(error))
        except OSError as error:  # no room on disk, say
            row.update(status="not judged", reason=str(error))
        row["seconds"] = round(time.monotonic() - began, 1)
        return row

    def _run(self, implementation, what, *arguments):
        spec = filled(implementation.spec, places(self.root, self.out, implementation))
        out = self.out / implementation.name / what
        log = self.out / implementation.name / f"{what}.log"
        log.unlink(missing_ok=True)
        baseline = ["--baseline", implementation.baseline] if implementation.baseline else []
        for name in ("results.json", "property.json"):  # of a run before
            (out / name).unlink(missing_ok=True)
        status = self.commands.run([self.runner, *arguments, "--implementation", spec, "--strict", *baseline, "--out", out], log,
                                   self.root, implementation.minutes * 60, environment(self.out, implementation))
        return status, out, log

    def _conformance(self, implementation, row):
        self.say(implementation.name, "conformance")
        chosen = ["--filter", implementation.filter] if implementation.filter else []
        status, out, log = self._run(implementation, "conformance", "run", *chosen)
        if status is None:
            row.update(status="timed out", reason=f"conformance took more than {implementation.minutes} minutes")
        elif status == 66:
            row.update(status="not started", reason=complaint(log))
        elif status not in (0, 1, 2, 3):
            row.update(status="not judged", reason=f"exit status {status}: {complaint(log)}")
        if not (out / "results.json").exists():
            if row["status"] == "judged":
                row.update(status="not judged", reason=complaint(log))
            return
        results = json.loads((out / "results.json").read_text(encoding="utf-8"))
        row["exit_status"] = status
        row["version"] = results["implementation"]["version"]
        row["capabilities"] = results["implementation"]["capabilities"]
        row["verdicts"] = dict(collections.Counter(check["verdict"] for check in results["checks"]))
        row["skipped"] = skipped(results["checks"])
        row["failed"] = [failed(check) for check in results["checks"] if check["verdict"] in COUNTED]
        row["stale"] = [check["id"] for check in results["checks"] if is_stale(check)]

    def _laws(self, implementation, row):
        self.say(implementation.name, f"laws, {self.seconds} s")
        status, out, log = self._run(implementation, "laws", "property", "--seconds", self.seconds, "--seed", SEED,
                                     "--tries", 200)
        row["laws"] = {"exit_status": status, "reason": "", "failed": []}
        if status not in (0, 1, 2, 3):
            row["laws"]["reason"] = (f"not done within {implementation.minutes} minutes" if status is None
                                     else f"exit status {status}: {complaint(log)}")
        if (out / "property.json").exists():
            laws = json.loads((out / "property.json").read_text(encoding="utf-8"))["laws"]
            row["laws"].update(tried=len(laws), cases=sum(law["cases"] for law in laws), failed=[
                {"law": law["law"], "verdict": law["counterexample"]["verdict"],
                 "summary": law["counterexample"].get("summary", "")} for law in laws if "counterexample" in law])


def skipped(checks):
    """Word -> how many checks were skipped for it; what names several words counts for each."""
    words = collections.Counter()
    for check in checks:
        if check["verdict"] != "SKIP":
            continue
        needs = re.match(r"needs ([\w, ]+), which the implementation does not declare", check["reason"])
        for word in needs[1].split(", ") if needs else [_why(check)]:
            words[word] += 1
    return dict(words.most_common())


def _why(check):
    return {"host-lacks": "this host lacks something", "kernel-deviates": "this kernel deviates"}.get(
        check["cause"], check["reason"][:100])


def is_stale(check):
    """Whether a check passes though it is listed. An entry that lists several verdicts is of what depends on memory, which may
    pass as well."""
    return check["verdict"] == "XPASS" and not isinstance(check["baseline"]["verdict"], list)


def failed(check):
    entry = check.get("baseline", {})
    return {"id": check["id"], "verdict": check["verdict"], "level": check["level"], "summary": check["summary"],
            "kind": entry.get("kind", ""), "reason": entry.get("reason", ""), "finding": entry.get("link", "")}
