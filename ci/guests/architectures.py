"""The processors that a guest may have."""
import dataclasses


@dataclasses.dataclass(frozen=True, eq=False)
class Architecture:
    debian: str
    suffix: str  # of the names of its versions
    machine: list  # the command of QEMU begins so
    console: str
    accelerators: dict
    lacks: tuple  # runs that it cannot have


# thread=single: where two threads emulate processors, one may run into code that the other is changing: kernels change their own,
# and end by an "Oops: int3".
EMULATED = ["-accel", "tcg,thread=single", "-cpu"]
# arch-capabilities: MSR 0x10a cannot be set in some virtual machines.
AMD64 = Architecture("amd64", "", ["qemu-system-x86_64"], "ttyS0",
                     {"kvm": ["-accel", "kvm", "-cpu", "host,-arch-capabilities"], "tcg": [*EMULATED, "max"]}, ())
# pauth-impdef: a cipher of QEMU's own signs pointers; the usual one takes most of the time.
ARM64 = Architecture("arm64", "-arm64", ["qemu-system-aarch64", "-machine", "virt"], "ttyAMA0",
                     {"tcg": [*EMULATED, "max,pauth-impdef=on"]}, ("raw32",))


def of(version):
    """As 6.1 or 6.1-arm64: the number, and the processor."""
    if version.endswith(ARM64.suffix):
        return version.removesuffix(ARM64.suffix), ARM64
    return version, AMD64
