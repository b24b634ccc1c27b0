"""Buffers that are not ordinary memory, for adapter.py. See ../PROTOCOL.md, the field "memory"."""
import ctypes, mmap, sys  # noqa: E401

# PyPy copies into memory of its own; there a buffer that cannot be written is the end of the process.
CAN = (["sparse_buffers"] if sys.maxsize > 2**32 else []) + (
    "inaccessible_buffers inaccessible_tails two_mappings".split() if sys.implementation.name == "cpython" else [])
PRIVATE, SHARED = (mmap.MAP_ANONYMOUS | kind for kind in (mmap.MAP_PRIVATE, mmap.MAP_SHARED))
READ_WRITE, FIXED = mmap.PROT_READ | mmap.PROT_WRITE, 0x10

class Sparse(mmap.mmap):
    def hex(self): return self[:4096].hex()

def pages(size): return -(-size // mmap.PAGESIZE) * mmap.PAGESIZE

def bordered(size, border, fill, has_two_mappings):
    """A page begins at byte `border` of the storage: of another mapping, or of memory that cannot be written."""
    front, behind = pages(border), pages(size - border + 1)
    region = mmap.mmap(-1, front + behind, PRIVATE)
    begin = ctypes.addressof(ctypes.c_char.from_buffer(region))
    arguments = ctypes.c_void_p(begin + front), ctypes.c_size_t(behind)
    if has_two_mappings: ctypes.CDLL(None).mmap(*arguments, READ_WRITE, SHARED | FIXED, -1, ctypes.c_long(0))
    else: ctypes.CDLL(None).mprotect(*arguments, 0)
    shown = size if has_two_mappings else border
    class Storage(ctypes.c_char * size):
        mapping = region  # which goes away with it
        def hex(self): return ctypes.string_at(self, shown).hex()
    storage = Storage.from_address(begin + front - border)
    ctypes.memmove(storage, fill * (shown // len(fill) + 1), shown)
    return storage

def make(entry):
    if "memory" not in entry: return None
    if entry["memory"] == "sparse":
        return Sparse(-1, entry["size"], PRIVATE | getattr(mmap, "MAP_NORESERVE", 0x4000))
    if "border" in entry:
        fill = bytes.fromhex(entry.get("fill", "ee"))
        return bordered(entry["size"], entry["border"], fill, entry["memory"] == "two_mappings")
    class Inaccessible(ctypes.c_char * entry["size"]):
        def hex(self): return ""
    return Inaccessible.from_address(1)
