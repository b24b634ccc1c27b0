"""What a guest of another processor than this machine's sees: the suite built for it, and packages of Debian, unpacked and never
installed, as its root."""
import shutil

import debian_packages
from crossing.building import SUITE, Build
from crossing.targets import TARGETS

# Of Debian's architecture, the target of ci/cross.
BUILDS = {"arm64": "aarch64"}
PACKAGES = ("busybox-static", "coreutils", "dash", "python3")
PYTHON = "/usr/bin/python3"


class Userland:
    """In `directory`, which a build of ci/cross may share."""

    def __init__(self, root, directory, debian):
        self._directory, self._debian = directory, debian
        self._target = TARGETS[BUILDS[debian]]
        self._build = Build(root, directory, self._target)
        self.root = directory / "root"

    def runner(self):
        """Built anew where sources have changed. Raises NotBuilt."""
        return self._build.runner()

    def unpack(self):
        """Where that was not done yet. Raises NotToBeHad."""
        wanted, whole = repr((SUITE, PACKAGES)), self._directory / "root.whole"
        if whole.exists() and whole.read_text(encoding="ascii") == wanted:
            return
        shutil.rmtree(self.root, ignore_errors=True)
        self.root.mkdir(parents=True)
        packages = debian_packages.Apt(self._directory / "root.packages", [SUITE], self._debian)
        packages.update()
        packages.unpack_with_needs(PACKAGES, self.root)
        whole.write_text(wanted, encoding="ascii")
