"""What is given for the list of buffers, and elements that are no buffers."""
import collections
import mmap
import select

from .call import form, forms


class OnlyIter:
    def __init__(self, items):
        self.items = items

    def __iter__(self):
        return iter(self.items)


class OnlyGetitem:
    def __init__(self, items):
        self.items = items

    def __getitem__(self, index):
        return self.items[index]


@forms("as", {"tuple": tuple, "deque": collections.deque, "iterator": iter, "iter_only": OnlyIter,
              "getitem_only": OnlyGetitem, "generator": lambda items: (item for item in items)})
def as_another_iterable(call, make):
    return call.receive(make(call.parts))


@forms("instead", {"int": 5, "none": None, "object": object(), "bytearray": bytearray(4), "bytes": b"abcd",
                   "memoryview": memoryview(bytearray(4)), "str": "abcd",
                   "empty_bytearray": bytearray(), "empty_bytes": b"", "empty_str": "", "empty_dict": {}})
def instead_of_the_list(call, value):
    return call.receive(value)


def released_view():
    view = memoryview(bytearray(4))
    view.release()
    return view


def closed_mmap():
    mapped = mmap.mmap(-1, 4)
    mapped.close()
    return mapped


def released_pickle_buffer():
    import pickle
    buffer = pickle.PickleBuffer(bytearray(4))
    buffer.release()
    return buffer


@forms("then", {"none": lambda: None, "int": lambda: 4, "str": lambda: "abcd", "object": object, "list": list,
                "bytes": lambda: b"abcd", "read_only_view": lambda: memoryview(b"abcd"), "released_view": released_view,
                "closed_mmap": closed_mmap, "released_pickle_buffer": released_pickle_buffer,
                "stepped_view": lambda: memoryview(bytearray(8))[::2],
                "reversed_view": lambda: memoryview(bytearray(4))[::-1]})
def with_one_more_element(call, make):
    return call.receive([*call.parts, make()])


def then_raise(items):
    yield from items
    raise KeyError("raised by the iterator")


@form
def raising_iterator(call):
    return call.receive(then_raise(call.parts))


@form
def counting_iterable(call):
    facts = call.facts
    facts.update(passes=0, pulled=0)

    class Counting:
        def __iter__(self):
            facts["passes"] += 1
            for part in call.parts:
                facts["pulled"] += 1
                yield part
            look = select.poll()
            look.register(call.sock, select.POLLIN)
            facts["readable_at_its_end"] = bool(look.poll(0))
    return call.receive(Counting())


@form
def list_is_kept(call):
    def state():
        return [(id(part), part.nbytes) for part in buffers]
    buffers = list(call.parts)
    before = state()
    result = call.receive(buffers)
    call.facts["list_unchanged"] = state() == before
    return result
