"""One input, run once more: what comes of it, in words and as a signature."""
import pathlib
import tempfile

from campaign import collected
from campaign.environment import environment
from campaign.processes import Process
from campaign.signature import Signature, signature_of

GRACE = 20  # seconds beyond the engine's own limit, for the program's start and the symbolizer's work


class Replayer:
    """Runs single inputs on targets of one engine."""

    def __init__(self, engine, owners, interruption, implementation=None):
        self.engine = engine
        self.owners = owners
        self.interruption = interruption
        self.implementation = implementation

    def signature(self, report):
        """What an output tells of, or None."""
        return signature_of(report, self.owners)

    def crash(self, target, file, without_implementation=False, kept=None):
        """(signature, report); (None, report) where nothing is wrong. What the target keeps by itself is added to the list
        `kept`, and is no crash."""
        env = environment(self.implementation, without_implementation)
        with tempfile.TemporaryDirectory() as folder:
            found = pathlib.Path(folder, "found")
            found.mkdir()
            env[collected.VARIABLE] = str(found)
            log = pathlib.Path(folder, "log")
            process = Process(self.engine.replay_command(target, file), log, env)
            ended = self.interruption.run(process, self.engine.timeout(target) + GRACE, uninterrupted=True)
            report = process.output()
            if kept is not None:
                kept += collected.in_folder(found)
        if not ended:
            return Signature("timeout"), report
        if process.status == 0:
            return None, report
        signature = self.signature(report)
        if signature is None:
            how = f"signal {-process.status}" if process.status < 0 else f"exit status {process.status}"
            signature = Signature(f"ended with {how}")
        return signature, report
