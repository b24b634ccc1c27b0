#include "workload.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "recvinto/recvmsg_into.h"

namespace recvinto::bench {
namespace {

constexpr std::size_t kBufferSize = 8;
constexpr std::size_t kControlRoom = 256;

}  // namespace

Workload::Workload(std::size_t buffer_count, std::size_t control_count)
    : sockets_(testing::udp_pair(AF_INET)),
      ancbufsize_(control_count == 0 ? 0 : kControlRoom),
      memory_(buffer_count * kBufferSize, 'x') {
  for (std::size_t begin = 0; begin < memory_.size(); begin += kBufferSize) {
    buffers_.push_back({.iov_base = memory_.data() + begin, .iov_len = kBufferSize});
  }
  std::size_t asked_for = 0;
  for (const int option : {IP_PKTINFO, IP_RECVTTL, IP_RECVTOS}) {
    if (asked_for++ < control_count) testing::set_option(sockets_.receiver.get(), IPPROTO_IP, option, 1);
  }
  testing::send_message(sockets_.sender.get(), memory_);
}

// Not inlined, so that both subjects are called alike.
[[gnu::noinline]] std::size_t Workload::receive_bare() {
  sockaddr_storage address;
  alignas(cmsghdr) std::array<std::byte, kControlRoom> room;
  msghdr header{};
  header.msg_name = &address;
  header.msg_namelen = sizeof(address);
  header.msg_iov = buffers_.data();
  header.msg_iovlen = buffers_.size();
  header.msg_control = ancbufsize_ == 0 ? nullptr : room.data();
  header.msg_controllen = ancbufsize_;
  const ssize_t nbytes = ::recvmsg(sockets_.receiver.get(), &header, MSG_PEEK);
  if (nbytes < 0) throw std::system_error(errno, std::system_category(), "recvmsg");
  std::size_t total = static_cast<std::size_t>(nbytes);
  for (cmsghdr* message = CMSG_FIRSTHDR(&header); message != nullptr; message = CMSG_NXTHDR(&header, message)) {
    total += message->cmsg_len - CMSG_LEN(0);
  }
  return total;
}

[[gnu::noinline]] std::size_t Workload::receive_by_reference() {
  ControlStorage<kControlRoom> storage;
  ControlBuffer control(storage.bytes().first(ancbufsize_));
  const Received received = recvmsg_into(host_kernel(), sockets_.receiver.get(), buffers_, control, MSG_PEEK);
  std::size_t total = received.nbytes;
  for (const ControlMessage& message : control.messages()) total += message.data.size();
  return total;
}

std::size_t Workload::check() {
  const std::size_t total = receive_bare();
  if (receive_by_reference() != total) throw std::logic_error("the two receives differ");
  return total;
}

}  // namespace recvinto::bench
