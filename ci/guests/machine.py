"""A virtual machine with a kernel of a package, a root that it does not change and a directory for results."""
import collections
import os
import pathlib
import platform
import shutil
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
MODULES = ("virtio_pci", "9pnet_virtio", "9p", "overlay")
UNPACK = {".xz": ["xz", "-dc"], ".zst": ["zstd", "-dc"]}
# Where KVM is inside another virtual machine, it may be there and run nothing: a guest that has said nothing for so long is tried
# without.
SILENCE_S = 30
# What a guest sees: the directory `root`, and of this machine `places`, where they are here.
Guest = collections.namedtuple("Guest", "architecture root busybox places")


class NotBooted(Exception):
    """str() says why."""


def _modules(package, release):
    """The files of MODULES and of what they need, each after what it needs."""
    subprocess.run(["depmod", "-b", package, release], check=True, capture_output=True)
    files = []
    for module in MODULES:
        shown = subprocess.run(["modprobe", "-d", package, "-S", release, "--show-depends", module], capture_output=True,
                               text=True, check=False)
        if shown.returncode != 0:
            raise NotBooted(f"{package.name} has no module {module}: {shown.stderr.strip()}")
        for line in shown.stdout.splitlines():
            if line.startswith("insmod "):
                file = pathlib.Path(line.split()[1])
                if file not in files:
                    files.append(file)
    return files


def initial_root(package, guest, to):
    """Writes the initramfs for that kernel. Returns the kernel's release."""
    releases = os.listdir(package / "lib/modules")
    if len(releases) != 1:
        raise NotBooted(f"{package.name} holds {len(releases)} kernels")
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory)
        for name in ("bin", "modules", "proc", "sys", "dev", "lower", "changes", "host", "root"):
            (root / name).mkdir()
        shutil.copy(guest.busybox, root / "bin/busybox")
        shutil.copy(HERE / "init.sh", root / "init")
        (root / "init").chmod(0o755)
        names = []
        for file in _modules(package, releases[0]):
            unpack = UNPACK.get(file.suffix)
            name = file.stem if unpack else file.name
            content = subprocess.run([*unpack, file], check=True, capture_output=True).stdout if unpack else file.read_bytes()
            (root / "modules" / name).write_bytes(content)
            names.append(name)
        (root / "modules.list").write_text("\n".join(names) + "\n", encoding="ascii")
        (root / "places.list").write_text("".join(f"{place}\n" for place in guest.places), encoding="utf-8")
        files = subprocess.run(["find", ".", "-mindepth", "1"], cwd=root, check=True, capture_output=True).stdout
        with open(to, "wb") as image:
            subprocess.run(["cpio", "--quiet", "-o", "-H", "newc"], cwd=root, input=files, check=True, stdout=image)
    return releases[0]


def _kernel(package):
    found = [*package.glob("boot/vmlinuz*"), *package.glob("lib/modules/*/vmlinuz")]
    if not found:
        raise NotBooted(f"{package.name} holds no kernel")
    return found[0]


def _command(package, image, shared, guest, accelerator, cpus, megabytes):
    architecture = guest.architecture
    host = ["-virtfs", "local,path=/,mount_tag=host,security_model=passthrough,readonly=on,multidevs=remap"]
    return [*architecture.machine, *architecture.accelerators[accelerator], "-m", str(megabytes), "-smp", str(cpus),
            "-kernel", _kernel(package), "-initrd", image, "-append", f"console={architecture.console} panic=-1 quiet",
            "-virtfs", f"local,path={guest.root},mount_tag=root,security_model=passthrough,readonly=on,multidevs=remap",
            *(host if guest.places else []),
            "-virtfs", f"local,path={shared},mount_tag=out,security_model=none,multidevs=remap",
            "-no-reboot", "-nographic", "-monitor", "none", "-nic", "none"]


def boot(package, shared, guest, accelerator, cpus, megabytes, seconds):
    """Runs a guest that does what shared/plan.json says, until it ends. Its console is shared/console.log. Raises NotBooted."""
    image = shared / "initramfs"
    release = initial_root(package, guest, image)
    console = shared / "console.log"
    begin = time.monotonic()
    command = _command(package, image, shared, guest, accelerator, cpus, megabytes)
    with open(console, "wb") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                   start_new_session=True)
    try:
        while True:
            try:
                process.wait(1)
                break
            except subprocess.TimeoutExpired:
                passed = time.monotonic() - begin
                if accelerator == "kvm" and passed > SILENCE_S and "guest: up" not in said_by(console):
                    raise NotBooted("KVM runs nothing here") from None
                if passed > seconds:
                    raise NotBooted(f"the guest did not end within {seconds} seconds") from None
    finally:
        process.kill()
        process.wait()
        image.unlink()
    said = said_by(console)
    if "Kernel panic" in said or "guest: done" not in said:
        lines = [line for line in said.splitlines() if line.strip()] or ["nothing"]
        raise NotBooted(f"the guest did not end in order; its console: {lines[-1].strip()[-200:]}")
    return release


def said_by(console):
    return console.read_text(encoding="utf-8", errors="replace")


def supported():
    return platform.machine() == "x86_64"
