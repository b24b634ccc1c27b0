"""Programs of another processor, run by qemu-user as if they were this one's: binfmt_misc of a namespace of their own, so that
nothing on this machine changes."""
import os
import shutil
import subprocess

from crossing.targets import is_native, processor

PLACE = "/proc/sys/fs/binfmt_misc"
# $1 is what is written to binfmt_misc, if anything; what follows is the command.
ENTER = f"""[ -z "$1" ] || {{ mount -t binfmt_misc binfmt_misc {PLACE} && printf %s "$1" >{PLACE}/register; }} || exit 69
shift
exec "$@\""""


def entry(target, interpreter):
    """A line for binfmt_misc: 64-bit ELF programs of that machine, whatever their OSABI, dynamic ones that can be placed anywhere
    among them. F: opened now, so that another root does not hide it. P: argv[0] is passed on."""
    def bytes_of(numbers):
        return "".join(f"\\x{number:02x}" for number in numbers)

    ident = [0x7F, *b"ELF", 2, 1 if target.order == "little" else 2, 1, *[0] * 9]
    kind, machine = (list(number.to_bytes(2, target.order)) for number in (2, target.machine))
    any_kind = list((0xFFFE).to_bytes(2, target.order))
    mask = [*[0xFF] * 7, 0, *[0xFF] * 8, *any_kind, 0xFF, 0xFF]
    return f":recvmsg-conformance:M::{bytes_of(ident + kind + machine)}:{bytes_of(mask)}:{interpreter}:FP"


def inside(target, command):
    """That command, in a user namespace where programs of `target` run; None: of this machine. When the process that is started
    ends, in whatever way, so does each that it left: the namespace of processes is theirs alone."""
    line = ""
    if target is not None and not is_native(target):
        line = entry(target, shutil.which(f"qemu-{processor(target)}"))
    return ["unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
            "sh", "-c", ENTER, "sh", line, *command]


def environment(sysroot):
    """Where qemu-user finds the C library of a program."""
    return {**os.environ, "QEMU_LD_PREFIX": str(sysroot)} if sysroot else None


def lacking(target):
    """Why programs of `target` do not run here; empty: they do."""
    done = subprocess.run(inside(target, ["true"]), capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
    return f"no binfmt_misc in a user namespace, which Linux has since 6.7: {said}"
