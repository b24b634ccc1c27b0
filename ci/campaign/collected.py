"""Findings that a target keeps by itself and fuzzes on behind them (fuzz/support/findings.h), read from its folder."""
import json
from datetime import datetime

from campaign.signature import Signature

VARIABLE = "RECVINTO_FUZZ_FINDINGS"
KIND = "disagreement"
MODEL = "EveryCallMatchesTheModel"


class Collected:
    """One of them: what the target wrote of it, and how often and when it was met."""

    def __init__(self, path):
        self.stem = path.stem
        self.facts = json.loads(path.read_text(errors="replace"))
        self.scenario = path.with_suffix(".scenario").read_bytes()
        hits = path.with_suffix(".hits")
        self.count, self.seen = 1, datetime.now()
        if hits.exists():
            stat = hits.stat()
            self.count, self.seen = max(stat.st_size, 1), datetime.fromtimestamp(stat.st_mtime)

    @property
    def signature(self):
        return Signature(KIND, message=self.facts["signature"], is_exact=True)


def in_folder(folder):
    """All that are whole, in an order that does not depend on the file system."""
    return [Collected(path) for path in sorted(folder.glob("*.json")) if path.with_suffix(".scenario").exists()]


def forget(folder, stem):
    """Of what is gone, so that it would be found again."""
    for path in folder.glob(f"{stem}.*"):
        path.unlink()


def join(findings):
    """What a law finds that the model has found in another scenario is not a finding of its own: its status is "same", and
    `same_as` names the model's. It gets its turn when that is gone."""
    own = [finding for finding in findings if finding["kind"] == KIND and finding["status"] in ("open", "same")]
    for finding in own:
        if finding["judge"] == MODEL:
            continue
        model = next((other for other in own if other["target"] == finding["target"] and other["judge"] == MODEL
                      and finding["symptom"] in other["symptoms"]), None)
        finding["status"], finding["same_as"] = ("same", model["id"]) if model else ("open", None)
