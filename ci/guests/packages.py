"""The kernels that Debian has as packages: found and downloaded with lists of our own, whatever this machine's sources are."""
import pathlib
import re
import subprocess

SUITES = ("bullseye", "bookworm", "trixie", "trixie-backports")
KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
_NAME = re.compile(r"linux-image-((\d+\.\d+)(?:\.\d+)*(?:[-+][\w.+]+)?)-amd64(-unsigned)?")


class NoKernel(Exception):
    """A kernel that cannot be had; str() says which and why."""


def number_of(release):
    """5.10.0-32 comes before 6.1.0-57, 6.12.117+deb13 before 6.18.5+deb13."""
    return [int(digits) for digits in re.findall(r"\d+", release)]


def newest(names):
    """By version, as 6.12: the package of its newest release. A package that is not signed is preferred: it is older in no way,
    and has no dependency on the other."""
    found = {}
    for name in names:
        match = _NAME.fullmatch(name)
        if not match:
            continue
        release, version, unsigned = match.groups()
        rank = (number_of(release), bool(unsigned))
        if version not in found or rank > found[version][0]:
            found[version] = (rank, name)
    return {version: name for version, (_, name) in sorted(found.items(), key=lambda item: number_of(item[0]))}


class Packages:
    """Debian's, in `directory`: apt's lists, the packages, and what they hold."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self._apt = self.directory / "apt"

    def _options(self):
        return ["-o", f"Dir::Etc::SourceList={self._apt}/sources.list", "-o", "Dir::Etc::SourceParts=/dev/null",
                "-o", f"Dir::State::lists={self._apt}/lists", "-o", f"Dir::Cache={self._apt}/cache",
                "-o", "APT::Sandbox::User=root"]

    def _run(self, *command):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=self.directory, check=False)
        if done.returncode != 0:
            lines = [line for line in done.stderr.splitlines() if line.strip()] or ["it said nothing"]
            raise NoKernel(f"{command[0]}: {lines[-1]}")
        return done.stdout

    def update(self):
        for part in ("lists/partial", "cache/archives/partial"):
            (self._apt / part).mkdir(parents=True, exist_ok=True)
        (self._apt / "sources.list").write_text(
            "".join(f"deb [signed-by={KEYS}] http://deb.debian.org/debian {suite} main\n" for suite in SUITES), encoding="ascii")
        self._run("apt-get", *self._options(), "update")

    def kernels(self):
        """By version, as 6.12: a package."""
        names = self._run("apt-cache", *self._options(), "pkgnames", "linux-image-").split()
        return newest(names)

    def fetch(self, name):
        """The directory with boot/ and lib/modules/ of the package. Downloads it where that is not there yet."""
        holds = self.directory / name
        if (holds / "whole").exists():
            return holds
        for part in self._parts(name):
            self._run("apt-get", *self._options(), "download", part)
            archives = sorted(self.directory.glob(f"{part}_*.deb"))
            if not archives:
                raise NoKernel(f"{part}: apt-get downloaded nothing")
            self._run("dpkg-deb", "-x", str(archives[-1]), str(holds))
            for archive in archives:
                archive.unlink()
        if not (holds / "lib").exists():
            (holds / "lib").symlink_to("usr/lib")
        (holds / "whole").touch()
        return holds

    def _parts(self, name):
        """The package itself and, since Linux 7, those of the same release that hold the kernel, its modules and their lists."""
        release = name.removeprefix("linux-image-")
        there = set(self._run("apt-cache", *self._options(), "pkgnames", "linux-").split())
        parts = [f"linux-{part}-{release}" for part in ("base", "binary", "modules")]
        return [name, *(part for part in parts if part in there)]
