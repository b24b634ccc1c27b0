"""A campaign from its arguments to its exit status."""
import math
import sys
import traceback
from datetime import datetime
from time import monotonic

from campaign import baseline, builds, corpus, coverage, html, record as records
from campaign.afl import Afl
from campaign.command_line import parse
from campaign.environment import environment
from campaign.findings import Findings, headline
from campaign.fuzzing import Fuzzing, Limits
from campaign.interruption import Abandoned, Interruption
from campaign.libfuzzer import LibFuzzer
from campaign.places import Campaign, must_be_usable
from campaign.progress import Progress
from campaign.replay import Replayer
from campaign.severity import worst_first
from campaign.sharing import Share
from campaign.slices import equal_shares, shares_by_glob, slots
from campaign.stacks import Owners
from campaign.status import CLEAN, FINDINGS, NOTHING_RAN, OWN_FAULT, USAGE, CampaignError
from campaign.targets import find_targets, inputs_in

ENGINES = {"libfuzzer": LibFuzzer, "afl": Afl}


def main(arguments, root):
    try:
        options = parse(arguments, root)
        engine = ENGINES[options.engine](options.timeout)
        if not options.list:
            must_be_usable(options.out)  # before a build that takes minutes
        with Interruption() as interruption:
            if not options.no_build and not builds.build(root, engine.preset, f"for {options.engine}", engine.packages,
                                                         interruption):
                raise Abandoned()
            targets = find_targets(builds.folder_of(options.builds, engine.preset), options.material, options.targets)
            if options.list:
                for target in targets:
                    print(f"{target.name}  {sum(len(inputs_in(folder)) for folder in target.seeds)} inputs")
                return CLEAN
            return Session(root, options, engine, {target.name: target for target in targets}, interruption).run()
    except CampaignError as error:
        print(f"fuzz-campaign: {error}", file=sys.stderr)
        return error.status
    except Abandoned:
        print("fuzz-campaign: ended before anything ran", file=sys.stderr)
        return NOTHING_RAN
    except Exception:  # pylint: disable=broad-exception-caught # the interpreter's own status for it would mean findings
        traceback.print_exc()
        return OWN_FAULT


class Session:
    """One run of the command: a campaign's first, or one that resumes it."""

    def __init__(self, root, options, engine, targets, interruption):
        self._root = root
        self._options = options
        self._known = baseline.load(options.known)
        self._shares = _shares(list(targets), options)
        minutes = sum(self._shares.values()) / options.jobs / 60
        self._engine = engine
        self._targets = targets
        self._interruption = interruption
        self._campaign = Campaign(options.out)
        self._record = records.load(self._campaign.record, engine.name, options.implementation)
        self._progress = Progress(60 * minutes)
        self._env = environment(options.implementation)
        self._replayer = Replayer(engine, Owners(root, options.plugin), interruption, options.implementation)
        self._findings = Findings(self._record, self._campaign.folder / "findings", self._replayer, self._progress.tell)
        self._executions_before = sum(target["executions"] for target in self._record["targets"])
        self._facts = {"started": _now(), "ended": None, "seconds": 0.0, "seed": options.seed, "jobs": options.jobs,
                       "minutes": minutes, "interrupted": False}
        self._started = monotonic()

    def run(self):
        options, resumed = self._options, bool(self._record["sessions"])
        self._record["sessions"].append(self._facts)
        for name in self._targets:
            records.target_of(self._record, name)["notes"] = []
        records.save(self._record, self._campaign.record)  # from now on the folder is a campaign's, whatever comes
        self._progress.tell(f"{'resuming' if resumed else 'fuzzing'} {len(self._targets)} targets for "
                            f"{self._facts['minutes']:g} minutes on {options.jobs} jobs, seed {options.seed}, into {options.out}")
        status = None
        try:
            self._findings.recheck(self._targets)
            share = Share(options.share, self._progress.tell) if options.share else None
            Fuzzing(self._engine, self._campaign, self._record, self._findings, self._replayer, self._env, options.seed,
                    self._interruption, self._progress, self._limits(), share).fuzz(
                        self._targets, slots(self._shares, options.jobs))
            self._save()
            self._afterwards()
        except Abandoned:
            self._progress.tell("ending at once")
        except CampaignError as error:
            self._progress.tell(f"fuzz-campaign: {error}")
            status = error.status
        finally:
            self._facts["interrupted"] = self._interruption.requested and status is None
            self._interruption.last_word()
            self._save()
        return self._conclude() if status is None else status

    def _limits(self):
        return Limits(60 * self._options.until_quiet if self._options.until_quiet else math.inf,
                      self._has_news if self._options.stop_at_first else lambda: False)

    def _has_news(self):
        baseline.mark(self._record["findings"], self._known)
        return bool(records.new_findings(self._record))

    def _afterwards(self):
        """What is done with what was found, in the order of its worth, until an end is asked for."""
        if not self._interruption.requested:
            self._progress.tell("minimising what was found, and the corpora")
        self._findings.triage(self._targets, self._options.minimise_seconds, self._interruption)
        for target in self._targets.values():
            facts, place = records.target_of(self._record, target.name), self._campaign.of(target)
            if self._interruption.requested:
                facts["notes"].append("interrupted: the corpus is not minimised")
                continue
            log = self._campaign.folder / "logs" / f"{target.name}-merge.log"
            note = corpus.merge(self._engine, target, place, self._env, self._interruption, log)
            if note:
                facts["notes"].append(note)
            facts["slowest"] = corpus.slowest(self._engine, target, place, self._env, self._interruption,
                                              log.with_name(f"{target.name}-times.log"))
        if self._options.no_coverage or self._interruption.requested:
            return
        self._save()
        self._progress.tell(f"the report is {self._campaign.report}; what it has yet to get is coverage")
        if not self._options.no_build and not builds.build(self._root, coverage.PRESET, "to measure coverage", ["clang"],
                                                           self._interruption):
            return
        self._progress.tell("measuring what the corpora cover")
        self._record["coverage"] = coverage.measure(
            builds.folder_of(self._options.builds, coverage.PRESET), self._targets, self._campaign, self._root, self._env,
            self._interruption)

    def _save(self):
        self._facts["ended"] = _now()
        self._facts["seconds"] = round(monotonic() - self._started, 1)
        for name, target in self._targets.items():
            records.target_of(self._record, name)["corpus"] = self._campaign.of(target).size()
        baseline.mark(self._record["findings"], self._known)
        records.save(self._record, self._campaign.record)
        self._campaign.report.write_text(html.render(self._record, self._engine.edges_are))

    def _conclude(self):
        findings = worst_first(records.new_findings(self._record))
        for finding in findings:
            print(f"\n{headline(finding)}\n  target       {finding['target']}\n  severity     {finding.get('severity')}\n"
                  f"  belongs to   {finding['belongs_to']}\n"
                  f"  fails        {finding['reproduced'] or 'not tried again'}\n  reproduce    {finding['reproduce']}")
            if finding.get("replay"):
                print(f"  replay       {finding['replay']}")
        for entry in baseline.without_a_finding(self._record["findings"], self._known):
            print(f"\nknown, but not found: {entry}: remove it from {self._options.known}")
        if self._options.write_known:
            self._options.write_known.write_text(baseline.text_of(findings, headline))
        summary = self._record["summary"]
        ran = summary["executions"] - self._executions_before
        known = f" and {summary['known']} that are known" if summary["known"] else ""
        print(f"\n{ran} executions, {len(findings)} findings{known}; the report is {self._campaign.report}")
        if findings:
            return FINDINGS
        return CLEAN if ran else NOTHING_RAN


def _shares(names, options):
    """The seconds of fuzzing of each target."""
    if not isinstance(options.minutes, list):
        return equal_shares(names, 60 * options.minutes, options.jobs)
    shares, left_out = shares_by_glob(names, options.minutes)
    if left_out:
        raise CampaignError(f"--minutes: no glob matches {', '.join(left_out)}: add *=N, or choose with --targets", USAGE)
    return shares


def _now():
    return datetime.now().astimezone().isoformat(timespec="seconds")
