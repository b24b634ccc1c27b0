// Interruptions exactly where the script has them: no matter how unlikely a real kernel is to give them there.

#include <sys/socket.h>

#include <csignal>

#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using enum kit::Oddity;
using kit::fails;
using kit::gives;
using kit::interrupted_by;
using kit::room;
using kit::rooms;

CLAIM(ScriptedInterruption, IsRetriedUntilDataCome, cites("eintr-is-retried"), on(kit::kUnixStream),
      scripted(kOrdinary), needs(kScatter, kSignals)) {
  expect(receive({.buffers = rooms(2, 3)}, kit::times(20, fails(EINTR), {gives("abcd")})),
         {.data = "abcd", .receives = 21});
}

}  // namespace
}  // namespace recvinto::conformance
