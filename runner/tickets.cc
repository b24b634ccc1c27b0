#include "runner/tickets.h"

#include <sys/mman.h>

#include <array>
#include <atomic>
#include <memory>
#include <new>
#include <stdexcept>

#include "kit/host/fail.h"

namespace recvinto::runner {

/// Of one check.
struct Tickets::Slot {
  std::atomic<std::uint32_t> turn{0};  // its place in the order of the run, from 1 on; 0: not chosen
  std::atomic<bool> is_offered{false};
  std::atomic<std::uint32_t> rounds_taken{0};
};

struct Tickets::Shared {
  std::atomic<bool> is_stopped{false};
  std::atomic<int> seed{0};
  std::atomic<std::uint32_t> chosen{0};
  kit::FailedStarts failed_starts;
  kit::FailedStarts failed_scripted_starts;
  std::array<std::atomic<std::uint64_t>, kMostWorkers> places{};  // 0: at none; else the round above, check + 1 below
};

static_assert(std::atomic<std::uint64_t>::is_always_lock_free && std::atomic<std::uint32_t>::is_always_lock_free,
              "what is shared by processes must not be guarded by a lock of one of them");

Tickets::Tickets(std::size_t checks, unsigned workers)
    : checks_(checks), size_(sizeof(Shared) + checks * sizeof(Slot)) {
  if (workers > kMostWorkers) throw std::length_error("too many workers");
  void* memory = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) kit::fail("mmap");
  shared_ = new (memory) Shared();
  std::uninitialized_value_construct_n(&slot(0), checks);
}

Tickets::~Tickets() {
  munmap(shared_, size_);
}

Tickets::Slot& Tickets::slot(std::size_t check) const {
  static_assert(sizeof(Shared) % alignof(Slot) == 0);
  return reinterpret_cast<Slot*>(shared_ + 1)[check];
}

kit::FailedStarts& Tickets::failed_starts() {
  return shared_->failed_starts;
}

kit::FailedStarts& Tickets::failed_scripted_starts() {
  return shared_->failed_scripted_starts;
}

void Tickets::choose(std::size_t check) {
  slot(check).turn = ++shared_->chosen;
}

void Tickets::set_seed(int seed) {
  shared_->seed = seed;
}

std::vector<std::size_t> Tickets::chosen() const {
  std::vector<std::size_t> checks(shared_->chosen);
  for (std::size_t check = 0; check < checks_; ++check) {
    if (const std::uint32_t turn = slot(check).turn; turn != 0) checks.at(turn - 1) = check;
  }
  return checks;
}

int Tickets::seed() const {
  return shared_->seed;
}

void Tickets::offer(const std::vector<std::size_t>& checks) {
  shared_->is_stopped = false;
  shared_->failed_starts.forget();
  shared_->failed_scripted_starts.forget();
  for (std::size_t check = 0; check < checks_; ++check) {
    slot(check).is_offered = false;
    slot(check).rounds_taken = 0;
  }
  for (const std::size_t check : checks) slot(check).is_offered = true;
}

bool Tickets::has_left(unsigned rounds) const {
  for (std::size_t check = 0; check < checks_; ++check) {
    if (slot(check).is_offered && slot(check).rounds_taken < rounds) return true;
  }
  return false;
}

void Tickets::stop() {
  shared_->is_stopped = true;
}

bool Tickets::is_stopped() const {
  return shared_->is_stopped;
}

bool Tickets::take(std::size_t check, unsigned round, unsigned worker) {
  Slot& slot = this->slot(check);
  if (is_stopped() || !slot.is_offered || slot.rounds_taken != round) return false;
  // Before it is taken: a worker that ends in between has lost the check, and the place says which.
  std::atomic<std::uint64_t>& place = shared_->places.at(worker);
  place = (std::uint64_t{round} << 32U) | (check + 1);
  std::uint32_t expected = round;
  if (slot.rounds_taken.compare_exchange_strong(expected, round + 1)) return true;
  place = 0;
  return false;
}

void Tickets::leave(unsigned worker) {
  shared_->places.at(worker) = 0;
}

std::optional<Tickets::Place> Tickets::place(unsigned worker) const {
  const std::uint64_t place = shared_->places.at(worker);
  if (place == 0) return std::nullopt;
  return Place{.check = static_cast<std::size_t>((place & 0xFFFF'FFFFU) - 1),
               .round = static_cast<unsigned>(place >> 32U)};
}

}  // namespace recvinto::runner
