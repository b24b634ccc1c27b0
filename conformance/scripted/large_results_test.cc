// One receive of very much data.

#include <cstddef>
#include <vector>

#include "conformance/distinct_bytes.h"
#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using enum kit::Oddity;
using kit::gives;
using kit::room;

CLAIM(LargeResults, ReceiveOf200000BytesIsReturnedWhole, cites({"nbytes-is-the-total", "fill-in-order"}),
      on(kit::kScriptedKinds), scripted(kOdd), needs()) {
  for (const std::size_t size : {65'535U, 65'536U, 65'537U, 100'000U, 131'072U, 200'000U}) {
    const kit::Bytes data = distinct_bytes(size);
    expect(receive({.buffers = {room(4097), room(size - 4097), room(3)}}, {gives({.data = data})}),
           {.data = data, .receives = 1});
  }
}

}  // namespace
}  // namespace recvinto::conformance
