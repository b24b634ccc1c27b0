"""ci/cross: builds for each target, judges by what was built, compares."""
import argparse
import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import time

import debian_packages
import preset
import verdicts
from crossing import building, emulation
from crossing.known import Known
from crossing.targets import TARGETS
from guests import comparison, inside, kernels

UNAVAILABLE = 69
RUNS = ("reference", "raw", "property")
# Commands that judge nothing: whether they end with status 0.
COMMANDS = (["--help"], ["list"], ["doctor", "reference"])
WORDS = comparison.Words("target", "compiler and C library", "the build for this machine")
EPILOG = f"""TARGET is {', '.join(TARGETS)}. Libraries and compilers that are not of this machine's architecture are unpacked
in DIR; programs of another processor run by qemu-user, in a user namespace with a binfmt_misc of its own (Linux 6.7): nothing
on this machine changes. DIR has cross.md, cross.json, and of each target build.log, the log of each run, and what the
runner wrote.

exit status: 0 no failure that this machine's build does not have, but for those of ci/crossing/known.toml, 1 some, 64 wrong
usage, 69 a target could not be built or run (the others were judged), 130 interrupted"""


def parse(arguments):
    parser = kernels.Parser(prog="ci/cross", epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter,
                     description="Builds for other processors and C libraries, judges, and compares with this machine's build.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="default: all")
    parser.add_argument("--list", action="store_true", help="list the targets, and build none")
    parser.add_argument("--runs", default=",".join(RUNS), metavar="NAME,...", help="default: %(default)s")
    parser.add_argument("--filter", default="*", metavar="GLOBS", help="the checks, as of recvmsg-conformance; default: all")
    parser.add_argument("--cases", type=int, default=2000, metavar="N", help="of all laws together, default: %(default)s")
    parser.add_argument("--minutes", type=int, default=60, metavar="N", help="after which a run is ended, default: 60")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("build/cross"), metavar="DIR",
                        help="where all of it goes, default: build/cross")
    parser.add_argument("--page", type=pathlib.Path, metavar="FILE", help="write the page there, too: docs/machines.md")
    parser.add_argument("--runner", type=pathlib.Path, metavar="PROGRAM",
                        help="a recvmsg-conformance of this machine, which is built; default: it is built first")
    options = parser.parse_args(arguments)
    options.runs = options.runs.split(",")
    for kind, given, there in (("run", options.runs, RUNS), ("target", options.targets, TARGETS)):
        unknown = [name for name in given if name not in there]
        if unknown:
            parser.error(f"there is no {kind} {unknown[0]}; there are {', '.join(there)}")
    options.targets = options.targets or list(TARGETS)
    options.out = options.out.resolve()
    return options


def say(text):
    print(f"ci/cross: {text}", file=sys.stderr, flush=True)


def ended(runner, target, environment, root):
    """By command, a verdict and a reason, as of checks."""
    found = {}
    for words in COMMANDS:
        status, _, said = inside.timed(emulation.inside(target, [str(runner), *words]), root, 600, environment)
        lines = said.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"]
        found[" ".join(words)] = ("PASS", "") if status == 0 else ("FAIL", f"status {status}: {lines[-1]}")
    return found


def judged(runner, target, directory, plan, environment):
    """By run, the verdicts of that program; None: of this machine's."""
    plan = {**plan, "runs": [{**run, "command": [str(runner), *run["command"][1:]]} for run in plan["runs"]],
            "speed": [str(runner), *plan["speed"][1:]]}
    kernels.prepare(directory, plan)
    subprocess.run(emulation.inside(target, [sys.executable, "-B", inside.__file__, str(directory)]), env=environment, check=True)
    return {"commands": ended(runner, target, environment, plan["cwd"]), **kernels.found_in(directory, plan)}


class Cross:
    def __init__(self, options, root, plan, here, known):
        self.options, self.root, self.plan, self.here, self.known = options, root, plan, here, known

    def row(self, name):
        """What there is to say of a target; "reason" says why there is nothing."""
        target = TARGETS[name]
        row = {"version": name, "release": "", "reason": "", "runs": {}}
        begin = time.monotonic()
        try:
            build = building.Build(self.root, self.options.out / name, target)
            say(f"{name}: building (log: {self.options.out / name}/build.log)")
            runner = build.runner()
            row["release"] = described(runner)
            row["reason"] = emulation.lacking(target)
            if not row["reason"]:
                say(f"{name}: judging")
                directory, environment = self.options.out / name / "runs", emulation.environment(build.sysroot())
                found = judged(runner, target, directory, self.plan, environment)
                row["runs"] = {run: self._compared(name, run, there) for run, there in found.items()}
        except (building.NotBuilt, debian_packages.NotToBeHad, OSError, subprocess.CalledProcessError) as error:
            row["reason"] = str(error)
        say(f"{name}: {row['reason'] or 'judged'}, {time.monotonic() - begin:.0f} s")
        return row

    def _compared(self, name, run, there):
        found = comparison.differences(name, run, self.here[run], there, self.known)
        return {"status": None, "counts": comparison.counts(there), "differences": found}


def described(program):
    """The compiler, which says so in the program, and the C library."""
    def read(option):
        return subprocess.run(["readelf", "--wide", option, program], capture_output=True, text=True, check=False).stdout

    # The C library's own beginning of a program may come from GCC.
    compilers = sorted(re.findall(r"(clang version [\d.]+|GCC: .* [\d.]+)", read("--string-dump=.comment")), reverse=True)
    library = "the GNU C library" if "INTERP" in read("--program-headers") else "musl"
    return f"{compilers[0] if compilers else 'a compiler'} and {library}"


def main(arguments, root):
    options = parse(arguments)
    if options.list:
        print("\n".join(f"{name:14} {target.triple}" for name, target in TARGETS.items()))
        return 0
    preset.need_packages("runner", "cross")
    runner = options.runner
    if runner is None:
        preset.build("runner", "recvmsg-conformance")
        runner = root / "build/runner/recvmsg-conformance"
    options.out.mkdir(parents=True, exist_ok=True)
    plan = kernels.plan_of(root, runner.resolve(), options)
    say("this machine")
    _, plan["speed_here"], _ = inside.timed(plan["speed"], plan["cwd"], plan["seconds"])
    here = judged(runner.resolve(), None, options.out / "here", plan, None)
    for run in plan["runs"]:
        run["usual"] = [check for check, (verdict, _) in here[run["name"]].items() if verdict in verdicts.FAILURES]
    crossing = Cross(options, root, plan, here, Known(options.targets))
    about = {"release": described(runner), "runs": {name: comparison.counts(found) for name, found in here.items()}}
    rows = []
    for name in options.targets:
        rows.append(crossing.row(name))
        (options.out / "cross.md").write_text(comparison.page(about, rows, WORDS), encoding="utf-8")
        (options.out / "cross.json").write_text(json.dumps(comparison.as_json(about, rows, WORDS), indent=1) + "\n",
                                                encoding="utf-8")
    page = comparison.page(about, rows, WORDS)
    print(page, end="")
    if options.page:
        targets = "" if options.targets == list(TARGETS) else f" {' '.join(options.targets)}"
        runs = "" if options.runs == list(RUNS) else f" --runs {','.join(options.runs)}"
        command = f"ci/cross --page docs/machines.md{runs}{targets}"
        heading = (f"<!-- Generated by {command} -->\n# Machines\n\n{time.strftime('%Y-%m-%d')}, on {platform.machine()}, Linux "
                   f"{os.uname().release}. What is not of this processor runs by qemu-user.")
        options.page.write_text(f"{heading} {page}", encoding="utf-8")
    if any(comparison.is_unexplained(one) for row in rows for run in row["runs"].values() for one in run["differences"]):
        return 1
    return UNAVAILABLE if any(row["reason"] for row in rows) else 0
