#pragma once

#include <sys/socket.h>

#include <memory>
#include <string>

#include "kit/subjects/receiver.h"

namespace recvinto::kit {

/// A way into the kernel that receives what recvmsg(2) receives.
class KernelEntry {
 public:
  virtual ~KernelEntry() = default;
  [[nodiscard]] virtual Handshake handshake() const = 0;
  /// As recvmsg(2): -1 and errno where it fails. `waits`: the descriptor is in blocking mode.
  virtual ssize_t receive(int fd, msghdr& message, int flags, bool waits) = 0;
};

/// What recvmsg(2) itself declares.
Handshake handshake_of_entry(std::string name, std::string version);

/// All of a call but the entry itself, which is the same for each of them.
std::unique_ptr<Receiver> make_entry_receiver(std::unique_ptr<KernelEntry> entry);

/// recvmmsg(2) of one message.
std::unique_ptr<Receiver> make_recvmmsg_receiver();

/// recvmmsg(2) of several messages, of which a call is to receive one.
std::unique_ptr<Receiver> make_recvmmsg_batch_receiver();

/// IORING_OP_RECVMSG on a ring of its own, one request at a time. Throws CannotStart where the kernel has no io_uring,
/// or forbids it, and where this build has no liburing.
std::unique_ptr<Receiver> make_io_uring_receiver();

/// The same, receiving into provided buffers until it is ended. Throws CannotStart likewise.
std::unique_ptr<Receiver> make_io_uring_multishot_receiver();

}  // namespace recvinto::kit
