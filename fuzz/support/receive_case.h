#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <optional>
#include <system_error>

#include "fuzz/support/check.h"
#include "fuzz/support/choices.h"
#include "fuzz/support/descriptor_oracle.h"
#include "fuzz/support/exact_view.h"
#include "fuzz/support/scattered_memory.h"
#include "fuzz/support/scripted_kernel.h"
#include "fuzz/support/subject.h"
#include "fuzz/support/uncounted.h"

FUZZ_UNCOUNTED_BEGIN

namespace recvinto::fuzz {

/// ReceiveCase is one call, as an input says, on a scripted kernel, and its expected result. The targets make the
/// call.
class ReceiveCase {
 public:
  using nanoseconds = std::chrono::nanoseconds;

  static constexpr int kFd = 1 << 20;

  ReceiveCase(Choices& choices, std::span<const std::byte> control, Ledger& ledger)
      : memory(choices), delivery(decode_delivery(choices, control)), kernel(choices, delivery, ledger) {
    const std::size_t part = choices.byte();
    room_size = std::min(part == 0 ? control.size() : control.size() * part / 128, ExactView::kCapacity);
    oddity = choices.up_to(7);
    flags = static_cast<int>(choices.byte()) << choices.up_to(16);
    switch (choices.up_to(3)) {
      case 1:
        timeout = nanoseconds::zero();
        break;
      case 2:
        timeout = nanoseconds(1 + choices.byte() * 4);
        break;
      case 3:
        timeout = nanoseconds(-1);
        break;
      default:
        break;
    }
    stops_at_ = choices.byte();
    deadline_ = kernel.time() + (is_bounded() ? *timeout : nanoseconds::zero());
    kernel.expect({.fd = kFd,
                   .control_size = room_size,
                   .flags = flags,
                   .waits_itself = timeout.has_value(),
                   .has_deadline = is_bounded(),
                   .deadline = deadline_});
  }

  ScatteredMemory memory;
  Delivery delivery;
  ScriptedKernel kernel;
  std::size_t room_size = 0;  ///< for control messages
  std::size_t oddity = 0;     ///< 0 to 7; mostly 0: something about that room that the targets see to
  int flags = 0;
  std::optional<nanoseconds> timeout = std::nullopt;

  [[nodiscard]] bool is_bounded() const { return timeout && *timeout > nanoseconds::zero(); }
  [[nodiscard]] bool is_negative() const { return timeout && *timeout < nanoseconds::zero(); }

  [[nodiscard]] bool has_hook() const { return stops_at_ != kNoHook; }

  /// The hook is asked: whether it ends the call, by an error that equals std::errc::operation_canceled.
  bool hook_stops() {
    ++asked_;
    return asked_ == stops_at_;
  }

  /// How the call ended follows from what the kernel said last, and from the clock.
  void check_end(const std::error_code& error) const {
    FUZZ_CHECK(asked_ == (has_hook() ? kernel.interruptions() : 0),
               "the hook is not asked once after each interruption");
    if (kernel.last() == ScriptedKernel::Last::kReceived) {
      FUZZ_CHECK(!error, "an error after a receipt");
      return;
    }
    if (stops_at_ != 0 && asked_ == stops_at_) {
      FUZZ_CHECK(error == std::errc::operation_canceled, "the hook's error does not end the call");
      return;
    }
    const bool failed = kernel.last() == ScriptedKernel::Last::kFailed;
    const int kernels = kernel.last_error();
    const bool is_final = failed ? kernels != EINTR && (kernels != EAGAIN || !is_bounded())
                                 : kernel.last() == ScriptedKernel::Last::kPollFailed && kernels != EINTR;
    if (is_final) {
      FUZZ_CHECK(error == std::error_code(kernels, std::system_category()), "another error than the kernel's");
      return;
    }
    FUZZ_CHECK(error == subject::ReceiveErrc::kTimedOut, "the call ends although nothing has ended it");
    FUZZ_CHECK(is_bounded() && kernel.time() >= deadline_, "timed out before its time");
  }

  /// Where arguments are refused, no system call has been made.
  void check_nothing_asked() const {
    FUZZ_CHECK(kernel.last() == ScriptedKernel::Last::kNothing, "a system call before the arguments are refused");
  }

  void check_counts(std::size_t nbytes, int msg_flags) const {
    const std::size_t stored = std::min(delivery.payload, memory.room());
    FUZZ_CHECK(nbytes == delivery.count.value_or(static_cast<std::uint32_t>(stored)),
               "another count than the kernel's");
    FUZZ_CHECK(msg_flags == delivery.flags, "other flags than the kernel's");
    memory.check_holds(stored);
  }

 private:
  static constexpr std::size_t kNoHook = 255;

  static Delivery decode_delivery(Choices& choices, std::span<const std::byte> control) {
    Delivery delivery{.payload = choices.byte(), .control = control};
    if (choices.up_to(3) == 3) delivery.count = choices.word() & 0x7fffffff;
    if (choices.up_to(3) == 3) delivery.control_beyond = choices.byte() * 4U;
    delivery.address_length = choices.byte();
    delivery.address[0] = static_cast<std::uint8_t>(choices.up_to(12));
    std::fill(delivery.address.begin() + 2, delivery.address.end(), choices.byte());
    delivery.flags = static_cast<int>(choices.word());
    return delivery;
  }

  ScriptedKernel::Clock::time_point deadline_;
  std::size_t stops_at_ = 0;  // the interruption after which the hook ends the call; 0 for none of them
  std::size_t asked_ = 0;
};

}  // namespace recvinto::fuzz

FUZZ_UNCOUNTED_END
