// An address of any bytes and any claimed length is read as far as its length goes and no further, and says what the
// bytes say (unix(7), ip(7), ipv6(7)).

#include <sanitizer/asan_interface.h>

#include "fuzz/support/address_oracle.h"
#include "fuzz/support/choices.h"
#include "fuzz/support/subject.h"

using namespace recvinto::fuzz;

namespace {

// The address of the first `length` bytes, with `behind` in the rest of the room, which must not be read.
subject::Address decode(std::span<const std::byte> bytes, std::size_t length, std::byte behind) {
  subject::SocketAddress address;
  const std::span<std::byte> room = address.room();
  std::fill(room.begin(), room.end(), behind);
  std::copy_n(bytes.begin(), std::min({length, bytes.size(), room.size()}), room.begin());
  address.set_length(length);
  const std::size_t kept = std::min(length, room.size());
  FUZZ_CHECK(address.length() == kept, "another length than the kernel's, or one beyond the room");
  FUZZ_CHECK(address.bytes().data() == room.data() && address.bytes().size() == kept, "other bytes than the address's");
  ASAN_POISON_MEMORY_REGION(room.data() + kept, room.size() - kept);
  subject::Address decoded = address.decode();
  ASAN_UNPOISON_MEMORY_REGION(room.data(), room.size());
  return decoded;
}

}  // namespace

// Two bytes of length, then the address, from its family on. A length of 0 stands for that of the bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices({data, size});
  const std::size_t claimed = choices.byte() + choices.byte() * std::size_t{256};
  const std::span<const std::byte> bytes = std::as_bytes(choices.rest());
  const std::size_t length = claimed == 0 ? bytes.size() : claimed;
  std::array<std::byte, sizeof(sockaddr_storage)> whole = {};
  std::copy_n(bytes.begin(), std::min(bytes.size(), whole.size()), whole.begin());

  const subject::Address address = decode(whole, length, std::byte{0});
  FUZZ_CHECK(address == decode(whole, length, std::byte{0x41}), "bytes behind the address change what it says");
  check_address(address, std::span(whole).first(std::min(length, whole.size())));
  return 0;
}
