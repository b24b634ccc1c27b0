// In place of the receivers by io_uring, where this build has no liburing.

#include <string>

#include "kit/subjects/kernel_entry.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

[[noreturn]] void no_liburing(const std::string& spec) {
  throw CannotStart(spec + ": this build has no liburing (on Debian, install liburing-dev and build again)");
}

}  // namespace

std::unique_ptr<Receiver> make_io_uring_receiver() {
  no_liburing("io_uring");
}

std::unique_ptr<Receiver> make_io_uring_multishot_receiver() {
  no_liburing("io_uring_multishot");
}

}  // namespace recvinto::kit
