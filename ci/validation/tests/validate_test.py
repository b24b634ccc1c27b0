#!/usr/bin/env python3
"""ci/validate on a project of its own, with a runner that writes what its SPEC says."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

CI = pathlib.Path(__file__).resolve().parents[2]
MAIN = ("import pathlib, sys\n"
        f"sys.path.insert(0, {str(CI)!r})\n"
        "from validation.validate import main\n"
        "sys.exit(main(sys.argv[2:], pathlib.Path(sys.argv[1])))\n")
# SPEC is "exec:VERDICT", or "exec:wait", which says in a file that it waits, and does.
RUNNER = """#!/usr/bin/env python3
import json, os, pathlib, signal, sys
words = sys.argv[1:]
verdict = words[words.index("--implementation") + 1].partition(":")[2] if "--implementation" in words else ""
out = pathlib.Path(words[words.index("--out") + 1])
with open(os.environ["RUNS"], "a") as runs:
    runs.write(verdict + "\\n" if verdict else "")
if words[0] == "report":
    out.mkdir(exist_ok=True)
    (out / "index.html").write_text(" ".join(words[1:words.index("--out")]))
    sys.exit(0)
if verdict == "wait" and not os.path.exists(os.environ["RUNS"] + ".go"):
    open(os.environ["RUNS"] + ".waits", "w").close()
    signal.pause()
if verdict == "dies":
    print("recvmsg-conformance: error: it does not start")
    sys.exit(66)
out.mkdir(parents=True, exist_ok=True)
if words[0] == "property":
    law = {"law": "Law", "cases": 3}
    if verdict == "FAIL":
        law["counterexample"] = {"verdict": "FAIL", "summary": "differs"}
    (out / "property.json").write_text(json.dumps({"laws": [law]}))
    sys.exit(0)
def check(name, verdict, reason=""):
    return {"id": name, "verdict": verdict, "level": "required", "summary": "s", "reason": reason, "cause": "", "baseline": {
        "kind": "bug", "verdict": os.environ["LISTED"].split(",") if "LISTED" in os.environ else "FAIL",
        "reason": "known", "link": "docs/findings/x.md#1-x"} if verdict in ("XFAIL", "XPASS") else {}}
missing = "needs scatter, signals, which the implementation does not declare"
(out / "results.json").write_text(json.dumps({
    "implementation": {"version": "1.0", "capabilities": []},
    "checks": [check("A.B/udp4", verdict), check("A.C/udp4", "PASS"), check("A.D/udp4", "SKIP", missing)]}))
sys.exit(1 if verdict == "FAIL" else 0)
"""


class Project(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name)
        self.runner = self.root / "runner"
        self.runner.write_text(RUNNER)
        self.runner.chmod(0o755)
        self.out = self.root / "out"
        self.environment = {**os.environ, "RUNS": str(self.root / "runs")}

    def manifest(self, folder="one", language="C", **implementations):
        """implementations: name -> the rest of its entry."""
        place = self.root / "adapters" / folder
        place.mkdir(parents=True, exist_ok=True)
        entries = [f'[[implementation]]\nname = "{name}"\ntitle = "T"\n{rest}\n' for name, rest in implementations.items()]
        (place / "manifest.toml").write_text(f'language = "{language}"\n' + "".join(entries))

    def command(self, *arguments):
        return [sys.executable, "-B", "-c", MAIN, str(self.root), "--runner", str(self.runner), "--out", str(self.out),
                *arguments]

    def validate(self, *arguments, status=0):
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, check=False, env=self.environment)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def rows(self):
        return {row["name"]: row for row in json.loads((self.out / "matrix.json").read_text())["implementations"]}

    def runs(self):
        path = self.root / "runs"
        return path.read_text().split() if path.exists() else []

    def test_every_implementation_is_a_row(self):
        self.manifest(good='spec = "exec:PASS"', known='spec = "exec:XFAIL"')
        self.validate()
        rows = self.rows()
        self.assertEqual(rows["good"]["sums"], {"checks": 3, "applied": 2, "passed": 2, "failed": 0, "skipped": 1,
                                                "unexpected": 0})
        self.assertEqual(rows["good"]["skipped"], {"scatter": 1, "signals": 1})
        self.assertEqual(rows["known"]["sums"]["failed"], 1)
        self.assertEqual(rows["known"]["sums"]["unexpected"], 0)
        self.assertEqual((self.out / "site/index.html").read_text().split(),
                         [str(self.out / name / "conformance/results.json") for name in ("good", "known")])
        page = (self.out / "matrix.md").read_text()
        self.assertIn("| [good](#good) | C | 1.0 | 2 | 2 | 0 | 0 | 1 | 0 of 1 |", page)
        self.assertIn("| known | 1: `A.B` | bug | [1](../docs/findings/x.md#1-x) |", page)

    def test_what_is_not_expected_is_status_1(self):
        self.manifest(bad='spec = "exec:FAIL"')
        self.validate(status=1)
        row = self.rows()["bad"]
        self.assertEqual((row["sums"]["unexpected"], row["laws"]["failed"][0]["law"]), (1, "Law"))

    def test_what_passes_though_listed_is_status_1_unless_it_depends_on_memory(self):
        self.manifest(better='spec = "exec:XPASS"')
        self.validate(status=1)
        self.assertEqual(self.rows()["better"]["stale"], ["A.B/udp4"])
        self.environment["LISTED"] = "FAIL,CRASH"
        self.validate("--fresh")
        self.assertEqual(self.rows()["better"]["sums"]["passed"], 2)

    def test_others_go_on_where_one_cannot_be_had(self):
        self.manifest(cannot='npm = ["x"]\nspec = "exec:PASS"', broken='build = "echo error: no; false"\nspec = "exec:PASS"',
                      dies='spec = "exec:dies"', good='spec = "exec:PASS"')
        self.environment["PATH"] = "/nowhere:" + os.path.dirname(sys.executable) + ":/usr/bin:/bin"
        npm = self.root / "bin" / "npm"
        npm.parent.mkdir()
        npm.write_text("#!/bin/sh\necho 'npm error: no network' >&2; exit 1\n")
        npm.chmod(0o755)
        self.environment["PATH"] = f"{npm.parent}:{self.environment['PATH']}"
        done = self.validate(status=69)
        rows = self.rows()
        self.assertEqual((rows["cannot"]["status"], rows["cannot"]["reason"]), ("not installed", "x: npm error: no network"))
        self.assertEqual((rows["broken"]["status"], rows["broken"]["reason"]), ("not built", "error: no"))
        self.assertEqual(rows["dies"]["status"], "not started")
        self.assertIn("it does not start", rows["dies"]["reason"])
        self.assertEqual(rows["good"]["status"], "judged")
        self.assertIn("not built: error: no", done.stderr)

    def test_a_row_is_kept_until_something_changes(self):
        self.manifest(good='spec = "exec:PASS"')
        for arguments, runs in ((), 2), ((), 2), (("--fresh",), 4):
            self.validate(*arguments)
            self.assertEqual(len(self.runs()), runs, "a run and its laws")
        (self.root / "adapters/one/adapter.c").write_text("changed")
        self.validate()
        self.assertEqual(len(self.runs()), 6)

    def test_what_is_interrupted_goes_on(self):
        self.manifest(first='spec = "exec:PASS"', second='spec = "exec:wait"', third='spec = "exec:PASS"')
        waits = self.root / "runs.waits"
        os.mkfifo(waits)
        with open(self.root / "log", "w") as log, subprocess.Popen(self.command(), stderr=log, env=self.environment) as child:
            with open(waits):  # opens when the runner waits
                child.send_signal(signal.SIGTERM)
            self.assertEqual(child.wait(60), 130)
        self.assertEqual(list(self.rows()), ["first"])
        (self.root / "runs.go").touch()
        done = self.validate()
        self.assertIn("first: kept", done.stderr)
        self.assertEqual(list(self.rows()), ["first", "second", "third"])
        self.assertEqual(self.runs().count("PASS"), 4, "the first was judged once")

    def test_wrong_usage_is_one_line(self):
        self.manifest(good='spec = "exec:PASS"')
        for arguments, saying in ((("nosuch",), "there is no implementation nosuch"), (("--jobs", "0"), "0 is no number from 1")):
            err = self.validate(*arguments, status=64).stderr
            self.assertIn(saying, err)
            self.assertEqual(err.count("\n"), 1)
        for entry, saying in (('spec = "exec:PASS"\naptt = ["x"]', "there is no key aptt"),
                              ('apt = "x"', "must be a list of strings"),
                              ("", "spec is missing in good"), ("spec =", "manifest.toml: ")):
            self.manifest(good=entry)
            err = self.validate(status=64).stderr
            self.assertIn(saying, err)
            self.assertEqual(err.count("\n"), 1)

    def test_a_folder_or_a_name_without_its_version_chooses(self):
        self.manifest("one", **{"py-3.8.1": 'spec = "exec:PASS"', "py-3.9.2": 'spec = "exec:PASS"', "pypy": 'spec = "exec:PASS"'})
        self.manifest("two", other='spec = "exec:PASS"')
        listed = self.validate("--list", "py").stdout.splitlines()
        self.assertEqual([line.split()[0] for line in listed], ["py-3.8.1", "py-3.9.2"])
        self.assertEqual(self.validate("--list", "two").stdout.split()[0], "other")
        self.assertEqual(self.runs(), [])


class Manifests(unittest.TestCase):
    def test_those_of_the_project_can_be_read(self):
        done = subprocess.run([CI / "validate", "--list"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("go-xsys", done.stdout)


if __name__ == "__main__":
    unittest.main()
