"""The time of fuzzing: who runs in which lane, what each run tells, and what is to be done when one ends."""
import signal
from time import monotonic

from campaign import known, record as records
from campaign.signature import Signature
from campaign.status import NO_IMPLEMENTATION, CampaignError

GRACE = 10  # seconds beyond its time until a run is ended by force
TICK = 0.5
SAVE_EVERY = 10
WORTH_STARTING = 1  # second: what is left of a slice may be too short for anything
FALSE_STARTS = 5  # in a row, until a target that cannot even begin is given up


class Slice:
    """A target's turn in a lane; it may take several runs, for a run ends with what it finds."""

    def __init__(self, target, seconds):
        self.target = target
        self.seconds = seconds
        self.until = None
        self.false_starts = 0


class Lane:
    def __init__(self, index, slices):
        self.index = index
        self.slices = slices
        self.run = None
        self.runs = 0

    @property
    def slice(self):
        return self.slices[0] if self.slices else None


class Fuzzing:
    """Fuzzes all slices of all lanes. `record` is kept up to date, and saved now and then."""

    def __init__(self, engine, campaign, record, findings, replayer, env, seed, interruption, progress):
        self._engine = engine
        self._campaign = campaign
        self._record = record
        self._findings = findings
        self._replayer = replayer
        self._env = env
        self._seed = seed
        self._interruption = interruption
        self._progress = progress
        self._places = {}

    def fuzz(self, targets, lanes):
        """lanes: for each the (name, seconds) of its slices. What an earlier session left in a target's folder of artifacts
        is harvested with what its next run finds."""
        for target in targets.values():
            self._places[target.name] = self._campaign.of(target)
            self._places[target.name].add_seeds(target.seeds)
            self._try_known(target)
        active = [Lane(index, [Slice(targets[name], seconds) for name, seconds in lane])
                  for index, lane in enumerate(lanes)]
        save_at = monotonic() + SAVE_EVERY
        try:
            while any(lane.slices for lane in active) and not self._interruption.requested:
                for lane in active:
                    self._advance(lane)
                self._progress.show(self._record, [lane.slice.target.name for lane in active if lane.run])
                if monotonic() >= save_at:
                    records.save(self._record, self._campaign.record)
                    save_at = monotonic() + SAVE_EVERY
                self._interruption.wait(TICK)
        finally:
            self._stop([lane for lane in active if lane.run])

    def _try_known(self, target):
        place, log = self._places[target.name], self._campaign.folder / "logs" / f"{target.name}-known.log"
        for path, signature, report in known.failing(self._engine, target, place, self._env, self._interruption,
                                                     self._replayer, log):
            data = path.read_bytes()
            self._findings.add(target, signature, report, data,
                               records.target_of(self._record, target.name)["fuzz_seconds"])
            place.remove(data)

    def _advance(self, lane):
        if lane.run:
            self._look(lane)
        if lane.run is None:
            pass
        elif lane.run.process.ended():
            self._finish(lane)
        elif monotonic() > lane.slice.until + self._engine.timeout(lane.slice.target) + GRACE:
            lane.run.process.kill()
            self._finish(lane, Signature("does not end, not even by its own clock"))
        if lane.run is None and lane.slice:
            self._start(lane)

    def _start(self, lane):
        now = monotonic()
        piece = lane.slice
        piece.until = piece.until or now + piece.seconds
        left = piece.until - now
        if left < WORTH_STARTING and piece.false_starts + lane.runs > 0:
            lane.slices.pop(0)
            return
        lane.runs += 1
        place = self._places[piece.target.name]
        log = self._campaign.folder / "logs" / f"{piece.target.name}-{lane.index}.log"
        lane.run = self._engine.start(piece.target, place, max(left, WORTH_STARTING),
                                      run_seed(self._seed, lane.index, lane.runs), self._env, log)
        facts = self._facts(lane)
        lane.started, lane.known = now, (facts["executions"], facts["fuzz_seconds"])
        lane.counted = [0, 0.0]

    def _facts(self, lane):
        return records.target_of(self._record, lane.slice.target.name)

    def _look(self, lane):
        """What the run has told by now; other lanes may be adding to the same target."""
        facts, run = self._facts(lane), lane.run
        run.look()
        seconds = monotonic() - lane.started
        facts["executions"] += run.executions - lane.counted[0]
        facts["fuzz_seconds"] += seconds - lane.counted[1]
        lane.counted = [run.executions, seconds]
        if run.edges:
            records.add_point(facts, facts["fuzz_seconds"], run.edges, run.features, facts["executions"])

    def _finish(self, lane, signature=None):
        """A run has ended: by its time, by what it found, or by what `signature` says."""
        run, piece = lane.run, lane.slice
        self._look(lane)
        facts = self._facts(lane)
        if self._engine.counts_cpu_seconds:
            facts["cpu_seconds"] += run.process.cpu_seconds
        executions, report = run.executions, run.report()
        found = self._collect(piece.target, run.harvest(), report)
        lane.run = None
        if not found and run.process.status != 0 and not self._interruption.requested:
            self._findings.add(piece.target, signature or self._how_it_ended(piece.target, run, report), report, None,
                               facts["fuzz_seconds"], run.process.command)
            found = True
        piece.false_starts = 0 if executions > 1000 or not found else piece.false_starts + 1
        if piece.false_starts == FALSE_STARTS:
            facts["notes"].append(f"given up after {FALSE_STARTS} runs that failed at once: mend "
                                  "what it finds first")
            self._progress.tell(f"{piece.target.name}: {facts['notes'][-1]}")
            lane.slices.pop(0)
        elif monotonic() >= piece.until - WORTH_STARTING:
            lane.slices.pop(0)

    def _how_it_ended(self, target, run, report):
        """Of a run that left no input, though its time was not over. What is no finding is raised."""
        status = run.process.status
        last_words = "\n".join(report.splitlines()[-5:])
        if status == NO_IMPLEMENTATION:
            raise CampaignError(f"{target.name}: the implementation cannot be started:\n{last_words}", NO_IMPLEMENTATION)
        if status == -signal.SIGKILL:
            return Signature("killed from outside (SIGKILL: was there too little memory?)")
        signature = self._replayer.signature(report)
        if signature is None and status < 0:
            return Signature(f"ended with signal {-status}")
        if signature is None:
            raise CampaignError(f"{target.name}: the engine ended with exit status {status}:\n{last_words}\n"
                                f"the command was: {' '.join(run.process.command)}")
        return signature

    def _collect(self, target, paths, report=None):
        """Makes findings of inputs that were found to be wrong. `report`, of the run that found a single one, says how."""
        paths = list(paths)
        place, facts = self._places[target.name], records.target_of(self._record, target.name)
        for path in paths:
            data = path.read_bytes()
            signature = self._replayer.signature(report) if report and len(paths) == 1 else None
            told = report
            if signature is None:
                signature, told = self._replayer.crash(target, path)
            signature = signature or Signature("failed once, and not when it was tried again")
            self._findings.add(target, signature, told, data, facts["fuzz_seconds"])
            place.remove(data)
            path.unlink()
        return bool(paths)

    def _stop(self, lanes):
        """Ends what runs, in order: engines save what they have."""
        for lane in lanes:
            lane.run.process.send(self._engine.stop_signal)
        until = monotonic() + GRACE
        for lane in lanes:
            while not lane.run.process.ended() and monotonic() < until:
                self._interruption.wait(min(TICK, until - monotonic()))
            lane.run.process.kill()
            self._interruption.requested = True
            self._finish(lane)


def run_seed(seed, lane, run):
    """Another one for each run: the same seed on a corpus that hardly grew would do the same again."""
    return (seed + 1000003 * lane + run) % 2 ** 31
