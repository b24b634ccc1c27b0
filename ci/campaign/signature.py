"""What makes two crashes the same: the sanitizer's kind and the top three frames of this project, or the oracle's words."""
import hashlib
import re

from campaign.stacks import first_stack

FRAMES = 3

# What was found, as it is written by the targets (fuzz/support/check.h): FILE:LINE: found: WORDS
_ORACLE = re.compile(r"^\S+:\d+: found: (.*)$", re.M)
# What targets that call plug-ins say of a crash, where they can look at the stack (fuzz/support/plugin_crash.h)
_IN_PLUGIN = re.compile(r"^the crash is in plugin:\S+, in frame (.*) \(\S+\+0x[0-9a-f]+\)$", re.M)
_ASSERTION = re.compile(r"^.*: (Assertion [`'].*' failed)\.?$", re.M)
_EXCEPTION = re.compile(r"^terminate called after throwing an instance of '(.*)'$", re.M)
_SANITIZER = re.compile(r"^==\d+==\s*(?:ERROR|WARNING): (\w+Sanitizer): (.*)$", re.M)
_UNDEFINED = re.compile(r"^.*: runtime error: (.*)$", re.M)
_ENGINE = re.compile(r"^==\d+==\s*ERROR: libFuzzer: (.*)$", re.M)


class Signature:
    """`kind` says what went wrong in the words of who noticed; `frames` are function names, innermost first."""

    def __init__(self, kind, frames=(), message="", belongs_to=None, is_exact=False):
        self.kind = kind
        self.frames = list(frames)
        self.message = message
        self.belongs_to = belongs_to  # by the frames of the crash; None where they do not tell
        self.is_exact = is_exact  # numbers in the message make a difference

    @property
    def key(self):
        message = self.message if self.is_exact else _without_numbers(self.message)
        return "\n".join([self.kind, message, *([] if self.message else self.frames)])

    def identifier(self, target):
        return f"{target}-{hashlib.sha1(self.key.encode()).hexdigest()[:10]}"


def _without_numbers(text):
    return re.sub(r"0x[0-9a-f]+|\d+", "N", text)


def _sanitizer_kind(name, message):
    """ "heap-buffer-overflow on address 0x..." is named by its first words, without what differs from run to run."""
    return f"{name}: {re.split(r' on | for |:|,| [(]| 0x', message)[0].strip()}"


def signature_of(report, owners):
    """The signature of the crash that a program's output tells of, or None if it tells of none."""
    kind, message, start = _kind(report)
    if kind is None:
        return None
    frames = first_stack(report[start:].splitlines())
    owned = [(frame, owners.of(frame)) for frame in frames]
    ours = [frame.function for frame, owner in owned if owner]
    belongs_to = next((owner for _, owner in owned if owner), None)
    if kind == "timeout":
        # The innermost function when time was up is chance: its callers are not.
        ours = ours[-FRAMES:]
    elif kind.endswith("stack-overflow"):
        ours = sorted(set(ours[:10 * FRAMES]))  # where in the cycle it ended is chance too
    if kind == "oracle":
        belongs_to = None  # it accuses whom it judges, not itself
    in_plugin = _IN_PLUGIN.search(report)
    if in_plugin:
        belongs_to = "plug-in"
        ours = ours or [in_plugin.group(1)]
    return Signature(kind, ours[:FRAMES], message, belongs_to)


def _kind(report):
    """(kind, message, where the report of it begins); the oracle comes first, then who knows most."""
    oracle = _ORACLE.search(report)
    if oracle:
        return "oracle", oracle.group(1), oracle.start()
    sanitizer = _SANITIZER.search(report)
    if sanitizer and "deadly signal" not in sanitizer.group(2):
        return _sanitizer_kind(*sanitizer.groups()), "", sanitizer.start()
    undefined = _UNDEFINED.search(report)
    if undefined:
        message = re.sub(r"-?(0x[0-9a-f]+|\d+(\.\d+)?(e[+-]?\d+)?)", "N", undefined.group(1))
        return f"UndefinedBehaviorSanitizer: {message}", "", undefined.start()
    for what, pattern in (("assertion", _ASSERTION), ("uncaught exception", _EXCEPTION)):
        found = pattern.search(report)
        if found:
            return what, found.group(1), found.start()
    engine = _ENGINE.search(report)
    if engine:
        message = engine.group(1)
        for short in ("timeout", "out-of-memory"):
            if message.startswith(short):
                return short, "", engine.start()
        return message.split(" (")[0], "", engine.start()
    return None, "", 0
