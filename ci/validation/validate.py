"""ci/validate: every implementation that has a manifest is judged by one command, and seen in one matrix."""
import concurrent.futures
import datetime
import os
import signal
import sys

from validation import command_line, manifests, matrix, rows
from validation.commands import Commands, Interrupted, complaint
from validation.judging import Judge

UNAVAILABLE, OWN_FAULT, INTERRUPTED = 69, 70, 130
_BUILD = 'source "$0/ci/setup.sh"; need_packages runner; ' \
         'build_preset runner -DRECVINTO_ADAPTERS= recvmsg-conformance; link_programs runner'


def say(text):
    print(text, file=sys.stderr, flush=True)


def main(arguments, root):
    options = command_line.parse(arguments)
    try:
        chosen = choose(manifests.read_all(root), options.names)
    except manifests.ManifestError as error:
        say(f"ci/validate: {error}")
        return command_line.USAGE
    if options.list:
        for one in chosen:
            print(f"{one.name:24} {one.language:8} {one.title}")
        return 0
    options.out = options.out.resolve()
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        say(f"ci/validate: --out {options.out}: {error.strerror}")
        return OWN_FAULT
    commands = Commands()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: commands.interrupt())
    try:
        runner = options.runner.resolve() if options.runner else build_runner(root, options.out, commands)
    except Interrupted:
        return INTERRUPTED
    if not (runner and os.access(runner, os.X_OK)):
        say(f"ci/validate: {runner or 'the runner'} is no program" + ("" if runner else f"; see {options.out / 'runner.log'}"))
        return OWN_FAULT
    return validate(root, options, chosen, runner, commands)


def choose(known, names):
    """Those named, by themselves or by their folder; a version may be left out."""
    if not names:
        return known
    chosen = []
    for name in names:
        found = [one for one in known if one.name == name or one.folder == f"adapters/{name}"
                 or (one.name.startswith(f"{name}-") and one.name[len(name) + 1].isdigit())]
        if not found:
            raise manifests.ManifestError(f"there is no implementation {name}: --list names them")
        chosen += [one for one in found if one not in chosen]
    return chosen


def build_runner(root, out, commands):
    say("building the runner")
    log = out / "runner.log"
    log.unlink(missing_ok=True)
    status = commands.run(["bash", "-euo", "pipefail", "-c", _BUILD, root], log, root, None)
    return root / "build/bin/recvmsg-conformance" if status == 0 else None


def validate(root, options, chosen, runner, commands):
    ended = []

    def progress(name, text):
        say(f"[{len(ended) + 1}/{len(chosen)}] {name}: {text}")
    judge = Judge(root, options.out, runner, options.seconds, commands, progress)

    def row_of(one):
        made_of = rows.digest(root, runner, one, options.seconds)
        row = None if options.fresh else rows.kept(options.out, one.name, made_of)
        if row:
            progress(one.name, f"kept: {in_words(row)}")
        else:
            row = judge.row(one)
            try:
                rows.keep(options.out, row, made_of)
            except OSError as error:
                row.update(status="not judged", reason=str(error))
            progress(one.name, f"{in_words(row)} ({row['seconds']} s)")
        ended.append(row)
        return row
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        futures = [pool.submit(row_of, one) for one in chosen]
        interrupted = False
        for future in futures:
            try:
                future.result()
            except Interrupted:
                interrupted = True
    table = [row for one in chosen for row in ended if row["name"] == one.name]  # in the order of the manifests
    try:
        publish(root, options, table)
        if not interrupted:
            draw_site(options.out, table, runner, commands)
    except Interrupted:
        interrupted = True
    except OSError as error:
        say(f"ci/validate: {error}")
        return OWN_FAULT
    if interrupted:
        say(f"ci/validate: interrupted; {len(table)} of {len(chosen)} are judged, the same command goes on")
        return INTERRUPTED
    return status_of(table)


def publish(root, options, table):
    about = {"date": datetime.date.today().isoformat(), "seconds": options.seconds, **manifests.machine()}
    names = "".join(f" {name}" for name in options.names)
    command = f"ci/validate{names}" + (f" --page {options.page}" if options.page else "")
    matrix.write_json(options.out / "matrix.json", table, about, rows.write_whole)
    for path in filter(None, [options.out / "matrix.md", options.page and options.page.resolve()]):
        rows.write_whole(path, matrix.page(table, about, command, os.path.relpath(path.parent, root)))
    say(f"the matrix: {os.path.relpath(options.out)}/matrix.md, matrix.json")


def draw_site(out, table, runner, commands):
    """The runner's own pages of these runs, down to each check."""
    results = [out / row["name"] / "conformance/results.json" for row in table if row["status"] == "judged"]
    log = out / "site.log"
    log.unlink(missing_ok=True)
    if results and commands.run([runner, "report", *results, "--out", out / "site"], log, out, 300) == 0:
        say(f"every check: {os.path.relpath(out)}/site/index.html")
    elif results:
        say(f"ci/validate: no pages of every check: {complaint(log)}")


def in_words(row):
    if row["status"] != "judged":
        return f"{row['status']}: {row['reason']}"
    counts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(row["verdicts"].items()))
    laws = row.get("laws")
    if not laws:
        return counts
    return f"{counts}; laws: {laws['reason'] or str(len(laws['failed'])) + ' failed'}"


def status_of(table):
    """Laws that fail are shown, but do not count: what they find depends on the time that they have."""
    if any(matrix.sums(row)["unexpected"] for row in table):
        return 1
    if any(row["status"] in ("not judged", "timed out") for row in table):
        return OWN_FAULT
    return UNAVAILABLE if any(row["status"] != "judged" for row in table) else 0
