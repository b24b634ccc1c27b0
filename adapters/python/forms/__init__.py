"""The forms of ../../PROTOCOL.md: how arguments are handed to recvmsg_into, and what is done around a call.

A form is a function of a Call. It returns what recvmsg_into returned, or raises what that raised, and may note facts. It
expects nothing.
"""
from .call import FORMS, Call, NotPerformed
from .sizes import cmsg_sizes  # noqa: F401

CAN = ["cmsg_sizes", "python_forms"]


def registered():
    """The forms by name. Their modules are imported at the first call: a suite starts many adapters, few of which need them."""
    from . import arguments, buffers, iterables, results, sockets, waiting  # noqa: F401  they register their forms
    return FORMS


def perform(form, *call):
    """A call in a form, NAME or NAME:NUMBER."""
    name, _, number = form.partition(":")
    forms = registered()
    if name not in forms:
        raise NotPerformed(unsupported=f"form {name}")
    return forms[name](Call(*call, int(number or 0)))
