// A walk over any bytes ends, gives views that lie inside them, says what was cut short, and finds what cmsg(3) and
// RFC 3542 say is there.

#include "fuzz/support/control_input.h"
#include "fuzz/support/control_oracle.h"
#include "fuzz/support/exact_view.h"
#include "fuzz/support/uncounted.h"

using namespace recvinto::fuzz;

// What is inlined into a function is counted as that function is; check_walk, which is not, has what is tried.
FUZZ_UNCOUNTED_BEGIN

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ControlInput input(data, size);
  if (!ExactView::fits(input.control.size())) return -1;
  const std::size_t offset = input.choices.empty() ? 0 : input.choices[0] % 8;
  const ExactView view(input.control, offset);
  const std::span<const std::byte> bytes = view.bytes();

  const ModelWalk model(bytes);
  check_walk(bytes, model);
  // Every second time is enough: it is one more walk.
  if (offset % 2 != 0 && oracles().model) {
    FUZZ_CHECK(subject::ControlMessages(bytes).defect() == defect_of(model.end), "the range tells of another end");
  }
  if (model.padded && offset % alignof(cmsghdr) == 0) check_against_macros(bytes, model);
  return 0;
}

FUZZ_UNCOUNTED_END
