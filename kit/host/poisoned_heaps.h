#pragma once

namespace recvinto::kit {

/// From now on memory that is allocated from a heap is not zero, here and in programs that this one starts: for what
/// is read before it was written. In those it takes glibc's allocator, or CPython.
void poison_heaps();

}  // namespace recvinto::kit
