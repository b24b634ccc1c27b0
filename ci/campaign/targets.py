"""Fuzz targets as a build offers them: programs, and what lies beside each by its name."""
import configparser
import fnmatch
import pathlib

from campaign.status import USAGE, CampaignError

JUDGED = ("reference", "suite")


class Target:
    """One fuzz target. `options` are libFuzzer's flags; `seeds` are folders of inputs that are known already; `judges` is
    whose failure it is if the target's own oracle speaks."""

    def __init__(self, name, program, seeds, sections, dictionary):
        self.name = name
        self.program = program
        self.seeds = seeds
        self.options = sections.get("libfuzzer", {})
        self.judges = sections.get("campaign", {}).get("judges", JUDGED[0])
        self.dictionary = dictionary


def read_options(path):
    """An options file, as OSS-Fuzz has it: section -> flag -> value. The section [campaign] is ours."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(path.read_text())
    except (configparser.Error, UnicodeDecodeError) as error:
        raise CampaignError(f"{path}: not an options file: {' '.join(str(error).split())}") from error
    judges = parser.get("campaign", "judges", fallback=JUDGED[0])
    if judges not in JUDGED:
        raise CampaignError(f"{path}: judges = {judges}: names none of: {', '.join(JUDGED)}")
    return {name: dict(parser[name]) for name in parser.sections()}


def find_targets(build, material, globs="*"):
    """The targets of `build` (a folder with targets.txt) whose names match one of `globs`, separated by commas."""
    listing = build / "targets.txt"
    if not listing.exists():
        raise CampaignError(f"{listing} does not exist: build the fuzz targets first, or leave out --no-build")
    names = [name for name in listing.read_text().split()]
    chosen = [name for name in names if any(fnmatch.fnmatch(name, glob) for glob in globs.split(","))]
    if not chosen:
        raise CampaignError(f"--targets {globs}: matches none of: {', '.join(names) or '(there are no targets)'}", USAGE)
    return [_target(build, material, name) for name in chosen]


def _target(build, material, name):
    program = build / f"fuzz_{name}"
    if not program.exists():
        raise CampaignError(f"{program} does not exist, though {build / 'targets.txt'} names it: build it")
    options = build / f"fuzz_{name}.options"
    dictionary = build / f"fuzz_{name}.dict"
    seeds = [material / "corpus" / name, material / "regressions" / name]
    return Target(name, program.resolve(), [folder for folder in seeds if folder.is_dir()],
                  read_options(options) if options.exists() else {}, dictionary if dictionary.exists() else None)


def inputs_in(folder):
    """All files below a folder, in an order that does not depend on the file system."""
    return sorted(path for path in pathlib.Path(folder).rglob("*") if path.is_file())
