"""Where a campaign keeps what: one folder, to which a later campaign comes back."""
import fcntl
import hashlib
import os
import shutil

from campaign.collected import VARIABLE
from campaign.status import USAGE, CampaignError
from campaign.targets import inputs_in

RECORD = "campaign.json"


def content_name(data):
    """What engines call an input: two inputs are the same if their names are."""
    return hashlib.sha1(data).hexdigest()


def must_be_usable(folder):
    """Raises what is wrong with it as a campaign's folder. It need not exist yet."""
    if folder.exists() and not folder.is_dir():
        raise CampaignError(f"--out {folder}: is not a folder", USAGE)
    if folder.exists() and any(folder.iterdir()) and not (folder / RECORD).exists():
        raise CampaignError(f"--out {folder}: is not empty, and no campaign (it has no {RECORD}): name another folder", USAGE)
    existing = next(above for above in [folder.absolute(), *folder.absolute().parents] if above.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        raise CampaignError(f"--out {folder}: nothing can be written in {existing}: name another folder", USAGE)


class Campaign:
    """The folder of a campaign, which no other campaign uses meanwhile."""

    def __init__(self, folder):
        self.folder = folder
        must_be_usable(folder)
        try:
            for part in ("findings", "logs"):
                (folder / part).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CampaignError(f"--out {folder}: cannot be made: {error.strerror}: name another folder", USAGE) from error
        self._lock = open(folder / ".lock", "w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CampaignError(f"--out {folder}: another campaign is at work there", USAGE) from error

    @property
    def record(self):
        return self.folder / RECORD

    @property
    def report(self):
        return self.folder / "report.html"

    def of(self, target):
        return TargetPlace(self.folder, target.name)


class TargetPlace:
    """What belongs to one target. Inputs of `corpus` are named by their contents."""

    def __init__(self, folder, name):
        self.corpus = folder / "corpus" / name
        self.artifacts = folder / "artifacts" / name
        self.found = folder / "found" / name  # what the target keeps by itself
        self.scratch = folder / "scratch" / name
        for part in (self.corpus, self.artifacts, self.found):
            part.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)

    def artifacts_of(self, slot):
        """The folder of what the runs of one slot find: a report is of the inputs of its own run, and of no other. "shared" is
        that of what others found."""
        folder = self.artifacts / str(slot)
        folder.mkdir(exist_ok=True)
        return folder

    def left_artifacts(self):
        """What an earlier session found and did not look at."""
        return sorted(path for path in self.artifacts.rglob("*") if path.is_file())

    def environment(self, env):
        """For a run of the target: its folder of findings."""
        return {**env, VARIABLE: str(self.found.absolute())}

    def add(self, data):
        path = self.corpus / content_name(data)
        if not path.exists():
            path.write_bytes(data)

    def add_seeds(self, folders):
        for folder in folders:
            for path in inputs_in(folder):
                self.add(path.read_bytes())

    def remove(self, data):
        """An input that crashes would end each run before it begins."""
        try:
            (self.corpus / content_name(data)).unlink()
        except FileNotFoundError:
            pass

    def replace_corpus(self, folder):
        """`folder`'s inputs become the corpus; a crash between two steps loses none of them."""
        old = self.scratch / "replaced"
        os.replace(self.corpus, old)
        os.replace(folder, self.corpus)
        shutil.rmtree(old)

    def size(self):
        sizes = [path.stat().st_size for path in self.corpus.iterdir()]
        return {"files": len(sizes), "bytes": sum(sizes)}
