"""What is shown while a campaign runs: one line that changes on a terminal, plain lines now and then elsewhere."""
import os
import sys
from time import monotonic

PLAIN_EVERY = 30  # seconds


def short(number):
    """1234567 as "1.23M"."""
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= limit:
            return f"{number / limit:.3g}{unit}"
    return f"{number:.3g}" if number != int(number) else str(int(number))


def clock(seconds):
    seconds = int(seconds)
    hours = f"{seconds // 3600}:" if seconds >= 3600 else ""
    return f"{hours}{seconds // 60 % 60:02}:{seconds % 60:02}"


class Progress:
    def __init__(self, seconds, out=sys.stderr):
        self._out = out
        self._seconds = seconds
        self._started = None  # when the fuzzing begins
        self._shown_at = None
        self._executions_before = None
        self._line = ""

    def tell(self, message):
        """A line that stays."""
        self._erase()
        print(message, file=self._out, flush=True)

    def show(self, record, running):
        """How far it is."""
        executions = sum(target["executions"] for target in record["targets"])
        if self._started is None:
            self._started, self._executions_before = monotonic(), executions
        passed = monotonic() - self._started
        speed = (executions - self._executions_before) / max(passed, 1e-3)
        open_findings = sum(finding["status"] == "open" for finding in record["findings"])
        line = (f"{clock(passed)} of {clock(self._seconds)}  {short(executions)} executions  {short(speed)}/s  "
                f"{open_findings} finding{'s' * (open_findings != 1)}  {', '.join(running)}")
        if self._out.isatty():
            self._erase()
            self._line = line[:_columns(self._out) - 1]
            print(self._line, end="", file=self._out, flush=True)
        elif self._shown_at is None or monotonic() - self._shown_at >= PLAIN_EVERY:
            self._shown_at = monotonic()
            print(line, file=self._out, flush=True)

    def _erase(self):
        if self._line:
            print("\r\x1b[K", end="", file=self._out)
            self._line = ""


def _columns(out):
    try:
        return os.get_terminal_size(out.fileno()).columns or 80
    except OSError:
        return 80
