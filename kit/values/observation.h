#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kit/values/bytes.h"
#include "kit/values/call_log.h"

namespace recvinto::kit {

/// One ancillary item as the implementation reported it.
struct AncillaryItem {
  int level = 0;
  int type = 0;
  Bytes data;

  friend bool operator==(const AncillaryItem&, const AncillaryItem&) = default;
};

/// A sender's address as the implementation reported it. Which members mean something depends on the family.
struct Address {
  int family = 0;
  Bytes path;                  ///< AF_UNIX: a pathname, or an abstract name with its leading zero byte
  std::string host;            ///< AF_INET and AF_INET6: the numeric host, without a zone
  std::uint32_t port = 0;      ///< host byte order
  std::uint32_t flowinfo = 0;  ///< host byte order
  std::uint32_t scope_id = 0;
  Bytes raw;  ///< any other family: the bytes after the family field

  friend bool operator==(const Address&, const Address&) = default;
};

/// How a call failed, in the implementation's own words.
struct Error {
  std::string type;           ///< the class of the exception or error
  std::optional<int> number;  ///< errno, where the operating system refused
  std::string message;

  [[nodiscard]] bool is_timeout() const { return !number && type == "TimeoutError"; }
  [[nodiscard]] bool is_refused_argument() const {
    return !number && (type == "ValueError" || type == "OverflowError" || type == "TypeError");
  }
  [[nodiscard]] bool is_warning() const { return !number && type == "RuntimeWarning"; }
  [[nodiscard]] bool is_from_handler() const { return !number && type == "HandlerError"; }

  friend bool operator==(const Error&, const Error&) = default;
};

/// A descriptor that the implementation reported to have received, seen from outside.
struct ReceivedDescriptor {
  int number = -1;                  ///< in the implementation's process
  std::optional<std::size_t> file;  ///< which of the files that were sent it is open on; nothing: none, or not open
  bool close_on_exec = false;
  bool shares_offset = false;  ///< with the descriptor that was sent: both are the same open file

  friend bool operator==(const ReceivedDescriptor&, const ReceivedDescriptor&) = default;
};

/// A descriptor of a process that the implementation reported to have received (SCM_PIDFD), seen from outside.
struct ReceivedPidfd {
  int number = -1;                    ///< in the implementation's process
  std::optional<pid_t> process = {};  ///< whose it is; nothing: it is no pidfd, or not open
  bool close_on_exec = false;

  friend bool operator==(const ReceivedPidfd&, const ReceivedPidfd&) = default;
};
/// What only the implementation can see of a call in a form of Python: names to values, the values as JSON text.
using Facts = std::map<std::string, std::string>;

/// Facts about one call: what came back, what the buffers hold, which descriptors appeared. No judgement.
struct Observation {
  std::optional<Error> error;
  std::int64_t nbytes = 0;
  std::optional<std::vector<AncillaryItem>> ancdata;  ///< nothing: the implementation does not report it
  std::optional<int> msg_flags;                       ///< nothing: the implementation does not report it
  std::optional<Address> address;                     ///< nothing: reported as no address, or not reported
  std::vector<Bytes> storages;                        ///< whole, one for each buffer of the call
  std::vector<std::string> warnings;
  int signals = 0;  ///< how often a handler ran during the call
  Facts facts;      ///< of a call in a form
  /// How many bytes were returned, by an interface that returns data instead of filling buffers; and those of them for
  /// which the buffers have no room, as far as they are known.
  std::optional<std::size_t> returned = {};
  Bytes returned_beyond = {};
  int known_msg_flags = ~0;  ///< the bits of msg_flags that the implementation can report

  // Seen from outside, not reported by the implementation.
  std::chrono::microseconds elapsed{0};         ///< from before the request to after the reply
  std::vector<ReceivedDescriptor> descriptors;  ///< in the order of the items
  std::vector<ReceivedPidfd> pidfds;            ///< in the order of the items
  std::size_t stray_descriptors = 0;            ///< open on a file that was sent, or pidfds, but not reported
  std::optional<CallLog> kernel;                ///< what a scripted kernel saw; nothing: none played
};

/// The numbers in the SCM_RIGHTS items, in order; a partial number at the end of an item is left out.
std::vector<int> reported_descriptors(const std::vector<AncillaryItem>& ancdata);
/// The same of the SCM_PIDFD items.
std::vector<int> reported_pidfds(const std::vector<AncillaryItem>& ancdata);

std::string describe(const Error& error);
std::string describe(const AncillaryItem& item);
std::string describe(const Address& address);

}  // namespace recvinto::kit
