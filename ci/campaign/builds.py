"""The builds that a campaign needs, made by the same functions as all commands beside ci/fuzz-campaign use."""
import math
import os
import signal
import sys
from time import monotonic

from campaign.processes import Process
from campaign.status import OWN_FAULT, CampaignError

GRACE = 10  # seconds for a build to end what it has started
_BUILD = 'source "$0/ci/setup.sh"; need_packages build $2; build_preset "$1" fuzzers'


def folder_of(builds, preset):
    """Where the fuzz targets of a preset lie."""
    return builds / preset / "fuzz"


def build(root, preset, purpose, packages, interruption):
    """Builds the fuzz targets of `preset`, and says what for; False if an end was asked for meanwhile. The exit status is
    that of ci/setup.sh where that fails."""
    print(f"building the fuzz targets {purpose} (preset {preset})", file=sys.stderr, flush=True)
    process = Process(["bash", "-euo", "pipefail", "-c", _BUILD, root, preset, " ".join(packages)], None, os.environ)
    try:
        interruption.run(process, math.inf, leave_it=True)
    finally:
        _end(process, interruption)
    if interruption.requested:
        return False
    if process.status != 0:
        raise CampaignError(f"the build of the preset {preset} failed", max(process.status, 0) or OWN_FAULT)
    return True


def _end(process, interruption):
    """Ninja gives each compiler a process group of its own, and ends them all if it is asked to, not if it is killed."""
    try:
        process.send(signal.SIGTERM)
        until = monotonic() + GRACE
        while (not process.ended() or process.group_is_left()) and monotonic() < until:
            interruption.wait(0.1)
    finally:
        process.kill()
