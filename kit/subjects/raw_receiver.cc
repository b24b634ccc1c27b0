#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <exception>
#include <new>
#include <utility>

#include "kit/host/reported.h"
#include "kit/subjects/kernel_entry.h"
#include "kit/values/control_items.h"
#include "recvinto/fitting.h"
#include "recvinto/socket_address.h"

namespace recvinto::kit {
namespace {

/// More than any host has: an address sanitizer's allocator ends the process where it cannot have so much.
constexpr std::size_t kMostRoom = std::size_t{1} << 40U;

/// A system call itself, its control messages walked by the C library's own macros.
class RawReceiver final : public Receiver {
 public:
  explicit RawReceiver(std::unique_ptr<KernelEntry> entry) : entry_(std::move(entry)) {}

  [[nodiscard]] Handshake handshake() const override { return entry_->handshake(); }

  Observation receive(const ReceiveRequest& request, SignalHandlers& /*signals*/) override {
    const int status_flags = fcntl(request.fd, F_GETFL);
    if (status_flags >= 0) {
      fcntl(request.fd, F_SETFL, request.timeout ? status_flags | O_NONBLOCK : status_flags & ~O_NONBLOCK);
    }

    std::vector<iovec> buffers = request.buffers;
    // Words, so that the buffer is aligned for cmsghdr whatever its size.
    std::vector<std::size_t> control;
    try {
      const auto size = static_cast<std::size_t>(request.ancbufsize.value_or(0));
      if (size > kMostRoom) throw std::bad_alloc();
      control.resize(size / sizeof(std::size_t) + 1);
    } catch (const std::exception&) {  // more than there may be, or is
      Observation observation;
      observation.error = system_error(ENOMEM);
      return observation;
    }
    SocketAddress address;
    msghdr message{};
    message.msg_name = address.room().data();
    message.msg_namelen = static_cast<socklen_t>(address.room().size());
    message.msg_iov = buffers.data();
    message.msg_iovlen = Fitting(buffers.size());
    const auto room = static_cast<std::size_t>(request.ancbufsize.value_or(0));
    message.msg_controllen = Fitting(room);
    message.msg_control = message.msg_controllen == 0 ? nullptr : control.data();

    const ssize_t nbytes =
        entry_->receive(request.fd, message, static_cast<int>(request.flags.value_or(0)), !request.timeout);
    Observation observation;
    if (nbytes < 0) {
      observation.error = system_error(errno);
      return observation;
    }
    observation.nbytes = nbytes;
    observation.msg_flags = message.msg_flags;
    observation.ancdata.emplace();
    // A kernel that is scripted may lie.
    message.msg_controllen = Fitting(std::min<std::size_t>(message.msg_controllen, room));
    const char* end = static_cast<const char*>(message.msg_control) + message.msg_controllen;
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr && length_of(*header) >= CMSG_LEN(0);
         header = item_after(message, header)) {
      const auto* data = reinterpret_cast<const char*>(CMSG_DATA(header));
      const auto there = static_cast<std::size_t>(end - data);
      const std::size_t told = length_of(*header) - CMSG_LEN(0);
      observation.ancdata->push_back({header->cmsg_level, header->cmsg_type, Bytes(data, std::min(told, there))});
      if (told > there) break;
    }
    address.set_length(message.msg_namelen);
    observation.address = reported(address.decode());
    return observation;
  }

  /// The macros refuse nothing.
  [[nodiscard]] CmsgSizes cmsg_sizes(const std::vector<std::int64_t>& lengths) const override {
    CmsgSizes sizes;
    for (const std::int64_t length : lengths) {
      sizes.len.emplace_back(CMSG_LEN(static_cast<std::size_t>(length)));
      sizes.space.emplace_back(CMSG_SPACE(static_cast<std::size_t>(length)));
    }
    return sizes;
  }

 private:
  std::unique_ptr<KernelEntry> entry_;
};

class RecvmsgEntry final : public KernelEntry {
 public:
  [[nodiscard]] Handshake handshake() const override { return handshake_of_entry("recvmsg(2)", "1"); }
  ssize_t receive(int fd, msghdr& message, int flags, bool /*waits*/) override { return recvmsg(fd, &message, flags); }
};

}  // namespace

Handshake handshake_of_entry(std::string name, std::string version) {
  using enum Capability;
  return {.name = std::move(name),
          .version = std::move(version),
          .language = "C",
          .capabilities = {kScatter,           kNoBuffers,   kEmptyBuffers, kOverlap,       kFlags,
                           kMsgFlags,          kAddress,     kAncillary,    kRights,        kAllItems,
                           kAncbufsize,        kNonblocking, kSystemWait,   kSparseBuffers, kInaccessibleBuffers,
                           kInaccessibleTails, kTwoMappings, kRecvmsg,      kCmsgSizes,     kPipelining,
                           kConcurrent},
          .default_ancbufsize = std::optional<std::size_t>(0)};
}

std::unique_ptr<Receiver> make_entry_receiver(std::unique_ptr<KernelEntry> entry) {
  return std::make_unique<RawReceiver>(std::move(entry));
}

std::unique_ptr<Receiver> make_raw_receiver() {
  return make_entry_receiver(std::make_unique<RecvmsgEntry>());
}

}  // namespace recvinto::kit
