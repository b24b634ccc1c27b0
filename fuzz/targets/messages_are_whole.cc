// The call that returns Python's four values, on the same kernel: its items, warnings and descriptors are those
// received, and whatever it throws, nothing stays open. Apart from receive_keeps_its_contract, as exceptions are slow.

#include "fuzz/support/control_input.h"
#include "fuzz/support/receive_case.h"

using namespace recvinto::fuzz;

namespace {

struct Stop {};

void check_message(const subject::Message& message, const ScriptedKernel& kernel) {
  const std::span<const std::byte> control = kernel.received_control();
  const ModelWalk& model = kernel.received_model();
  FUZZ_CHECK(message.ancdata.size() == model.count, "another number of items than were received");
  for (std::size_t i = 0; i < model.count; ++i) {
    const ModelWalk::Item& item = model.items[i];
    const subject::AncillaryItem& found = message.ancdata[i];
    const auto data = control.subspan(item.offset, item.size);
    FUZZ_CHECK(found.level == item.level && found.type == item.type &&
                   std::equal(data.begin(), data.end(), found.data.begin(), found.data.end()),
               "another item than was received");
  }
  FUZZ_CHECK(message.warnings.size() == (model.end != WalkEnd::kAtTheEnd ? 1U : 0U), "wrong about a warning");
  const Rights& rights = kernel.received_rights();
  FUZZ_CHECK(std::equal(message.descriptors.begin(), message.descriptors.end(), rights.list().begin(),
                        rights.list().end(), [](const auto& one, int fd) { return one.get() == fd; }),
             "other descriptors than were received, or in another order");
}

void check_call(ReceiveCase& call, bool warnings_are_errors) {
  const auto room_size = static_cast<std::int64_t>(call.room_size);
  const std::int64_t size = call.oddity == 7 ? -1 : call.oddity == 6 ? INT64_C(1) << 31 : room_size;
  const bool is_wrong = call.oddity >= 6 || call.is_negative();
  subject::Options options{
      .timeout = call.timeout, .on_interrupt = {}, .warnings_are_errors = warnings_are_errors, .kernel = &call.kernel};
  const auto hook = [&] {
    if (call.hook_stops()) throw Stop();
  };
  if (call.has_hook()) options.on_interrupt = hook;
  std::error_code error;
  try {
    const auto message = subject::recvmsg_into(ReceiveCase::kFd, call.memory.buffers(), size, call.flags, options);
    FUZZ_CHECK(!is_wrong, "an argument that cannot be right is taken");
    call.check_end(error);
    call.check_counts(message.nbytes, message.msg_flags);
    check_message(message, call.kernel);
    FUZZ_CHECK(message.warnings.empty() || !warnings_are_errors, "a warning that is raised as an error");
    return;
  } catch (const std::invalid_argument&) {
    FUZZ_CHECK(is_wrong, "an argument that is right is refused");
    return call.check_nothing_asked();
  } catch (const subject::ReceiveWarningError& warning) {
    FUZZ_CHECK(warnings_are_errors && call.kernel.received_model().end != WalkEnd::kAtTheEnd,
               "a warning without a reason");
    FUZZ_CHECK(warning.descriptors_closed() == call.kernel.received_rights().list().size(),
               "another number of descriptors is said to be closed");
    return;
  } catch (const Stop&) {
    error = make_error_code(std::errc::operation_canceled);
  } catch (const std::system_error& failure) {
    error = failure.code();
  }
  FUZZ_CHECK(static_cast<bool>(error), "an error that is none");
  call.check_end(error);
  call.memory.check_holds(0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ControlInput input(data, size);
  if (!ExactView::fits(input.control.size())) return -1;
  Choices choices(input.choices);
  const bool warnings_are_errors = choices.flag();
  Ledger ledger;
  ReceiveCase call(choices, input.control, ledger);
  check_call(call, warnings_are_errors);
  ledger.settle();
  return 0;
}
