"""adapters/*/manifest.toml: which implementations there are, and what each needs (adapters/MANIFEST.md)."""
import glob
import os
import platform
import re
import shutil
import subprocess
import tomllib
from dataclasses import dataclass, field

REGISTRIES = ("apt", "pip", "npm", "gem", "maven", "cargo", "go")
_TEXTS = ("name", "title", "language", "spec", "build", "baseline", "notes", "upstream", "interpreter", "each_interpreter",
          "filter")
_WORDS = {**dict.fromkeys(_TEXTS, str), "minutes": int, "laws": bool, **dict.fromkeys(REGISTRIES, list)}


class ManifestError(Exception):
    """A manifest that cannot be used; the text is one line."""


@dataclass
class Implementation:
    """One row of the matrix."""

    name: str
    folder: str  # below the project's folder, adapters/go
    title: str
    language: str
    spec: str  # with {build}, {here}, {interpreter} still in it
    build: str = ""
    baseline: str = ""  # a file below the project's folder, or ""
    notes: str = ""
    upstream: str = ""
    interpreter: str = ""
    filter: str = ""  # of checks
    minutes: int = 15
    laws: bool = True  # whether `property` is tried as well
    packages: dict = field(default_factory=dict)  # registry -> names


def read_all(root):
    """Every implementation of every manifest, in the order of the folders."""
    found = []
    for path in sorted((root / "adapters").glob("*/manifest.toml")):
        found += read(root, path)
    twice = {one.name for one in found if sum(other.name == one.name for other in found) > 1}
    if twice:
        raise ManifestError(f"adapters: two manifests name {', '.join(sorted(twice))}")
    return found


def read(root, path):
    where = path.relative_to(root)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ManifestError(f"{where}: {error}") from None
    entries = table.pop("implementation", [])
    if not isinstance(entries, list) or not entries:
        raise ManifestError(f"{where}: there is no [[implementation]]")
    found = []
    for entry in ({**table, **one} for one in entries):
        _check(where, entry)
        found += [_made(root, path.parent, entry, *which) for which in _interpreters(entry)]
    return found


def _check(where, entry):
    for word, value in entry.items():
        kind = _WORDS.get(word)
        if kind is None:
            raise ManifestError(f"{where}: there is no key {word}")
        if type(value) is not kind or (kind is list and not all(isinstance(one, str) for one in value)):
            raise ManifestError(f"{where}: {word} must be a {'list of strings' if kind is list else kind.__name__}")
    for word in ("name", "title", "language", "spec"):
        if word not in entry:
            raise ManifestError(f"{where}: {word} is missing in {entry.get('name', 'an implementation')}")
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", entry["name"]):
        raise ManifestError(f"{where}: the name {entry['name']} is not made of a-z, 0-9 and ._-")


def _interpreters(entry):
    """(name, path of the interpreter): once, or for each interpreter here that has a name of the pattern."""
    pattern = entry.get("each_interpreter")
    if not pattern:
        return [(entry["name"], entry.get("interpreter", ""))]
    pyenv = glob.glob(os.path.expanduser("~/.pyenv/versions/*/bin"))
    folders = [*os.environ.get("PATH", "").split(os.pathsep), "/usr/bin", *pyenv]
    versions = {}
    for folder in dict.fromkeys(folders):
        if folder.endswith("/shims"):  # of pyenv: scripts that choose one of its versions, or none
            continue
        for path in glob.glob(os.path.join(folder, pattern)):
            version = _version_of(path) if re.fullmatch(r"python3\.\d+", os.path.basename(path)) else None
            if version and version >= (3, 8):
                versions.setdefault(version, path)
    return [(f"{entry['name']}-{'.'.join(map(str, version))}", versions[version]) for version in sorted(versions)]


def _version_of(path):
    """The version of an interpreter of Python; None of what does not run."""
    try:
        done = subprocess.run([path, "-c", "import sys; print(*sys.version_info[:3])"], capture_output=True, text=True,
                              check=True, timeout=60)
        return tuple(map(int, done.stdout.split()))
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def _made(root, folder, entry, name, interpreter):
    return Implementation(
        name=name, folder=str(folder.relative_to(root)), title=entry["title"], language=entry["language"], spec=entry["spec"],
        build=entry.get("build", ""), baseline=_baseline(root, entry.get("baseline", name)), notes=entry.get("notes", "").strip(),
        upstream=entry.get("upstream", ""), interpreter=interpreter or shutil.which("python3") or "python3",
        filter=entry.get("filter", ""), minutes=entry.get("minutes", 15), laws=entry.get("laws", True),
        packages={registry: entry[registry] for registry in REGISTRIES if entry.get(registry)})


def _baseline(root, name):
    """The baseline of that name, or of that name with less of a version: cpython for cpython-3.11.7."""
    while name:
        path = root / f"conformance/baselines/{name}.toml"
        if path.is_file():
            return str(path.relative_to(root))
        shorter = re.sub(r"[.-]\d+$", "", name)
        name = shorter if shorter != name else ""
    return ""


def machine():
    """What the matrix says of this machine."""
    system = platform.freedesktop_os_release().get("PRETTY_NAME", "") if hasattr(platform, "freedesktop_os_release") else ""
    return {"system": system, "kernel": platform.release(), "machine": platform.machine(), "processors": os.cpu_count()}
