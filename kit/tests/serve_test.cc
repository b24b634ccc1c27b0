// `recvmsg-conformance serve`, the adapter of our own.

#include <gtest/gtest.h>

#include <csignal>

#include "kit/subjects/adapter_process.h"

namespace recvinto::kit {
namespace {

// adapters/PROTOCOL.md, signal: "one that comes too late, between two requests, must not end the adapter".
TEST(Serve, OutlivesASignalBetweenTwoRequests) {
  AdapterProcess adapter({CONFORMANCE_RUNNER, "serve", "reference"}, std::chrono::seconds(10));
  adapter.install_handler(SIGUSR1, HandlerAction::kReturn);
  for (int i = 0; i < 20; ++i) {
    adapter.send_signal(SIGUSR1);
    EXPECT_NO_THROW(adapter.install_handler(SIGUSR1, HandlerAction::kReturn)) << "after signal " << i;
  }
}

}  // namespace
}  // namespace recvinto::kit
