#pragma once

#include <array>
#include <cstddef>

namespace recvinto::fuzz {

/// Ledger is the account of the descriptors that a made-up kernel hands out: each received once must be closed once,
/// whatever the bytes. No sanitizer sees a descriptor that leaks.
///
/// While one exists, close(2) of this program goes to it and closes nothing: the numbers come from an input, and 2 is
/// the standard error that a finding is printed to.
class Ledger {
 public:
  Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;
  ~Ledger();

  void received(int fd);
  void closed(int fd);

  [[nodiscard]] std::size_t closed_count() const { return closed_.count; }

  /// Ends the process where the accounts differ, and says in which descriptor. To be called when everything that owned
  /// one is gone: at the end of every execution, so that it is the guilty input that is reported.
  void settle();

 private:
  static constexpr std::size_t kMost = 4096;

  // In static storage, as ModelWalk's items are.
  struct Numbers {
    std::size_t count = 0;
    std::array<int, kMost> list;
    void add(int fd, const char* too_many);
  };

  static Numbers received_;
  static Numbers closed_;
};

}  // namespace recvinto::fuzz
