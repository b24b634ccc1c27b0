"""The environment that targets run in: what sanitizers are to tell, and which implementation is under test."""
import os
import shutil

from campaign.stacks import STACK_FORMAT

IMPLEMENTATION = "RECVINTO_FUZZ_IMPLEMENTATION"

# Small quarantines: targets allocate little, and the default of 256 MB costs a quarter of the speed.
_ADDRESS = "quarantine_size_mb=1:thread_local_quarantine_size_kb=64:detect_stack_use_after_return=1"
_SYMBOLIZERS = ("llvm-symbolizer-19", "llvm-symbolizer", "llvm-symbolizer-14")


def environment(implementation=None, implementation_taken_away=False):
    """A copy of this process's environment for a target. What the caller has set in *SAN_OPTIONS has the last word."""
    env = dict(os.environ)
    trace = f'print_stacktrace=1:stack_trace_format="{STACK_FORMAT}"'
    for name, options in (("ASAN_OPTIONS", f"{_ADDRESS}:{trace}"), ("UBSAN_OPTIONS", trace)):
        env[name] = ":".join(filter(None, [options, env.get(name)]))
    symbolizer = next(filter(None, map(shutil.which, _SYMBOLIZERS)), None)
    if symbolizer:
        env.setdefault("ASAN_SYMBOLIZER_PATH", symbolizer)
        env.setdefault("UBSAN_SYMBOLIZER_PATH", symbolizer)
    if implementation:
        env[IMPLEMENTATION] = implementation
    if implementation_taken_away:
        env.pop(IMPLEMENTATION, None)
    return env
