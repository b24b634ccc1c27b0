#!/usr/bin/env python3
"""Tries each adapter against PROTOCOL.md, without the suite.

GO_ADAPTER and GLIB_ADAPTER name the built adapters. An adapter that is not there is skipped.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

from adapter_case import ADAPTERS, TestCase
from adapter_checks import AdapterChecks


def built(variable):
    """What a subclass has for an adapter that the environment names."""
    path = os.environ.get(variable, "")
    if os.access(path, os.X_OK):
        return {"command": [path]}
    return {"reason": f"{variable} names no program: {path or 'it is not set'}"}


def interpreted(interpreter, program, *needed):
    """The same for a program in a language. `needed` are arguments with which the interpreter just has to succeed."""
    path = shutil.which(interpreter)
    if not path:
        return {"reason": f"there is no {interpreter}"}
    if needed and subprocess.run([path, *needed], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        return {"reason": f"{interpreter} {' '.join(needed)} fails"}
    return {"command": [path, str(ADAPTERS / program)]}


def compiled(*sources):
    """The same for a program in C, which is compiled now."""
    if not shutil.which("cc"):
        return {"reason": "there is no cc"}
    program = os.path.join(FOLDER.name, sources[0].replace("/", "-"))
    subprocess.run(["cc", "-std=c11", "-Wall", "-Wextra", "-Werror", '-DLIBC="libc"', '-DLIBC_VERSION="1"', "-o", program,
                    *[str(ADAPTERS / source) for source in sources]], check=True)
    return {"command": [program]}


FOLDER = tempfile.TemporaryDirectory()
ASYNCIO = ["--socket", "loops:asyncio", "--name", "asyncio", "--only", "address,timeout,signals"]

CPython = type("CPython", (AdapterChecks, TestCase), {"command": [sys.executable, str(ADAPTERS / "python/adapter.py")]})
EventLoop = type("EventLoop", (AdapterChecks, TestCase), {"command": [*CPython.command, *ASYNCIO]})
C = type("C", (AdapterChecks, TestCase), compiled("c/adapter.c", "c/json.c"))
PyPy = type("PyPy", (AdapterChecks, TestCase), interpreted("pypy3", "python/adapter.py"))
Go = type("Go", (AdapterChecks, TestCase), built("GO_ADAPTER"))
Template = type("Template", (AdapterChecks, TestCase), interpreted("perl", "template/adapter.pl", "-MJSON::PP", "-e1"))
GLib = type("GLib", (AdapterChecks, TestCase), built("GLIB_ADAPTER"))


if __name__ == "__main__":
    unittest.main()
