"""What the suite is built for. Each is run here: by its processor, or by qemu-user."""
import collections
import platform

# `triple` is the compiler's; `debian` the architecture's name there; `machine` is EM_* of elf(5), and `order` how its bytes lie.
Target = collections.namedtuple("Target", "triple debian machine order")

TARGETS = {
    "aarch64": Target("aarch64-linux-gnu", "arm64", 183, "little"),
    "s390x": Target("s390x-linux-gnu", "s390x", 22, "big"),
    "x86_64-musl": Target("x86_64-linux-musl", "amd64", 62, "little"),
    "aarch64-musl": Target("aarch64-linux-musl", "arm64", 183, "little"),
}


def processor(target):
    return target.triple.partition("-")[0]


def is_musl(target):
    return target.triple.endswith("-musl")


def is_native(target):
    return processor(target) == platform.machine()
