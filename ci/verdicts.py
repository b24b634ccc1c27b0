"""What the files of a run say: verdicts by check or law."""
import json
import pathlib

FAILURES = ("FAIL", "CRASH", "HANG", "PROTOCOL", "NOTRUN", "XPASS")


def of_law(law):
    """The verdict of a law of property.json."""
    if "counterexample" in law:
        return law["counterexample"]["verdict"]
    if "fault" in law:
        return "NOTRUN"
    return "PASS" if law.get("tried") else "SKIP"


def of_file(path):
    """By check or law, verdict and reason. `path` is results.json or property.json; empty where it is not there or not whole."""
    try:
        results = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if "laws" in results:
        return {law["law"]: (of_law(law), law.get("counterexample", {}).get("reason", "")) for law in results["laws"]}
    return {check["id"]: (check["verdict"], check["reason"] or check["summary"]) for check in results["checks"]}
