"""AFL++ as the engine: its command lines, and what its files tell."""
import os
import shutil
import signal

from campaign.processes import Process

# AFL++ must follow its options, on any machine and without a terminal (its docs/env_variables.md).
_ENVIRONMENT = {
    "AFL_NO_UI": "1",
    "AFL_NO_AFFINITY": "1",
    "AFL_SKIP_CPUFREQ": "1",
    "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1",
    "AFL_ALLOW_TMP": "1",
}
# afl-fuzz wants sanitizers to abort and to leave the symbolizing to others.
_SANITIZERS = {"ASAN_OPTIONS": "abort_on_error=1:symbolize=0:detect_leaks=0:quarantine_size_mb=1",
               "UBSAN_OPTIONS": "abort_on_error=1:symbolize=0"}
_MEMORY = "2560"  # MB of a target, as OSS-Fuzz's runner has it


class Afl:
    name = "afl"
    preset = "fuzz-afl"
    packages = ["clang", "afl"]
    edges_are = "Edges (AFL++'s edges_found)"
    counts_cpu_seconds = False  # no process waits for its targets
    stop_signal = signal.SIGINT

    def __init__(self, timeout=None):
        self._timeout = timeout
        self._mains = {}  # the slot of the main instance, by target

    def timeout(self, target):
        return int(self._timeout or target.options.get("timeout", 25))

    @staticmethod
    def _env(env):
        return {**env, **_ENVIRONMENT, **_SANITIZERS}

    def start(self, target, place, slot, seconds, seed, env, log):
        """Fuzzes `target` on a copy of place.corpus for so long, together with those of other slots that fuzz it."""
        output, instance = place.scratch / "afl", f"slot{slot}"
        shutil.rmtree(output / instance, ignore_errors=True)
        is_main = self._mains.setdefault(target.name, slot) == slot
        # Whatever others add to the corpus is for the main one to take.
        together = ["-M", instance, "-F", place.corpus] if is_main else ["-S", instance]
        if not any(place.corpus.iterdir()):
            (place.corpus / "one-zero").write_bytes(b"\0")  # afl-fuzz does not start from nothing
        command = ["afl-fuzz", "-i", place.corpus, "-o", output, *together, "-V", max(1, round(seconds)), "-s", seed % 2 ** 31,
                   "-t", self.timeout(target) * 1000, "-m", "none"]
        if target.dictionary:
            command += ["-x", target.dictionary]
        process = Process([*command, "--", target.program], log, self._env(env))
        return AflRun(process, output / instance, place, place.artifacts_of(slot))

    def replay_command(self, target, file):
        return [str(target.program), str(file)]

    def merge(self, target, into, corpus, env, log):
        return Process(["afl-cmin", "-i", corpus, "-o", into, "-m", "none", "-t", self.timeout(target) * 1000, "--",
                        target.program], log, self._env(env))

    def run_inputs(self, target, files, env, log):
        return Process([target.program, *files], log, env)

    @staticmethod
    def last_begun(output):
        """Its driver's words are lost in a crash."""

    def time_inputs(self, target, files, env, log):
        """AFL++ times nothing that it replays."""

    @staticmethod
    def times(output):
        return {}


class AflRun:
    """One afl-fuzz. `edges` and `executions` are as last reported; it knows no features."""

    features = 0

    def __init__(self, process, own, place, artifacts):
        self.process = process
        self._own = own
        self._place = place
        self._artifacts = artifacts
        self.edges = self.executions = 0

    def look(self):
        plot, stats = self._own / "plot_data", self._own / "fuzzer_stats"
        if plot.exists():
            last = plot.read_text().splitlines()[-1].split(", ")
            if len(last) >= 13 and last[0].isdigit():
                self.executions, self.edges = int(last[11]), int(last[12])
        if stats.exists():
            stats_lines = dict(line.split(":", 1) for line in stats.read_text().splitlines() if ":" in line)
            numbers = {name.strip(): value.strip() for name, value in stats_lines.items()}
            self.executions = max(self.executions, int(numbers.get("execs_done", 0)))
            self.edges = max(self.edges, int(numbers.get("edges_found", 0)))

    def report(self):
        return ""  # a replay says what was found

    def harvest(self):
        """New inputs go to the corpus; what crashed or hung is the caller's."""
        queue = self._own / "queue"
        for path in sorted(queue.glob("id:*")) if queue.exists() else []:
            self._place.add(path.read_bytes())
        found = []
        for folder, prefix in (("crashes", "crash"), ("hangs", "timeout")):
            for path in sorted((self._own / folder).glob("id:*")):
                moved = self._artifacts / f"{prefix}-{path.name.split(',')[0].replace(':', '')}"
                os.replace(path, moved)
                found.append(moved)
        shutil.rmtree(self._own, ignore_errors=True)
        return found
