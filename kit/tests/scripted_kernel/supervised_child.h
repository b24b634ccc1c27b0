#pragma once

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <array>
#include <functional>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "kit/scripted_kernel/filter.h"
#include "kit/scripted_kernel/socket_pair.h"
#include "kit/scripted_kernel/supervisor.h"

namespace recvinto::kit {

/// A value that children of this process share with it, at the same address.
template <typename Value>
class Shared {
 public:
  static_assert(std::is_trivially_destructible_v<Value>);

  Shared() {
    void* memory = mmap(nullptr, sizeof(Value), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    value_ = new (memory) Value{};
  }
  ~Shared() { munmap(value_, sizeof(Value)); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  Value* operator->() const { return value_; }
  Value& operator*() const { return *value_; }

 private:
  Value* value_;
};

/// One recvmsg(2) with all that a caller can offer, and its result. Made in a child, compared here.
struct Receipt {
  std::array<char, 8> data{};
  std::array<char, 8> more{};
  alignas(cmsghdr) std::array<char, 128> control{};
  sockaddr_storage name{};
  std::array<iovec, 2> buffers{};
  msghdr header{};
  long count = 0;
  int number = 0;  ///< errno; 0 where the call succeeded

  /// The system call itself, past whatever a sanitizer puts before it.
  void receive(int socket, int flags = 0) noexcept;
  /// The same with a header of the caller's own.
  void receive(int socket, void* own_header, int flags) noexcept;

  [[nodiscard]] std::string_view data_bytes() const { return {data.data(), data.size()}; }
};

/// A fork of this process, without exec, under supervision from its first instruction on.
class SupervisedChild {
 public:
  /// `body` runs in the child when begin() is called: system calls and shared memory only. Its descriptors have the
  /// numbers that they have here.
  explicit SupervisedChild(const std::function<void()>& body, const WatchedNumbers& watched = {},
                           RemoteMemory::Way way = RemoteMemory::Way::kProcessVm);
  ~SupervisedChild();
  SupervisedChild(const SupervisedChild&) = delete;
  SupervisedChild& operator=(const SupervisedChild&) = delete;

  Supervisor& supervisor() { return *supervisor_; }
  void begin();
  /// Waits until it has ended: true if by itself and in order.
  bool ends_well();
  void kill_and_reap();
  void end_supervision() { supervisor_.reset(); }

 private:
  Pair control_;
  pid_t pid_ = -1;
  UniqueFd ended_;
  std::optional<Supervisor> supervisor_;
};

}  // namespace recvinto::kit
