#pragma once

#include <fmt/format.h>
#include <liburing.h>
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <string_view>

#include "kit/subjects/io_uring_ring.h"
#include "kit/values/names.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {

/// One buffer, which requests of a ring take by themselves (io_uring_register_buf_ring(3)): who takes it leaves none to
/// the next.
class ProvidedBuffer {
 public:
  static constexpr std::uint16_t kGroup = 1;

  /// Of the implementation `spec`. Throws CannotStart where the kernel has none (before Linux 5.19).
  ProvidedBuffer(std::string_view spec, IoUringRing& ring) : ring_(ring) {
    void* const memory = mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    buffers_ = static_cast<io_uring_buf_ring*>(memory);
    io_uring_buf_reg registration{};
    registration.ring_addr = reinterpret_cast<std::uintptr_t>(memory);
    registration.ring_entries = kEntries;
    registration.bgid = kGroup;
    const int result = io_uring_register_buf_ring(&ring_.get(), &registration, 0);
    if (result == 0) return;
    munmap(memory, kSize);
    throw CannotStart(
        fmt::format("{}: io_uring_register_buf_ring(3) fails with {} on this host", spec, errno_name(-result)));
  }
  ~ProvidedBuffer() {
    io_uring_unregister_buf_ring(&ring_.get(), kGroup);
    munmap(buffers_, kSize);
  }
  ProvidedBuffer(const ProvidedBuffer&) = delete;
  ProvidedBuffer& operator=(const ProvidedBuffer&) = delete;

  /// While no request is on its way: this is the buffer, and one that was not taken is none any more.
  void provide(void* room, std::uint32_t size) {
    io_uring_buf_ring_add(buffers_, room, size, /*bid=*/0, io_uring_buf_ring_mask(kEntries), 0);
    if (!is_provided_) io_uring_buf_ring_advance(buffers_, 1);
    is_provided_ = true;
  }

  /// Whether it was taken.
  void note(const IoUringRing::Completion& completion) {
    if ((completion.flags & IORING_CQE_F_BUFFER) != 0) is_provided_ = false;
  }

 private:
  static constexpr unsigned kEntries = 1;
  static constexpr std::size_t kSize = kEntries * sizeof(io_uring_buf);

  IoUringRing& ring_;
  io_uring_buf_ring* buffers_ = nullptr;
  bool is_provided_ = false;
};

}  // namespace recvinto::kit
