#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "kit/subjects/adapter_process.h"

namespace recvinto::runner {

/// What the processes of one run share, in memory that they inherit: which checks are chosen, who has taken which, and
/// where each worker is. A check is performed once in each round, by the worker that takes its ticket first.
class Tickets {
 public:
  static constexpr unsigned kMostWorkers = 256;

  Tickets(std::size_t checks, unsigned workers);
  ~Tickets();
  Tickets(const Tickets&) = delete;
  Tickets& operator=(const Tickets&) = delete;

  // Once, by the process that plans.

  /// The next in the order of the run.
  void choose(std::size_t check);
  void set_seed(int seed);

  // By the parent.

  /// In the order of the run, of its first round if it is shuffled.
  [[nodiscard]] std::vector<std::size_t> chosen() const;
  [[nodiscard]] int seed() const;
  /// From here on these can be taken, all of them anew. While no worker runs.
  void offer(const std::vector<std::size_t>& checks);
  /// Whether any of those that are offered has been taken in fewer rounds.
  [[nodiscard]] bool has_left(unsigned rounds) const;
  /// From here on none can be taken.
  void stop();

  // By workers.

  /// Of the implementation, and of it under a scripted kernel: all workers' together.
  [[nodiscard]] kit::FailedStarts& failed_starts();
  [[nodiscard]] kit::FailedStarts& failed_scripted_starts();
  /// Whether it is this worker's to perform; its place is then there.
  bool take(std::size_t check, unsigned round, unsigned worker);
  void leave(unsigned worker);
  [[nodiscard]] bool is_stopped() const;

  /// Where a worker is, or was when it ended.
  struct Place {
    std::size_t check = 0;
    unsigned round = 0;
    friend bool operator==(const Place&, const Place&) = default;
  };
  [[nodiscard]] std::optional<Place> place(unsigned worker) const;

 private:
  struct Shared;
  struct Slot;

  [[nodiscard]] Slot& slot(std::size_t check) const;

  std::size_t checks_;
  std::size_t size_;
  Shared* shared_ = nullptr;
};

}  // namespace recvinto::runner
