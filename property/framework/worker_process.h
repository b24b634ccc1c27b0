#pragma once

#include <sys/mman.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "kit/host/fail.h"
#include "property/framework/campaign.h"
#include "recvinto/unique_fd.h"

namespace recvinto::property {

/// A value in memory that this process shares with the children that it forks.
template <typename Value>
class Shared {
 public:
  Shared() : memory_(mmap(nullptr, sizeof(Value), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    if (memory_ == MAP_FAILED) kit::fail("mmap");
    new (memory_) Value();
  }
  ~Shared() { munmap(memory_, sizeof(Value)); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  [[nodiscard]] Value& get() const { return *static_cast<Value*>(memory_); }

 private:
  void* memory_;
};

/// How a process ended.
struct ProcessEnd {
  bool in_order = false;  ///< exit status 0
  int signal = 0;         ///< that ended it; 0: none
  int status = 0;         ///< its exit status
  std::string text = {};  ///< "was ended by SIGSEGV", "exited with status 3"
};

/// The exit status of a worker whose parent cannot hear it any more: something has closed its descriptor.
inline constexpr int kCannotReport = 111;

/// The same of one that cannot see which process is its parent.
inline constexpr int kWithoutParent = 112;

/// Waits for the end of a child of this process.
ProcessEnd wait_for_end(pid_t pid);

/// A child of this process that tries the cases of one worker, and reports what it finds a JSON object a line.
class WorkerProcess {
 public:
  /// `plan` must outlive it.
  WorkerProcess(const Plan& plan, unsigned index, Resume resume);
  /// Ends it and waits for its end.
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  [[nodiscard]] unsigned index() const { return index_; }
  [[nodiscard]] const Resume& resume() const { return resume_; }
  [[nodiscard]] const Progress& progress() const { return progress_.get(); }
  /// Becomes readable when it has something to say, or has ended.
  [[nodiscard]] int output() const { return output_.get(); }

  /// Takes what is there to be read. False at the end of file.
  bool read_on();
  /// The next whole line; nothing: none is there.
  std::optional<std::string> take_line();
  /// After the end of file.
  ProcessEnd wait();
  void kill_now() const;

  /// Whether its progress is the same for longer than `time`.
  bool is_stuck_for(std::chrono::milliseconds time);

 private:
  unsigned index_;
  Resume resume_;
  Shared<Progress> progress_;
  pid_t pid_ = -1;
  UniqueFd output_;
  std::string unread_;
  std::uint64_t steps_seen_ = 0;
  std::chrono::steady_clock::time_point seen_at_ = std::chrono::steady_clock::now();
};

}  // namespace recvinto::property
