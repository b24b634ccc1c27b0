#!/usr/bin/env python3
"""The action and the template of GitLab, with their scripts run as these services run them.

RECVMSG_CONFORMANCE names the runner. Needs PyYAML. What a service does itself (caches, uploads) is not tried.
"""
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
RUNNER = pathlib.Path(os.environ["RECVMSG_CONFORMANCE"]).resolve()
FEW = "FillOrder.DocumentedExampleFillsTheBuffers/*"
MARKUP = "<b>&\n::error::forged %0A"
HARMFUL = "<img src=x>\n  ::error::forged\n##[error]forged\n::add-mask::e\n\x1b[2J\u202e"
sys.path.insert(0, str(ROOT / "pipelines"))
import annotations  # noqa: E402


def environment(**more):
    """What a service leaves of this one."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, **more}


class Workspace(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """An archive as ci/package makes it, as far as scripts look into it."""
        shared = tempfile.TemporaryDirectory()
        cls.addClassCleanup(shared.cleanup)
        cls.archive = pathlib.Path(shared.name) / "recvmsg-conformance.tar.gz"
        stripped = pathlib.Path(shared.name) / "runner"
        subprocess.run(["strip", "-o", stripped, RUNNER], check=True)
        with tarfile.open(cls.archive, "w:gz", compresslevel=1) as tar:
            tar.add(stripped, "top/bin/recvmsg-conformance")
            for folder in ("adapters/python", "pipelines"):
                tar.add(ROOT / folder, f"top/share/recvmsg-conformance/{folder}")

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.workspace = self.directory / "work space"
        self.workspace.mkdir()


    def run_script(self, script, **variables):
        return subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], env=environment(**variables),
                              cwd=self.workspace, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


class Action(Workspace):
    """The steps of action.yml, as GitHub's runner performs them."""

    def setUp(self):
        super().setUp()
        self.action = yaml.safe_load((ROOT / "action.yml").read_text())
        self.files = {name: self.directory / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")}
        (self.directory / "temp").mkdir()

    def value(self, expression, inputs, outputs):
        def of(match):
            name = match[1].strip()
            if name.startswith("inputs."):
                return inputs[name.removeprefix("inputs.")]
            if name == "runner.temp":
                return str(self.directory / "temp")
            return outputs[name.removeprefix("steps.")]
        return re.sub(r"\$\{\{(.*?)\}\}", of, expression)

    def perform(self, **given):
        """The status of the first step that fails, what all print, and the outputs."""
        inputs = {name: given.pop(name, declared.get("default")) for name, declared in self.action["inputs"].items()}
        self.assertEqual({}, given)
        self.assertNotIn(None, inputs.values())
        outputs, path, printed, status = {}, os.environ["PATH"], "", 0
        for step in self.action["runs"]["steps"]:
            if "run" not in step or status != 0 or step.get("if") == "inputs.archive == ''" and inputs["archive"] != "":
                continue
            for file in self.files.values():
                file.touch()
            self.files["GITHUB_OUTPUT"].write_text("")
            variables = {name: self.value(text, inputs, outputs) for name, text in step.get("env", {}).items()}
            done = self.run_script(step["run"], **variables, PATH=path, CI="true", GITHUB_ACTIONS="true",
                                   GITHUB_ACTION_PATH=str(ROOT), GITHUB_WORKSPACE=str(self.workspace),
                                   RUNNER_TEMP=str(self.directory / "temp"),
                                   **{name: str(file) for name, file in self.files.items()})
            status = done.returncode
            printed += done.stdout + done.stderr
            for line in self.files["GITHUB_OUTPUT"].read_text().splitlines():
                name, _, text = line.partition("=")
                outputs[f"{step['id']}.outputs.{name}"] = text
            path = ":".join([*reversed(self.files["GITHUB_PATH"].read_text().split()), os.environ["PATH"]])
        return status, printed, {name: self.value(output["value"], inputs, outputs)
                                 for name, output in self.action["outputs"].items()}

    def test_an_archive_is_installed_and_judges(self):
        status, printed, outputs = self.perform(implementation="python:" + sys.executable, archive=str(self.archive),
                                                filter=FEW)
        self.assertEqual((status, outputs), (0, {"status": "0", "results": "conformance-results"}), printed)
        written = {file.name for file in (self.workspace / "conformance-results").iterdir()}
        self.assertLessEqual({"report.html", "results.json", "junit.xml", "summary.md"}, written)
        self.assertIn("CPython", self.files["GITHUB_STEP_SUMMARY"].read_text())
        self.assertNotIn("::error", printed)

    def test_failures_are_annotations_and_the_status(self):
        status, printed, outputs = self.perform(implementation="fault:swaps-buffers", archive=str(self.archive),
                                                filter="FillOrder.*")
        self.assertEqual((status, outputs["status"]), (1, "1"), printed)
        self.assertRegex(printed, r"(?m)^::error title=FAIL%3A .*::.*FillOrder\..*%0A.*recvmsg-conformance run ")

    def test_inputs_are_words_whatever_is_in_them(self):
        forged = self.workspace / "forged"
        status, printed, _ = self.perform(implementation="reference", archive=str(self.archive),
                                          filter=f"$(touch '{forged}');`touch '{forged}'`")
        self.assertEqual(status, 3, printed)
        self.assertFalse(forged.exists())

    def commands(self, printed):
        """The workflow commands in what a step prints, as GitHub's runner finds them: blanks before them do not matter."""
        found, resume = [], None
        for line in printed.splitlines():
            command = re.match(r"\s*(?:::([\w-]+)(?: (.*?))?::(.*)|##\[(\w+)\](.*))$", line)
            if resume is not None:
                resume = None if command and command[1] == resume else resume
            elif command and command[1] == "stop-commands":
                resume = command[3]
            elif command:
                found.append(command[0])
        self.assertIsNone(resume, "commands stay stopped")
        return found

    def test_what_an_adapter_says_is_no_command_of_the_workflow(self):
        adapter = self.workspace / "harmful.py"
        adapter.write_text(f"""
import os, sys
sys.path.insert(0, {str(ROOT / "fixtures/adapters/hostile")!r})
import hostile_adapter
class Harmful(hostile_adapter.Adapter):
    def hello(self):
        return dict(super().hello(), name={HARMFUL!r})
    def call(self, request):
        os.write(2, {HARMFUL!r}.encode() + b"\\xff\\x00\\n" + b"long " * 1000000)
        return {{"error": {{"class": {HARMFUL!r}, "errno": None, "message": {HARMFUL!r} * 10000}},
                "buffers": ["ee" * part.get("size", 0) for part in request["buffers"]]}}
Harmful().serve()
""", encoding="utf-8")
        status, printed, _ = self.perform(implementation=f"exec:{sys.executable} -B harmful.py", archive=str(self.archive),
                                          filter=FEW)
        self.assertEqual(status, 1, printed[-3000:])
        commands = self.commands(printed)
        self.assertTrue(commands)
        for command in commands:
            self.assertTrue(command.startswith("::error title=FAIL%3A "), command)
            self.assertLess(len(command), 10_000)
        self.assertNotRegex(printed, "[\x00-\x08\x0b-\x1f\u202e]")
        summary = self.files["GITHUB_STEP_SUMMARY"].read_text()
        self.assertNotIn("<img", re.sub(r"(`+)(?!`).*?[^`]\1(?!`)", "", summary))

    def test_a_baseline_capabilities_and_an_earlier_run(self):
        archive = str(self.archive)
        status, printed, _ = self.perform(implementation="reference", archive=archive, filter=FEW, require="scatter",
                                          strict="true", out="first")
        self.assertEqual(status, 0, printed)
        (self.workspace / "known.toml").write_text("")
        self.files["GITHUB_STEP_SUMMARY"].write_text("")
        status, printed, _ = self.perform(implementation="reference", archive=archive, filter=FEW, baseline="known.toml",
                                          last="first/results.json", out="second")
        self.assertEqual(status, 0, printed)
        self.assertIn("No check has another verdict", self.files["GITHUB_STEP_SUMMARY"].read_text())
        status, printed, _ = self.perform(implementation="reference", archive=archive, filter=FEW, require="no_such_word")
        self.assertEqual(status, 64, printed)

    def test_every_input_reaches_a_step(self):
        used = set(re.findall(r"inputs\.([a-z-]+)", (ROOT / "action.yml").read_text()))
        self.assertEqual(used, set(self.action["inputs"]))

    def test_what_is_installed_already_is_used(self):
        cached = self.directory / "temp/recvmsg-conformance/bin"
        cached.mkdir(parents=True)
        shutil.copy(RUNNER, cached / "recvmsg-conformance")
        status, printed, _ = self.perform(implementation="reference", filter=FEW)
        self.assertEqual(status, 0, printed)
        self.assertNotIn("building", printed)

    def test_the_key_of_the_cache_is_the_same_for_the_same_sources(self):
        keys = {self.run_script(f"{shlex.quote(str(ROOT / 'pipelines/install'))} key").stdout for _ in range(2)}
        self.assertEqual(len(keys), 1)
        self.assertRegex(keys.pop(), r"^recvmsg-conformance-[a-z]+-[\w.]*-\w+-[0-9a-f]{16}\n$")


class GitLab(Workspace):
    """The lines of the template's script, in one shell, as GitLab's runner performs them."""

    def setUp(self):
        super().setUp()
        self.spec, self.template = yaml.safe_load_all((ROOT / "pipelines/gitlab.yml").read_text())
        self.job = self.template["recvmsg-conformance"]

    def perform(self, **given):
        declared = self.spec["spec"]["inputs"]
        inputs = {name: given.get(name, text.get("default")) for name, text in declared.items()}
        self.assertNotIn(None, inputs.values())
        variables = {name: re.sub(r"\$\[\[ inputs\.([a-z-]+) \]\]", lambda match: inputs[match[1]], text)
                     for name, text in self.job["variables"].items()}
        return self.run_script("\n".join(self.job["script"]), **variables, CI="true", GITLAB_CI="true",
                               CI_PROJECT_DIR=str(self.workspace))

    def test_it_judges_and_leaves_what_is_kept(self):
        done = self.perform(implementation="reference", archive=str(self.archive), filter=FEW)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        artifacts = self.job["artifacts"]
        for path in (*artifacts["paths"], artifacts["reports"]["junit"]):
            self.assertTrue((self.workspace / path).exists(), path)
        self.assertIn("reference", (self.workspace / "conformance-results/summary.md").read_text())

    def test_a_url_is_fetched_and_a_failure_fails_the_job(self):
        done = self.perform(implementation="fault:swaps-buffers", archive=self.archive.as_uri(), filter="FillOrder.*")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertTrue((self.workspace / "conformance-results/junit.xml").exists())
        self.assertNotIn("::error", done.stdout)

    def test_every_input_is_used(self):
        used = set(re.findall(r"inputs\.([a-z-]+) \]\]", (ROOT / "pipelines/gitlab.yml").read_text()))
        self.assertEqual(used, set(self.spec["spec"]["inputs"]))


class Script(Workspace):
    def test_without_a_runner_it_says_what_to_do(self):
        done = self.run_script(f"{shlex.quote(str(ROOT / 'pipelines/judge'))}", CONFORMANCE_RUNNER="/no/such/runner")
        self.assertEqual(done.returncode, 69, done.stdout + done.stderr)
        self.assertIn("there is no /no/such/runner: install it first", done.stderr)

    def test_results_of_a_run_before_do_not_stay(self):
        (self.workspace / "conformance-results").mkdir()
        (self.workspace / "conformance-results/results.json").write_text("{}")
        done = self.run_script(shlex.quote(str(ROOT / "pipelines/judge")), CONFORMANCE_RUNNER=str(RUNNER),
                               CONFORMANCE_IMPLEMENTATION="exec:/no/such/adapter")
        self.assertEqual(done.returncode, 66, done.stdout + done.stderr)
        self.assertFalse((self.workspace / "conformance-results/results.json").exists())

    def test_it_takes_the_runner_of_its_archive(self):
        shutil.unpack_archive(self.archive, self.workspace)
        done = self.run_script("top/share/recvmsg-conformance/pipelines/judge --filter " + shlex.quote(FEW))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_options_of_the_runner_may_follow(self):
        script = f"{shlex.quote(str(ROOT / 'pipelines/judge'))} --jobs 1 --filter '{FEW}'"
        done = self.run_script(script, CONFORMANCE_RUNNER=str(RUNNER))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Annotations(unittest.TestCase):
    def check(self, verdict, summary, level="required", name="A.B/udp4"):
        return {"id": name, "verdict": verdict, "summary": summary, "reason": summary, "level": level, "requirements": ["r"],
                "repro": "recvmsg-conformance run"}

    def test_no_text_is_a_command_of_its_own(self):
        [line] = annotations.annotations({"checks": [self.check("FAIL", MARKUP)]})
        self.assertTrue(line.startswith("::error title=FAIL%3A <b>&%0A%3A%3Aerror"), line)
        self.assertNotIn("\n", line)
        self.assertIn("%250A", line)

    def test_causes_once_the_most_frequent_first_and_no_more_than_are_shown(self):
        checks = [self.check("FAIL", f"cause {n}") for n in range(12)] + [self.check("CRASH", "ended")] * 3
        checks += [self.check("PASS", ""), self.check("XFAIL", "known"), self.check("SKIP", "lacks")]
        lines = list(annotations.annotations({"checks": checks}))
        self.assertEqual(len(lines), 11)
        self.assertIn("3 checks, the first is A.B/udp4", lines[0])
        self.assertEqual(lines[-1], "::warning::3 more causes are in report.html")

    def test_what_is_recommended_is_a_warning_unless_it_counts(self):
        for verdict in ("FAIL", "CRASH"):
            results = {"checks": [self.check(verdict, "x", level="recommended")]}
            for strict, level in ((False, "warning"), (True, "error")):
                [line] = annotations.annotations(results, strict)
                self.assertTrue(line.startswith(f"::{level} "), line)
        known = dict(self.check("CRASH", "x", level="recommended"), baseline={"entry": "known.toml:1"})
        [line] = annotations.annotations({"checks": [known]})
        self.assertTrue(line.startswith("::error "), line)

    def test_it_reads_what_the_runner_writes(self):
        with tempfile.TemporaryDirectory() as out:
            subprocess.run([RUNNER, "--implementation", "fault:swaps-buffers", "--filter", "FillOrder.*", "--out", out],
                           capture_output=True, check=False)
            results = json.loads((pathlib.Path(out) / "results.json").read_text())
        self.assertTrue(list(annotations.annotations(results)))


if __name__ == "__main__":
    unittest.main()
