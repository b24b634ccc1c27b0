"""Other objects that are sockets, or were, and timeouts that are set otherwise."""
import fcntl
import resource
import socket

from .buffers import resized_after
from .call import Lacks, form, forms


class Subclass(socket.socket):
    pass


def again(sock, make=socket.socket):
    """Another object on the same descriptor."""
    twin = make(sock.family, sock.type, sock.proto, sock.fileno())
    twin.settimeout(sock.gettimeout())
    return twin


def by_number_alone(sock):
    twin = socket.socket(fileno=sock.fileno())
    twin.settimeout(sock.gettimeout())
    return twin


def by_fromfd(sock):
    twin = socket.fromfd(sock.fileno(), sock.family, sock.type)
    twin.settimeout(sock.gettimeout())
    return twin


def by_high_number(sock, number=1100):
    """A duplicate whose number select(2) cannot take."""
    least = 2 * number
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard not in range(least) and soft in range(least):
        resource.setrlimit(resource.RLIMIT_NOFILE, (least, hard))
    try:
        high = fcntl.fcntl(sock.fileno(), fcntl.F_DUPFD, number)
    except OSError:
        raise Lacks(f"no descriptor may have the number {number} (RLIMIT_NOFILE)") from None
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    twin = socket.socket(sock.family, sock.type, sock.proto, high)
    twin.settimeout(sock.gettimeout())
    return twin


# How another object is made, and how it is given up, so that the descriptor that the suite named stays open.
TWINS = {"subclass": (lambda sock: again(sock, Subclass), Subclass.detach),
         "fileno": (by_number_alone, socket.socket.detach),
         "high_number": (by_high_number, socket.socket.close),
         "dup": (socket.socket.dup, socket.socket.close),
         "fromfd": (by_fromfd, socket.socket.close)}


@forms("socket_by", TWINS)
def on_a_twin(call, twin):
    make, give_up = twin
    sock = make(call.sock)
    try:
        return call.receive(call.parts, sock)
    finally:
        give_up(sock)


@form
def closed_socket(call):
    sock = call.sock.dup()
    sock.close()
    return call.receive(call.parts, sock)


@form
def resized_after_closing(call):
    sock = call.sock.dup()
    sock.close()
    return resized_after(call, list, sock)


@form
def detached_socket(call):
    sock = again(call.sock)
    sock.detach()
    return call.receive(call.parts, sock)


@form
def default_timeout(call):
    """socket.setdefaulttimeout() of NUMBER milliseconds, then a new object without a timeout of its own."""
    socket.setdefaulttimeout(call.number / 1000)
    try:
        sock = socket.socket(call.sock.family, call.sock.type, call.sock.proto, call.sock.fileno())
        try:
            return call.receive(call.parts, sock)
        finally:
            sock.detach()
    finally:
        socket.setdefaulttimeout(None)


@form
def timeout_in_microseconds(call):
    call.sock.settimeout(call.number / 1e6)
    return call.receive(call.parts)


@form
def ssl_socket(call):
    try:
        import ssl
    except ImportError:
        raise Lacks("this Python has no ssl") from None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    with context.wrap_socket(call.sock.dup(), do_handshake_on_connect=False) as sock:
        return call.receive(call.parts, sock)
