"""What lies in $OUT after a build, held against what OSS-Fuzz's runners want of it (infra/base-images/base-runner:
bad_build_check, test_all.py, run_fuzzer; docs/further-reading/fuzzer_environment.md)."""
import configparser
import os
import pathlib
import re
import subprocess
import tempfile
import zipfile

RUNS = 4  # from nothing, as bad_build_check has it
LIMIT = 120  # seconds

# Their image of runners has these, and no others.
_LIBRARIES = re.compile(r"^(linux-vdso|ld-linux.*|lib(c|m|dl|rt|pthread|resolv|gcc_s))\.so(\.\d+)?$")
_ENTRY = re.compile(r'^(?:[A-Za-z0-9_]+(?:@\d+)?\s*=\s*)?"(?:[^"\\]|\\["\\]|\\x[0-9A-Fa-f]{2})+"$')
_SOURCE = re.compile(rb"\.(cc|c|h)(:\d+:\d+\b.*)?$", re.DOTALL)  # also "(lambda at FILE:LINE:COLUMN)"
_NAME = re.compile(r"^[A-Za-z0-9_-]+$")


def is_target(path):
    """How test_all.py finds them."""
    return path.is_file() and os.access(path, os.X_OK) and b"LLVMFuzzerTestOneInput" in path.read_bytes()


def problems_of(out, variant, expected):
    """A sentence for each thing that is wrong in the folder `out`. `expected`: the targets that must be there."""
    problems = []
    targets = sorted(path for path in out.iterdir() if is_target(path))
    missing = set(expected) - {path.name for path in targets}
    if missing or not targets:
        problems.append(f"not there, or no fuzz targets: {', '.join(sorted(missing)) or 'any'}")
    for path in targets:
        for check in (name, linkage, needs_no_other_place, instrumentation, starts_from_nothing, seeds):
            problems += [f"{path.name}: {problem}" for problem in check(path, variant)]
    for path in sorted(out.glob("*.dict")):
        problems += [f"{path.name}: {problem}" for problem in dictionary(path)]
    for path in sorted(out.glob("*.options")):
        problems += [f"{path.name}: {problem}" for problem in options(path)]
    names = {path.name for path in targets}
    for path in sorted(out.iterdir()):
        owner = re.sub(r"(_seed_corpus\.zip|\.dict|\.options)$", "", path.name)
        if owner != path.name and owner not in names:
            problems.append(f"{path.name}: there is no target {owner}: the file is unused")
    return problems


def name(path, _):
    if not _NAME.match(path.name):
        yield "has a name with other characters than letters, digits, _ and -"


def linkage(path, _):
    dynamic = subprocess.run(["readelf", "-dW", path], capture_output=True, text=True, check=True).stdout
    for library in re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic):
        if not _LIBRARIES.match(library):
            yield f"needs {library}, which runners do not have: link it statically"
    for paths in re.findall(r"\((?:RPATH|RUNPATH)\).*\[(.*)\]", dynamic):
        if not all(entry.startswith("$ORIGIN") for entry in paths.split(":")):
            yield f"looks for libraries at {paths}: $ORIGIN is all that it may name"


def needs_no_other_place(path, variant):
    """Folders that exist only where it was built. Debug information and what sanitizers report may name sources: those are
    not read."""
    with tempfile.TemporaryDirectory() as folder:
        stripped = pathlib.Path(folder, "stripped")
        subprocess.run(["objcopy", "--strip-debug", path, stripped], check=True)
        content = stripped.read_bytes()
    for place in variant.places:
        names = re.findall(re.escape(str(place).encode()) + rb"[^\0]*", content)
        needed = [name.decode(errors="replace") for name in names if not _SOURCE.search(name)]
        if needed:
            yield f"has the path {place} in it: {needed[0][:200]}"


def instrumentation(path, variant):
    content = path.read_bytes()
    if variant.engine == "afl" and b"##SIG_AFL_PERSISTENT##" not in content:
        yield "is not linked with AFL++'s driver"
    if variant.sanitizer == "coverage":
        if b"__llvm_covmap" not in content:
            yield "is not compiled for llvm-cov"
        return
    if variant.engine == "libfuzzer" and b"__sancov_cntrs" not in content:
        yield "has no coverage feedback"
    callees = calls(path)
    asan = sum(callee.startswith("__asan_report") for callee in callees)
    ubsan = sum(callee.startswith("__ubsan_handle") for callee in callees)
    right, wrong = (ubsan, asan) if variant.sanitizer == "undefined" else (asan, ubsan)
    if not right:
        yield f"is not compiled for the sanitizer '{variant.sanitizer}'"
    if wrong:
        yield "is compiled for another sanitizer too: $CXXFLAGS alone say which"
    if variant.sanitizer == "undefined" and not any("pointer_overflow" in callee for callee in callees):
        yield "does not look for pointer overflows: build.sh adds to $CXXFLAGS what their flags leave out"


def calls(path):
    """What the project's own functions call. Their bad_build_check counts in the whole program, most of which is a runtime
    that is another here than there."""
    callees, ours = [], False
    disassembly = subprocess.run(["objdump", "-d", "--no-show-raw-insn", path], capture_output=True, text=True, check=True)
    for line in disassembly.stdout.splitlines():
        if line.endswith(">:"):
            ours = "recvinto" in line or "LLVMFuzzerTestOneInput" in line
        elif ours and "call" in line:
            callees.append(line[line.find("<") + 1:].rstrip(">"))
    return callees


def starts_from_nothing(path, variant):
    with tempfile.TemporaryDirectory() as folder:
        if variant.engine == "afl":  # outside of afl-fuzz its driver replays files
            pathlib.Path(folder, "empty").write_bytes(b"")
            run = _run(path, folder, "empty")
        else:
            run = _run(path, folder, "-seed=1337", f"-runs={RUNS}")
        if run.returncode != 0:
            yield f"does not survive {RUNS} runs from nothing:\n{_last_words(run)}"
        if variant.engine == "libfuzzer" and variant.sanitizer != "coverage" and "no interesting inputs were found" in run.stderr:
            yield "has no coverage feedback: no input interests it"


def seeds(path, variant):
    corpus = path.with_name(f"{path.name}_seed_corpus.zip")
    if not corpus.exists():
        return
    try:
        with zipfile.ZipFile(corpus) as archive, tempfile.TemporaryDirectory() as folder:
            nested = [entry for entry in archive.namelist() if "/" in entry]
            if nested:
                yield f"{corpus.name} has folders in it ({nested[0]}): runners take what lies at the top only"
            if not archive.namelist():
                yield f"{corpus.name} is empty"
            archive.extractall(folder)
            files = [str(file) for file in pathlib.Path(folder).rglob("*") if file.is_file()]
            if not files:
                return
            run = _run(path, folder, *(files if variant.engine == "afl" else ["-runs=0", folder]))
            if run.returncode != 0:
                yield f"fails on an input of {corpus.name}:\n{_last_words(run)}"
    except zipfile.BadZipFile:
        yield f"{corpus.name} is no zip file"


def _run(path, folder, *arguments):
    """In a folder of no importance and with a bare environment, as runners do."""
    env = {"PATH": "/usr/bin:/bin", "TMPDIR": folder}
    dictionary_beside = path.with_name(f"{path.name}.dict")
    if dictionary_beside.exists() and any(argument.startswith("-runs") for argument in arguments):
        arguments = [*arguments, f"-dict={dictionary_beside}"]
    try:
        return subprocess.run([str(path), *arguments], cwd=folder, env=env, capture_output=True, text=True, errors="replace",
                              timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess([], -1, "", f"it took more than {LIMIT} seconds")


def _last_words(run):
    return "\n".join(f"    {line}" for line in run.stderr.splitlines()[-8:])


def dictionary(path):
    for number, whole_line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        line = whole_line.strip()
        if line and not line.startswith("#") and not _ENTRY.match(line):
            yield f"line {number} is no entry of a dictionary: {line}"


def options(path):
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(path.read_text(errors="replace"))
    except configparser.Error as error:
        yield f"is no options file: {' '.join(str(error).split())}"
        return
    for section in parser.sections():
        if section not in ("libfuzzer", "asan", "msan", "ubsan", "env", "grammar", "AFL", "honggfuzz", "campaign"):
            yield f"has a section that no runner reads: [{section}]"
    for flag, value in parser.items("libfuzzer") if parser.has_section("libfuzzer") else []:
        if flag != "dict" and not re.match(r"^-?\d+$", value):
            yield f"{flag} = {value}: libFuzzer's flags are numbers"
