"""Commands of ci/, which have no suffix, as modules whose functions tests call."""
import importlib.machinery
import importlib.util
import pathlib
import sys

CI = pathlib.Path(__file__).resolve().parent.parent


def command_module(command):
    """The module that `command`, a file of ci/ such as "fuzz-corpus", is; what it imports from ci/ is found."""
    if str(CI) not in sys.path:
        sys.path.insert(0, str(CI))
    name = command.replace("-", "_")
    loader = importlib.machinery.SourceFileLoader(name, str(CI / command))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    sys.modules[name] = module  # where dataclasses look for it
    loader.exec_module(module)
    return module
