#!/usr/bin/env python3
"""The Python adapter on a Python whose socket.recvmsg_into is wrong in one way: faulty_python.py FAULT

The faults are those of fixtures/faults/python.cc, which says what each does.
"""
import ctypes
import errno
import pathlib
import runpy
import select
import socket
import ssl
import sys
import warnings

RIGHT = socket.socket.recvmsg_into
ADAPTER = pathlib.Path(__file__).resolve().parent.parent / "python/adapter.py"
FAULTS = {}
KEPT = []


def fault(function):
    FAULTS["python-" + function.__name__.replace("_", "-")] = function
    return function


def right(sock, buffers, *rest):
    with warnings.catch_warnings(record=True) as seen:
        result = RIGHT(sock, buffers, *rest)
    for warning in seen:
        warnings.warn(warning.message, stacklevel=4)  # beyond this function, the fault, and the method
    return result


def view_of(buffer):
    """The buffer byte by byte, as recvmsg_into takes it."""
    view = memoryview(buffer)
    if view.readonly or not view.c_contiguous:
        raise TypeError("not a contiguous buffer that can be written")
    return view.cast("B") if view.nbytes else view


def is_buffer(one):
    try:
        view_of(one)
    except (TypeError, ValueError):
        return False
    return True


def scatter(data, buffers):
    for buffer in buffers:
        view = view_of(buffer)
        piece, data = data[:view.nbytes], data[view.nbytes:]
        view[:len(piece)] = piece


# --- the iterable -----------------------------------------------------------------------------------------------------

@fault
def lists_and_tuples_only(sock, buffers, *rest):
    if not isinstance(buffers, (list, tuple)):
        raise TypeError("neither a list nor a tuple")
    return right(sock, buffers, *rest)


@fault
def iterates_twice(sock, buffers, *rest):
    count = sum(1 for _ in buffers)
    return right(sock, list(buffers)[:count], *rest)


@fault
def receives_while_iterating(sock, buffers, *rest):
    result, total, full = None, 0, True
    for buffer in buffers:
        if result is None:
            result = right(sock, [buffer], *rest)
            total = result[0]
            full = total == view_of(buffer).nbytes
        elif full:
            try:
                more = right(sock, [buffer], 0, socket.MSG_DONTWAIT)[0]
            except BlockingIOError:
                more = 0
            total += more
            full = more == view_of(buffer).nbytes
    return right(sock, [], *rest) if result is None else (total, *result[1:])


@fault
def swallows_exceptions(sock, buffers, *rest):
    iterator, taken = iter(buffers), []
    try:
        taken.extend(iterator)
    except Exception:
        pass
    return right(sock, taken, *rest)


@fault
def no_iterable_is_no_buffers(sock, buffers, *rest):
    try:
        iter(buffers)
    except TypeError:
        buffers = []
    return right(sock, buffers, *rest)


@fault
def a_buffer_is_a_list(sock, buffers, *rest):
    return right(sock, [buffers] if isinstance(buffers, (bytearray, memoryview)) and buffers else buffers, *rest)


@fault
def empties_the_list(sock, buffers, *rest):
    result = right(sock, buffers, *rest)
    if isinstance(buffers, list):
        buffers.clear()
    return result


# --- buffers ----------------------------------------------------------------------------------------------------------

@fault
def fills_a_copy(sock, buffers, *rest):
    return right(sock, [bytearray(view_of(one)) if is_buffer(one) and not isinstance(one, (bytearray, memoryview)) else one
                        for one in buffers], *rest)


@fault
def counts_items(sock, buffers, *rest):
    return right(sock, [view_of(one)[:len(one)] if is_buffer(one) and memoryview(one).itemsize > 1 else one
                        for one in buffers], *rest)


@fault
def first_row_only(sock, buffers, *rest):
    return right(sock, [view_of(one)[:one.shape[1]] if isinstance(one, memoryview) and one.ndim == 2 else one
                        for one in map(unreleased, buffers)], *rest)


def unreleased(one):
    """Raises what recvmsg_into raises for a memoryview that was released."""
    if isinstance(one, memoryview):
        memoryview(one)
    return one


@fault
def drops_what_is_no_buffer(sock, buffers, *rest):
    taken = []
    for one in buffers:
        try:
            memoryview(one)
        except TypeError:
            continue
        except ValueError:
            pass
        taken.append(one)
    return right(sock, taken, *rest)


@fault
def checks_afterwards(sock, buffers, *rest):
    taken = list(buffers)
    good = [one for one in taken if is_buffer(one)]
    result = right(sock, good, *rest)
    if len(good) < len(taken):
        raise TypeError("an element is no buffer")
    return result


@fault
def fills_a_copy_of_bytes(sock, buffers, *rest):
    def writable(one):
        read_only = isinstance(one, (bytes, memoryview)) and memoryview(one).readonly
        return bytearray(one) if read_only else one
    return right(sock, [writable(one) for one in buffers], *rest)


@fault
def fills_views_with_gaps(sock, buffers, *rest):
    def without_gaps(one):
        gaps = isinstance(one, memoryview) and not memoryview(one).c_contiguous
        return bytearray(one.nbytes) if gaps else one
    return right(sock, [without_gaps(one) for one in buffers], *rest)


@fault
def released_views_are_empty(sock, buffers, *rest):
    def readable(one):
        try:
            return unreleased(one)
        except ValueError:
            return bytearray()
    return right(sock, [readable(one) for one in buffers], *rest)


# --- what is held, and for how long -----------------------------------------------------------------------------------

@fault
def keeps_buffers(sock, buffers, *rest):
    taken = list(buffers)
    result = right(sock, taken, *rest)
    KEPT.extend(memoryview(one) for one in taken)
    return result


@fault
def keeps_buffers_on_failure(sock, buffers, *rest):
    views = []

    def taking():
        for one in buffers:
            if is_buffer(one):
                views.append(memoryview(one))
            yield one
    try:
        return right(sock, taking(), *rest)
    except Exception:
        KEPT.extend(views)
        raise


@fault
def does_not_lock(sock, buffers, *rest):
    taken = list(buffers)
    memory = bytearray(sum(view_of(one).nbytes for one in taken))
    result = right(sock, [memory], *rest)
    scatter(memory[:result[0]], taken)
    return result


@fault
def reads_the_list_afterwards(sock, buffers, *rest):
    given = buffers if isinstance(buffers, list) else list(buffers)
    memory = bytearray(sum(view_of(one).nbytes for one in given))
    result = right(sock, [memory], *rest)
    scatter(memory[:result[0]], given)
    return result


@fault
def keeps_references(sock, buffers, *rest):
    KEPT[:] = [buffers]
    return right(sock, buffers, *rest)


@fault
def keeps_results(sock, buffers, *rest):
    KEPT.append(right(sock, buffers, *rest))
    return KEPT[-1]


# --- the other arguments ----------------------------------------------------------------------------------------------

@fault
def takes_keywords(sock, buffers, *rest):
    return right(sock, buffers, *rest)


@fault
def ignores_further_arguments(sock, buffers, *rest):
    return right(sock, buffers, *rest[:2])


@fault
def converts_numbers(sock, buffers, *rest):
    return right(sock, buffers, *(int(number or 0) if isinstance(number, (float, str, type(None))) else number
                                  for number in rest))


@fault
def exact_integers_only(sock, buffers, *rest):
    if any(type(number) is not int for number in rest):
        raise TypeError("an integer is required")
    return right(sock, buffers, *rest)


@fault
def cuts_numbers(sock, buffers, *rest):
    return right(sock, buffers, *((number + (1 << 63)) % (1 << 64) - (1 << 63) if isinstance(number, int) else number
                                  for number in rest))


@fault
def room_by_default(sock, buffers, *rest):
    return right(sock, buffers, *(rest or (256,)))


@fault
def cuts_ancbufsize(sock, buffers, *rest):
    if rest and isinstance(rest[0], int):
        rest = ((rest[0] + (1 << 31)) % (1 << 32) - (1 << 31), *rest[1:])
    return right(sock, buffers, *rest)


# --- the result -------------------------------------------------------------------------------------------------------

@fault
def returns_a_list(sock, buffers, *rest):
    nbytes, ancdata, msg_flags, address = right(sock, buffers, *rest)
    return [nbytes, [list(item) for item in ancdata], msg_flags, address]


@fault
def returns_bytearrays(sock, buffers, *rest):
    nbytes, ancdata, msg_flags, address = right(sock, buffers, *rest)
    return nbytes, [(level, kind, bytearray(data)) for level, kind, data in ancdata], msg_flags, address


@fault
def one_list_for_all(sock, buffers, *rest):
    nbytes, KEPT[:], msg_flags, address = right(sock, buffers, *rest)
    return nbytes, KEPT, msg_flags, address


MEMORY = bytearray(1 << 20)


@fault
def reuses_the_data(sock, buffers, *rest):
    nbytes, ancdata, msg_flags, address = right(sock, buffers, *rest)
    items, at = [], 0
    for level, kind, data in ancdata:
        MEMORY[at:at + len(data)] = data
        items.append((level, kind, memoryview(MEMORY)[at:at + len(data)]))
        at += len(data)
    return nbytes, items, msg_flags, address


@fault
def forgets_the_address(sock, buffers, *rest):
    return (*right(sock, buffers, *rest)[:3], None)


@fault
def copies_what_it_received(sock, buffers, *rest):
    nbytes, ancdata, msg_flags, address = RIGHT(sock, buffers, *rest)
    return nbytes, [(level, kind, bytes(bytearray(data))) for level, kind, data in ancdata], msg_flags, address


@fault
def warns_elsewhere(sock, buffers, *rest):
    return RIGHT(sock, buffers, *rest)


# --- sockets, and waiting ---------------------------------------------------------------------------------------------

@fault
def refuses_subclasses(sock, buffers, *rest):
    if type(sock) is not socket.socket:
        raise TypeError("not a socket")
    return right(sock, buffers, *rest)


@fault
def closed_is_the_end(sock, buffers, *rest):
    return (0, [], 0, None) if sock.fileno() == -1 else right(sock, buffers, *rest)


@fault
def closed_meanwhile_is_the_end(sock, buffers, *rest):
    was_open = sock.fileno() != -1
    try:
        return right(sock, buffers, *rest)
    except OSError as error:
        if error.errno == errno.EBADF and was_open and sock.fileno() == -1:
            return 0, [], 0, None
        raise


@fault
def receives_below_tls(sock, buffers, *rest):
    return right(sock, buffers, *rest)


@fault
def ignores_the_default_timeout(sock, buffers, *rest):
    if socket.getdefaulttimeout() is not None:
        sock.settimeout(None)
    return right(sock, buffers, *rest)


@fault
def rounds_timeouts_down(sock, buffers, *rest):
    if sock.fileno() != -1 and 0 < (sock.gettimeout() or 0) < 0.001:
        sock.settimeout(0)
    return right(sock, buffers, *rest)


class PollFd(ctypes.Structure):
    _fields_ = [("fd", ctypes.c_int), ("events", ctypes.c_short), ("revents", ctypes.c_short)]


@fault
def holds_the_lock(sock, buffers, *rest):
    plainly_blocking = (sock.fileno() != -1 and sock.gettimeout() is None and len(rest) < 2
                        and not any(sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, 16)))
    if plainly_blocking:
        entry = PollFd(sock.fileno(), select.POLLIN, 0)
        while ctypes.PyDLL(None).poll(ctypes.byref(entry), 1, -1) < 0:
            pass  # a handler runs here
    return right(sock, buffers, *rest)


def method_of(wrong):
    """The method of socket.socket: one to three arguments, by position, unless that is the fault."""
    def recvmsg_into(*arguments):
        if not 2 <= len(arguments) <= 4:
            raise TypeError(f"recvmsg_into() takes from 1 to 3 arguments, but {len(arguments) - 1} were given")
        return wrong(*arguments)

    def with_keywords(self, buffers, ancbufsize=0, flags=0):
        return wrong(self, buffers, ancbufsize, flags)

    def with_further_arguments(self, buffers, *rest, **_):
        return wrong(self, buffers, *rest)
    return {takes_keywords: with_keywords, ignores_further_arguments: with_further_arguments}.get(wrong, recvmsg_into)


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in FAULTS:
        sys.exit("usage: faulty_python.py FAULT, one of " + ", ".join(FAULTS))
    socket.socket.recvmsg_into = method_of(FAULTS[sys.argv[1]])
    if FAULTS[sys.argv[1]] is receives_below_tls:
        ssl.SSLSocket.recvmsg_into = socket.socket.recvmsg_into
    sys.path.insert(0, str(ADAPTER.parent))
    runpy.run_path(str(ADAPTER), run_name="__main__")
