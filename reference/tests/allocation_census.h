#pragma once

#include <cstddef>

namespace recvinto::testing {

/// AllocationCensus counts the calls of operator new in this thread for as long as it lives. This program replaces the
/// global operator new for it.
class AllocationCensus {
 public:
  AllocationCensus() noexcept;
  [[nodiscard]] std::size_t allocations() const noexcept;

 private:
  std::size_t before_;
};

/// AllocationFailure lets the `ordinal`-th allocation (from 0) of this thread fail with std::bad_alloc, once.
class AllocationFailure {
 public:
  explicit AllocationFailure(std::size_t ordinal) noexcept;
  AllocationFailure(const AllocationFailure&) = delete;
  AllocationFailure& operator=(const AllocationFailure&) = delete;
  ~AllocationFailure();
};

}  // namespace recvinto::testing
