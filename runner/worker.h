#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "kit/subjects/adapter_process.h"
#include "recvinto/unique_fd.h"
#include "runner/registered_checks.h"
#include "runner/results.h"
#include "runner/tickets.h"

namespace recvinto::runner {

/// What the workers of one pass have in common.
struct Assignment {
  std::vector<std::string> command;  ///< of the adapter
  std::chrono::milliseconds deadline{0};
  kit::KernelMode kernel = kit::KernelMode::kHost;
  bool merges_buffers = false;  ///< one buffer takes the place of several
  Keep keep = {};
  unsigned rounds = 1;  ///< 0: without end
  bool fail_fast = false;
  bool has_started = false;  ///< the implementation is known to start: where it does not, it is tried again
};

// What a worker says, one JSON object a line: {"hello": the adapter's handshake}, {"cannot_start": why},
// {"fault": what is wrong with the suite}, {"round": N, "result": see to_message()}.

/// Runs GoogleTest over all checks, and performs those whose tickets it gets. For a forked process: never returns.
/// `turn` is the one that the checks were registered with.
[[noreturn]] void work(const Assignment& assignment, const std::vector<RegisteredCheck>& checks, Tickets& tickets,
                       Turn& turn, unsigned number, UniqueFd output);

}  // namespace recvinto::runner
