#pragma once

#include <sys/socket.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "recvinto/control_message.h"
#include "recvinto/unique_fd.h"

namespace recvinto {

/// Whether the data of such control messages is an array of descriptors that the kernel has opened for the receiver:
/// SCM_RIGHTS (unix(7)), and on Linux SCM_PIDFD, both of level SOL_SOCKET only.
[[nodiscard]] bool carries_descriptors(int level, int type) noexcept;

/// ControlStorage is room for Size bytes of control messages, aligned as the kernel's walk over them needs it, and not
/// initialised: ControlStorage<CMSG_SPACE(2 * sizeof(int))> takes two descriptors.
template <std::size_t Size>
class ControlStorage {
 public:
  ControlStorage() noexcept {}  // Not defaulted: value-initialisation is not to clear the bytes either.

  [[nodiscard]] std::span<std::byte> bytes() noexcept { return bytes_; }

 private:
  alignas(cmsghdr) std::array<std::byte, Size> bytes_;
};

/// ControlBuffer receives control messages into the caller's bytes and owns the descriptors that arrive in them, from
/// the moment of their receipt. Nothing in it allocates but release_descriptors().
///
/// Descriptors that are not taken are closed by the next receive into the buffer and by its destructor, whether or not
/// the control data was truncated or malformed. The bytes stay as received: taking a descriptor moves a cursor.
///
/// The bytes are borrowed and must outlive the buffer, begin at an address aligned for cmsghdr (a receive into others
/// fails with ReceiveErrc::kControlMisaligned) and not be written to by others meanwhile: the descriptors' numbers
/// are read from them.
class ControlBuffer {
 public:
  /// No room: the kernel is given no control buffer, drops all control messages and says so by MSG_CTRUNC.
  ControlBuffer() noexcept = default;

  /// As much room as `room` has bytes; none of it is read before a receive has filled it.
  explicit ControlBuffer(std::span<std::byte> room) noexcept : room_(room) {}

  template <std::size_t Size>
  explicit ControlBuffer(ControlStorage<Size>& storage) noexcept : room_(storage.bytes()) {}

  ControlBuffer(const ControlBuffer&) = delete;
  ControlBuffer& operator=(const ControlBuffer&) = delete;
  ~ControlBuffer() { clear(); }

  /// The whole room, to be handed to the kernel.
  [[nodiscard]] std::span<std::byte> room() const noexcept { return room_; }

  /// The bytes received last, `msg_controllen` of them but never more than there is room.
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return room_.first(length_); }

  /// The control messages received last.
  [[nodiscard]] ControlMessages messages() const noexcept { return ControlMessages(bytes()); }

  /// Whether what was received last is malformed; see ControlMessages::malformed().
  [[nodiscard]] bool malformed() const noexcept { return malformed_; }

  /// Whether the room begins at an address that the kernel may be given.
  [[nodiscard]] bool aligned() const noexcept {
    return room_.empty() || std::bit_cast<std::uintptr_t>(room_.data()) % alignof(cmsghdr) == 0;
  }

  /// The next descriptor in order of arrival; empty once all are taken.
  [[nodiscard]] UniqueFd take_descriptor() noexcept;

  /// All descriptors not yet taken, in order of arrival. Throws std::bad_alloc, and then still owns them all.
  [[nodiscard]] std::vector<UniqueFd> release_descriptors();

  /// Closes all descriptors not yet taken and returns how many these were.
  std::size_t close_descriptors() noexcept;

  /// Declares that the kernel has stored `length` bytes here, and owns the descriptors among them from now on. Called
  /// by recvmsg_into(), and by code that receives by other means. A length beyond the room is cut to it.
  void adopt(std::size_t length) noexcept;

  /// Closes what was not taken and forgets what was received, so that the room may be filled again.
  void clear() noexcept {
    if (owns_descriptors_) close_descriptors();
    length_ = 0;
    malformed_ = false;
  }

 private:
  std::optional<int> next_descriptor() noexcept;

  std::span<std::byte> room_;
  std::size_t length_ = 0;
  std::size_t descriptor_index_ = 0;  // the cursor: among all descriptors' numbers in the bytes
  bool owns_descriptors_ = false;     // spares buffers without descriptors, the usual ones, a second walk
  bool malformed_ = false;
};

}  // namespace recvinto
