#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <span>

#include "fuzz/planted_bugs/oracles.h"
#include "fuzz/support/check.h"
#include "fuzz/support/choices.h"
#include "fuzz/support/model_walk.h"
#include "fuzz/support/subject.h"
#include "fuzz/support/uncounted.h"

FUZZ_UNCOUNTED_BEGIN

namespace recvinto::fuzz {

/// The descriptors in control bytes, in order of arrival: the whole numbers in messages of the two types that carry
/// some (unix(7)), but for negative ones, which are none.
class Rights {
 public:
  Rights() = default;
  Rights(std::span<const std::byte> bytes, const ModelWalk& model) { find(bytes, model); }

  void find(std::span<const std::byte> bytes, const ModelWalk& model) {
    count_ = 0;
    constexpr int kScmPidfd = 4;  // <linux/socket.h>; C libraries have it later
    for (std::size_t i = 0; i < model.count; ++i) {
      const ModelWalk::Item& item = model.items[i];
      if (item.level != SOL_SOCKET || (item.type != SCM_RIGHTS && item.type != kScmPidfd)) continue;
      for (std::size_t at = 0; at + sizeof(int) <= item.size; at += sizeof(int)) {
        int fd = 0;
        std::memcpy(&fd, bytes.data() + item.offset + at, sizeof fd);
        if (fd >= 0) numbers_[count_++] = fd;
      }
    }
  }

  [[nodiscard]] std::span<const int> list() const { return std::span(numbers_).first(count_); }

 private:
  std::size_t count_ = 0;
  std::array<int, 1024>& numbers_ = storage();

  static std::array<int, 1024>& storage() {
    static std::array<int, 1024> numbers;
    return numbers;
  }
};

/// Takes some descriptors as a caller may, and closes what it took: they are those of `rights`, in order.
inline void check_taking(subject::ControlBuffer& control, const Rights& rights, Choices& choices) {
  enum Way : std::size_t { kNone, kSome, kSomeThenAll, kAllAtOnce, kClose };
  const std::size_t way = choices.up_to(kClose);
  std::size_t taken = 0;
  const auto check = [&](int fd) {
    if (!oracles().model) return;
    FUZZ_CHECK(taken < rights.list().size(), "a descriptor that the bytes do not have");
    FUZZ_CHECK(fd == rights.list()[taken], "descriptors in another order than they arrived in");
    ++taken;
  };
  if (way == kSome || way == kSomeThenAll) {
    for (std::size_t left = 1 + choices.up_to(15); left != 0; --left) {
      const auto descriptor = control.take_descriptor();
      if (!descriptor) break;
      check(descriptor.get());
    }
  }
  if (way == kSomeThenAll || way == kAllAtOnce) {
    for (const auto& descriptor : control.release_descriptors()) check(descriptor.get());
    FUZZ_CHECK(!oracles().model || taken == rights.list().size(), "a descriptor is not given out");
    FUZZ_CHECK(!oracles().model || !control.take_descriptor(), "a descriptor behind the last");
  }
  if (way == kClose) {
    FUZZ_CHECK(control.close_descriptors() == rights.list().size() || !oracles().model,
               "another number of descriptors is said to be closed");
  }
}

}  // namespace recvinto::fuzz

FUZZ_UNCOUNTED_END
