"""Becomes the runner, with this interpreter as the implementation "python"."""
import os
import pathlib
import sys


def main():
    os.environ["RECVMSG_CONFORMANCE_PYTHON"] = sys.executable
    runner = pathlib.Path(__file__).resolve().parent / "bin/recvmsg-conformance"
    os.execv(runner, ["recvmsg-conformance", *sys.argv[1:]])


if __name__ == "__main__":
    main()
