"""Ctrl-C and SIGTERM: the first asks for an end in order, the second for one at once."""
import os
import select
import signal
from time import monotonic


class Abandoned(Exception):
    """The second request: leave all that is left to do, but save what there is."""


class Interruption:
    """While it is entered, `requested` says whether the user wants an end, and `wait` ends early for that."""

    def __init__(self):
        self.requested = False
        self._last_word = False

    def __enter__(self):
        self._wakes, wakeup = os.pipe()
        os.set_blocking(self._wakes, False)
        os.set_blocking(wakeup, False)
        self._wakeup = wakeup
        signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._handle)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # so that the end of a child wakes us
        return self

    def __exit__(self, *_):
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL if number != signal.SIGINT else signal.default_int_handler)
        os.close(self._wakes)
        os.close(self._wakeup)

    def _handle(self, *_):
        if self.requested and not self._last_word:
            raise Abandoned()
        self.requested = True

    def last_word(self):
        """From now on nothing interrupts: what there is gets saved."""
        self.requested = self._last_word = True

    def wait(self, seconds):
        """Until a child has ended, an end is asked for, or the time is over."""
        if select.select([self._wakes], [], [], max(0.0, seconds))[0]:
            try:
                os.read(self._wakes, 4096)
            except BlockingIOError:
                pass

    def run(self, process, seconds, uninterrupted=False, leave_it=False):
        """Waits for `process`; kills it and returns False when the time is over or, unless `uninterrupted`, an end is
        asked for. With `leave_it`, killing is left to the caller."""
        until = monotonic() + seconds
        try:
            while not process.ended():
                if monotonic() >= until or (self.requested and not uninterrupted):
                    return False
                self.wait(min(1.0, until - monotonic()))
            return True
        finally:
            if not leave_it:
                process.kill()
