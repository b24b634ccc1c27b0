// Each descriptor in any control bytes is owned once from its receipt on: whatever a caller takes, and however the
// bytes were cut, all are closed in the end, and none twice.

#include "fuzz/support/choices.h"
#include "fuzz/support/control_input.h"
#include "fuzz/support/control_oracle.h"
#include "fuzz/support/descriptor_oracle.h"
#include "fuzz/support/exact_view.h"
#include "fuzz/support/ledger.h"

using namespace recvinto::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ControlInput input(data, size);
  if (!ExactView::fits(input.control.size())) return -1;
  const ExactView view(input.control, 0);
  check_walk(view.bytes(), ModelWalk(view.bytes()));

  Choices choices(input.choices);
  Ledger ledger;
  {
    subject::ControlBuffer control(view.bytes());
    // Each round is a receipt into the same room: what the last one left in the buffer is closed by it.
    for (std::size_t rounds = 1 + choices.up_to(2); rounds != 0; --rounds) {
      const std::size_t kept_back = choices.byte() * view.bytes().size() / 256;
      const std::size_t claim_beyond = choices.byte();  // a kernel may report more than there was room for
      const std::size_t length = kept_back == 0 ? view.bytes().size() + claim_beyond : view.bytes().size() - kept_back;
      const ModelWalk model(view.bytes().first(std::min(length, view.bytes().size())));
      const Rights rights(view.bytes(), model);
      for (const int fd : rights.list()) ledger.received(fd);
      control.adopt(length);
      check_taking(control, rights, choices);
    }
  }
  ledger.settle();
  return 0;
}
