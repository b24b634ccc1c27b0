"""Installing what an implementation needs, and building its adapter, below OUT/NAME."""
import os
import shutil
import subprocess
import sys
import threading

from validation.commands import complaint

MINUTES = 15  # for an installation, and for a build
_apt = threading.Lock()  # apt-get has several of its own, and waits for one of them only


class NotInstalled(Exception):
    """A package cannot be installed; the text is one line."""


class NotBuilt(Exception):
    """The adapter does not build; the text is one line."""


def places(root, out, implementation):
    """What the words in braces stand for."""
    build = out / implementation.name
    interpreter = build / "venv/bin/python" if "pip" in implementation.packages else implementation.interpreter
    return {"build": str(build), "here": str(root / implementation.folder), "interpreter": str(interpreter)}


def filled(text, words):
    for word, value in words.items():
        text = text.replace("{" + word + "}", value)
    return text


def environment(out, implementation):
    """Where gems, node modules and jars are that were installed for this implementation."""
    build = out / implementation.name
    env = {"NODE_PATH": str(build / "node_modules"), "GEM_PATH": str(build / "gems") + os.pathsep}
    return env if {"npm", "gem"} & set(implementation.packages) else {}


def install(root, out, implementation, commands):
    log = out / implementation.name / "install.log"
    log.unlink(missing_ok=True)
    words = places(root, out, implementation)

    def run(what, *command, cwd=root):
        if not shutil.which(str(command[0])):
            raise NotInstalled(f"{what}: there is no {command[0]} here")
        status = commands.run(command, log, cwd, MINUTES * 60, {"DEBIAN_FRONTEND": "noninteractive"})
        if status != 0:
            why = "not done within 15 minutes" if status is None else complaint(log)
            raise NotInstalled(f"{what}: {why}")
    for registry, names in implementation.packages.items():
        if registry == "apt":
            _install_debian(names, run)
        elif registry == "pip":
            _install_python(implementation, words, names, run)
        elif registry == "npm":
            run(" ".join(names), "npm", "install", "--no-fund", "--no-audit", "--prefix", words["build"], *names)
        elif registry == "gem":
            run(" ".join(names), "gem", "install", "--no-document", "--install-dir", f"{words['build']}/gems", *names)
        elif registry == "maven":
            for name in names:
                run(name, "mvn", "-q", "dependency:copy", f"-Dartifact={name}", f"-DoutputDirectory={words['build']}/jars",
                    cwd=words["build"])
        elif registry == "cargo":  # Cargo.lock and go.sum say what; it is fetched here, so that a build needs no network
            run(" ".join(names), "cargo", "fetch", "--locked", cwd=words["here"])
        elif registry == "go":
            run(" ".join(names), "go", "mod", "download", cwd=words["here"])


def _install_debian(names, run):
    if not shutil.which("dpkg-query"):
        raise NotInstalled(f"{' '.join(names)}: there is no dpkg here")
    missing = [name for name in names if not _is_installed(name)]
    if not missing:
        return
    what = " ".join(missing)
    if os.geteuid() != 0:
        raise NotInstalled(f"packages are missing; install them with: sudo apt-get install {what}")
    with _apt:
        run(what, "apt-get", "update", "-qq")
        run(what, "apt-get", "-o", "DPkg::Lock::Timeout=300", "install", "-y", "-qq", "--no-install-recommends", *missing)


def _is_installed(name):
    done = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status}", name], capture_output=True, text=True, check=False)
    return done.stdout == "installed"


def _install_python(implementation, words, names, run):
    """In a virtual environment; one that has what is asked for stays as it is."""
    wanted = "\n".join([implementation.interpreter, *names])
    venv = os.path.join(words["build"], "venv")
    mark = os.path.join(venv, "has")
    if os.path.exists(mark):
        with open(mark, encoding="utf-8") as file:
            if file.read() == wanted:
                return
    interpreter = implementation.interpreter or sys.executable
    run("a virtual environment", interpreter, "-m", "venv", "--clear", venv)
    run(" ".join(names), words["interpreter"], "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *names)
    with open(mark, "w", encoding="utf-8") as file:
        file.write(wanted)


def build(root, out, implementation, commands):
    if not implementation.build:
        return
    log = out / implementation.name / "build.log"
    log.unlink(missing_ok=True)
    words = places(root, out, implementation)
    status = commands.run(["nice", "bash", "-euo", "pipefail", "-c", filled(implementation.build, words)], log, words["here"],
                          MINUTES * 60, environment(out, implementation))
    if status != 0:
        raise NotBuilt("not done within 15 minutes" if status is None else complaint(log))
