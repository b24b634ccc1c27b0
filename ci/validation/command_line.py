"""The arguments of ci/validate."""
import argparse
import pathlib
import sys

USAGE = 64
_EPILOG = """Each implementation has an entry in adapters/*/manifest.toml (adapters/MANIFEST.md): packages, build, SPEC, baseline.
Results are in DIR/NAME, the matrix in DIR/matrix.json and DIR/matrix.md, every
check in DIR/site. A validation that was interrupted goes on
where it was: rows whose adapter, baseline and runner have not changed are kept (--fresh judges them again).

exit status: 0 all as their baselines say, 1 something unexpected, or a baseline is not up to date, 64 wrong usage, 69 an
implementation could not be installed, built or started (the others were judged), 70 the suite's own fault, 130 interrupted"""


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        print(f"{self.prog}: {message} ({self.prog} --help)", file=sys.stderr)
        sys.exit(USAGE)


def _number(low, high):
    def parse(text):
        if not text.isdigit() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{text} is no number from {low} to {high}")
        return int(text)
    return parse


def parse(arguments):
    parser = _Parser(prog="ci/validate", description="Judges every implementation that has an adapter here, and compares them.",
                     epilog=_EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="an implementation, or a folder below adapters/; default: all")
    parser.add_argument("--list", action="store_true", help="list the implementations, and judge none")
    parser.add_argument("--jobs", type=_number(1, 64), default=1, metavar="N",
                        help="how many to judge side by side, default: 1, for some checks measure time")
    parser.add_argument("--seconds", type=_number(0, 86400), default=20, metavar="N",
                        help="of laws for each implementation, default: 20; 0: none")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("build/validate"), metavar="DIR",
                        help="where all of it goes, default: build/validate")
    parser.add_argument("--fresh", action="store_true", help="keep no row of an earlier validation")
    parser.add_argument("--page", type=pathlib.Path, metavar="FILE", help="write the page there, too: docs/implementations.md")
    parser.add_argument("--runner", type=pathlib.Path, metavar="PROGRAM",
                        help="a recvmsg-conformance that is built; default: it is built first")
    return parser.parse_args(arguments)
