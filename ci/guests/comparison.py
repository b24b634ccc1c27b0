"""What another kernel, or another target of the build, changes: verdicts that differ, by reason, as a table and as JSON."""
import collections
import fnmatch
import pathlib
import tomllib

import verdicts

Difference = collections.namedtuple("Difference", "check here there reason finding")
# What a page calls them, what is said of each, and what they are compared with.
Words = collections.namedtuple("Words", "kind release here")
KERNELS = Words("kernel", "release", "the kernel of this host")


class Known:
    """The findings of a file: failures that are not the suite's. `key` is where an entry names its kernels, or their like."""

    def __init__(self, path, key="kernels"):
        self._key = key
        self._entries = tomllib.loads(pathlib.Path(path).read_text(encoding="utf-8")).get("known", [])

    def finding(self, version, run, check):
        """Which one this failure belongs to; None: none."""
        for entry in self._entries:
            is_of = version in entry[self._key] and any(fnmatch.fnmatchcase(run, of) for of in entry["runs"])
            if is_of and any(fnmatch.fnmatchcase(check, of) for of in entry["checks"]):
                return entry["finding"]
        return None


def differences(version, run, here, there, known):
    """`here` and `there` are what verdicts.of_file() returns."""
    found = []
    for check in sorted(here.keys() | there.keys()):
        before, after = here.get(check, ("absent", "")), there.get(check, ("absent", ""))
        if before[0] == after[0]:
            continue
        reason = after[1] or (f"here: {before[1]}" if before[1] else "")
        finding = known.finding(version, run, check) if is_red(after[0]) else None
        found.append(Difference(check, before[0], after[0], reason, finding))
    return found


def is_red(verdict):
    return verdict in verdicts.FAILURES or verdict == "absent"


def is_unexplained(difference):
    """Red there and not red here, and no finding."""
    return is_red(difference.there) and not is_red(difference.here) and difference.finding is None


def counts(of_run):
    counted = collections.Counter(verdict for verdict, _ in of_run.values())
    return ", ".join(f"{number} {verdict}" for verdict, number in sorted(counted.items())) or "nothing"


def cell(text):
    return " ".join(text.split()).replace("|", "\\|")


def page(here, rows, words=KERNELS):
    """Markdown. `rows` are those of kernels.py."""
    lines = [f"Compared with {here['release']}, {words.here}.", "",
             f"| {words.kind} | {words.release} | run | verdicts | differ | red there and not here |",
             "| --- | --- | --- | --- | --- | --- |"]
    for row in rows:
        if row["reason"]:
            lines.append(f"| {row['version']} | {row['release']} | - | {cell(row['reason'])} | - | - |")
        for name, run in row["runs"].items():
            red = sum(is_unexplained(difference) for difference in run["differences"])
            kernel = f"{row['version']} | {row['release']}"
            lines.append(f"| {kernel} | {name} | {run['counts']} | {len(run['differences'])} | {red} |")
    for row in rows:
        groups = collections.defaultdict(list)
        for name, run in row["runs"].items():
            for difference in run["differences"]:
                reason = difference.finding or difference.reason
                groups[difference.here, difference.there, reason].append((name, difference.check))
        if not groups:
            continue
        lines += ["", f"## {row['version']}: {row['release']}", "",
                  "| here | there | checks | of | reason |", "| --- | --- | --- | --- | --- |"]
        for (before, after, reason), found in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
            runs = ", ".join(sorted({name for name, _ in found}))
            named = sorted({check for _, check in found})
            some = ", ".join(named[:3]) + (f" and {len(named) - 3} more" if len(named) > 3 else "")
            lines.append(f"| {before} | {after} | {len(named)}: {cell(some)} | {runs} | {cell(reason)} |")
    return "\n".join(lines) + "\n"


def as_json(here, rows, words=KERNELS):
    """What two comparisons of one state have in common: no times."""
    return {"schema": 1, "here": here,
            f"{words.kind}s": [{**row, "runs": {name: {"counts": run["counts"], "status": run["status"],
                                                "differences": [one._asdict() for one in run["differences"]]}
                                         for name, run in row["runs"].items()}} for row in rows]}
