"""Inputs that are known already: each is tried once before there is any fuzzing, so that one that fails is found for certain,
and ends no run."""
from campaign.targets import inputs_in

AT_A_TIME = 500  # a command line holds no more
LIMIT = 600  # seconds for that many


def failing(engine, target, place, env, interruption, replayer, log):
    """Yields (path, signature, report) of each input of the corpus that fails. The caller takes it out of there."""
    files = inputs_in(place.corpus)
    while files and not interruption.requested:
        some = files[:AT_A_TIME]
        process = engine.run_inputs(target, some, place.environment(env), log)
        if interruption.run(process, LIMIT) and process.status == 0:
            files = files[AT_A_TIME:]
            continue
        if interruption.requested:
            return
        report = process.output()
        begun = engine.last_begun(report)
        signature = replayer.signature(report)
        if begun in some and signature is not None:
            files = files[some.index(begun) + 1:]
            yield begun, signature, report
            continue
        # It did not say which: one after the other. An exit that is no crash concerns all, and the fuzzing will tell of it.
        for path in some:
            signature, report = replayer.crash(target, path)
            if signature is not None and not signature.kind.startswith("ended with exit"):
                yield path, signature, report
        files = files[AT_A_TIME:]
