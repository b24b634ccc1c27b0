"""Objects that export buffers, and their state afterwards."""
import array
import ctypes
import gc
import io
import itertools
import mmap
import socket
import sys
import types

from .call import Lacks, form, forms
from .iterables import then_raise


def mapping(content):
    mapped = mmap.mmap(-1, len(content))
    mapped[:] = content
    return mapped


def structure(content):
    class Ints(ctypes.Structure):
        _fields_ = [(f"field{at}", ctypes.c_int) for at in range(len(content) // ctypes.sizeof(ctypes.c_int))]
    return Ints.from_buffer_copy(content)


def view(kind, *shape):
    return lambda content: memoryview(bytearray(content)).cast(kind, *shape)


EXPORTERS = {"bytearray": bytearray, "memoryview": view("B"), "mmap": mapping,
             "bytesio": lambda content: io.BytesIO(content).getbuffer(),
             "array_of_bytes": lambda content: array.array("B", content),
             "array_of_ints": lambda content: array.array("I", content),
             "array_of_doubles": lambda content: array.array("d", content),
             "view_of_ints": view("I"), "view_of_2_rows": lambda content: view("B", [2, len(content) // 2])(content),
             "ctypes_array": lambda content: (ctypes.c_char * len(content)).from_buffer_copy(content),
             "ctypes_structure": structure}


@forms("into", {name: [make] for name, make in EXPORTERS.items()})
def into_exporters(call, kinds):
    exporters = [make(bytes(storage)) for storage, make in zip(call.storages, itertools.cycle(kinds))]
    try:
        return call.receive(exporters)
    finally:
        call.take_back(exporters)


@form
def into_every_exporter(call):
    return into_exporters(call, EXPORTERS.values())


def can_be_resized(buffer):
    try:
        buffer.append(0)
    except BufferError:
        return False
    buffer.pop()
    return True


@forms("resized_after", {"a_call": list, "a_bad_element": lambda buffers: [*buffers, None],
                         "a_raising_iterator": then_raise})
def resized_after(call, make, sock=None):
    buffers = call.copies()
    try:
        return call.receive(make(buffers), sock)
    finally:
        call.take_back(buffers)
        call.facts["resizable"] = all(map(can_be_resized, buffers))


@form
def same_object_twice(call):
    """Each object stands in the list twice."""
    buffers = call.copies()
    try:
        return call.receive([one for buffer in buffers for one in (buffer, buffer)])
    finally:
        call.take_back(buffers)
        call.facts["resizable"] = all(map(can_be_resized, buffers))


@form
def references(call):
    """How many more references to buffers and list there are after the call than before."""
    if not hasattr(sys, "getrefcount"):
        raise Lacks("this Python does not count references")
    buffers = call.copies()

    def counted():
        return sys.getrefcount(buffers) + sum(sys.getrefcount(buffer) for buffer in buffers)
    before = counted()
    try:
        return call.receive(buffers)
    finally:
        call.facts["more_references"] = counted() - before
        call.take_back(buffers)


@form
def repeated(call):
    """NUMBER calls; the last one's result is reported."""
    if not hasattr(sys, "getallocatedblocks"):
        raise Lacks("this Python does not count what it has allocated")
    buffers = call.copies()
    for _ in range(100):  # what is allocated once and kept, is by then
        result = call.receive(buffers)
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(call.number):
        result = call.receive(buffers)
    gc.collect()
    call.facts["more_blocks_than_calls"] = sys.getallocatedblocks() - before >= call.number
    call.take_back(buffers)
    return result


class PythonBuffer:
    """An exporter written in Python (PEP 688)."""

    def __init__(self, content, when_got=lambda: None, when_released=lambda: None):
        if sys.version_info < (3, 12):
            raise Lacks("buffers can be exported by classes of Python only from Python 3.12 on")
        self.content, self.when_got, self.when_released = bytearray(content), when_got, when_released

    def __buffer__(self, flags):
        self.when_got()
        return memoryview(self.content)

    def __release_buffer__(self, released):
        self.when_released()
        released.release()


def raise_key_error():
    raise KeyError("raised by the exporter")


@forms("exporter", {"raises": {"when_got": raise_key_error}, "raises_on_release": {"when_released": raise_key_error}})
def raising_exporter(call, when):
    """The last buffer is exported by a class of Python that raises when it is asked for its memory, or when it gets it back."""
    buffers = call.copies()
    last = PythonBuffer(buffers[-1], **when)
    try:
        return call.receive([*buffers[:-1], last])
    finally:
        call.facts["resizable"] = all(map(can_be_resized, buffers[:-1]))
        call.take_back([*buffers[:-1], last.content])


@form
def list_cleared_by_a_buffer(call):
    """The first buffer clears the list when it is asked for its memory."""
    content = call.copies()
    buffers = [PythonBuffer(content[0], when_got=lambda: buffers.clear()), *content[1:]]
    content[0] = buffers[0].content
    try:
        return call.receive(buffers)
    finally:
        call.take_back(content)


@form
def logged_buffers(call):
    log = []
    buffers = [PythonBuffer(storage) for storage in call.storages]
    for buffer in buffers:
        before = bytes(buffer.content)
        buffer.when_got = lambda: log.append("got")
        buffer.when_released = lambda buffer=buffer, before=before: log.append(
            "released" if bytes(buffer.content) == before else "released filled")
    try:
        return call.receive(buffers)
    finally:
        call.facts["log"] = " ".join(log)
        call.take_back([buffer.content for buffer in buffers])


@form
def out_of_memory(call):
    """The allocation with that NUMBER fails, counted from the beginning of the call."""
    try:
        import _testcapi
    except Exception:  # PyPy tries to compile it
        raise Lacks("this Python has no _testcapi, by which memory can be short") from None
    method = getattr(type(call.sock), "recvmsg_into", None)
    if method is not socket.SocketType.recvmsg_into and not isinstance(method, types.FunctionType):
        raise Lacks("recvmsg_into is compiled code of another module, whose own allocations would fail, too")
    receive, buffers, arguments, end = call.sock.recvmsg_into, call.parts, call.arguments, _testcapi.remove_mem_hooks
    _testcapi.set_nomemory(call.number, call.number + 1)
    try:
        return receive(buffers, *arguments)
    finally:
        end()
