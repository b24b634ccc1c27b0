"""socket.CMSG_LEN and socket.CMSG_SPACE."""
import socket


def size(function, length):
    try:
        return function(length)
    except OverflowError:
        return None


def cmsg_sizes(lengths):
    return {"len": [size(socket.CMSG_LEN, length) for length in lengths],
            "space": [size(socket.CMSG_SPACE, length) for length in lengths]}
