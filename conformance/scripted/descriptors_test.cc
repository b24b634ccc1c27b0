// Descriptors whose numbers no check can bring about on sockets.

#include <sys/socket.h>

#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using enum kit::Oddity;
using kit::gives;
using kit::rooms;

// A process that has closed its standard input receives number 0. Here the script only reports it: the adapter needs
// its own.
CLAIM(ScriptedDescriptors, DescriptorZeroIsReturned, cites("rights-may-be-number-zero"), on(kit::kScriptedKinds),
      scripted(kOdd), needs(kAncillary, kRights)) {
  const kit::Bytes zero(sizeof(int), '\0');
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()},
                 {gives({.data = "abcd", .control = {{.type = SCM_RIGHTS, .data = zero}}})}),
         {.data = "abcd", .ancdata = Items{{SOL_SOCKET, SCM_RIGHTS, zero}}, .receives = 1});
}

}  // namespace
}  // namespace recvinto::conformance
