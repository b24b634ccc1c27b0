"""A folder in which campaigns on several machines meet: in the end each has what any of them found.

    TARGET/corpus/SHA1    inputs
    TARGET/crashes/SHA1   inputs that fail
    TARGET/found/STEM.*   what the target keeps by itself

A file is named by what is in it, or by the finding that it is of, and is not changed once it is there: campaigns need no lock,
and a client that copies the folder to another place and back may do so at any time, and in any order.
"""
import os

from campaign.places import content_name

_PARTS = ("corpus", "crashes", "found")


class Share:
    """The folder. What cannot be read or written there is reported once, and the campaign goes on by itself."""

    def __init__(self, folder, tell):
        self._folder = folder
        self._tell = tell
        self._has_failed = False
        self._taken = set()  # crashes that were given or taken by this session

    def exchange(self, target, place, gone=()):
        """Gives what `place` has and the folder has not, and takes the reverse, but for what is `gone` (stems of what the target
        keeps). Returns the inputs to be tried: those that failed elsewhere, in files that are the caller's."""
        try:
            corpus, crashes, found = (self._folder / target.name / part for part in _PARTS)
            for part in (corpus, crashes, found):
                part.mkdir(parents=True, exist_ok=True)
            failing = _names(crashes)
            _copy_inputs(place.corpus, corpus, without=failing)
            _copy_inputs(corpus, place.corpus, without=failing)
            _copy_found(place.found, found)
            _copy_found(found, place.found, without=gone)
            return self._take_crashes(target, crashes, place.artifacts_of("shared"))
        except OSError as error:
            self._fail(error)
            return []

    def give_crash(self, target, data):
        name = content_name(data)
        self._taken.add((target.name, name))
        try:
            crashes = self._folder / target.name / "crashes"
            crashes.mkdir(parents=True, exist_ok=True)
            if not (crashes / name).exists():
                _write(crashes / name, data)
        except OSError as error:
            self._fail(error)

    def _take_crashes(self, target, crashes, into):
        taken = []
        for name in sorted(_names(crashes)):
            data = None if (target.name, name) in self._taken else _whole(crashes / name)
            if data is not None:
                self._taken.add((target.name, name))
                taken.append(into / f"crash-{name}")
                taken[-1].write_bytes(data)
        return taken

    def _fail(self, error):
        if not self._has_failed:
            self._tell(f"--share {self._folder}: {error.strerror or error}: what others find is not seen until it works again")
        self._has_failed = True


def _names(folder):
    """Of the whole files; what is still being written begins with a dot."""
    return {entry.name for entry in os.scandir(folder) if not entry.name.startswith(".") and entry.is_file()}


def _whole(path):
    """An input, or None while it is not what its name says: only a part of it has been copied yet."""
    data = path.read_bytes()
    return data if content_name(data) == path.name else None


def _write(path, data):
    draft = path.with_name(f".{path.name}.{os.uname().nodename}-{os.getpid()}")
    draft.write_bytes(data)
    os.replace(draft, path)


def _copy_inputs(source, into, without):
    for name in _names(source) - _names(into) - without:
        try:
            data = _whole(source / name)
        except FileNotFoundError:
            continue  # the engine has replaced it by a smaller one
        if data is not None:
            _write(into / name, data)


def _copy_found(source, into, without=()):
    """Whole ones: a finding is there once its .json is."""
    for name in sorted(_names(source) - _names(into)):
        path = source / name
        scenario = path.with_suffix(".scenario")
        if path.suffix == ".json" and path.stem not in without and scenario.exists():
            _write(into / scenario.name, scenario.read_bytes())
            _write(into / name, path.read_bytes())
