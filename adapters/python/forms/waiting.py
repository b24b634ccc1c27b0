"""What is done while a call waits: when the cue comes, a signal from the suite."""
import gc
import os
import signal
import socket
import threading

from .call import form

CUE = signal.SIGUSR1


def in_thread(call, buffers, act):
    """`act` is done by another thread at the cue. The next cue is taken when that is over."""
    over = threading.Event()

    def listen():
        signal.sigwait({CUE})
        if not over.is_set():
            act()
        while not over.is_set():
            signal.sigwait({CUE})
    signal.pthread_sigmask(signal.SIG_BLOCK, {CUE})  # for the thread, too
    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        return call.receive(buffers)
    finally:
        over.set()
        os.kill(os.getpid(), CUE)
        thread.join()
        if CUE in signal.sigpending():
            signal.sigwait({CUE})
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {CUE})


def in_handler(call, buffers, act):
    """`act` is done by a signal handler."""
    before = signal.signal(CUE, lambda *_: act())
    try:
        return call.receive(buffers)
    finally:
        signal.signal(CUE, before or signal.SIG_DFL)


def resizing(call, buffers):
    def resize():
        for buffer in buffers:
            buffer[:] = b"?" * len(buffer)
        try:
            buffers[0].append(0)
            call.facts["resize"] = "done"
            buffers[0].pop()
        except BufferError:
            call.facts["resize"] = "BufferError"
    return resize


@form
def resized_in_thread(call):
    buffers = call.copies()
    try:
        return in_thread(call, buffers, resizing(call, buffers))
    finally:
        call.take_back(buffers)


@form
def resized_in_handler(call):
    buffers = call.copies()
    try:
        return in_handler(call, buffers, resizing(call, buffers))
    finally:
        call.take_back(buffers)


@form
def list_cleared_in_thread(call):
    buffers = call.copies()
    given = list(buffers)

    def clear():
        given.clear()
        gc.collect()
        call.facts["cleared"] = True
    try:
        return in_thread(call, given, clear)
    finally:
        call.take_back(buffers)


@form
def thread_runs(call):
    return in_thread(call, call.parts, lambda: call.facts.update(thread="ran"))


@form
def closed_in_handler(call):
    return in_handler(call, call.parts, call.sock.close)


def with_another_at_its_number(call, receive):
    """The socket is closed, and its number is that of another one, which has data."""
    other, peer = socket.socketpair()
    peer.send(b"other")
    number = call.sock.fileno()

    def replace():
        call.sock.close()
        os.dup2(other.fileno(), number)
    try:
        return receive(call, call.parts, replace)
    finally:
        peer.shutdown(socket.SHUT_WR)
        call.facts["left"] = other.recv(100).decode()
        if call.sock.fileno() == -1:
            os.close(number)
        other.close()
        peer.close()


@form
def replaced_in_handler(call):
    return with_another_at_its_number(call, in_handler)


@form
def replaced_in_thread(call):
    return with_another_at_its_number(call, in_thread)
