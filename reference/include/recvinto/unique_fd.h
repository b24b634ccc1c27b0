#pragma once

#include <utility>

namespace recvinto {

/// UniqueFd owns one open file descriptor and closes it when destroyed. An `int` borrows, a UniqueFd owns.
///
/// Every number from 0 up is a descriptor (0 included); a negative number means "none" and is never
/// given to close(2). Closing leaves `errno` as it was, so that a descriptor may be dropped between a failed call and
/// the moment its error is read.
class UniqueFd {
 public:
  UniqueFd() noexcept = default;
  explicit UniqueFd(int fd) noexcept : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    reset(other.release());
    return *this;
  }
  ~UniqueFd() { reset(); }

  /// The descriptor, still owned; negative if it owns none.
  [[nodiscard]] int get() const noexcept { return fd_; }

  /// Whether a descriptor is owned.
  explicit operator bool() const noexcept { return fd_ >= 0; }

  /// Hands the descriptor over: the caller closes it from now on.
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, kNone); }

  /// Closes the descriptor owned so far, if any, and owns `fd` instead.
  void reset(int fd = kNone) noexcept;

 private:
  static constexpr int kNone = -1;

  int fd_ = kNone;
};

}  // namespace recvinto
