"""ancbufsize and flags as other things than ints, and other numbers of arguments."""
import socket

from .call import forms


class Index:
    def __init__(self, number):
        self.number = number

    def __index__(self):
        return self.number


class Number(int):
    pass


NUMBERS = {"float": float, "none": lambda number: None, "str": str, "object": lambda number: object(), "index": Index,
           "bool": bool, "subclass": Number, "msg_flag": socket.MsgFlag,
           "plus_2_to_64": lambda number: number + (1 << 64), "minus_2_to_64": lambda number: number - (1 << 64)}


@forms("ancbufsize", NUMBERS)
def ancbufsize_as(call, make):
    call.arguments[0] = make(call.arguments[0])
    return call.receive(call.parts)


@forms("flags", NUMBERS)
def flags_as(call, make):
    call.arguments[1] = make(call.arguments[1])
    return call.receive(call.parts)


@forms("with", {"no_arguments": lambda receive, parts: receive(),
                "four_arguments": lambda receive, parts: receive(parts, 0, 0, 0),
                "keyword_buffers": lambda receive, parts: receive(buffers=parts),
                "keyword_ancbufsize": lambda receive, parts: receive(parts, ancbufsize=0),
                "keyword_flags": lambda receive, parts: receive(parts, 0, flags=0),
                "unknown_keyword": lambda receive, parts: receive(parts, nonsense=0)})
def with_other_arguments(call, receive):
    return receive(call.sock.recvmsg_into, call.parts)
