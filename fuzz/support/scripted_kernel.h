#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "fuzz/support/choices.h"
#include "fuzz/support/descriptor_oracle.h"
#include "fuzz/support/exact_view.h"
#include "fuzz/support/ledger.h"
#include "fuzz/support/model_walk.h"
#include "fuzz/support/scattered_memory.h"
#include "fuzz/support/step_budget.h"
#include "fuzz/support/uncounted.h"
#include "recvinto/kernel.h"

FUZZ_UNCOUNTED_BEGIN

namespace recvinto::fuzz {

/// What a scripted recvmsg(2) that succeeds stores and says: lengths may lie.
struct Delivery {
  static constexpr std::size_t kAddressMost = sizeof(sockaddr_storage);

  std::size_t payload = 0;                  ///< this number of bytes of kPayload, as far as there is room
  std::optional<std::uint32_t> count = {};  ///< the result, where it is not what was stored
  std::span<const std::byte> control = {};  ///< stored as far as there is room
  std::size_t control_beyond = 0;           ///< ... and this many more claimed
  std::array<std::uint8_t, kAddressMost> address = {};
  std::size_t address_length = 0;  ///< as claimed; may be more than there is room for
  int flags = 0;
};

/// ScriptedKernel answers as an input says, on a clock of its own, and keeps what the oracle wants to know of the
/// calls. The kernel of the kit plays any script for any process; this one is for half a million calls a second.
///
/// It may be hostile: no Linux reports a control length beyond the room, or half a header, but other systems do.
class ScriptedKernel final : public Kernel {
 public:
  using Clock = std::chrono::steady_clock;
  using nanoseconds = std::chrono::nanoseconds;

  /// `ledger` notes the descriptors that a delivery has.
  ScriptedKernel(Choices& choices, const Delivery& delivery, Ledger& ledger)
      : choices_(choices), delivery_(delivery), ledger_(ledger), attempts_left_(choices.up_to(7)) {}

  /// What every call has to pass.
  struct Asked {
    int fd = -1;
    std::span<const iovec> buffers = {};
    std::size_t control_size = 0;
    int flags = 0;
    bool waits_itself = false;  ///< a timeout is given, so that the kernel is not to wait
    bool has_deadline = false;
    Clock::time_point deadline = {};
  };
  void expect(const Asked& asked) { asked_ = asked; }

  ssize_t recvmsg(int fd, msghdr& message, int flags) noexcept override;
  int poll(pollfd& entry, nanoseconds timeout) noexcept override;
  Clock::time_point now() noexcept override { return now_; }
  [[nodiscard]] Clock::time_point time() const { return now_; }

  enum class Last { kNothing, kReceived, kFailed, kPolled, kPollFailed };
  [[nodiscard]] Last last() const { return last_; }
  [[nodiscard]] int last_error() const { return last_error_; }
  [[nodiscard]] std::size_t interruptions() const { return interruptions_; }

  /// A copy of the control bytes that were received: those in the room, however they came there.
  [[nodiscard]] std::span<const std::byte> received_control() const {
    return std::span(control_storage()).first(control_length_);
  }

  /// What is in them.
  [[nodiscard]] const ModelWalk& received_model() const { return model_; }
  [[nodiscard]] const Rights& received_rights() const { return rights_; }

 private:
  static std::array<std::byte, ExactView::kCapacity>& control_storage() {
    static std::array<std::byte, ExactView::kCapacity> control;  // as ModelWalk's items
    return control;
  }

  void check_call(int fd, const msghdr& message, int flags) const;
  ssize_t fail(int error, msghdr& message);
  ssize_t deliver(msghdr& message);
  void advance() { now_ += nanoseconds(choices_.byte()); }

  Choices& choices_;
  const Delivery& delivery_;
  Ledger& ledger_;
  Asked asked_ = {};
  std::size_t attempts_left_;  // that fail
  StepBudget budget_{256};
  Clock::time_point now_{std::chrono::hours(1)};
  Last last_ = Last::kNothing;
  int last_error_ = 0;
  std::size_t interruptions_ = 0;
  std::size_t control_length_ = 0;
  ModelWalk model_;
  Rights rights_;
};

}  // namespace recvinto::fuzz

FUZZ_UNCOUNTED_END
