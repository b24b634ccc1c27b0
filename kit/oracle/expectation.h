#pragma once

#include <cstdint>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "kit/values/call.h"
#include "kit/values/capability.h"
#include "kit/values/observation.h"

namespace recvinto::kit {

/// A call and what came of it.
struct Answer {
  Call call;
  Observation seen;
};

/// How a call is to fail.
struct Failure {
  enum class Kind { kSystem, kTimeout, kRefusedArgument, kFromHandler, kWarning, kClass };
  Kind kind = Kind::kSystem;
  std::vector<int> numbers;               ///< kSystem: any of these errno values
  std::vector<std::string> classes = {};  ///< kClass: any of these classes
};

/// The operating system refuses with this error.
Failure os_error(int number);
/// EAGAIN, or EWOULDBLOCK where that is another number.
Failure would_block();
/// The timeout has passed.
Failure timed_out();
/// An argument is refused, before any system call.
Failure refused_argument();
/// A warning that is raised as an error.
Failure raised_warning();
/// The exception of a raising signal handler.
Failure handler_error();

/// An error of one of these classes, in the words of the implementation's language.
Failure raises(std::vector<std::string> classes);

/// Which of the received descriptors must be close-on-exec (FD_CLOEXEC).
enum class CloseOnExec {
  kAll,        ///< MSG_CMSG_CLOEXEC asks for it (recvmsg(2))
  kAllOrNone,  ///< not asked for: the system makes none so, a careful implementation all (PEP 446)
};

/// What a claim says of an answer. Only what is set is compared. Two things always are: bytes of the buffers outside
/// the received data keep what they held before, and no received descriptor is left open that was not reported. Where a
/// script was played, two more: it was played to its end, and nothing was received beside or beyond it.
struct Expected {
  std::optional<Failure> failure = {};  ///< nothing: the call succeeds

  /// The received data in order; where each byte belongs is computed from the call's buffers.
  std::optional<Bytes> data = {};
  /// The storages spelled out instead.
  std::optional<std::vector<Bytes>> storages = {};
  /// Default: the number of bytes in `data`.
  std::optional<std::int64_t> nbytes = {};

  std::optional<int> msg_flags = {};  ///< MSG_CMSG_CLOEXEC is left out of the comparison: Linux echoes it
  std::optional<std::vector<AncillaryItem>> ancdata = {};
  /// The files whose descriptors arrive, in order; files count from 0 over the whole stage.
  std::optional<std::vector<std::size_t>> files = {};
  std::optional<CloseOnExec> close_on_exec = {};       ///< of these descriptors
  std::optional<std::optional<Address>> address = {};  ///< an inner nothing: no address
  /// Where no address is expected, the empty one of a unix socket agrees, too (Handshake::unnamed_address_is_empty).
  bool no_address_may_be_empty = false;
  std::optional<int> signals = {};
  std::optional<std::vector<std::string>> warnings = {};
  Facts facts = {};  ///< those that are named; others are not compared

  /// Success and every error will do; then `data` says what the buffers may hold at most.
  bool any_outcome = false;
  std::optional<std::size_t> receives = {};  ///< how often recvmsg(2) was called
  std::size_t unused_steps = 0;              ///< steps of the script that are not to be reached
  bool any_play = false;                     ///< how a script was played is not compared
};

/// One compared field, for a table.
struct Comparison {
  std::string field;
  std::string expected;
  std::string actual;
  bool agrees = true;
  std::string summary = {};  ///< of a row that differs, alike for all of one kind; empty: the field says it
};

/// Whether everything that is set agrees: compare() without a word about it.
bool agrees(const Call& call, const Observation& seen, const Expected& expected);

/// Compares field by field. The order is that of the result: error, nbytes, buffers, ancdata, msg_flags, address.
std::vector<Comparison> compare(const Call& call, const Observation& seen, const Expected& expected);
inline std::vector<Comparison> compare(const Answer& answer, const Expected& expected) {
  return compare(answer.call, answer.seen, expected);
}

/// What an implementation must be able to report for the comparison to mean anything.
Capabilities needed_for(const Expected& expected);

/// Expected and actual side by side, under what they are, a mark at the lines that differ.
std::string table_of(const std::vector<Comparison>& comparisons, std::string_view expected = "expected",
                     std::string_view actual = "actual");

}  // namespace recvinto::kit
