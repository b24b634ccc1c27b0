// Memory that calls keep. Runtimes that collect garbage or compile while they run grow for a while, in leaps; a leak
// grows with every call. So only growth that does not end is a failure: many series of calls, each of which
// grows.

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <functional>

#include "conformance/framework/check.h"
#include "kit/host/process_facts.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;

constexpr int kMostSeries = 40;
constexpr int kCallsOfASeries = 100;
/// Bytes of room for ancillary data: many pages, so that the whole of it cannot hide; 250 MB in all.
constexpr std::int64_t kControlRoom = 64 * 1024;

/// Runs series of calls until one does not grow; the growth of the last, in bytes for each call. `one_call` makes a
/// call and judges it.
std::size_t lasting_growth(pid_t pid, const std::function<void()>& one_call) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  std::size_t growth = page;
  for (int series = 0; series < kMostSeries && growth >= page; ++series) {
    const std::size_t before = kit::private_memory(pid);
    for (int call = 0; call < kCallsOfASeries; ++call) one_call();
    const std::size_t after = kit::private_memory(pid);
    growth = (after - std::min(after, before)) / kCallsOfASeries;
  }
  return growth;
}

CLAIM(MemoryGrowth, SuccessfulCallsLeakNoMemory, cites("calls-keep-no-memory"), on(kit::kUdp4),
      needs(kAncillary, kAncbufsize), on_its_own(), reporting({"timestamp"})) {
  require_memory_can_be_measured();
  stage().set_option(SOL_SOCKET, SO_TIMESTAMP, 1);
  const std::size_t growth = lasting_growth(implementation_pid(), [this] {
    send("abcd");
    expect(receive({.buffers = {room(8)}, .ancbufsize = kControlRoom}), {.data = "abcd"});
  });
  expect_that("growth that does not end", "less than a page a call", std::to_string(growth) + " bytes a call",
              growth < static_cast<std::size_t>(sysconf(_SC_PAGESIZE)));
}

CLAIM(MemoryGrowth, FailingCallsLeakNoMemory, cites("failing-calls-keep-no-memory"), on(kit::kUnixDatagram),
      needs(kAncillary, kAncbufsize, kNonblocking), on_its_own()) {
  require_memory_can_be_measured();
  const kit::Call call{.buffers = {room(8)}, .ancbufsize = kControlRoom, .timeout = std::chrono::milliseconds(0)};
  const std::size_t growth =
      lasting_growth(implementation_pid(), [&] { expect(receive(call), {.failure = would_block()}); });
  expect_that("growth that does not end", "less than a page a call", std::to_string(growth) + " bytes a call",
              growth < static_cast<std::size_t>(sysconf(_SC_PAGESIZE)));
}

}  // namespace
}  // namespace recvinto::conformance
