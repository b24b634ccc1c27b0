"""Stack traces of sanitizers, and which of their frames are this project's.

Traces are asked for in STACK_FORMAT, which tells a frame's module even where there is debug information: a frame of a
plug-in is identified by its module.
"""
import os
import re

STACK_FORMAT = "    #%n %p %F %L {%m+%o}"

_FRAME = re.compile(r"^\s+#(\d+) 0x[0-9a-f]+\s+(?:in )?(.*?)\s*(?:\{(.*)\+0x[0-9a-f]+\})?$")
_SOURCE = re.compile(r"^(.*?)\s*((?:\S*/)?[^\s/():]+\.\w+):\d+(?::\d+)?$")
_MODULE = re.compile(r"^(.*?)\s*\((\S+)\+0x[0-9a-f]+\)(?: \(BuildId: \w+\))?$")


class Frame:
    """One call: the function's name without its parameters, its source file and its module, each perhaps empty."""

    def __init__(self, function, source, module):
        self.function = function
        self.source = source
        self.module = module

    def __repr__(self):
        return f"{self.function} {self.source} {{{self.module}}}"


def bare_name(function):
    """The function's name without parameters: "a::b(int)" is "a::b"."""
    function = function.replace("(anonymous namespace)::", "")
    depth = 0
    for index, char in enumerate(function):
        depth += (char == "<") - (char == ">")
        if char == "(" and depth <= 0 and index and not function[:index].endswith("operator"):
            return function[:index]
    return function


def parse_frame(line):
    """The frame that a line tells of, or None."""
    frame = _FRAME.match(line)
    if not frame:
        return None
    place_text, module = frame.group(2), frame.group(3) or ""
    source = _SOURCE.match(place_text)
    if source:
        return Frame(bare_name(source.group(1)), source.group(2), module)
    place = _MODULE.match(place_text)
    if place:
        return Frame(bare_name(place.group(1)), "", module or place.group(2))
    return Frame(bare_name(place_text), "", module)


def first_stack(lines):
    """The frames of the first trace in `lines`."""
    frames = []
    for line in lines:
        frame = parse_frame(line)
        if frame:
            frames.append(frame)
        elif frames:
            break
    return frames


class Owners:
    """Whose a frame is: "reference", "suite", "plug-in", or None: a library's, the compiler's, the engine's."""

    def __init__(self, root, plugin=None):
        self.root = root
        self.plugin = os.path.realpath(plugin) if plugin else None
        self.known = {}

    def file_of(self, source):
        """The project's file that a path of debug information means, wherever it was compiled; or None."""
        if source not in self.known:
            parts = os.path.normpath(source).strip("/").split("/")
            tails = ("/".join(parts[first:]) for first in range(len(parts)))
            self.known[source] = next((tail for tail in tails if (self.root / tail).is_file()), None)
        return self.known[source]

    def of(self, frame):
        if self.plugin and frame.module and os.path.realpath(frame.module) == self.plugin:
            return "plug-in"
        file = self.file_of(frame.source) if frame.source else None
        if file:
            return "reference" if file.startswith("reference/") else "suite"
        return None
