"""What adapter.py judges, if not socket.socket.

    adapter.py [--socket MODULE:FACTORY] [--name NAME] [--version VERSION] [--only CAPABILITY,... | --without CAPABILITY,...]
               [--hello JSON]

FACTORY(family, type, proto, fileno) returns an object with settimeout, recvmsg_into and detach, as socket.socket has them. The
default of VERSION is that of the package that is installed as NAME, or else Python's. JSON has more fields of the reply to hello.
"""
import importlib
import json
import socket
import sys
import types


def _factory(text):
    module, _, name = text.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        sys.exit(f"adapter.py: argument --socket: {text}: {error}")


def _words(text):
    return text.split(",")


def _version_of(name):
    import importlib.metadata
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _parsed(arguments):
    """What the options say. A suite starts many adapters, most without options: then there is nothing to import."""
    if not arguments:
        return types.SimpleNamespace(socket=socket.socket, name=None, version=None, only=None, without=(), hello={})
    import argparse

    class Parser(argparse.ArgumentParser):
        def error(self, message):
            sys.exit(f"adapter.py: {message}")

    parser = Parser()
    parser.add_argument("--socket", type=_factory, default=socket.socket)
    parser.add_argument("--name")
    parser.add_argument("--version")
    parser.add_argument("--only", type=_words)
    parser.add_argument("--without", type=_words, default=())
    parser.add_argument("--hello", type=json.loads, default={})
    return parser.parse_args(arguments)


_options = _parsed(sys.argv[1:])

make_socket = _options.socket
HELLO = _options.hello
_USUAL_NAMES = {"cpython": "CPython", "pypy": "PyPy"}
NAME = _options.name or _USUAL_NAMES.get(sys.implementation.name, sys.implementation.name)
VERSION = (_options.version or _options.name and _version_of(_options.name)
           or "%d.%d.%d" % sys.implementation.version[:3])  # PyPy's own, not that of its language


def declared(can):
    """Those capabilities that --only or --without leaves. Classes of event loops are for one thread: that others can be used
    by several (`concurrent`), --only says."""
    unknown = {*(_options.only or ()), *_options.without} - set(can)
    if unknown:
        sys.exit(f"adapter.py: it cannot declare {', '.join(sorted(unknown))}")
    ours = [word for word in can if word != "concurrent" or make_socket is socket.socket]
    return [word for word in (ours if _options.only is None else _options.only) if word not in _options.without]
