"""The handlers that the request `signal` installs."""
import signal

handled = []  # the signals that a handler saw since the call began


class HandlerError(Exception):
    pass


def count_and_raise(signum, _frame):
    handled.append(signum)
    raise HandlerError(f"signal {signum}")


HANDLERS = {"return": lambda signum, _: handled.append(signum), "raise": count_and_raise, "default": signal.SIG_DFL}
