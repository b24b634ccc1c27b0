#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <string>
#include <vector>

#include "recvinto/unique_fd.h"
#include "sockets.h"

namespace recvinto::bench {

/// Workload is a datagram that is peeked at again and again (MSG_PEEK), so that a receive costs no send: by
/// the reference, or by what one would write by hand. Both receive into the same buffers from the same socket, and both
/// walk the control messages.
class Workload {
 public:
  /// A datagram that fills `buffer_count` buffers and comes with `control_count` control messages: 0, 1 or 3.
  Workload(std::size_t buffer_count, std::size_t control_count);

  /// One receive each. The result is the number of bytes of data and of control messages' data.
  std::size_t receive_bare();
  std::size_t receive_by_reference();

  /// What either receive has to return; std::logic_error where one of them does not.
  std::size_t check();

 private:
  testing::SocketPair sockets_;
  std::size_t ancbufsize_;
  std::string memory_;
  std::vector<iovec> buffers_;
};

}  // namespace recvinto::bench
