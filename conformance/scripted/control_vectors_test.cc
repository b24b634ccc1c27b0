// The vectors that other test frameworks can use too (fixtures/vectors/), given by the kernel, in the implementation's
// own layout.

#include <sys/socket.h>

#include <algorithm>

#include "conformance/framework/check.h"
#include "fixtures/vectors/control_vectors.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using enum kit::Oddity;
using kit::ControlVector;
using kit::gives;
using kit::room;

/// Whether it has numbers that a reader takes for descriptors of its own, and may set about to close.
bool has_descriptors(const ControlVector& vector) {
  return std::ranges::any_of(vector.found.items, [](const kit::AncillaryItem& item) {
    return item.level == SOL_SOCKET && item.type == SCM_RIGHTS;
  });
}

std::vector<ControlVector> vectors_of(const kit::Abi& abi, bool malformed) {
  std::vector<ControlVector> chosen;
  std::ranges::copy_if(kit::every_control_vector(), std::back_inserter(chosen), [&](const ControlVector& vector) {
    return vector.layout == kit::ControlLayout{.abi = abi} && vector.found.malformed == malformed &&
           !has_descriptors(vector);
  });
  return chosen;
}

CLAIM(ControlVectors, WellFormedVectorsGiveTheirItems, cites({"ancdata-items-are-complete", "items-begin-aligned"}),
      on(kit::kScriptedKinds), scripted(kOdd), needs(kAncillary, kAllItems, kAncbufsize)) {
  for (const ControlVector& vector : vectors_of(abi(), /*malformed=*/false)) {
    SCOPED_TRACE(vector.title());
    expect(
        receive({.buffers = {room(8)}, .ancbufsize = 4096}, {gives({.data = "abcd", .raw_control = vector.control})}),
        {.data = "abcd", .ancdata = vector.found.items, .receives = 1});
  }
}

CLAIM(ControlVectors, WellFormedVectorsIssueNoWarning, cites("last-item-without-padding"), on(kit::kScriptedKinds),
      scripted(kOdd), needs(kAncillary, kAllItems, kAncbufsize, kWarnings)) {
  for (const ControlVector& vector : vectors_of(abi(), /*malformed=*/false)) {
    SCOPED_TRACE(vector.title());
    expect(
        receive({.buffers = {room(8)}, .ancbufsize = 4096}, {gives({.data = "abcd", .raw_control = vector.control})}),
        {.data = "abcd", .warnings = std::vector<std::string>{}, .receives = 1});
  }
}

CLAIM(ControlVectors, MalformedVectorsGiveItemsAndAWarning,
      cites({"malformed-item-is-cut", "malformed-item-shorter-than-its-header", "malformed-lengths-do-not-wrap"}),
      on(kit::kScriptedKinds), scripted(kMalformed), needs(kAncillary, kAllItems, kAncbufsize, kWarnings)) {
  for (const ControlVector& vector : vectors_of(abi(), /*malformed=*/true)) {
    SCOPED_TRACE(vector.title());
    expect(
        receive({.buffers = {room(8)}, .ancbufsize = 4096}, {gives({.data = "abcd", .raw_control = vector.control})}),
        {.data = "abcd", .ancdata = vector.found.items, .warnings = {{"RuntimeWarning"}}, .receives = 1});
  }
}

}  // namespace
}  // namespace recvinto::conformance
