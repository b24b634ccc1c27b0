#include "allocation_census.h"

#include <cstdlib>
#include <limits>
#include <new>

namespace recvinto::testing {
namespace {

constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();

thread_local std::size_t allocation_count = 0;
thread_local std::size_t failing_allocation = kNever;

void* allocate(std::size_t size) {
  if (allocation_count++ == failing_allocation) throw std::bad_alloc();
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

AllocationCensus::AllocationCensus() noexcept : before_(allocation_count) {}

std::size_t AllocationCensus::allocations() const noexcept {
  return allocation_count - before_;
}

AllocationFailure::AllocationFailure(std::size_t ordinal) noexcept {
  failing_allocation = allocation_count + ordinal;
}

AllocationFailure::~AllocationFailure() {
  failing_allocation = kNever;
}

}  // namespace recvinto::testing

void* operator new(std::size_t size) {
  return recvinto::testing::allocate(size);
}
void* operator new[](std::size_t size) {
  return recvinto::testing::allocate(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
