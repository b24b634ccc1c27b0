#include "runner/areas.h"

#include <algorithm>
#include <span>

namespace recvinto::runner {
namespace {

struct Area {
  std::string_view name;
  std::vector<std::string_view> topics;
};

std::span<const Area> areas() {
  static const std::vector<Area> kAreas{
      {"Data and buffers",
       {"FillOrder", "PartialBuffers", "EmptyBuffers", "NoBuffers", "LargeBuffers", "LargeTransfers", "IovMax",
        "InaccessibleBuffer", "InaccessibleTail", "TwoMappings", "ZeroLengthMessage", "Result", "History",
        "Combination"}},
      {"Truncation", {"DataTruncation", "AncillaryTruncation", "BothTruncations", "CmsgSizes"}},
      {"Ancillary data",
       {"AncillaryData", "AncillaryBarrier", "SocketItem", "UnixItems", "Ipv4Item", "Ipv6Item", "Timestamps",
        "UnixTimestamp", "TcpInq", "UnixInq", "UdpGro", "OriginalDestination"}},
      {"Descriptors, credentials", {"Descriptors", "DescriptorLeaks", "DescriptorRoom", "Credentials", "Pidfd"}},
      {"Addresses", {"Address", "InternetAddress"}},
      {"Flags and peeking", {"Flags", "Peek", "PeekOffset", "WaitAll", "UrgentData", "UnixUrgentData"}},
      {"Waiting and signals", {"Waiting", "TimedReceive", "WaitingCost", "Interruption", "Concurrency"}},
      {"Errors and ends",
       {"EndOfStream", "ShutdownRead", "ConnectionError", "ClosedPort", "ErrorQueue", "UnixErrorQueue",
        "DroppedMessages", "InvalidSocket"}},
      {"Arguments and memory", {"Arguments", "MemoryGrowth"}},
      {"Netlink, packet, raw", {"Netlink", "PacketSocket", "RawSocket"}},
      {"Scripted kernel",
       {"ScriptedAddress", "ScriptedArguments", "ScriptedDescriptors", "ScriptedError", "ScriptedInterruption",
        "ScriptedResult", "ScriptedTime", "ScriptedWaiting", "LargeResults", "ControlData", "ControlVectors",
        "MalformedControlData", "NeverSent", "ImpossibleLength"}},
      {"Python objects",
       {"PythonArguments", "PythonBuffers", "PythonIterables", "PythonLifetimes", "PythonResult", "PythonSockets"}}};
  return kAreas;
}

}  // namespace

std::string_view area_of(std::string_view topic) {
  for (const Area& area : areas()) {
    if (std::ranges::find(area.topics, topic) != area.topics.end()) return area.name;
  }
  return kOtherArea;
}

std::vector<std::string_view> every_area() {
  std::vector<std::string_view> names;
  for (const Area& area : areas()) names.push_back(area.name);
  names.push_back(kOtherArea);
  return names;
}

}  // namespace recvinto::runner
