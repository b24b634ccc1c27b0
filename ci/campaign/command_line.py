"""The arguments of ci/fuzz-campaign."""
import argparse
import os
import pathlib
import random
import sys

from campaign.status import NO_IMPLEMENTATION, USAGE, CampaignError

_PLUGIN = "plugin:"
_EPILOG = """exit status: 0 nothing found, 1 findings, 3 nothing meaningful ran, 64 wrong usage, 66 the implementation
cannot be started, 69 packages are missing, 70 the suite's own fault. docs/campaigns.md tells how to read what is found."""


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        print(f"{self.prog}: {message}\n{self.prog} --help tells what there is", file=sys.stderr)
        sys.exit(USAGE)


def _positive(kind):
    def parse(text):
        value = kind(text)
        if not 0 < value < 1e6:
            raise argparse.ArgumentTypeError(f"{text}: must be above 0 and below a million")
        return value
    parse.__name__ = "number"  # as argparse says it: invalid number value
    return parse


def _minutes(text):
    """A number for all, or a list of (glob, number)."""
    if "=" not in text:
        return _positive(float)(text)
    pairs = [part.rpartition("=") for part in text.split(",")]
    return [(glob, _positive(float)(number)) for glob, _, number in pairs]


_minutes.__name__ = "number"


def parse(arguments, root):
    parser = _Parser(prog="fuzz-campaign", description="Fuzzes the targets of fuzz/, and reports what it finds.",
                     epilog=_EPILOG)
    parser.add_argument("--targets", default="*", metavar="GLOB", help="only these; globs, separated by commas")
    parser.add_argument("--minutes", type=_minutes, default=10, metavar="N|GLOB=N,...",
                        help="of fuzzing, all targets together; or of one job for each target that a glob matches, the first "
                             "that does; default: 10")
    parser.add_argument("--until-quiet", type=_positive(float), metavar="N",
                        help="end a target's turn when it has had nothing new for N minutes; the others get the rest of its time")
    parser.add_argument("--stop-at-first", action="store_true",
                        help="end the fuzzing with the first finding that is not known")
    parser.add_argument("--jobs", type=_positive(int), default=os.cpu_count(), metavar="N",
                        help="how many to run at a time; default: one for each processor")
    parser.add_argument("--implementation", metavar="plugin:PATH.so",
                        help="arguments for the targets that compare implementations")
    parser.add_argument("--engine", choices=("libfuzzer", "afl"), default="libfuzzer")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("build/campaign"), metavar="DIR",
                        help="where all of it goes; one that is there already is resumed; default: build/campaign")
    parser.add_argument("--share", type=pathlib.Path, metavar="DIR",
                        help="a folder in which campaigns on several machines meet: each has what any of them finds")
    parser.add_argument("--seed", type=int, help="default: another one each time; it is printed and recorded")
    parser.add_argument("--list", action="store_true", help="name the targets, and how many inputs each starts from")
    parser.add_argument("--timeout", type=_positive(int), metavar="SECONDS",
                        help="for a single input; default: what the target's options say, or 25")
    parser.add_argument("--minimise-seconds", type=_positive(float), default=60, metavar="N",
                        help="for the input of each finding; default: 60")
    parser.add_argument("--known", type=pathlib.Path, metavar="FILE",
                        help="findings that are known, each with a reason: they do not count for the exit status")
    parser.add_argument("--write-known", type=pathlib.Path, metavar="FILE",
                        help="write such a file of what is found and not known; its reasons are for you to write")
    parser.add_argument("--no-coverage", action="store_true", help="leave out the build and the replay that measure it")
    parser.add_argument("--no-build", action="store_true", help="take the builds as they are")
    parser.add_argument("--builds", type=pathlib.Path, default=root / "build", metavar="DIR",
                        help="where builds lie; default: build/")
    parser.add_argument("--material", type=pathlib.Path, default=root / "fuzz", metavar="DIR",
                        help="where corpus/ and regressions/ lie; default: fuzz/")
    options = parser.parse_args(arguments)
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1, 2 ** 31)
    options.plugin = None
    if options.implementation:
        if not options.implementation.startswith(_PLUGIN):
            raise CampaignError(f"--implementation {options.implementation}: fuzz targets take plug-ins only, "
                                "plugin:PATH.so", USAGE)
        options.plugin = pathlib.Path(options.implementation[len(_PLUGIN):])
        if not options.plugin.is_file():
            raise CampaignError(f"--implementation {options.implementation}: there is no file {options.plugin}",
                                NO_IMPLEMENTATION)
        options.plugin = options.plugin.resolve()
        options.implementation = f"{_PLUGIN}{options.plugin}"
    return options
