"""Buffers that are not ordinary memory, for adapter.py. See ../PROTOCOL.md, the field "memory"."""
import ctypes, mmap, platform, sys  # noqa: E401

# PyPy copies into memory of its own; there a buffer that cannot be written is the end of the process.
CAN = (["sparse_buffers"] if sys.maxsize > 2**32 else []) + (
    ["inaccessible_buffers"] if platform.python_implementation() == "CPython" else [])

class Sparse(mmap.mmap):
    def hex(self): return self[:4096].hex()

def make(entry):
    if "memory" not in entry: return None
    if entry["memory"] == "sparse":
        return Sparse(-1, entry["size"], mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | getattr(mmap, "MAP_NORESERVE", 0x4000))
    class Inaccessible(ctypes.c_char * entry["size"]):
        def hex(self): return ""
    return Inaccessible.from_address(1)
