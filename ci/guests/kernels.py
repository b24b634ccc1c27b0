"""ci/kernels: boots kernels, judges in each, compares."""
import argparse
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import time

import preset
import verdicts
from crossing.building import NotBuilt
from guests import architectures, comparison, gvisor, inside, machine, userland
from guests.packages import SUITES, NoKernel, Packages

USAGE, UNAVAILABLE = 64, 69
RUNS = ("reference", "raw", "raw32", "recvmmsg", "recvmmsg_batch", "io_uring", "io_uring_multishot", "cpython", "go", "glib",
        "property")
# What a kernel has not: multishot recvmsg came with Linux 6.0.
LACKS = {"5.10": ("io_uring_multishot",), gvisor.NAME: gvisor.LACKS}
DEADLINE_MS = 5000  # of this host; a guest's is longer by as much as it is slower
EPILOG = f"""The kernels are packages of Debian ({', '.join(SUITES)}), for x86-64 and, as 6.1-arm64, for arm64; of a version the
newest. "gvisor" is gVisor's, a process, which Go builds. A guest sees the files of this machine and changes none. A guest of
arm64 is emulated; it has Debian's libraries and Python, and a runner that is built for it as by ci/cross. DIR has
kernels.md, kernels.json, and of each guest its console, the log of each run, and what the runner wrote.

exit status: 0 no failure that this host's kernel does not have, but for findings (ci/guests/known.toml), 1 some, 64 wrong
usage, 69 a kernel could not be had or booted (the others were judged), 130 interrupted"""


class Parser(argparse.ArgumentParser):
    def error(self, message):
        print(f"{self.prog}: {message} ({self.prog} --help)", file=sys.stderr)
        sys.exit(USAGE)


def parse(arguments):
    parser = Parser(prog="ci/kernels", epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter,
                     description="Judges on other kernels, in virtual machines, and compares with this host's.")
    parser.add_argument("versions", nargs="*", metavar="VERSION",
                        help="as 6.1, 6.1-arm64, or gvisor; default: 5.10, 6.1, 6.12, the newest, gvisor")
    parser.add_argument("--list", action="store_true", help="list the kernels that there are, and boot none")
    parser.add_argument("--runs", default=",".join(RUNS), metavar="NAME,...",
                        help="default: %(default)s; of the adapters in Go and GLib where they are built")
    parser.add_argument("--accelerator", choices=["auto", "kvm", "tcg"], default="auto",
                        help="auto: KVM where it runs a guest, else none, which is some fifty times slower, as arm64 always is")
    parser.add_argument("--filter", default="*", metavar="GLOBS", help="the checks, as of recvmsg-conformance; default: all")
    parser.add_argument("--cases", type=int, default=2000, metavar="N", help="of all laws together, default: %(default)s")
    parser.add_argument("--cpus", type=int, default=2, metavar="N", help="of a guest, default: 2")
    parser.add_argument("--megabytes", type=int, default=3072, metavar="N", help="of a guest's memory, default: 3072")
    parser.add_argument("--minutes", type=int, default=30, metavar="N", help="after which a guest is ended, default: 30")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("build/kernels"), metavar="DIR",
                        help="where all of it goes, default: build/kernels")
    parser.add_argument("--page", type=pathlib.Path, metavar="FILE",
                        help="write the page there, too: docs/kernels.md, docs/kernels-arm64.md")
    parser.add_argument("--runner", type=pathlib.Path, metavar="PROGRAM",
                        help="a recvmsg-conformance that is built, with its adapters beside it; default: it is built first")
    options = parser.parse_args(arguments)
    options.runs = options.runs.split(",")
    unknown = [name for name in options.runs if name not in RUNS]
    if unknown:
        parser.error(f"there is no run {unknown[0]}; there are {', '.join(RUNS)}")
    return options


def plan_of(root, runner, options, python=None):
    """What is run, here and in guests."""
    specs = {"cpython": f"python:{python or os.path.realpath(sys.executable)}"}
    for name in ("go", "glib"):
        specs[name] = f"exec:{runner.parent / 'adapters' / name}-adapter"
    runs = []
    for name in options.runs:
        spec = specs.get(name, name)
        if name == "property":
            command, results = ["property", "--seed", "1", "--cases", str(options.cases)], "property.json"
        else:
            command, results = ["run", "--quiet", "--implementation", spec], "results.json"
        if not spec.startswith("exec:") or pathlib.Path(spec[5:]).exists():
            runs.append({"name": name, "results": results, "command": [str(runner), *command], "usual": [],
                         "filter": "" if name == "property" else options.filter})
    speed = [str(runner), "run", "--quiet", "--filter", "FillOrder.*"]
    return {"cwd": str(root), "runs": runs, "speed": speed, "deadline_ms": DEADLINE_MS, "seconds": options.minutes * 60}


def prepare(directory, plan):
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    (directory / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    (directory / "program").write_text(inside.__file__, encoding="utf-8")


def found_in(directory, plan):
    """By run, what verdicts.of_file() returns; what was red and is not always is VARIES."""
    found = {}
    for run in plan["runs"]:
        found[run["name"]] = verdicts.of_file(directory / f"{run['name']}.json")
        for check in saved(directory / f"{run['name']}.varies.json", []):
            verdict, reason = found[run["name"]][check]
            found[run["name"]][check] = ("VARIES", f"{verdict} in one of several runs: {reason}")
    return found


def plan_for(version, plan):
    """Without what that kernel has not."""
    number, architecture = architectures.of(version)
    lacks = (*LACKS.get(number, ()), *architecture.lacks)
    return {**plan, "runs": [run for run in plan["runs"] if run["name"] not in lacks]}


def plan_with(runner, python, plan, options):
    """As `plan`, of which it has what is known of this host, by a runner that was built for another processor. It may have no
    adapters."""
    usual = {run["name"]: run["usual"] for run in plan["runs"]}
    own = plan_of(plan["cwd"], runner, options, python)
    return {**own, "speed_here": plan["speed_here"], "runs": [{**run, "usual": usual[run["name"]]} for run in own["runs"]
                                                              if run["name"] in usual]}


def saved(path, absent):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return absent


class Kernels:
    def __init__(self, options, packages, plan, here, known):
        """`packages` are by architecture."""
        self.options, self.packages, self.plan, self.here, self.known = options, packages, plan, here, known
        accelerator = options.accelerator
        if accelerator == "auto" and not os.access("/dev/kvm", os.R_OK | os.W_OK):
            accelerator = "tcg"
        self.accelerator = {architectures.AMD64: accelerator, architectures.ARM64: "tcg"}

    def row(self, version, package):
        """What there is to say of a kernel; "reason" says why there is nothing."""
        row = {"version": version, "package": package, "release": "", "reason": "", "runs": {}}
        directory = self.options.out / version
        begin = time.monotonic()
        say(f"{version}: {package}")
        plan = plan_for(version, self.plan)
        shutil.rmtree(directory, ignore_errors=True)
        try:
            if version == gvisor.NAME:
                row["release"] = self.sandbox(directory, plan)
            else:
                guest, plan = self.guest(version, plan)
                row["release"] = self.boot(package, directory, guest, plan)
        except (NoKernel, NotBuilt, machine.NotBooted, OSError, subprocess.CalledProcessError) as error:
            row["reason"] = str(error)
        for name, there in found_in(directory, plan).items():
            if not there and row["reason"]:
                continue
            found = comparison.differences(version, name, self.here[name], there, self.known)
            status = saved(directory / f"{name}.status.json", {}).get("status")
            row["runs"][name] = {"status": status, "counts": comparison.counts(there), "differences": found}
        say(f"{version}: {row['reason'] or 'judged'}, {time.monotonic() - begin:.0f} s")
        return row

    def sandbox(self, directory, plan):
        program = gvisor.fetch(self.packages[architectures.AMD64].directory)
        prepare(directory, plan)
        return gvisor.run(program, directory, self.options.minutes * 60)

    def guest(self, version, plan):
        """What it sees, and what is run in it. Raises NotBuilt and NoKernel."""
        _, architecture = architectures.of(version)
        if architecture is architectures.AMD64:
            return machine.Guest(architecture, pathlib.Path("/"), shutil.which("busybox"), []), plan
        root = pathlib.Path(plan["cwd"])
        directory = self.options.out / userland.BUILDS[architecture.debian]
        land = userland.Userland(root, directory, architecture.debian)
        say(f"{version}: building (log: {directory}/build.log)")
        runner = land.runner()
        land.unpack()
        return (machine.Guest(architecture, land.root, land.root / "bin/busybox", [root, runner.parent]),
                plan_with(runner, userland.PYTHON, plan, self.options))

    def boot(self, package, directory, guest, plan):
        package = self.packages[guest.architecture].fetch(package)
        usual = self.options.cpus, self.options.megabytes, self.options.minutes * 60
        of = guest.architecture
        while True:
            prepare(directory, plan)
            tried = "kvm" if self.accelerator[of] == "auto" else self.accelerator[of]
            try:
                release = machine.boot(package, directory, guest, tried, *usual)
                self.accelerator[of] = tried
                say(f"{release}: booted with {tried}")
                return release
            except machine.NotBooted as error:
                if self.accelerator[of] != "auto":
                    raise
                say(f"{error}: without it")
                self.accelerator[of] = "tcg"


def say(text):
    print(f"ci/kernels: {text}", file=sys.stderr, flush=True)


def listed(options, packages):
    """By version, a package; of the architectures that are asked for. Raises NoKernel."""
    asked = {architectures.of(version)[1] for version in options.versions if version != gvisor.NAME}
    kernels = {}
    for architecture, of in packages.items():
        if options.list or architecture in (asked if options.versions else [architectures.AMD64]):
            need_packages(architecture)
            of.update()
            kernels.update(of.kernels())
    return {**kernels, gvisor.NAME: gvisor.MODULE}


def need_packages(architecture):
    preset.need_packages("kernels", *(("arm64", "cross") if architecture is architectures.ARM64 else ()))


def chosen(options, kernels):
    versions = options.versions or [version for version in ("5.10", "6.1", "6.12") if version in kernels]
    if not options.versions:
        versions = list(dict.fromkeys([*versions, *[version for version in kernels if version != gvisor.NAME][-1:], gvisor.NAME]))
    unknown = [version for version in versions if version not in kernels]
    if unknown:
        print(f"ci/kernels: Debian has no kernel {unknown[0]}; it has {', '.join(kernels)}", file=sys.stderr)
        sys.exit(USAGE)
    return versions


def main(arguments, root):
    options = parse(arguments)
    if not machine.supported():
        print(f"ci/kernels: not written for {platform.machine()}", file=sys.stderr)
        return UNAVAILABLE
    options.out = options.out.resolve()
    packages = {architectures.AMD64: Packages(options.out / "packages"),
                architectures.ARM64: Packages(options.out / "packages/arm64", architectures.ARM64)}
    try:
        kernels = listed(options, packages)
    except (NoKernel, OSError) as error:
        print(f"ci/kernels: no list of kernels: {error}", file=sys.stderr)
        return UNAVAILABLE
    if options.list:
        print("\n".join(f"{version:10} {package}" for version, package in kernels.items()))
        return 0
    versions = chosen(options, kernels)
    if gvisor.NAME in versions:
        preset.need_packages("gvisor")
    runner = options.runner
    if runner is None:
        preset.build("runner", "-DRECVINTO_ADAPTERS=go;glib", "recvmsg-conformance", "all_adapters")
        runner = root / "build/runner/recvmsg-conformance"
    plan = plan_of(root, runner.resolve(), options)
    say("this host")
    here = options.out / "here"
    _, plan["speed_here"], _ = inside.timed(plan["speed"], plan["cwd"], plan["seconds"])
    prepare(here, plan)
    inside.perform(here, plan)
    usual = found_in(here, plan)
    for run in plan["runs"]:
        run["usual"] = [check for check, (verdict, _) in usual[run["name"]].items() if verdict in verdicts.FAILURES]
    nothing = [name for name, found in usual.items() if not found]
    if nothing:
        print(f"ci/kernels: {nothing[0]} gives nothing here; see {here / nothing[0]}.log", file=sys.stderr)
        return 1
    judged = Kernels(options, packages, plan, usual, comparison.Known(pathlib.Path(__file__).with_name("known.toml")))
    rows = []
    about = {"release": platform.release(), "runs": {name: comparison.counts(found) for name, found in usual.items()}}
    for version in versions:
        rows.append(judged.row(version, kernels[version]))
        (options.out / "kernels.md").write_text(comparison.page(about, rows), encoding="utf-8")
        (options.out / "kernels.json").write_text(json.dumps(comparison.as_json(about, rows), indent=1) + "\n", encoding="utf-8")
    page = comparison.page(about, rows)
    print(page, end="")
    if options.page:
        runs = "" if options.runs == list(RUNS) else f" --runs {','.join(options.runs)}"
        command = f"ci/kernels --page {options.page}{runs} {' '.join(versions)}"
        heading = f"<!-- Generated by {command} -->\n# Kernels\n\n{time.strftime('%Y-%m-%d')}, with the adapters of this project."
        options.page.write_text(f"{heading} {page}", encoding="utf-8")
    if any(comparison.is_unexplained(one) for row in rows for run in row["runs"].values() for one in run["differences"]):
        return 1
    return UNAVAILABLE if any(row["reason"] for row in rows) else 0
