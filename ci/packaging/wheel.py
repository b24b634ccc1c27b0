#!/usr/bin/env python3
"""Makes a wheel of an installed suite: wheel.py PREFIX VERSION DIR

PREFIX is what "cmake --install" filled; the wheel has the same layout below its package, so that the runner finds what it needs.
The name of the wheel says which C library the runner needs at least.
"""
import base64
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import time
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = "recvmsg_conformance"
RUNNER = "bin/recvmsg-conformance"

METADATA = """\
Metadata-Version: 2.1
Name: recvmsg-conformance
Version: {version}
Summary: Conformance test suite for recvmsg_into: judges the interpreter that it is installed for, or any other implementation
License: MIT
License-File: LICENSE
Keywords: conformance,socket,recvmsg_into,ancillary data
Classifier: Environment :: Console
Classifier: Operating System :: POSIX :: Linux
Classifier: Programming Language :: Python :: 3
Classifier: Topic :: Software Development :: Testing
Requires-Python: >=3.8
Description-Content-Type: text/markdown

    recvmsg-conformance --implementation python

judges `socket.recvmsg_into` of the Python that this package is installed for; `--implementation python:pypy3` another one, and
`--implementation 'exec:./my-adapter'` an implementation in any language. `recvmsg-conformance --help` has the rest.
"""
WHEEL = """\
Wheel-Version: 1.0
Generator: recvmsg-conformance ci/packaging/wheel.py
Root-Is-Purelib: false
Tag: {tag}
"""
ENTRY_POINTS = """\
[console_scripts]
recvmsg-conformance = recvmsg_conformance.__main__:main
"""


def oldest_glibc(program):
    """The newest version of a symbol of the C library that the program needs."""
    symbols = subprocess.run(["readelf", "--wide", "--dyn-syms", program], check=True, capture_output=True, text=True).stdout
    versions = [tuple(map(int, version.split("."))) for version in re.findall(r"@GLIBC_([0-9.]+)", symbols)]
    return max(version[:2] for version in versions)


def tag_of(program):
    major, minor = oldest_glibc(program)
    return f"py3-none-manylinux_{major}_{minor}_{os.uname().machine}"


def contents(prefix, version, tag):
    """Name, bytes and permissions of each file, without the record of them."""
    for file in sorted(prefix.rglob("*")):
        if file.is_file():
            mode = 0o755 if os.access(file, os.X_OK) else 0o644
            yield f"{PACKAGE}/{file.relative_to(prefix)}", file.read_bytes(), mode
    for file in sorted((HERE / PACKAGE).glob("*.py")):
        yield f"{PACKAGE}/{file.name}", file.read_bytes(), 0o644
    info = f"{PACKAGE}-{version}.dist-info"
    yield f"{info}/METADATA", METADATA.format(version=version).encode(), 0o644
    yield f"{info}/WHEEL", WHEEL.format(tag=tag).encode(), 0o644
    yield f"{info}/entry_points.txt", ENTRY_POINTS.encode(), 0o644
    yield f"{info}/licenses/LICENSE", (HERE.parents[1] / "LICENSE").read_bytes(), 0o644


def line_of_record(name, data):
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(data)}\n"


def write_wheel(prefix, version, directory):
    tag = tag_of(prefix / RUNNER)
    date = time.gmtime(max(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())), 315532800))[:6]  # a zip knows none before 1980
    wheel = directory / f"{PACKAGE}-{version}-{tag}.whl"
    record = ""
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        def add(name, data, mode):
            entry = zipfile.ZipInfo(name, date)
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)

        for name, data, mode in contents(prefix, version, tag):
            add(name, data, mode)
            record += line_of_record(name, data)
        name = f"{PACKAGE}-{version}.dist-info/RECORD"
        add(name, f"{record}{name},,\n".encode(), 0o644)
    return wheel


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: wheel.py PREFIX VERSION DIR")
    print(write_wheel(pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])))
