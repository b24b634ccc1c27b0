"""libFuzzer as the engine: its command lines, and what its output tells."""
import pathlib
import re
import signal

from campaign.processes import LogReader, Process

# What a target's options do not say is as OSS-Fuzz's runner has it.
DEFAULTS = {"timeout": "25", "rss_limit_mb": "2560"}

_STATUS = re.compile(r"^#(\d+)\s+[\w-]+\s+cov: (\d+) ft: (\d+) ")
_EXECUTED_UNITS = re.compile(r"^stat::number_of_executed_units:\s*(\d+)")
_BEGUN = re.compile(r"^Running: (.*)$", re.M)
_EXECUTED = re.compile(r"^Executed (.*) in (\d+) ms$", re.M)
_FINDING_PREFIXES = ("crash-", "timeout-", "oom-", "leak-")


class LibFuzzer:
    name = "libfuzzer"
    preset = "fuzz"
    packages = ["clang"]
    edges_are = "Edges (libFuzzer's cov)"
    counts_cpu_seconds = True
    stop_signal = signal.SIGINT

    def __init__(self, timeout=None):
        self._timeout = timeout

    def timeout(self, target):
        """The seconds that one input may take."""
        return int(self._timeout or target.options.get("timeout", DEFAULTS["timeout"]))

    def _flags(self, target):
        options = {**DEFAULTS, **target.options, "timeout": self.timeout(target)}
        options.pop("dict", None)  # of OSS-Fuzz's bundle; here it lies beside the target
        return [f"-{flag}={value}" for flag, value in options.items()]

    def start(self, target, place, slot, seconds, seed, env, log):
        """Fuzzes `target` on place.corpus for so long, or until it crashes."""
        artifacts = place.artifacts_of(slot)
        command = [target.program, place.corpus, *self._flags(target), f"-max_total_time={max(1, round(seconds))}",
                   f"-seed={seed % 2 ** 32 or 1}", f"-artifact_prefix={artifacts}/", "-print_final_stats=1"]
        if target.dictionary:
            command.append(f"-dict={target.dictionary}")
        return LibFuzzerRun(Process(command, log, env), artifacts)

    def replay_command(self, target, file):
        return [str(target.program), *self._flags(target), str(file)]

    def merge(self, target, into, corpus, env, log):
        """Copies into the empty folder `into` the inputs that it takes to cover what `corpus` covers."""
        return Process([target.program, "-set_cover_merge=1", *self._flags(target),
                        f"-artifact_prefix={into.parent}/", into, corpus], log, env)

    def run_inputs(self, target, files, env, log):
        """Runs each input once, and ends where one fails: `last_begun` reads from the output which."""
        return Process([target.program, *self._flags(target), *files], log, env)

    @staticmethod
    def last_begun(output):
        begun = _BEGUN.findall(output)
        return pathlib.Path(begun[-1]) if begun else None

    def time_inputs(self, target, files, env, log):
        """Runs each input a hundred times; `times` reads from the output what one took."""
        return Process([target.program, *self._flags(target), "-runs=100", *files], log, env)

    @staticmethod
    def times(output):
        return {file: int(milliseconds) * 10 for file, milliseconds in _EXECUTED.findall(output)}  # microseconds


class LibFuzzerRun:
    """One process that fuzzes. `edges`, `features` and `executions` are as last reported."""

    def __init__(self, process, artifacts):
        self.process = process
        self._reader = LogReader(process.log)
        self._artifacts = artifacts
        self.edges = self.features = self.executions = 0

    def look(self):
        for line in self._reader.lines():
            status = _STATUS.match(line)
            if status:
                self.executions, self.edges, self.features = (int(number) for number in status.groups())
            total = _EXECUTED_UNITS.match(line)
            if total:
                self.executions = int(total.group(1))

    def report(self):
        return self.process.output()

    def harvest(self):
        """The inputs that were found to be wrong; each file is the caller's."""
        return sorted(path for path in self._artifacts.iterdir() if path.name.startswith(_FINDING_PREFIXES))
