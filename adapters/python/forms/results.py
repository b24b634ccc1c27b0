"""Details of the result; and the siblings of recvmsg_into."""
import socket
import sys
import warnings

from .call import form


def kind_of(value):
    """The built-in type that it is of, or of a subclass of: named tuples and enumerations are welcome."""
    kinds = (tuple, list, int, bytes, str, type(None))
    return next((kind.__name__ for kind in kinds if isinstance(value, kind)), type(value).__name__)


@form
def result_types(call):
    result = call.receive(call.parts)
    call.facts["result"] = kind_of(result)
    call.facts["members"] = " ".join(map(kind_of, result))
    call.facts["items"] = "; ".join(" ".join(map(kind_of, [item, *item])) for item in result[1])
    address = result[3]
    call.facts["address"] = " ".join(map(kind_of, [address, *address] if isinstance(address, (tuple, list)) else [address]))
    if call.sock.family == getattr(socket, "AF_PACKET", None) and isinstance(address, (tuple, list)):
        call.facts["interface"] = address[0]
    return result


@form
def twice(call):
    """The second result is reported; of the first, whether it still is what it was."""
    def plain(items):
        return [(level, kind, bytes(data)) for level, kind, data in items]
    first = call.receive(call.parts)
    before = plain(first[1])
    second = call.receive(call.parts)
    call.facts["first_is_unchanged"] = plain(first[1]) == before
    call.facts["lists_are_distinct"] = first[1] is not second[1]
    return second


@form
def warning_place(call):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        line = sys._getframe().f_lineno + 1
        result = call.sock.recvmsg_into(call.parts, *call.arguments)
    call.facts["categories"] = " ".join(warning.category.__name__ for warning in seen)
    call.facts["at_the_call"] = all(warning.filename == __file__ and warning.lineno == line for warning in seen)
    return result


@form
def recvmsg(call):
    """The data go from its bytes object into the buffers."""
    data, *others = call.sock.recvmsg(sum(part.nbytes for part in call.parts), *call.arguments)
    rest = memoryview(data)
    for part in call.parts:
        piece, rest = rest[:part.nbytes], rest[part.nbytes:]
        part[:piece.nbytes] = piece
    return (len(data), *others)


@form
def recvfrom_into(call):
    """Into the first buffer. It has neither ancillary data nor flags to tell."""
    nbytes, address = call.sock.recvfrom_into(call.parts[0], 0, *call.arguments[1:])
    return nbytes, [], 0, address
