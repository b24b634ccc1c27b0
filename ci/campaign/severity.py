"""How bad a finding is: what a report puts first."""
import re

ORDER = ("crash", "memory", "hang", "descriptor", "disagreement")

_MEMORY = re.compile(r"(Address|Leak|Memory)Sanitizer: (?!SEGV|BUS|FPE|ILL|ABRT|stack-overflow|unknown)|out-of-memory")


def severity_of(kind):
    """Of what a target did not judge by itself."""
    if kind == "timeout" or kind.startswith("does not end"):
        return "hang"
    if kind == "oracle":
        return "disagreement"
    return "memory" if _MEMORY.match(kind) else "crash"


def worst_first(findings):
    return sorted(findings, key=lambda finding: ORDER.index(finding.get("severity") or "disagreement"))
