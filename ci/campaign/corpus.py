"""A corpus after fuzzing: what adds no coverage is left out; what takes longest is named."""
import shutil
from time import monotonic

from campaign.targets import inputs_in

SLOWEST = 5
LIMIT = 600  # seconds for one target


def merge(engine, target, place, env, interruption, log):
    """Leaves the inputs that cover all that the corpus covers. Returns a note for the report where it could not."""
    into = place.scratch / "merged"
    into.mkdir()
    process = engine.merge(target, into, place.corpus, place.environment(env), log)
    ended = interruption.run(process, LIMIT)
    if ended and process.status == 0 and any(into.iterdir()):
        place.replace_corpus(into)
        return None
    shutil.rmtree(into)
    if not any(place.corpus.iterdir()):
        return None
    why = "it was interrupted" if not ended else f"exit status {process.status}, see {log.name}"
    return f"the corpus is not minimised: {why}"


def slowest(engine, target, place, env, interruption, log):
    """The inputs that take longest, [{"input", "bytes", "microseconds"}]."""
    files = inputs_in(place.corpus)
    times, until = {}, monotonic() + LIMIT
    for first in range(0, len(files), 500):  # a command line holds no more
        process = engine.time_inputs(target, files[first:first + 500], place.environment(env), log)
        if process is None or not interruption.run(process, until - monotonic()):
            break
        times.update(engine.times(process.output()))
    worst = sorted(times.items(), key=lambda item: -item[1])[:SLOWEST]
    return [{"input": f"corpus/{target.name}/{file.name}", "bytes": file.stat().st_size, "microseconds": time}
            for file, time in ((place.corpus / name.rsplit("/", 1)[-1], time) for name, time in worst)]
