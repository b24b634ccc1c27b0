#include "kit/values/capability.h"

#include "kit/values/call.h"

namespace recvinto::kit {

std::string_view name(Capability capability) {
  switch (capability) {
    case Capability::kScatter:
      return "scatter";
    case Capability::kNoBuffers:
      return "no_buffers";
    case Capability::kEmptyBuffers:
      return "empty_buffers";
    case Capability::kOverlap:
      return "overlap";
    case Capability::kFlags:
      return "flags";
    case Capability::kMsgFlags:
      return "msg_flags";
    case Capability::kAddress:
      return "address";
    case Capability::kAncillary:
      return "ancillary";
    case Capability::kRights:
      return "rights";
    case Capability::kAllItems:
      return "all_items";
    case Capability::kAncbufsize:
      return "ancbufsize";
    case Capability::kArguments:
      return "arguments";
    case Capability::kNonblocking:
      return "nonblocking";
    case Capability::kTimeout:
      return "timeout";
    case Capability::kSystemWait:
      return "system_wait";
    case Capability::kSignals:
      return "signals";
    case Capability::kRaisingHandler:
      return "raising_handler";
    case Capability::kWarnings:
      return "warnings";
    case Capability::kWarningsAsErrors:
      return "warnings_as_errors";
    case Capability::kErrorClasses:
      return "error_classes";
    case Capability::kSparseBuffers:
      return "sparse_buffers";
    case Capability::kInaccessibleBuffers:
      return "inaccessible_buffers";
    case Capability::kInaccessibleTails:
      return "inaccessible_tails";
    case Capability::kTwoMappings:
      return "two_mappings";
    case Capability::kRecvmsg:
      return "recvmsg";
    case Capability::kCmsgSizes:
      return "cmsg_sizes";
    case Capability::kPythonForms:
      return "python_forms";
    case Capability::kPipelining:
      return "pipelining";
    case Capability::kConcurrent:
      return "concurrent";
  }
  return "?";
}

std::optional<Capability> capability_named(std::string_view wanted) {
  for (const Capability capability : kEveryCapability) {
    if (name(capability) == wanted) return capability;
  }
  return std::nullopt;
}

std::string joined_names(Capabilities capabilities) {
  std::string joined;
  for (const Capability capability : capabilities) {
    joined += (joined.empty() ? "" : ", ") + std::string(name(capability));
  }
  return joined;
}

Capabilities needed_for(const Call& call) {
  Capabilities needed;
  if (call.buffers.empty()) needed.insert(Capability::kNoBuffers);
  if (call.buffers.size() > 1) needed.insert(Capability::kScatter);
  for (std::size_t i = 0; i < call.buffers.size(); ++i) {
    const Part part = resolved(call.buffers, i);
    if (part.from == part.to) needed.insert(Capability::kEmptyBuffers);
    if (call.buffers[i].storage) needed.insert(Capability::kOverlap);
    if (call.buffers[i].memory == Memory::kSparse) needed.insert(Capability::kSparseBuffers);
    if (call.buffers[i].memory == Memory::kInaccessible) needed.insert(Capability::kInaccessibleBuffers);
    if (call.buffers[i].memory == Memory::kInaccessibleTail) needed.insert(Capability::kInaccessibleTails);
    if (call.buffers[i].memory == Memory::kTwoMappings) needed.insert(Capability::kTwoMappings);
  }
  if (!call.form.empty()) needed.insert(Capability::kPythonForms);
  if (call.concurrent) needed.insert(Capability::kConcurrent);
  if (call.ancbufsize) needed.insert(Capability::kAncbufsize);
  if (call.warnings_are_errors) needed.insert(Capability::kWarningsAsErrors);
  if (call.flags) needed.insert(Capability::kFlags);
  if (call.timeout) needed.insert(call.timeout->count() == 0 ? Capability::kNonblocking : Capability::kTimeout);
  return needed;
}

}  // namespace recvinto::kit
