#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "conformance/framework/check.h"
#include "conformance/framework/claim.h"
#include "runner/tickets.h"

namespace recvinto::runner {

/// One claim on one kind, as registered with GoogleTest.
struct RegisteredCheck {
  const conformance::Claim* claim = nullptr;
  kit::SocketKind kind;
  std::string id;
};

/// Which of GoogleTest's tests are performed in this process, and on what. The others pass at once.
struct Turn {
  /// Asked just before the test of that check would run.
  std::function<bool(std::size_t check)> is_ours = [](std::size_t) { return false; };
  const conformance::Subject* subject = nullptr;
};

/// Registers every check with GoogleTest. `turn` is borrowed, and asked whenever a test is about to run. A check's
/// place in what is returned is its number.
std::vector<RegisteredCheck> register_checks(const Turn& turn);

/// Which checks GoogleTest chooses (filter, shards) and in which order (shuffle). Found out in a process of its own,
/// for GoogleTest does that only when it runs. Throws EarlyEnd where GoogleTest does not accept what the environment
/// says.
void plan(Tickets& tickets, const std::vector<RegisteredCheck>& checks);

}  // namespace recvinto::runner
