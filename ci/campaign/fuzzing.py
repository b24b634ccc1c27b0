"""The time of fuzzing: which run is in which slot, what each run reports, and what follows when one ends."""
import math
import signal
from time import monotonic

from campaign import known, record as records
from campaign.progress import clock, short
from campaign.signature import Signature
from campaign.status import NO_IMPLEMENTATION, CampaignError

GRACE = 10  # seconds beyond its time until a run is ended by force
TICK = 0.5
SAVE_EVERY = 10
EXCHANGE_EVERY = 10  # with other machines
WORTH_STARTING = 1  # second: what is left of a slice may be too short for anything
FALSE_STARTS = 5  # in a row, until a target that cannot even begin is given up
BEGUN = 10  # executions beyond those of its corpus: a run that made them has begun, though it may soon find the same again


class Limits:
    """What ends fuzzing before its time. `quiet`: seconds without anything new that end a target's turn. `enough()`: whether
    nothing more is wanted of any."""

    def __init__(self, quiet=math.inf, enough=lambda: False):
        self.quiet = quiet
        self.enough = enough


class Slice:
    """A target's turn in a slot; it may take several runs, for a run ends with what it finds."""

    def __init__(self, target, seconds):
        self.target = target
        self.seconds = seconds
        self.until = None
        self.false_starts = 0
        self.seen = (0, 0, 0)  # edges, features, findings
        self.new_at = None


class Slot:
    def __init__(self, index, slices):
        self.index = index
        self.slices = slices
        self.run = None
        self.runs = 0

    @property
    def slice(self):
        return self.slices[0] if self.slices else None


class Fuzzing:
    """Fuzzes all slices of all slots. `record` is kept up to date, and saved now and then."""

    def __init__(self, engine, campaign, record, findings, replayer, env, seed, interruption, progress, limits, share=None):
        self._engine = engine
        self._campaign = campaign
        self._record = record
        self._findings = findings
        self._replayer = replayer
        self._env = env
        self._seed = seed
        self._interruption = interruption
        self._progress = progress
        self._limits = limits
        self._share = share
        self._places = {}
        self._slots = []
        self._quiet = set()  # names of targets that had nothing new for too long

    def fuzz(self, targets, slots):
        """slots: for each the (name, seconds) of its slices. What an earlier session left in a target's folder of artifacts
        comes first."""
        for target in targets.values():
            self._places[target.name] = self._campaign.of(target)
            self._places[target.name].add_seeds(target.seeds)
            self._collect(target, self._places[target.name].left_artifacts())
            self._exchange(target)
            self._try_known(target)
        active = self._slots = [Slot(index, [Slice(targets[name], seconds) for name, seconds in slot])
                                for index, slot in enumerate(slots)]
        save_at, exchange_at = monotonic() + SAVE_EVERY, monotonic() + EXCHANGE_EVERY
        try:
            while any(slot.slices for slot in active) and not self._interruption.requested:
                if self._limits.enough():
                    self._progress.tell("ending with the first finding")
                    self._stop([slot for slot in active if slot.run])
                    break
                for slot in active:
                    self._advance(slot)
                self._progress.show(self._record, [self._what_runs(slot) for slot in active if slot.run])
                if monotonic() >= save_at:
                    records.save(self._record, self._campaign.record)
                    save_at = monotonic() + SAVE_EVERY
                if monotonic() >= exchange_at:
                    for slot in active:
                        if slot.run:
                            self._exchange(slot.slice.target)
                    exchange_at = monotonic() + EXCHANGE_EVERY
                self._interruption.wait(TICK)
        finally:
            running = [slot for slot in active if slot.run]
            if running:
                self._interruption.requested = True
            self._stop(running)
            for target in targets.values():
                self._exchange(target)

    def _exchange(self, target):
        """With the campaigns on other machines. What failed there is a finding here if it fails here."""
        if not self._share:
            return
        gone = [finding.get("kept_as") for finding in self._record["findings"] if finding["status"] == "gone"]
        self._collect(target, self._share.exchange(target, self._places[target.name], gone), are_of_others=True)

    def _try_known(self, target):
        place, log = self._places[target.name], self._campaign.folder / "logs" / f"{target.name}-known.log"
        for path, signature, report in known.failing(self._engine, target, place, self._env, self._interruption,
                                                     self._replayer, log):
            data = path.read_bytes()
            self._add(target, signature, report, data)
        self._findings.collect(target, place.found, records.target_of(self._record, target.name)["fuzz_seconds"])

    def _advance(self, slot):
        if slot.run:
            self._look(slot)
        if slot.run is None:
            pass
        elif slot.run.process.ended():
            self._finish(slot)
        elif monotonic() - slot.slice.new_at > self._limits.quiet:
            self._progress.tell(f"{slot.slice.target.name}: nothing new for {self._limits.quiet / 60:g} minutes")
            left, slot.slice.until = slot.slice.until - monotonic(), monotonic()
            self._quiet.add(slot.slice.target.name)
            self._stop([slot])
            self._give_away(slot, left)
        elif monotonic() > slot.slice.until + self._engine.timeout(slot.slice.target) + GRACE:
            slot.run.process.kill()
            self._finish(slot, Signature("does not end, not even by its own clock"))
        if slot.run is None and slot.slice:
            self._start(slot)

    def _give_away(self, slot, seconds):
        """The time that a quiet target leaves goes to what comes next in its slot, or else to the target that had something new
        last."""
        growing = [other.slice for other in self._slots if other.run and other.slice.target.name not in self._quiet]
        for piece in slot.slices:
            piece.seconds += seconds / len(slot.slices)
        if not slot.slices and growing and seconds >= WORTH_STARTING:
            slot.slices.append(Slice(max(growing, key=lambda piece: piece.new_at).target, seconds))

    def _start(self, slot):
        now = monotonic()
        piece = slot.slice
        if piece.until is None:
            piece.until, piece.new_at = now + piece.seconds, now
        left = piece.until - now
        if left < WORTH_STARTING and piece.false_starts + slot.runs > 0:
            slot.slices.pop(0)
            return
        slot.runs += 1
        place = self._places[piece.target.name]
        log = self._campaign.folder / "logs" / f"{piece.target.name}-{slot.index}.log"
        slot.run = self._engine.start(piece.target, place, slot.index, max(left, WORTH_STARTING),
                                      run_seed(self._seed, slot.index, slot.runs), place.environment(self._env), log)
        facts = self._facts(slot)
        slot.started, slot.known = now, (facts["executions"], facts["fuzz_seconds"])
        slot.counted = [0, 0.0]
        slot.inputs = place.size()["files"]

    def _what_runs(self, slot):
        """A target, how fast it is, and for how long it has had nothing new."""
        speed = slot.run.executions / max(monotonic() - slot.started, 1)
        return f"{slot.slice.target.name} {short(speed)}/s new {clock(monotonic() - slot.slice.new_at)} ago"

    def _facts(self, slot):
        return records.target_of(self._record, slot.slice.target.name)

    def _look(self, slot):
        """What the run has reported by now; other slots may be adding to the same target."""
        facts, run = self._facts(slot), slot.run
        run.look()
        seconds = monotonic() - slot.started
        facts["executions"] += run.executions - slot.counted[0]
        facts["fuzz_seconds"] += seconds - slot.counted[1]
        slot.counted = [run.executions, seconds]
        self._findings.collect(slot.slice.target, self._places[slot.slice.target.name].found, facts["fuzz_seconds"])
        self._note_what_is_new(slot)
        if run.edges:
            records.add_point(facts, facts["fuzz_seconds"], run.edges, run.features, facts["executions"])

    def _note_what_is_new(self, slot):
        piece, run = slot.slice, slot.run
        findings = sum(finding["target"] == piece.target.name for finding in self._record["findings"])
        seen = tuple(map(max, piece.seen, (run.edges, run.features, findings)))
        if seen != piece.seen:
            piece.seen, piece.new_at = seen, monotonic()

    def _finish(self, slot, signature=None, stopped=False):
        """A run has ended: by its time, by what it found, because it was asked to, or by what `signature` says."""
        run, piece = slot.run, slot.slice
        self._look(slot)
        facts = self._facts(slot)
        if self._engine.counts_cpu_seconds:
            facts["cpu_seconds"] += run.process.cpu_seconds
        executions, report = run.executions, run.report()
        found = self._collect(piece.target, run.harvest(), report)
        slot.run = None
        if not found and run.process.status != 0 and not stopped and not self._interruption.requested:
            self._findings.add(piece.target, signature or self._how_it_ended(piece.target, run, report), report, None,
                               facts["fuzz_seconds"], run.process.command)
            found = True
        piece.false_starts = 0 if executions > slot.inputs + BEGUN or not found else piece.false_starts + 1
        if piece.false_starts == FALSE_STARTS:
            facts["notes"].append(f"given up after {FALSE_STARTS} runs that failed at once: fix "
                                  "what it finds first")
            self._progress.tell(f"{piece.target.name}: {facts['notes'][-1]}")
            slot.slices.pop(0)
        elif monotonic() >= piece.until - WORTH_STARTING:
            slot.slices.pop(0)

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

    def _collect(self, target, paths, report=None, are_of_others=False):
        """Makes findings of inputs that were found to be wrong. `report`, of the run that found a single one, says how. What
        others have found and does not fail here is none."""
        paths = list(paths)
        for path in paths:
            data = path.read_bytes()
            signature = self._replayer.signature(report) if report and len(paths) == 1 else None
            crash_report = report
            if signature is None:
                signature, crash_report = self._replayer.crash(target, path)
            if signature or not are_of_others:
                self._add(target, signature or Signature("failed once, and not when it was tried again"), crash_report, data)
            path.unlink()
        return bool(paths)

    def _add(self, target, signature, report, data):
        self._findings.add(target, signature, report, data, records.target_of(self._record, target.name)["fuzz_seconds"])
        self._places[target.name].remove(data)
        if self._share:
            self._share.give_crash(target, data)

    def _stop(self, slots):
        """Ends what runs, in order: engines save what they have."""
        for slot in slots:
            slot.run.process.send(self._engine.stop_signal)
        until = monotonic() + GRACE
        for slot in slots:
            while not slot.run.process.ended() and monotonic() < until:
                self._interruption.wait(min(TICK, until - monotonic()))
            slot.run.process.kill()
            self._finish(slot, stopped=True)


def run_seed(seed, slot, run):
    """Another one for each run: the same seed on a corpus that hardly grew would do the same again."""
    return (seed + 1000003 * slot + run) % 2 ** 31
