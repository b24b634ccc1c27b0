#pragma once

#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "conformance/framework/expectation.h"
#include "kit/host/process_facts.h"
#include "kit/performing/stage.h"
#include "kit/values/abi.h"
#include "kit/values/verdict.h"

// Words for claims about descriptors received by SCM_RIGHTS.

namespace recvinto::conformance {

/// How many whole descriptors Linux puts into so much room: padding counts as room (unix(7), SCM_RIGHTS).
inline std::size_t descriptors_that_fit(std::int64_t room, const kit::Abi& abi) {
  const auto header = static_cast<std::int64_t>(abi.header());
  return room < header ? 0 : static_cast<std::size_t>(room - header) / sizeof(int);
}

/// `count` files that were sent after `first` others.
inline Files files_from(std::size_t first, std::size_t count) {
  Files files;
  for (std::size_t i = 0; i < count; ++i) files.push_back(first + i);
  return files;
}

/// What is seen of a descriptor beside its file is in /proc/PID/fdinfo, which not every kernel has.
inline void require_descriptor_facts(kit::Stage& stage) {
  if (!kit::descriptor_facts(getpid(), stage.receiver())) throw kit::EnvironmentLacks("there is no /proc/PID/fdinfo");
}

/// "every one" if all descriptors of the answer have the flag FD_CLOEXEC, for expect_equal().
inline std::string close_on_exec_of(const Answer& answer) {
  const bool all = std::ranges::all_of(answer.seen.descriptors, &kit::ReceivedDescriptor::close_on_exec);
  return all ? "every one" : "not every one";
}

}  // namespace recvinto::conformance
