#include "fuzz/support/ledger.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "fuzz/planted_bugs/oracles.h"
#include "fuzz/support/check.h"
#include "fuzz/support/uncounted.h"

FUZZ_UNCOUNTED_BEGIN

namespace recvinto::fuzz {
namespace {

Ledger* open_ledger = nullptr;

}  // namespace

constinit Ledger::Numbers Ledger::received_ = {};
constinit Ledger::Numbers Ledger::closed_ = {};

Ledger::Ledger() {
  received_.count = closed_.count = 0;
  FUZZ_CHECK(open_ledger == nullptr, "two ledgers at a time: the target is wrong");
  open_ledger = this;
}

Ledger::~Ledger() {
  open_ledger = nullptr;
}

void Ledger::Numbers::add(int fd, const char* too_many) {
  FUZZ_CHECK(count < list.size(), too_many);
  list[count++] = fd;
}

void Ledger::received(int fd) {
  received_.add(fd, "more descriptors are received than an input can hold");
}

void Ledger::closed(int fd) {
  closed_.add(fd, "more descriptors are closed than an input can hold");
}

void Ledger::settle() {
  if (!oracles().ledger) return;
  int* const received = received_.list.data();
  int* const closed = closed_.list.data();
  // As a rule they are closed as they came. What order that is, is for others to judge.
  if (std::equal(received, received + received_.count, closed, closed + closed_.count)) return;
  std::sort(received, received + received_.count);
  std::sort(closed, closed + closed_.count);
  const auto [left, surplus] = std::mismatch(received, received + received_.count, closed, closed + closed_.count);
  const bool is_left = left != received + received_.count;
  const bool is_surplus = surplus != closed + closed_.count;
  if (!is_left && !is_surplus) return;
  const bool leaks = is_left && (!is_surplus || *left < *surplus);
  std::fprintf(stderr, "descriptor %d: %s; %zu received, %zu closed\n", leaks ? *left : *surplus,
               leaks ? "received and not closed" : "closed and not received, or once too often", received_.count,
               closed_.count);
  FUZZ_CHECK(false, "a descriptor is not owned exactly once");
}

}  // namespace recvinto::fuzz

FUZZ_UNCOUNTED_END

// In the C library's place, for the whole program.
extern "C" int close(int fd) {
  if (recvinto::fuzz::open_ledger == nullptr) return static_cast<int>(syscall(SYS_close, fd));
  recvinto::fuzz::open_ledger->closed(fd);
  return 0;
}
