#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <optional>
#include <source_location>
#include <string>

#include "conformance/framework/claim.h"
#include "conformance/framework/expectation.h"
#include "kit/oracle/differences.h"
#include "kit/performing/stage.h"
#include "kit/subjects/implementation.h"
#include "kit/values/abi.h"

namespace recvinto::kit {
struct Outcome;
}

namespace recvinto::conformance {

/// What checks judge, and where their outcomes go. Filled before the first check runs, and outlives the last.
struct Subject {
  kit::Implementation* implementation = nullptr;
  /// Returns the same implementation under a scripted kernel. Throws EnvironmentLacks where this host has none.
  std::function<kit::Implementation&()> scripted = {};
  /// Receives the outcome of a check, before GoogleTest ends its test.
  std::function<void(kit::Outcome)> take = {};
};

/// One claim on one kind of socket, as a GoogleTest test: the base class of what CLAIM defines, with the words that
/// claims are written in.
class Check : public testing::Test {
 public:
  Check();
  ~Check() override;

  /// All are borrowed.
  void configure(const Claim& claim, const kit::SocketKind& kind, const Subject& subject) {
    claim_ = &claim;
    kind_ = kind;
    subject_ = &subject;
  }
  void TestBody() final;

 protected:
  /// The claim itself.
  virtual void holds() = 0;

  [[nodiscard]] const kit::SocketKind& kind() const { return kind_; }
  [[nodiscard]] kit::Stage& stage() { return *stage_; }
  /// What the implementation says of itself.
  [[nodiscard]] const kit::Handshake& handshake() const { return subject_->implementation->handshake(); }

  /// The sender is number 0; see Stage::send.
  void send(const kit::Bytes& data, std::size_t files = 0) { stage_->send(data, files); }
  /// Where the claim does not need kScatter, and the implementation takes one buffer only, it is given that in place of
  /// several: kit::merged().
  Answer receive(const kit::Call& call);
  /// The receives that the call makes are answered by the script.
  Answer receive(const kit::Call& call, kit::Script script);
  Answer receive(const kit::Call& call, std::vector<kit::ScriptStep> steps) {
    return receive(call, kit::Script{.steps = std::move(steps)});
  }
  void start(const kit::Call& call);
  Answer finish();
  /// A second receive beside that of start(), both concurrent: on a socket of its own, of the same kind.
  [[nodiscard]] kit::Stage& second();
  /// ... or on the check's own socket; before second() is used.
  void let_second_share_the_socket() { second().share_socket_of(stage()); }
  void start_second(const kit::Call& call);
  Answer finish_second();
  /// What recvmsg(2) itself, called by the suite, makes of the same call, merged alike, on the same socket.
  /// With room for ancillary data only where the implementation lays it out as this program does; elsewhere the check
  /// is skipped.
  kit::Observation by_recvmsg(const kit::Call& call);
  /// CMSG_LEN and CMSG_SPACE, as bytes of ancbufsize, in the implementation's own layout: it may be a 32-bit program.
  [[nodiscard]] std::int64_t cmsg_len(std::size_t data) { return static_cast<std::int64_t>(abi().cmsg_len(data)); }
  [[nodiscard]] std::int64_t cmsg_space(std::size_t data) { return static_cast<std::int64_t>(abi().cmsg_space(data)); }
  [[nodiscard]] kit::Abi abi();  ///< of the implementation's process
  /// An ancbufsize with room for a few items, for implementations that let one choose; else none is asked for.
  [[nodiscard]] std::optional<std::int64_t> plenty() const;
  /// Fails the check where the call that was started has an answer instead of sleeping.
  void expect_sleep(std::source_location where = std::source_location::current());
  /// Delivers a signal to the call while it sleeps; fails the check where it does not, and then sends none.
  void interrupt(int signum, std::source_location where = std::source_location::current());

  /// The process that makes the calls.
  [[nodiscard]] pid_t implementation_pid() { return implementation().process().pid(); }
  /// Skips the check where the memory of a process cannot be measured from outside.
  void require_memory_can_be_measured();
  /// Skips the check where a call that asks for no room for ancillary data may have some.
  void require_no_room_by_default() const;
  /// Skips the check where that ABI has words of 32 bits.
  void require_words_of_64_bits();
  /// Skips the check where lengths beyond the room would be rejected by another layer (an emulator) first.
  void require_lengths_may_lie();
  /// Receives what a script gives, and holds the implementation only to this: that it lives, that the buffers have no
  /// other bytes than the result's, that no item has bytes that the control data do not have, and that no descriptor
  /// is lost. `ancbufsize`: plenty(), if empty.
  void expect_survived(const kit::answer::Result& result, std::optional<std::int64_t> ancbufsize = {},
                       std::source_location where = std::source_location::current());

  /// Of a timed call whose waits were answered by a script: no wait is longer than what is left of the timeout by then,
  /// and where the call ends with the timeout, no less time has passed or was granted. Skips the check where no wait
  /// for the socket was seen. `data`: what the call returns where it goes on until the script has data.
  void expect_timed(const Answer& answer, const kit::Bytes& data,
                    std::source_location where = std::source_location::current());

  /// Receives what a script gives, with warnings as errors: the call ends with an error, of whatever kind, and leaves
  /// no descriptor open.
  void expect_closed(const kit::answer::Result& result, std::source_location where = std::source_location::current());

  void expect(const Answer& answer, const Expected& expected,
              std::source_location where = std::source_location::current());
  /// For facts that are not in an answer: both sides must print.
  template <typename Value>
  void expect_equal(std::string_view what, const Value& expected, const Value& actual,
                    std::source_location where = std::source_location::current()) {
    expect_that(what, testing::PrintToString(expected), testing::PrintToString(actual), expected == actual, where);
  }
  bool expect_that(std::string_view what, std::string expected, std::string actual, bool agrees,
                   std::source_location where = std::source_location::current());
  /// The messages left in the receiver's queue, taken out by the suite. Where they are others, the check ends here: a
  /// further call would wait for what is not there.
  void expect_queue(const std::vector<kit::QueuedMessage>& expected,
                    std::source_location where = std::source_location::current());

 private:
  /// Performs the claim; everything but GoogleTest's bookkeeping.
  kit::Outcome judge();
  void perform(kit::Implementation& implementation);
  /// Whether all agree.
  bool report(const std::vector<Comparison>& comparisons, std::source_location where);
  [[nodiscard]] kit::Implementation& implementation() const;
  /// The call as the implementation can be given it: with one buffer, with a timeout that it has.
  kit::Call expressible(const kit::Call& call);
  /// The storages of an expectation as those of the call that was made.
  [[nodiscard]] Expected merged_alike(const Answer& answer, Expected expected) const;
  void begin(const kit::Call& call);

  const Claim* claim_ = nullptr;
  kit::SocketKind kind_;
  const Subject* subject_ = nullptr;
  std::optional<kit::Stage> stage_;
  std::optional<kit::Call> pending_;
  std::optional<kit::Stage> second_;
  std::optional<kit::Call> second_pending_;
  kit::Call written_;  ///< the last call, as the claim has it
  kit::Differences differences_;
  int expectations_ = 0;
};

/// "12.3 ms"
std::string fmt_milliseconds(std::chrono::microseconds time);

}  // namespace recvinto::conformance
