#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "kit/values/bytes.h"

namespace recvinto::kit {

// Control messages as a sender hands them to sendmsg(2), as plain data.

namespace sent {

/// SCM_RIGHTS: the descriptors of `files` new files, and then the bytes of `more`, which make the array no whole number
/// of descriptors.
struct Rights {
  std::size_t files = 0;
  Bytes more = {};

  friend bool operator==(const Rights&, const Rights&) = default;
};
/// SCM_RIGHTS: the sender's own socket, passed over itself. It counts as a file.
struct OwnSocket {
  friend bool operator==(const OwnSocket&, const OwnSocket&) = default;
};
/// SCM_CREDENTIALS; what is not set is what the sending process has.
struct Credentials {
  std::optional<pid_t> pid = {};
  std::optional<uid_t> uid = {};
  std::optional<gid_t> gid = {};

  friend bool operator==(const Credentials&, const Credentials&) = default;
};

}  // namespace sent

using SentControl = std::variant<sent::Rights, sent::OwnSocket, sent::Credentials>;

/// How many files come with it, by the order of which they are counted.
std::size_t files_in(const SentControl& control);

/// "SCM_RIGHTS of 2 files", to follow "with".
std::string describe(const SentControl& control);

}  // namespace recvinto::kit
