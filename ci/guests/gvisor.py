"""gVisor: a kernel of its own with Linux's interface, which runs as a process. It is built from its Go module."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from guests import inside
from guests.machine import NotBooted
from guests.packages import NoKernel

NAME = "gvisor"
MODULE = "gvisor.dev/gvisor/runsc@v0.0.0-20260905035102-160fafc42237"
# Of Go, which compiles it; Go before 1.21, as Debian 12's, does not fetch what a module asks for by itself.
TOOLCHAIN = "golang.org/toolchain@v0.0.1-go1.26.3.linux-amd64"
# What it has not: 32-bit programs, io_uring(7), a recvmmsg(2) that checks its timeout after the first message only.
LACKS = ("raw32", "recvmmsg_batch", "io_uring", "io_uring_multishot")
# systrap needs no virtual machine and no ptrace(2).
OPTIONS = ("--platform=systrap", "--network=none", "--ignore-cgroups")
CAPABILITIES = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_RAW", "SETGID",
                "SETPCAP", "SETUID", "SYS_ADMIN", "SYS_CHROOT", "SYS_PTRACE", "SYS_RESOURCE")


def _run(*command, **variables):
    """What the command prints. Raises NoKernel."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                              env={**os.environ, **variables})
    except FileNotFoundError as error:
        raise NoKernel(f"{command[0]}: there is no such program, which builds gVisor") from error
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["it said nothing"]
        raise NoKernel(f"go {command[1]}: {lines[-1]}")
    return done.stdout


def _go():
    """A program go that fetches the toolchain that a module asks for."""
    number = re.search(r"go1\.(\d+)", _run("go", "version"))
    if number and int(number[1]) >= 21:
        return "go"
    root = pathlib.Path(json.loads(_run("go", "mod", "download", "-json", TOOLCHAIN))["Dir"])
    for program in [*root.glob("bin/*"), *root.glob("pkg/tool/*/*")]:  # a module has no bits of execution
        program.chmod(program.stat().st_mode | 0o555)
    return str(root / "bin/go")


def fetch(directory):
    """Its program, built in `directory` where that was not done yet. Raises NoKernel."""
    directory = pathlib.Path(directory, MODULE.rpartition("@")[2]).resolve()
    program = directory / "runsc"
    if not program.exists():
        _run(_go(), "install", MODULE, GOBIN=str(directory), CGO_ENABLED="0")
    return program


def _bundle(root, shared):
    """What runsc is to run (config.json of the OCI's runtime specification): `root`, to be read, and `shared`."""
    tmpfs = [{"destination": place, "type": "tmpfs", "source": "tmpfs", "options": ["mode=1777"]}
             for place in ("/tmp", "/run", "/dev/shm")]
    held = [f"CAP_{name}" for name in CAPABILITIES]
    return {
        "ociVersion": "1.0.0",
        "hostname": "guest",
        "root": {"path": str(root), "readonly": True},
        "process": {
            "user": {"uid": 0, "gid": 0}, "cwd": "/",
            "args": ["python3", "-B", inside.__file__, str(shared)],
            "env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8"],
            "capabilities": {kind: held for kind in ("bounding", "effective", "permitted")}},
        "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}, *tmpfs,
                   {"destination": str(shared), "type": "bind", "source": str(shared), "options": ["rw"]}]}


def run(program, shared, seconds):
    """Runs a sandbox that does what shared/plan.json says, until it ends. Its output is shared/console.log. Returns the version.
    Raises NotBooted."""
    own = pathlib.Path(tempfile.mkdtemp(prefix="runsc-"))  # short, for the path of a socket there
    root = own / "root"
    root.mkdir()
    (own / "config.json").write_text(json.dumps(_bundle(root, shared), indent=1), encoding="utf-8")
    name = f"recvmsg-conformance-{os.getpid()}"
    runsc = [str(program), f"--root={own / 'state'}", *OPTIONS]
    # What is mounted below "/" itself would be read-only. The mounts, of which runsc makes one, end with their namespace.
    mounted = ["unshare", "--mount", "--propagation", "private", "sh", "-c", 'mount --bind / "$0" && exec "$@"', str(root)]
    with open(shared / "console.log", "wb") as console:
        try:
            done = subprocess.run([*mounted, *runsc, "run", f"--bundle={own}", name], stdin=subprocess.DEVNULL, stdout=console,
                                  stderr=subprocess.STDOUT, timeout=seconds, check=False)
        except subprocess.TimeoutExpired:
            raise NotBooted(f"the sandbox did not end within {seconds} seconds") from None
        finally:
            subprocess.run([*runsc, "delete", "--force", name], stdin=subprocess.DEVNULL, stdout=console, stderr=console,
                           check=False)
            root.rmdir()  # fails if anything were mounted there, which must not be removed
            shutil.rmtree(own, ignore_errors=True)
    if done.returncode != 0:
        lines = (shared / "console.log").read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["nothing"]
        raise NotBooted(f"the sandbox ended with status {done.returncode}: {lines[-1][-200:]}")
    return MODULE.rpartition("@")[2]
