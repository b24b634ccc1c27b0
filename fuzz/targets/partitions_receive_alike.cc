// One message received into two partitions of memory: the same bytes in the same order as far as both have room,
// nothing else touched, and the same of everything that is not about the buffers.

#include "fuzz/support/choices.h"
#include "fuzz/support/control_input.h"
#include "fuzz/support/exact_view.h"
#include "fuzz/support/ledger.h"
#include "fuzz/support/scattered_memory.h"
#include "fuzz/support/scripted_kernel.h"

using namespace recvinto::fuzz;

namespace {

subject::Message receive(Choices& choices, const Delivery& delivery, Ledger& ledger, const ScatteredMemory& memory) {
  ScriptedKernel kernel(choices, delivery, ledger);
  kernel.expect({.fd = 0, .control_size = delivery.control.size()});
  const subject::Options options{.kernel = &kernel};
  return subject::recvmsg_into(0, memory.buffers(), static_cast<std::int64_t>(delivery.control.size()), 0, options);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ControlInput input(data, size);
  if (!ExactView::fits(input.control.size())) return -1;
  Choices choices(input.choices);
  const Delivery delivery{.payload = choices.byte(), .control = input.control};
  const ScatteredMemory first(choices);
  const ScatteredMemory second(choices);
  Ledger ledger;
  {
    Choices no_failures({});
    const subject::Message one = receive(no_failures, delivery, ledger, first);
    const subject::Message other = receive(no_failures, delivery, ledger, second);
    FUZZ_CHECK(one.ancdata == other.ancdata && one.warnings == other.warnings, "the buffers change the ancillary data");
    FUZZ_CHECK(one.descriptors.size() == other.descriptors.size(), "the buffers change the descriptors");
    FUZZ_CHECK(one.msg_flags == other.msg_flags && one.address == other.address, "the buffers change the rest");
    const std::size_t both = std::min({first.room(), second.room(), delivery.payload});
    for (std::size_t i = 0; i < both; ++i) FUZZ_CHECK(first.at(i) == second.at(i), "the bytes come in another order");
    first.check_holds(one.nbytes);
    second.check_holds(other.nbytes);
    FUZZ_CHECK(one.nbytes == std::min(first.room(), delivery.payload), "fewer bytes than there is room for");
    FUZZ_CHECK(other.nbytes == std::min(second.room(), delivery.payload), "fewer bytes than there is room for");
  }
  ledger.settle();
  return 0;
}
