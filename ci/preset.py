"""For commands in Python: installs packages and builds a preset as ci/setup.sh does."""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def need_packages(*groups):
    """Installs those packages of ci/packages.txt that are missing; exits where it cannot."""
    _run('source "$1/ci/setup.sh"; need_packages "${@:2}"', *groups)


def build(preset, *targets, packages=()):
    """Builds those targets of the preset, with the packages of the group "build" and of these groups; exits where it cannot."""
    _run('source "$1/ci/setup.sh"; need_packages build $2; build_preset "${@:3}"', " ".join(packages), preset, *targets)


def get_from_pypi(name, wanted):
    """A virtual environment with these packages of PyPI, 'PACKAGE==VERSION ...'; exits where it cannot be had."""
    _run('source "$1/ci/setup.sh"; get_from_pypi "$2" "$3"', name, wanted)
    return ROOT / "build/tools" / name


def _run(script, *arguments):
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script, sys.argv[0], ROOT, *arguments], check=False)
    if done.returncode != 0:
        sys.exit(done.returncode)


def built_runner():
    """recvmsg-conformance of the release build, built anew where its sources have changed."""
    build("release", "recvmsg-conformance")
    return ROOT / "build/release/recvmsg-conformance"
