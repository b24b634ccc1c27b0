#!/usr/bin/env python3
"""Tries what ci/package wrote where nothing of the project is: trial.py DIR [SUITE...]

The archive and the Debian package in a bare root file system of each Debian suite, the wheel in a fresh virtual environment of
each Python here. Prints the seconds from nothing to a verdict.
"""
import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

SUITES = ["bookworm", "trixie"]
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


class Root:
    """A root file system with the packages that Debian cannot do without."""

    def __init__(self, suite, scratch):
        self.directory = scratch / suite
        perform("debootstrap", "--variant=minbase", suite, self.directory)

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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("suites", nargs="*", default=SUITES, metavar="SUITE")
    options = parser.parse_args()
    archive = the_only(options.directory, "*.tar.gz")
    package = the_only(options.directory, "*.deb")
    wheel = the_only(options.directory, "*.whl")
    with tempfile.TemporaryDirectory(prefix="recvmsg-conformance-try-") as directory:
        scratch = pathlib.Path(directory)
        for python in interpreters():
            timed(f"wheel, {python}", lambda python=python: of_the_wheel(python, wheel, scratch))
        for suite in options.suites:
            root = Root(suite, scratch)
            timed(f"archive, {suite}", lambda root=root: of_the_archive(root, archive))
            timed(f"Debian package, {suite}", lambda root=root: of_the_debian_package(root, package))
            shutil.rmtree(root.directory)


if __name__ == "__main__":
    try:
        main()
    except Failed as failure:
        sys.exit(f"trial.py: {failure}")
