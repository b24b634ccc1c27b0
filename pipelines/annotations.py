#!/usr/bin/env python3
"""Prints the failures of a results.json as annotations of GitHub: one for each cause, the most frequent first."""
import json
import os
import sys

BAD = {"FAIL", "CRASH", "HANG", "PROTOCOL", "NOTRUN", "XPASS"}
MOST = 10  # GitHub shows ten errors of a step
LONGEST = 2000  # of a text: an adapter may have said megabytes


def shown(text):
    """Without what orders, hides or deletes text where it is shown."""
    text = text if len(text) <= LONGEST else text[:LONGEST] + " ..."
    return "".join(letter if letter.isprintable() or letter in "\r\n" else f"\\u{ord(letter):04x}" for letter in text)


def escaped(text):
    """As data of a workflow command: no line of it can be another command."""
    return shown(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escaped_property(text):
    return escaped(text).replace(":", "%3A").replace(",", "%2C")


def cause_of(check):
    return check["verdict"], check.get("summary") or check.get("reason") or check["verdict"]


def annotation(level, cause, checks):
    verdict, summary = cause
    first = checks[0]
    count = f"{len(checks)} checks, the first is " if len(checks) > 1 else ""
    title = f"{verdict}: {summary}"[:200]
    text = f"{count}{first['id']} ({', '.join(first['requirements'])})\n{first.get('reason') or summary}\n{first['repro']}"
    return f"::{level} title={escaped_property(title)}::{escaped(text)}"


def annotations(results, strict=False):
    causes = {}
    for check in results["checks"]:
        if check["verdict"] in BAD:
            causes.setdefault(cause_of(check), []).append(check)
    ordered = sorted(causes.items(), key=lambda cause: -len(cause[1]))
    for cause, checks in ordered[:MOST]:
        # What is recommended does not fail a run, unless it is strict or a baseline expects something else.
        counts = strict or any(check["level"] != "recommended" or "baseline" in check for check in checks)
        yield annotation("error" if counts else "warning", cause, checks)
    if len(ordered) > MOST:
        yield f"::warning::{len(ordered) - MOST} more causes are in report.html"


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        for line in annotations(json.load(file), os.environ.get("CONFORMANCE_STRICT") == "true"):
            print(line)
