"""The file of findings that are known and stay for now: it names each, and hides no other."""
import fnmatch
import tomllib

from campaign.status import USAGE, CampaignError

UNEXPLAINED = "to be explained"
_FIELDS = {"finding", "reason", "link"}


def load(path):
    """The entries of a file, or none where there is no file."""
    if path is None:
        return []
    try:
        entries = tomllib.loads(path.read_text()).get("known", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CampaignError(f"--known {path}: cannot be read: {error}", USAGE) from error
    for number, entry in enumerate(entries, 1):
        where = f"--known {path}: entry {number}"
        if not isinstance(entry, dict) or not all(isinstance(value, str) for value in entry.values()):
            raise CampaignError(f"{where}: must be a [[known]] of texts", USAGE)
        if set(entry) - _FIELDS or not {"finding", "reason"} <= set(entry):
            raise CampaignError(f"{where}: has {', '.join(sorted(entry))}; finding and reason are needed, link is "
                                "allowed", USAGE)
        if entry["reason"] in ("", UNEXPLAINED):
            raise CampaignError(f"{where}: {entry['finding']} has no reason yet", USAGE)
    return entries


def mark(findings, entries):
    """Each finding that an entry names gets its reason as `known`, the others null."""
    for finding in findings:
        finding["known"] = next((entry["reason"] for entry in entries
                                 if fnmatch.fnmatchcase(finding["id"], entry["finding"])), None)


def without_a_finding(findings, entries):
    """What entries name that is not there, or is gone: such an entry can be removed."""
    there = [finding["id"] for finding in findings if finding["status"] != "gone"]
    return [entry["finding"] for entry in entries if not fnmatch.filter(there, entry["finding"])]


def text_of(findings, headline):
    """A file of these findings, whose reasons are still to be written."""
    return "# Findings of ci/fuzz-campaign that are known (docs/campaigns.md).\n" + "".join(
        f'\n# {headline(finding)}\n[[known]]\nfinding = "{finding["id"]}"\nreason = "{UNEXPLAINED}"\n'
        for finding in findings)
