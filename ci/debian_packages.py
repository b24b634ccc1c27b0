"""Debian's packages, by lists of our own: whatever this machine's sources are, nothing here is installed or changed."""
import pathlib
import subprocess

KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"


class NotToBeHad(Exception):
    """str() says what, and why."""


class Apt:
    """Lists and packages in `directory`, of these suites; of another architecture, where one is named."""

    def __init__(self, directory, suites, architecture=None, kinds=("deb",)):
        self.directory = pathlib.Path(directory)
        self._apt = self.directory / "apt"
        self._suites, self._architecture, self._kinds = suites, architecture, kinds

    def _options(self):
        options = ["-o", f"Dir::Etc::SourceList={self._apt}/sources.list", "-o", "Dir::Etc::SourceParts=/dev/null",
                   "-o", f"Dir::State::lists={self._apt}/lists", "-o", f"Dir::Cache={self._apt}/cache",
                   "-o", "APT::Sandbox::User=root"]
        if self._architecture:  # of which nothing is installed
            options += ["-o", f"Dir::State::status={self._apt}/status", "-o", f"APT::Architecture={self._architecture}",
                        "-o", f"APT::Architectures={self._architecture}"]
        return options

    def run(self, program, *arguments):
        """What it prints. Raises NotToBeHad. A program of apt knows of these lists."""
        options = self._options() if program.startswith("apt-") else []
        done = subprocess.run([program, *options, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              cwd=self.directory, check=False)
        if done.returncode != 0:
            lines = [line for line in done.stderr.splitlines() if line.strip()] or ["it said nothing"]
            raise NotToBeHad(f"{program}: {lines[-1]}")
        return done.stdout

    def update(self):
        for part in ("lists/partial", "cache/archives/partial"):
            (self._apt / part).mkdir(parents=True, exist_ok=True)
        (self._apt / "status").touch()
        (self._apt / "sources.list").write_text(
            "".join(f"{kind} [signed-by={KEYS}] http://deb.debian.org/debian {suite} main\n"
                    for suite in self._suites for kind in self._kinds), encoding="ascii")
        self.run("apt-get", "update")

    def names(self, prefix):
        return self.run("apt-cache", "pkgnames", prefix).split()

    def unpack(self, archive, directory):
        self.run("dpkg-deb", "-x", str(archive), str(directory))

    def unpack_with_needs(self, names, directory):
        """These packages and all that they depend on."""
        self.run("apt-get", "install", "--download-only", "--no-install-recommends", "-y", *names)
        archives = self._apt / "cache/archives"
        for archive in sorted(archives.glob("*.deb")):
            self.unpack(archive, directory)
            archive.unlink()

    def upstream(self, source):
        """The directory with the source of that package, as its authors published it."""
        directory = self.directory / source
        directory.mkdir(exist_ok=True)
        if not any(directory.iterdir()):
            self.run("apt-get", "source", "--download-only", "--tar-only", source)
            archives = sorted(self.directory.glob(f"{source}_*.orig.tar.*"))
            if not archives:
                raise NotToBeHad(f"{source}: apt-get downloaded no source")
            self.run("tar", "-xf", str(archives[-1]), "-C", str(directory))
        inside = list(directory.iterdir())
        return inside[0] if len(inside) == 1 else directory
