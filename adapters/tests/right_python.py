#!/usr/bin/env python3
"""The Python adapter on a socket.recvmsg_into that is right in another way than CPython's: right_python.py WAY

What the contract leaves open, other implementations do otherwise. The suite must not accuse one of them:
adapters/tests/ablation_test.py, which takes what a way does not have out of what the adapter declares (without.py).
"""
import array
import ctypes
import errno
import os
import pathlib
import runpy
import select
import socket
import struct
import sys
import time

RIGHT = socket.socket.recvmsg_into
ADAPTER = pathlib.Path(__file__).resolve().parent.parent / "python/adapter.py"
WAYS = {}  # name: the method, the capabilities that it does not declare
HEADER = socket.CMSG_LEN(0)
SCM_PIDFD = 4


def way(*without):
    def register(function):
        WAYS[function.__name__.replace("_", "-")] = function, {"python_forms", *without}
        return function
    return register


def arguments_of(ancbufsize=0, flags=0):
    return ancbufsize, flags


class IoVec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


class MsgHdr(ctypes.Structure):
    _fields_ = [("name", ctypes.c_void_p), ("namelen", ctypes.c_uint32), ("iov", ctypes.c_void_p),
                ("iovlen", ctypes.c_size_t), ("control", ctypes.c_void_p), ("controllen", ctypes.c_size_t),
                ("flags", ctypes.c_int)]


def items_in(control):
    """Level, type and data of each item, up to one whose length cannot be."""
    items = []
    while len(control) >= HEADER:
        length, level, kind = struct.unpack_from("@Nii", control)
        if length < HEADER:
            break
        items.append((level, kind, control[HEADER:length]))
        control = control[socket.CMSG_SPACE(length - HEADER) if length <= len(control) else len(control):]
    return items


def address_in(name):
    family = struct.unpack_from("@H", name)[0] if len(name) >= 2 else 0
    if family == socket.AF_UNIX and len(name) > 2:
        return name[2:] if name[2] == 0 else name[2:].partition(b"\0")[0]
    if family == socket.AF_INET:
        return socket.inet_ntop(family, name[4:8]), int.from_bytes(name[2:4], "big")
    if family == socket.AF_INET6:
        flow = int.from_bytes(name[4:8], "big")
        return socket.inet_ntop(family, name[8:24]), int.from_bytes(name[2:4], "big"), flow, *struct.unpack_from("@I", name, 24)
    if family == socket.AF_NETLINK:
        return struct.unpack_from("@II", name, 4)  # port and groups
    if family == socket.AF_PACKET:
        hardware, kind, length = struct.unpack_from("@HBB", name, 8)
        return "lo", int.from_bytes(name[2:4], "big"), kind, hardware, name[12:12 + length]
    return (family, name[2:]) if family > socket.AF_UNIX else None


def by_system_call(sock, buffers, ancbufsize=0, flags=0, result=ctypes.c_ssize_t):
    """recvmsg(2) once, as a program in C calls it."""
    if not 0 <= ancbufsize < 1 << 31:
        raise ValueError("impossible ancbufsize")
    if flags not in range(-1 << 31, 1 << 31):
        raise OverflowError("flags beyond a C int")
    views = [(ctypes.c_char * len(view)).from_buffer(view) for view in buffers]
    iov = (IoVec * len(views))(*((ctypes.addressof(view), len(view)) for view in views))
    name, control = ctypes.create_string_buffer(128), (ctypes.c_uint64 * (ancbufsize // 8 + 1))()
    header = MsgHdr(ctypes.addressof(name), 128, ctypes.addressof(iov), len(views),
                    ctypes.addressof(control) if ancbufsize else None, ancbufsize, 0)
    recvmsg = ctypes.CDLL(None, use_errno=True).recvmsg
    recvmsg.restype = result
    nbytes = recvmsg(sock.fileno(), ctypes.byref(header), flags)
    if nbytes < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    filled = bytes(control)[:min(header.controllen, ancbufsize)]
    return nbytes, items_in(filled), header.flags, address_in(name.raw[:header.namelen])


@way("system_wait")
def on_a_duplicate(sock, buffers, *rest):
    """As libraries do that take a descriptor over and close it."""
    with sock.dup() as duplicate:
        return RIGHT(duplicate, buffers, *rest)


@way("system_wait", "signals", "raising_handler")
def waits_by_poll_first(sock, buffers, *rest):
    """Readiness, then the call, as every event loop does."""
    timeout = sock.gettimeout()
    if timeout == 0:
        return RIGHT(sock, buffers, *rest)
    end = None if timeout is None else time.monotonic() + timeout
    readiness = select.poll()
    readiness.register(sock, select.POLLIN)
    sock.setblocking(False)
    while True:
        left = None if end is None else end - time.monotonic()
        if left is not None and left <= 0 or not readiness.poll(None if left is None else left * 1000):
            raise socket.timeout("timed out")
        try:
            return RIGHT(sock, buffers, *rest)
        except BlockingIOError as error:
            if error.errno != errno.EAGAIN:
                raise  # else another reader was faster: wait again


@way("signals", "raising_handler")
def times_out_by_so_rcvtimeo(sock, buffers, *rest):
    """As many programs in C do, and Rust's standard library. Who goes on after a signal would have to count himself."""
    timeout = sock.gettimeout()
    if not timeout:
        return RIGHT(sock, buffers, *rest)
    sock.settimeout(None)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", int(timeout), int(timeout % 1 * 1_000_000)))
    try:
        return RIGHT(sock, buffers, *rest)
    except BlockingIOError as error:
        if error.errno != errno.EAGAIN or arguments_of(*rest)[1] & socket.MSG_DONTWAIT:
            raise
        raise socket.timeout("timed out") from error
    finally:
        if sock.fileno() != -1:
            try:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, bytes(16))
            except OSError:
                pass  # no socket, as the call itself has said


@way()
def rounds_its_timeout(sock, buffers, *rest):
    """To milliseconds, of a clock that was in the middle of one."""
    timeout = sock.gettimeout()
    if timeout:
        sock.settimeout(max(timeout - 0.0009, 0.0001))
    return RIGHT(sock, buffers, *rest)


@way("warnings", "warnings_as_errors", "inaccessible_buffers")
def hands_eintr_on_where_it_does_not_wait(sock, buffers, *rest):
    """PEP 475 is about calls that wait."""
    if sock.gettimeout() != 0:
        return RIGHT(sock, buffers, *rest)
    return by_system_call(sock, buffers, *arguments_of(*rest))


@way("timeout", "signals", "raising_handler", "warnings", "warnings_as_errors", "inaccessible_buffers", "sparse_buffers")
def returns_an_int(sock, buffers, *rest):
    """As the wrapper of some C libraries does, which have no more than an int of what the system call returns."""
    return by_system_call(sock, buffers, *arguments_of(*rest), result=ctypes.c_int)


@way()
def takes_any_ancbufsize(sock, buffers, *rest):
    """Where there is less than the caller has room for, less will do."""
    ancbufsize, flags = arguments_of(*rest)
    return RIGHT(sock, buffers, min(ancbufsize, 1 << 24), flags)


@way()
def always_close_on_exec(sock, buffers, *rest):
    """MSG_CMSG_CLOEXEC in every call (PEP 446)."""
    ancbufsize, flags = arguments_of(*rest)
    return RIGHT(sock, buffers, ancbufsize, flags | socket.MSG_CMSG_CLOEXEC if 0 <= flags < 1 << 31 else flags)


@way()
def no_address_of_a_unix_connection(sock, buffers, *rest):
    """Only its call for datagrams tells who has sent."""
    result = RIGHT(sock, buffers, *rest)
    if sock.family == socket.AF_UNIX and sock.type != socket.SOCK_DGRAM:
        return (*result[:3], None)
    return result


def cut_to(items, room):
    """What the kernel leaves of items in `room` bytes, and whether that is less; closes the descriptors of the rest."""
    kept, was_cut = [], False
    for level, kind, data in items:
        holds_descriptors = (level, kind) in ((socket.SOL_SOCKET, socket.SCM_RIGHTS), (socket.SOL_SOCKET, SCM_PIDFD))
        fitting = max(room - HEADER, 0) // (4 if holds_descriptors else 1) * (4 if holds_descriptors else 1)
        if holds_descriptors:
            for number in array.array("i", data[fitting:len(data) // 4 * 4]):
                os.close(number)
        was_cut = was_cut or len(data) > fitting or room < HEADER
        if room >= HEADER and not (holds_descriptors and data and not fitting):
            kept.append((level, kind, data[:fitting]))
            room -= socket.CMSG_SPACE(len(data[:fitting]))
        else:
            room = 0
    return kept, was_cut


@way("warnings", "warnings_as_errors")
def asks_for_twice_the_room(sock, buffers, *rest):
    """As emulators do, whose guests have a layout of their own; and cuts what the kernel would have cut."""
    ancbufsize, flags = arguments_of(*rest)
    if not 0 < ancbufsize < 1 << 24:
        return RIGHT(sock, buffers, *rest)
    nbytes, items, msg_flags, address = RIGHT(sock, buffers, 2 * ancbufsize, flags)
    kept, was_cut = cut_to(items, ancbufsize)
    return nbytes, kept, msg_flags | (socket.MSG_CTRUNC if was_cut else 0), address


def main(name):
    method, _ = WAYS[name]
    socket.socket.recvmsg_into = lambda sock, buffers, *rest: method(sock, buffers, *rest)
    sys.path.insert(0, str(ADAPTER.parent))
    runpy.run_path(str(ADAPTER), run_name="__main__")


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in WAYS:
        sys.exit("usage: right_python.py WAY, one of " + ", ".join(WAYS))
    main(sys.argv[1])
