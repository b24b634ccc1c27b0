#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runner/worker.h"

namespace recvinto::runner {

/// Where what workers say goes.
struct Listener {
  std::function<void(const kit::Handshake&)> hello;  ///< of the first worker of a run
  std::function<void(Result, unsigned round)> result;
};

/// How a pass ended.
struct PassEnd {
  /// Why nothing could be performed any more; the rest of the checks has no result.
  std::optional<std::string> cannot_start;
  std::optional<std::string> fault;
  std::optional<std::string> lacking;  ///< what this host has not enough of; the rest of the checks is skipped
};

/// Performs what the tickets offer in `count` processes side by side, each with an adapter of its own. A worker that
/// ends before its time costs the check that it was at, and another takes its place. All is over when this returns or
/// throws: no worker is left, nor what its adapter left behind. With SIGINT or SIGTERM the workers end in order and
/// this returns.
///
/// Throws CannotStart where the implementation does not start at the first attempt and is not known to, and what the
/// listener throws.
PassEnd run_workers(unsigned count, const Assignment& assignment, const std::vector<RegisteredCheck>& checks,
                    Tickets& tickets, Turn& turn, const Listener& listener);

}  // namespace recvinto::runner
