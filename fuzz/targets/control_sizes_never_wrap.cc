// The checked CMSG_LEN and CMSG_SPACE are the macros' values wherever these are right (RFC 3542, 20.2 and 20.3), and
// refuse all other sizes.

#include <sys/socket.h>

#include <climits>
#include <cstdint>

#include "fuzz/support/check.h"
#include "fuzz/support/choices.h"
#include "fuzz/support/subject.h"

using namespace recvinto::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices({data, size});
  // An offset from a place where something happens: from 0, the largest int, the largest size_t.
  constexpr std::size_t kPlaces[] = {0, INT_MAX, SIZE_MAX, SIZE_MAX / 2};
  const std::size_t place = kPlaces[choices.up_to(3)];
  const std::uint64_t offset = choices.flag() ? choices.word() * (UINT64_C(1) << choices.up_to(32)) : choices.byte();
  const auto data_size = place - static_cast<std::size_t>(offset);

  const auto length = subject::cmsg_len(data_size);
  const auto space = subject::cmsg_space(data_size);
  // Whether the sum exceeds an int is asked of the compiler, not of the sum.
  int sum = 0;
  const bool has_length = !__builtin_add_overflow(data_size, CMSG_LEN(0), &sum);
  const bool has_space =
      has_length &&
      !__builtin_add_overflow(sum, (sizeof(std::size_t) - data_size % sizeof(std::size_t)) % sizeof(std::size_t), &sum);
  FUZZ_CHECK(length.has_value() == has_length, "CMSG_LEN is refused where it is right, or given where it is not");
  FUZZ_CHECK(space.has_value() == has_space, "CMSG_SPACE is refused where it is right, or given where it is not");
  FUZZ_CHECK(!length || *length == CMSG_LEN(data_size), "another value than CMSG_LEN");
  FUZZ_CHECK(!space || *space == CMSG_SPACE(data_size), "another value than CMSG_SPACE");
  return 0;
}
