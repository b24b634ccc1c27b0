"""What the corpora cover, as llvm-cov tells: a build of its own, without engine and sanitizers, replays them."""
import json
import os
import pathlib
import re
import shutil
import subprocess

from campaign.processes import Process

PRESET = "fuzz-coverage"
LIMIT = 600  # seconds for one target
TOOLS = ("llvm-profdata-19", "llvm-cov-19")


def measure(build, targets, campaign, root, env, interruption):
    """{"html", "total", "files", "notes"}, or {"notes"} where it is unknown."""
    folder = campaign.folder / "coverage"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        return {"notes": [f"{', '.join(missing)} missing: install the packages of the group clang"]}
    programs, profiles, notes = [], [], []
    for target in targets.values():
        program, profile = build / f"fuzz_{target.name}", folder / f"{target.name}.profraw"
        corpus = campaign.folder / "corpus" / target.name
        if not program.exists() or not any(corpus.iterdir()):
            notes.append(f"{target.name}: nothing to replay")
            continue
        environment = {**campaign.of(target).environment(env), "LLVM_PROFILE_FILE": str(profile)}
        process = Process([program, corpus], folder / f"{target.name}.log", environment)
        ended = interruption.run(process, LIMIT)
        if not ended or process.status != 0:
            notes.append(f"{target.name}: the replay of its corpus " +
                         (f"ended with status {process.status}" if ended else "was interrupted"))
        if profile.exists():
            programs.append(program)
            profiles.append(profile)
    if not profiles:
        return {"notes": notes or ["nothing was replayed"]}
    return {**_evaluate(folder, programs, profiles, root), "notes": notes}


def _evaluate(folder, programs, profiles, root):
    profdata = folder / "all.profdata"
    subprocess.run([TOOLS[0], "merge", "-sparse", *map(str, profiles), "-o", str(profdata)], check=True,
                   capture_output=True)
    # Of interest is what is fuzzed, not what fuzzes it, nor libraries.
    common = [str(programs[0]), *(f"-object={program}" for program in programs[1:]), f"-instr-profile={profdata}",
              f"-ignore-filename-regex=^/usr/|{re.escape(str(root))}/fuzz/"]
    exported = subprocess.run([TOOLS[1], "export", "-summary-only", *common], check=True, capture_output=True,
                              text=True)
    shown = subprocess.run([TOOLS[1], "show", "-format=html", f"-output-dir={folder / 'html'}", "-show-branches=count",
                            *common], capture_output=True, text=True, check=False)
    for profile in profiles:
        profile.unlink()
    data = json.loads(exported.stdout)["data"][0]
    return {"html": "coverage/html/index.html" if shown.returncode == 0 else None, "total": _figures(data["totals"]),
            "files": [{"file": _relative(file["filename"], root), **_figures(file["summary"])} for file in data["files"]
                      if file["summary"]["lines"]["count"]]}


def _relative(path, root):
    return os.path.relpath(path, root) if pathlib.Path(path).is_absolute() else path


def _figures(summary):
    """[covered, count] of lines and of branches."""
    return {what: [summary[what]["covered"], summary[what]["count"]] for what in ("lines", "branches")}
