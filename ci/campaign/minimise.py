"""A smaller input that crashes in the same way: shorter first (delta debugging), then with bytes of no account as zeros."""


class OutOfTime(Exception):
    """Raised by who is asked whether an input still does it: the best until then is the result."""


def minimise(data, is_same):
    """The simplest bytes found for which `is_same` holds, as it does for `data`."""
    best = [data]  # what was found survives the end of the time

    def try_one(candidate):
        if not is_same(candidate):
            return False
        best[0] = candidate
        return True

    try:
        _shorten(best, try_one)
        _zero(best, try_one)
    except OutOfTime:
        pass
    return best[0]


def _shorten(best, try_one):
    """Leaves out ever smaller pieces, until no single byte can be spared."""
    piece = len(best[0])
    while piece:
        spared, at = False, 0
        while at < len(best[0]):
            if try_one(best[0][:at] + best[0][at + piece:]):
                spared = True
            else:
                at += piece
        if piece > 1 or not spared:
            piece //= 2


def _zero(best, try_one):
    """Makes zeros of as many bytes as can be, halves first."""
    def zero(begin, end):
        if end <= begin or not any(best[0][begin:end]):
            return
        if not try_one(best[0][:begin] + bytes(end - begin) + best[0][end:]) and end - begin > 1:
            middle = (begin + end) // 2
            zero(begin, middle)
            zero(middle, end)

    zero(0, len(best[0]))
