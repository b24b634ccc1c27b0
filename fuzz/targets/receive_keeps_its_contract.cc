// The whole call, on a kernel that interrupts, fails, lies and turns the clock as the input says: what it passes, how
// often, how it ends, what it returns, and that it touches nothing else and loses no descriptor.

#include "fuzz/support/control_input.h"
#include "fuzz/support/receive_case.h"
#include "fuzz/support/uncounted.h"

using namespace recvinto::fuzz;

// All of it: what is tried is elsewhere, and what is inlined into a function is counted as that function is.
FUZZ_UNCOUNTED_BEGIN

namespace {

void check_result(const ReceiveCase& call, const subject::Received& received, const subject::ControlBuffer& control) {
  call.check_counts(received.nbytes, received.msg_flags);
  const std::size_t length = std::min(call.delivery.address_length, Delivery::kAddressMost);
  FUZZ_CHECK(received.address.length() == length, "the address has another length");
  FUZZ_CHECK(std::memcmp(received.address.bytes().data(), call.delivery.address.data(), length) == 0,
             "the address has other bytes");
  const std::span<const std::byte> bytes = call.kernel.received_control();
  FUZZ_CHECK(
      control.bytes().size() == bytes.size() && std::memcmp(bytes.data(), control.bytes().data(), bytes.size()) == 0,
      "other control bytes than were received");
}

void check_call(ReceiveCase& call, Choices& choices) {
  static constexpr std::array<std::byte, ExactView::kCapacity> kFiller = {};
  const ExactView room(std::span<const std::byte>(kFiller).first(call.room_size), call.oddity);
  subject::ControlBuffer control(room.bytes());
  auto hook = [&] { return call.hook_stops() ? make_error_code(std::errc::operation_canceled) : std::error_code(); };
  subject::Wait wait{.timeout = call.timeout, .on_interrupt = {}};
  if (call.has_hook()) wait.on_interrupt = hook;
  std::error_code error;
  const subject::Received received =
      subject::recvmsg_into(call.kernel, ReceiveCase::kFd, call.memory.buffers(), control, call.flags, wait, error);

  const bool is_misaligned = call.room_size != 0 && call.oddity % alignof(cmsghdr) != 0;
  if (is_misaligned || call.is_negative()) {
    using subject::ReceiveErrc;
    FUZZ_CHECK(error == (is_misaligned ? ReceiveErrc::kControlMisaligned : ReceiveErrc::kNegativeTimeout),
               "what cannot be right is not refused");
    call.check_nothing_asked();
  } else {
    call.check_end(error);
  }
  if (!error) {
    check_result(call, received, control);
    FUZZ_CHECK(received.control_malformed == (call.kernel.received_model().end != WalkEnd::kAtTheEnd),
               "wrong about malformed control bytes");
    return check_taking(control, call.kernel.received_rights(), choices);
  }
  FUZZ_CHECK(received.nbytes == 0 && received.msg_flags == 0 && received.address.length() == 0,
             "a result beside an error");
  FUZZ_CHECK(control.bytes().empty(), "control bytes beside an error");
  call.memory.check_holds(0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ControlInput input(data, size);
  if (!ExactView::fits(input.control.size())) return -1;
  Choices choices(input.choices);
  Ledger ledger;
  ReceiveCase call(choices, input.control, ledger);
  check_call(call, choices);
  ledger.settle();
  return 0;
}

FUZZ_UNCOUNTED_END
