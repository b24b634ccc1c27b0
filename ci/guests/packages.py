"""The kernels that Debian has as packages: found and downloaded with lists of our own, whatever this machine's sources are."""
import pathlib
import re

import debian_packages
from guests.architectures import AMD64

SUITES = ("bullseye", "bookworm", "trixie", "trixie-backports")
_NAME = re.compile(r"linux-image-((\d+\.\d+)(?:\.\d+)*(?:[-+][\w.+]+)?)-(amd64|arm64)(-unsigned)?")
NoKernel = debian_packages.NotToBeHad  # str() says which and why


def number_of(release):
    """5.10.0-32 comes before 6.1.0-57, 6.12.117+deb13 before 6.18.5+deb13."""
    return [int(digits) for digits in re.findall(r"\d+", release)]


def newest(names, architecture=AMD64):
    """By version, as 6.12 or 6.12-arm64: the package of its newest release. A package that is not signed is preferred: it is
    older in no way, and has no dependency on the other."""
    found = {}
    for name in names:
        match = _NAME.fullmatch(name)
        if not match or match[3] != architecture.debian:
            continue
        release, version, _, unsigned = match.groups()
        rank = (number_of(release), bool(unsigned))
        if version not in found or rank > found[version][0]:
            found[version] = (rank, name)
    in_order = sorted(found.items(), key=lambda item: number_of(item[0]))
    return {version + architecture.suffix: name for version, (_, name) in in_order}


class Packages:
    """Debian's, in `directory`: apt's lists, the packages, and what they hold."""

    def __init__(self, directory, architecture=AMD64):
        self.directory, self._architecture = pathlib.Path(directory), architecture
        self._apt = debian_packages.Apt(directory, SUITES, architecture.debian)

    def update(self):
        self._apt.update()

    def kernels(self):
        """By version, as 6.12 or 6.12-arm64: a package."""
        return newest(self._apt.names("linux-image-"), self._architecture)

    def fetch(self, name):
        """The directory with boot/ and lib/modules/ of the package. Downloads it where that is not there yet."""
        holds = self.directory / name
        if (holds / "whole").exists():
            return holds
        for part in self._parts(name):
            self._apt.run("apt-get", "download", part)
            archives = sorted(self.directory.glob(f"{part}_*.deb"))
            if not archives:
                raise NoKernel(f"{part}: apt-get downloaded nothing")
            self._apt.unpack(archives[-1], holds)
            for archive in archives:
                archive.unlink()
        if not (holds / "lib").exists():
            (holds / "lib").symlink_to("usr/lib")
        (holds / "whole").touch()
        return holds

    def _parts(self, name):
        """The package itself and, since Linux 7, those of the same release that hold the kernel, its modules and their lists."""
        release = name.removeprefix("linux-image-")
        there = set(self._apt.names("linux-"))
        parts = [f"linux-{part}-{release}" for part in ("base", "binary", "modules")]
        return [name, *(part for part in parts if part in there)]
