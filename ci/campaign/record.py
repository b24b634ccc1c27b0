"""campaign.json: all that a campaign knows. It is the report for programs, and where a resumed campaign goes on."""
import json
import os
import platform

from campaign.status import USAGE, CampaignError

SCHEMA = 1
MOST_POINTS = 1000  # of a target's plot


def new_record(engine, implementation):
    system = platform.uname()
    return {
        "schema": SCHEMA,
        "engine": engine,
        "implementation": implementation,
        "environment": {"system": system.system, "release": system.release, "machine": system.machine,
                        "processors": os.cpu_count()},
        "sessions": [],
        "targets": [],
        "findings": [],
        "coverage": None,
    }


def new_target(name):
    return {"name": name, "executions": 0, "fuzz_seconds": 0.0, "cpu_seconds": 0.0, "edges": 0, "features": 0,
            "corpus": {"files": 0, "bytes": 0}, "points": [], "slowest": [], "notes": []}


def load(path, engine, implementation):
    """The record of an earlier campaign, or a new one."""
    if not path.exists():
        return new_record(engine, implementation)
    try:
        record = json.loads(path.read_text())
        schema = record["schema"]
    except (ValueError, KeyError, TypeError) as error:
        raise CampaignError(f"{path}: cannot be read ({error}): name another --out", USAGE) from error
    if schema != SCHEMA:
        raise CampaignError(f"{path}: has schema {schema}, and this is for {SCHEMA}: name another --out", USAGE)
    for what, now in (("engine", engine), ("implementation", implementation)):
        if record[what] != now:
            raise CampaignError(f"{path}: is of a campaign with the {what} {record[what] or 'that is built in'}, not "
                                f"{now or 'the one that is built in'}: name another --out", USAGE)
    return record


def target_of(record, name):
    for target in record["targets"]:
        if target["name"] == name:
            return target
    record["targets"].append(new_target(name))
    return record["targets"][-1]


def add_point(target, seconds, run_edges, run_features, executions):
    """A point of the plot, where something is new. The first point of a session repeats what was known."""
    edges, features = max(target["edges"], run_edges), max(target["features"], run_features)
    points = target["points"]
    if points and edges == target["edges"] and features == target["features"]:
        return
    target["edges"], target["features"] = edges, features
    points.append([round(seconds, 1), edges, features, executions])
    if len(points) > MOST_POINTS:
        del points[1:-1:2]


def open_findings(record):
    return [finding for finding in record["findings"] if finding["status"] == "open"]


def new_findings(record):
    """Those that are open and not known."""
    return [finding for finding in open_findings(record) if not finding.get("known")]


def summarise(record):
    targets = record["targets"]
    record["summary"] = {
        "targets": len(targets),
        "executions": sum(target["executions"] for target in targets),
        "cpu_seconds": round(sum(target["cpu_seconds"] for target in targets), 1),
        "findings": len(open_findings(record)),
        "known": len(open_findings(record)) - len(new_findings(record)),
        "gone": sum(finding["status"] == "gone" for finding in record["findings"]),
    }


def save(record, path):
    """At once and whole: who is killed meanwhile has the record of before."""
    summarise(record)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(record, indent=1) + "\n")
    os.replace(draft, path)
