"""Failures that are not the suite's: those of known.toml, and the emulator's, which has baselines as an implementation has."""
import fnmatch
import pathlib
import tomllib

from crossing.targets import TARGETS, is_native, processor
from guests import comparison

BASELINES = pathlib.Path(__file__).resolve().parents[2] / "conformance/baselines"


def _of_emulator(name):
    """Globs over checks, each with its reason."""
    target = TARGETS[name]
    baseline = BASELINES / f"qemu-{processor(target)}.toml"
    if is_native(target) or not baseline.exists():
        return []
    entries = tomllib.loads(baseline.read_text(encoding="utf-8"))["known"]
    return [(entry["check"], f"QEMU: {entry['reason']}") for entry in entries]


class Known:
    def __init__(self, names):
        self._own = comparison.Known(pathlib.Path(__file__).with_name("known.toml"), "targets")
        self._of_emulators = {name: _of_emulator(name) for name in names}

    def finding(self, name, run, check):
        """Which one this failure belongs to; None: none."""
        of_emulator = (reason for glob, reason in self._of_emulators[name] if fnmatch.fnmatchcase(check, glob))
        return self._own.finding(name, run, check) or next(of_emulator, None)
