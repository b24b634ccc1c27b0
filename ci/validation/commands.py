"""Programs that ci/validate runs: output to a log, a process group each, ended with the run."""
import os
import signal
import subprocess
import threading

GRACE_S = 15  # for a runner to end its adapters in order


class Interrupted(Exception):
    """An end was asked for."""


class Commands:
    def __init__(self):
        self._lock = threading.Lock()
        self._running = set()
        self.interrupted = False

    def run(self, command, log, cwd, seconds, env=None):
        """The exit status, negative for a signal; None where the time is over."""
        with open(log, "ab") as out:
            out.write(f"$ {' '.join(map(str, command))}\n".encode())
            out.flush()
            with self._lock:
                if self.interrupted:
                    raise Interrupted
                child = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                         cwd=cwd, env={**os.environ, **(env or {})}, start_new_session=True)
                self._running.add(child)
        try:
            status = child.wait(seconds)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            self._end(child)
            with self._lock:
                self._running.discard(child)
        if self.interrupted:
            raise Interrupted
        return status

    def interrupt(self):
        """Ends what runs, and lets nothing else begin."""
        self.interrupted = True
        for child in list(self._running):
            _signal(child, signal.SIGTERM)

    @staticmethod
    def _end(child):
        if child.poll() is not None:
            return
        _signal(child, signal.SIGTERM)
        try:
            child.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            _signal(child, signal.SIGKILL)
            child.wait()


def _signal(child, number):
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        pass


def complaint(log):
    """The line of a log that says why: the last one that reads like an error, or the last one at all."""
    try:
        with open(log, encoding="utf-8", errors="replace") as file:
            lines = [line.strip() for line in file if line.strip() and not line.startswith("$ ")]
    except OSError as error:
        return str(error)
    errors = [line for line in lines if any(word in line for word in ("rror", "E: ", "cannot", "No such", "not found"))]
    return ((errors or lines or ["it said nothing"])[-1])[:300]
