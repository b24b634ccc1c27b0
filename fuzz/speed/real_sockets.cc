// What receive_keeps_its_contract would cost on the host's kernel, as far as that does what one asks: a pair of
// sockets, one message with up to four descriptors, received by the reference into the same buffers, with the same
// oracles. For ci/fuzz-speed; nothing is looked for.

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "fuzz/support/check.h"
#include "fuzz/support/choices.h"
#include "fuzz/support/scattered_memory.h"
#include "recvinto/control_buffer.h"
#include "recvinto/recvmsg_into.h"

using namespace recvinto;
using namespace recvinto::fuzz;

namespace {

constexpr std::size_t kDescriptorsMost = 4;
constexpr std::size_t kControlMost = CMSG_SPACE(kDescriptorsMost * sizeof(int));

void send(int socket, std::span<const std::byte> payload, std::size_t descriptors) {
  alignas(cmsghdr) std::array<std::byte, kControlMost> control = {};
  cmsghdr header = {};
  header.cmsg_len = CMSG_LEN(descriptors * sizeof(int));
  header.cmsg_level = SOL_SOCKET;
  header.cmsg_type = SCM_RIGHTS;
  std::memcpy(control.data(), &header, sizeof header);
  for (std::size_t i = 0; i < descriptors; ++i) {
    std::memcpy(control.data() + CMSG_LEN(i * sizeof(int)), &socket, sizeof socket);
  }
  iovec sent{.iov_base = const_cast<std::byte*>(payload.data()), .iov_len = payload.size()};
  msghdr message = {};
  message.msg_iov = &sent;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = CMSG_SPACE(descriptors * sizeof(int));
  FUZZ_CHECK(sendmsg(socket, &message, 0) >= 0, "sendmsg fails");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices({data, size});
  const std::size_t descriptors = 1 + choices.up_to(kDescriptorsMost - 1);
  const ScatteredMemory memory(choices);
  std::array<int, 2> pair;
  FUZZ_CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair.data()) == 0, "socketpair fails");
  const std::size_t length = choices.byte();
  send(pair[0], std::span(kPayload).first(length), descriptors);

  ControlStorage<kControlMost> storage;
  std::array<int, kDescriptorsMost> received_descriptors;
  {
    ControlBuffer control(storage);
    const Received received = recvmsg_into(host_kernel(), pair[1], memory.buffers(), control);
    memory.check_holds(received.nbytes);
    std::size_t count = 0;
    for (const ControlMessage& message : control.messages()) {
      for (; count < message.data.size() / sizeof(int); ++count) {
        std::memcpy(&received_descriptors[count], message.data.data() + count * sizeof(int), sizeof(int));
      }
    }
    FUZZ_CHECK(count == descriptors, "another number of descriptors");
  }
  for (const int fd : std::span(received_descriptors).first(descriptors)) {
    FUZZ_CHECK(fcntl(fd, F_GETFD) < 0, "a descriptor stays open");
  }
  close(pair[0]);
  close(pair[1]);
  return 0;
}
