#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "kit/scripted_kernel/effects.h"
#include "kit/scripted_kernel/remote_memory.h"
#include "kit/values/abi.h"
#include "kit/values/call_log.h"

namespace recvinto::kit {

/// The msghdr of another process, in that process's ABI.
class RemoteHeader {
 public:
  /// Of recvmmsg(2) it is the first member of a struct mmsghdr, whose second one has the message's length.
  enum class Form { kMsghdr, kMmsghdr };

  /// `address`: of the msghdr there.
  RemoteHeader(std::uint64_t address, Abi abi, Form form = Form::kMsghdr) : address_(address), abi_(abi), form_(form) {}

  [[nodiscard]] const Abi& abi() const { return abi_; }

  /// Where msg_iov was in the call before, and how many bytes it had. Programs often have it there again, and then
  /// header and msg_iov are read at once.
  struct LastBuffers {
    std::uint64_t address = 0;
    std::size_t size = 0;
  };

  /// What a call with this header passes; nothing where header or msg_iov cannot be read.
  [[nodiscard]] std::optional<SeenCall> read(const RemoteMemory& memory, int flags, LastBuffers& last) const;

  /// msg_namelen (where a name was offered), msg_controllen and msg_flags, and msg_len of a mmsghdr, as bytes in their
  /// place.
  struct Results {
    std::array<char, 4> namelen{};
    std::array<char, 12> lengths{};  // msg_controllen, msg_flags: neighbours
    std::size_t lengths_size = 0;
    std::array<char, 4> message_length{};
  };
  [[nodiscard]] Results results_of(const Effects& effects) const;
  /// What the system call returns for a message of that length.
  [[nodiscard]] std::int64_t result_of(std::int64_t message_length) const {
    return form_ == Form::kMmsghdr ? 1 : message_length;
  }
  /// The patches that store them; borrow `results`.
  void append_patches(const Results& results, bool with_name, std::vector<Patch>& patches) const;

 private:
  [[nodiscard]] std::uint64_t field(std::size_t words) const { return address_ + words * abi_.word; }

  std::uint64_t address_;
  Abi abi_;
  Form form_;
};

}  // namespace recvinto::kit
