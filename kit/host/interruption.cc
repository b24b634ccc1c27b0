#include "kit/host/interruption.h"

#include <csignal>

#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

volatile std::sig_atomic_t interrupted = 0;

}  // namespace

void catch_interruptions() {
  struct sigaction action{};
  action.sa_handler = [](int) { interrupted = 1; };  // without SA_RESTART: poll comes back with EINTR
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool is_interrupted() {
  return interrupted != 0;
}

void throw_if_interrupted() {
  if (is_interrupted()) throw Interrupted("interrupted");
}

}  // namespace recvinto::kit
