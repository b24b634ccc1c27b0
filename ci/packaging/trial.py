#!/usr/bin/env python3
"""Tries what ci/package wrote where nothing of the project is: trial.py DIR [PLACE...]

The archive and the Debian package in a bare root file system of each suite of Debian or Ubuntu, the wheel in a fresh virtual
environment of each Python here ("wheel"), the Dockerfile with buildah, which needs no daemon ("image"). Prints the seconds from
nothing to a verdict.
"""
import argparse
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

PLACES = ["wheel", "bookworm", "trixie", "noble", "image"]
UBUNTU = {"noble"}
UBUNTU_MIRROR = "http://archive.ubuntu.com/ubuntu"
UBUNTU_KEYS = pathlib.Path("/usr/share/keyrings/ubuntu-archive-keyring.gpg")
# Debian 12 has no package of Ubuntu's keys. The archive's key in this one has the fingerprint
# F6EC B376 2474 EDA9 D21B 7022 8719 20D1 991B C93C.
KEYS_PACKAGE = "pool/main/u/ubuntu-keyring/ubuntu-keyring_2023.11.28.1_all.deb"
KEYS_SHA256 = "36de43b15853ccae0028e9a767613770c704833f82586f28eb262f0311adb8a8"
BASE_IMAGE = "docker.io/library/debian:12-slim"  # what the Dockerfile begins from
# What a chroot sees of this system: processes and devices, in a mount namespace that ends with it.
IN_ROOT = 'mount --rbind /proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" "$@"'


class Failed(Exception):
    pass


def perform(*command, status=0):
    """The output of a command that ends with this status."""
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                          stdin=subprocess.DEVNULL, text=True, errors="replace")
    if done.returncode != status:
        raise Failed(f"{' '.join(map(str, command))}: exit status {done.returncode}\n{done.stdout[-3000:]}")
    return done.stdout


def the_only(directory, pattern):
    [file] = directory.glob(pattern)
    return file


def keys_of_ubuntu(scratch):
    """The keys that sign Ubuntu's archive: those that are installed, or else of its package."""
    if UBUNTU_KEYS.exists():
        return UBUNTU_KEYS
    with urllib.request.urlopen(f"{UBUNTU_MIRROR}/{KEYS_PACKAGE}", timeout=60) as response:
        content = response.read()
    if hashlib.sha256(content).hexdigest() != KEYS_SHA256:
        raise Failed(f"{UBUNTU_MIRROR}/{KEYS_PACKAGE} is not the package whose digest is known")
    package = scratch / "ubuntu-keyring.deb"
    package.write_bytes(content)
    perform("dpkg-deb", "-x", package, scratch / "ubuntu-keyring")
    return scratch / "ubuntu-keyring" / UBUNTU_KEYS.relative_to("/")


class Root:
    """A root file system with the packages that Debian, or Ubuntu, cannot do without."""

    def __init__(self, suite, scratch):
        self.directory = scratch / suite
        command = ["debootstrap", "--variant=minbase"]
        if suite in UBUNTU:
            # The script of any suite of Ubuntu will do: debootstrap of Debian 12 has none of this name.
            perform(*command, f"--keyring={keys_of_ubuntu(scratch)}", suite, self.directory, UBUNTU_MIRROR, "gutsy")
        else:
            perform(*command, suite, self.directory)

    def run(self, *command, status=0):
        return perform("unshare", "--mount", "sh", "-ec", IN_ROOT, self.directory, *command, status=status)

    def take(self, file):
        shutil.copy(file, self.directory / "tmp")
        return f"/tmp/{file.name}"


def timed(name, steps):
    begin = time.monotonic()
    last_line = [line for line in steps().splitlines() if line][-1]
    print(f"{name}: {time.monotonic() - begin:.1f} s: {last_line}", flush=True)


def judged_in(root, runner):
    """A full run on the reference, then how the library names what it lacks of the adapter's interpreter."""
    output = root.run(runner, "--implementation", "reference")
    refusal = root.run(runner, "--implementation", "python", status=66)
    if "python3" not in refusal:
        raise Failed(f"it does not say that python3 is missing: {refusal}")
    return output


def of_the_archive(root, archive):
    inside = root.take(archive)
    root.run("tar", "-C", "/opt", "-xzf", inside)
    return judged_in(root, f"/opt/{archive.name.removesuffix('.tar.gz')}/bin/recvmsg-conformance")


def of_the_debian_package(root, package):
    root.run("dpkg", "--install", root.take(package))
    output = judged_in(root, "recvmsg-conformance")
    root.run("dpkg", "--purge", "recvmsg-conformance")
    left = root.run("find", "/usr/share/recvmsg-conformance", "/usr/bin/recvmsg-conformance", status=1)
    if left.count("No such file") != 2:
        raise Failed(f"dpkg --purge leaves files: {left}")
    return output


def interpreters():
    """One of each version, by the names in PATH that start one."""
    found = {}
    for minor in range(8, 30):
        program = shutil.which(f"python3.{minor}")
        command = [program, "-c", "import venv, ensurepip"]
        if program and subprocess.run(command, check=False, capture_output=True).returncode == 0:
            found[minor] = program
    return found.values()


def of_the_wheel(python, wheel, scratch):
    environment = pathlib.Path(tempfile.mkdtemp(dir=scratch)) / "environment"
    perform(python, "-m", "venv", environment)
    perform(environment / "bin/pip", "install", "--quiet", "--no-index", wheel)
    output = perform(environment / "bin/recvmsg-conformance", "--implementation", "python")
    version = perform(environment / "bin/python", "-c", "import platform; print(platform.python_version())").strip()
    if version not in output:
        raise Failed(f"it judges another Python than {version}:\n{output}")
    return output


class Images:
    """buildah without a daemon, in storage of its own. A command of an image runs in a chroot."""

    def __init__(self, scratch):
        self._command = ["buildah", "--storage-driver", "vfs", "--root", scratch / "images", "--runroot", scratch / "images-run"]

    def __call__(self, *words):
        return perform(*self._command, *words).strip()

    def of_root(self, directory, name):
        container = self("from", "scratch")
        self("add", "--quiet", container, directory, "/")
        self("commit", "--quiet", "--rm", container, name)

    def build(self, context, name):
        self("build", "--isolation", "chroot", "--pull-never", "--tag", name, context)

    def run(self, name, *arguments):
        """What `docker run NAME ARGUMENT...` prints."""
        configured = json.loads(self("inspect", "--type", "image", name))["OCIv1"]["config"]
        # Of descriptors, buildah leaves fewer than the suite needs.
        container = self("from", "--pull-never", "--ulimit", "nofile=8192:8192", name)
        return self("run", "--isolation", "chroot", container, "--", *configured["Entrypoint"], *(arguments or configured["Cmd"]))


def try_the_image(directory, scratch):
    """What it begins from is not pulled, but made of the same suite."""
    images = Images(scratch)
    base = Root("bookworm", scratch / "base")
    images.of_root(base.directory, BASE_IMAGE)
    shutil.rmtree(base.directory)

    def steps():
        images.build(directory, "recvmsg-conformance")
        if "Usage: recvmsg-conformance" not in images.run("recvmsg-conformance"):
            raise Failed("the image without arguments does not print how it is used")
        return images.run("recvmsg-conformance", "--implementation", "python")
    timed("image, bookworm", steps)


def try_in_root(suite, archive, package, scratch):
    root = Root(suite, scratch)
    timed(f"archive, {suite}", lambda: of_the_archive(root, archive))
    timed(f"Debian package, {suite}", lambda: of_the_debian_package(root, package))
    shutil.rmtree(root.directory)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("places", nargs="*", default=PLACES, metavar="PLACE")
    options = parser.parse_args()
    archive = the_only(options.directory, "*.tar.gz")
    package = the_only(options.directory, "*.deb")
    wheel = the_only(options.directory, "*.whl")
    with tempfile.TemporaryDirectory(prefix="recvmsg-conformance-try-") as directory:
        scratch = pathlib.Path(directory)
        for place in options.places:
            if place == "wheel":
                for python in interpreters():
                    timed(f"wheel, {python}", lambda python=python: of_the_wheel(python, wheel, scratch))
            elif place == "image":
                try_the_image(options.directory, scratch)
            else:
                try_in_root(place, archive, package, scratch)


if __name__ == "__main__":
    try:
        main()
    except Failed as failure:
        sys.exit(f"trial.py: {failure}")
