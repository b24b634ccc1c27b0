"""Child processes whose output goes to a file, each in a process group of its own that ends with this process."""
import contextlib
import os
import shutil
import signal
import subprocess
import sys


class Process:
    """A running program, whose output goes to `log`, or to this process's standard error. A Ctrl-C at the terminal does not
    reach it: who started it ends it, in order."""

    def __init__(self, command, log, env):
        self.command = [str(word) for word in command]
        self.log = log
        self.status = None  # as Popen.returncode has it: negative for a signal
        self.cpu_seconds = 0.0
        setpriv = shutil.which("setpriv")
        ends_with_us = [setpriv, "--pdeathsig", "KILL"] if setpriv else []
        with open(log, "wb") if log else contextlib.nullcontext(sys.stderr) as out:
            self._child = subprocess.Popen(ends_with_us + self.command, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                           env=env, start_new_session=True)

    def ended(self):
        """Looks whether it has ended; then `status` and `cpu_seconds` are set."""
        if self.status is not None:
            return True
        pid, status, usage = os.wait4(self._child.pid, os.WNOHANG)
        if pid:
            self._finish(status, usage)
        return self.status is not None

    def send(self, signal_number):
        if self.status is None:
            os.killpg(self._child.pid, signal_number)

    def kill(self):
        """Ends it and all that is in its group, and waits for that."""
        if self.status is None:
            os.killpg(self._child.pid, signal.SIGKILL)
            _, status, usage = os.wait4(self._child.pid, 0)
            self._finish(status, usage)

    def group_is_left(self):
        """Whether something of its process group still is, when it has ended itself."""
        try:
            os.killpg(self._child.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def _finish(self, status, usage):
        self.status = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        self._child.returncode = self.status  # or Popen would warn that it still runs
        self.cpu_seconds = usage.ru_utime + usage.ru_stime

    def output(self):
        with open(self.log, errors="replace") as file:
            return file.read()


class LogReader:
    """The lines that were added to a log since it was last asked."""

    def __init__(self, path):
        self.path = path
        self.position = 0
        self.rest = ""

    def lines(self):
        with open(self.path, "rb") as file:
            file.seek(self.position)
            added = file.read()
        self.position += len(added)
        whole = (self.rest + added.decode(errors="replace")).split("\n")
        self.rest = whole.pop()
        return whole
