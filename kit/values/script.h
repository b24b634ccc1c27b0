#pragma once

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "kit/values/bytes.h"

namespace recvinto::kit {

/// A control message as the scripted kernel writes it. What depends on the caller's ABI (the header's size, the
/// alignment) is computed when it is written, so that one script serves 64-bit and 32-bit programs.
struct ScriptedMessage {
  int level = SOL_SOCKET;
  int type = 0;
  Bytes data = {};
  /// The number of descriptors of new files that are planted in the receiving process; their numbers follow `data`.
  std::size_t files = 0;
  /// The bytes of data that cmsg_len promises; nullopt: as many as there are.
  std::optional<std::uint64_t> claimed_data = {};
  /// cmsg_len itself, cut to the width that the ABI has for it.
  std::optional<std::uint64_t> claimed_length = {};

  friend bool operator==(const ScriptedMessage&, const ScriptedMessage&) = default;
};

namespace answer {

/// The kernel itself answers.
struct Pass {
  friend bool operator==(const Pass&, const Pass&) = default;
};

/// The supervisor receives on its duplicate of the socket and gives what came as a Result; where nothing is there yet,
/// or waiting has rules of its own (MSG_WAITALL), the kernel itself answers.
struct Proxy {
  friend bool operator==(const Proxy&, const Proxy&) = default;
};

/// The call succeeds with this. What the caller's buffers have no room for is not stored.
struct Result {
  Bytes data = {};                            ///< scattered into the caller's buffers in order
  std::vector<ScriptedMessage> control = {};  ///< laid out one after the other, each aligned
  Bytes raw_control = {};                     ///< bytes behind them, or instead of them
  bool pad_the_last = true;                   ///< whether padding follows the last message
  char padding = '\0';                        ///< what padding bytes hold; zero: the kernel leaves them unfilled
  std::optional<Bytes> address = {};          ///< a sockaddr; nothing: none, msg_namelen 0
  int msg_flags = 0;
  std::optional<std::int64_t> returned = {};         ///< nothing: the number of bytes stored
  std::optional<std::uint64_t> msg_controllen = {};  ///< nothing: the number of control bytes stored
  std::optional<std::uint32_t> msg_namelen = {};     ///< nothing: the address's length

  friend bool operator==(const Result&, const Result&) = default;
};

/// The call fails with this errno.
struct Failure {
  int number = 0;
  /// Written into the caller's memory all the same: POSIX says nothing of it after a failure.
  std::optional<Result> scribbled = {};

  friend bool operator==(const Failure&, const Failure&) = default;
};

/// No answer until it is released, the process ends, or the deadline of held calls passes, which is a trouble.
struct Hold {
  friend bool operator==(const Hold&, const Hold&) = default;
};

}  // namespace answer

/// What the kernel does with one receive.
struct ScriptStep {
  std::variant<answer::Pass, answer::Proxy, answer::Result, answer::Failure, answer::Hold> answer;
  /// Sent to the receiving thread just before the answer; 0: none.
  int signum = 0;

  friend bool operator==(const ScriptStep&, const ScriptStep&) = default;
};

/// What the kernel does with one wait of the call for its socket: poll(2) and its kin, or a receive of a socket that
/// has a timeout of its own (SO_RCVTIMEO). A wait without end does not time out: it is passed on instead.
struct ScriptedWait {
  enum class Answer { kReady, kTimedOut, kInterrupted };
  Answer answer = Answer::kReady;
  std::chrono::milliseconds lasts{0};  ///< time that passes before the answer

  friend bool operator==(const ScriptedWait&, const ScriptedWait&) = default;
};

/// What the kernel does with each receive of one call, in order. A receive beyond the last step is answered EBADMSG and
/// is remembered as one too many.
struct Script {
  std::vector<ScriptStep> steps;
  bool last_repeats = false;  ///< the last step answers every further receive too
  /// Whether something is put into the receiver's queue first, so that implementations which wait for readiness before
  /// they receive do receive. A script that passes on to the kernel brings its own data.
  bool readable = true;
  /// What the kernel does with each wait, in order; every further one finds the socket ready. Then receives fail with
  /// EAGAIN, and use up no step, before a wait has said that the socket is ready, and again behind a step that fails
  /// with EAGAIN. Empty: waits go on to the kernel, and receives are not held to them.
  std::vector<ScriptedWait> waits = {};

  friend bool operator==(const Script&, const Script&) = default;
};

/// How odd an answer is, and what may be asked of an implementation that gets it.
enum class Oddity {
  kOrdinary,    ///< K0: this kernel gives it. The result is required.
  kOdd,         ///< K1: odd but legal. The result is required.
  kMalformed,   ///< K2: malformed control data, as other systems and emulators give. What is documented for it.
  kImpossible,  ///< K3: lengths that cannot be. No crash, no byte from outside, no descriptor lost.
};

/// "K0" to "K3".
std::string_view name(Oddity oddity);

// Scripts as sentences: script({interrupted_by(SIGUSR1), gives({.data = "abcd"})}).

ScriptStep pass();
ScriptStep proxy();
ScriptStep hold();
ScriptStep gives(answer::Result result);
/// A result of nothing but data, up to the first zero byte.
ScriptStep gives(const char* data);
ScriptStep fails(int number);
ScriptStep fails(int number, answer::Result scribbled);
/// The signal arrives, and the call fails with EINTR.
ScriptStep interrupted_by(int signum);
/// `count` times the same step, followed by `then`.
std::vector<ScriptStep> times(std::size_t count, const ScriptStep& step, std::vector<ScriptStep> then);

ScriptedWait wait_is_ready(std::chrono::milliseconds lasts = {});
ScriptedWait wait_times_out();
ScriptedWait wait_is_interrupted(std::chrono::milliseconds lasts = {});

std::string describe(const ScriptedMessage& message);
std::string describe(const ScriptStep& step);
std::string describe(const ScriptedWait& wait);
std::string describe(const Script& script);

}  // namespace recvinto::kit
