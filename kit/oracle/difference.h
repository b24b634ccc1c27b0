#pragma once

#include <string>
#include <utility>
#include <vector>

#include "kit/oracle/expectation.h"
#include "kit/values/capability.h"
#include "kit/values/observation.h"
#include "kit/values/socket_kind.h"

namespace recvinto::kit {

/// Two observations of the same call in the same scenario, field by field. What two runs of one implementation may
/// differ in is no difference: the numbers of descriptors, ports, process ids, times, names of the system's choice and
/// of temporary directories; and on sockets other than unix, TCP and UDP the data, in which the kernel itself writes
/// such things. What one of them cannot report is not compared, nor how often the kernel was asked. `both`: what both
/// can report.
std::vector<Comparison> compare(const SocketKind& kind, const Observation& expected, const Observation& actual,
                                Capabilities both);

/// For readers: names and values of what came back, without what was not reported or is as always.
std::vector<std::pair<std::string, std::string>> fields_of(const Observation& observation);

}  // namespace recvinto::kit
