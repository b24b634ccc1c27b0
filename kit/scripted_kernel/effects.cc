#include "kit/scripted_kernel/effects.h"

#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include "kit/values/call.h"
#include "kit/values/never_sent.h"

namespace recvinto::kit {
namespace {

/// Control data, the address, msg_namelen, msg_controllen with msg_flags.
constexpr std::size_t kPatchesBesideData = 4;

/// In the byte order of this host, which that of the program is too.
Bytes word_of(const Abi& abi, std::uint64_t value) {
  return abi == kAbi32 ? bytes_of(static_cast<std::uint32_t>(value)) : bytes_of(value);
}

}  // namespace

Bytes control_bytes(const answer::Result& result, const Abi& abi, std::span<const int> planted) {
  // What a message claims for its data belongs to them, and may reach over padding.
  const auto claims = [](const ScriptedMessage& message) { return message.claimed_data || message.claimed_length; };
  const bool is_unfilled = result.padding == '\0' && std::ranges::none_of(result.control, claims);
  Bytes bytes;
  for (std::size_t i = 0; i < result.control.size(); ++i) {
    const ScriptedMessage& message = result.control[i];
    const std::span<const int> numbers = planted.first(std::min(message.files, planted.size()));
    planted = planted.subspan(numbers.size());
    const std::size_t data = message.data.size() + numbers.size_bytes();
    bytes += word_of(abi, message.claimed_length.value_or(abi.header() + message.claimed_data.value_or(data)));
    bytes += bytes_of(message.level);
    bytes += bytes_of(message.type);
    bytes += message.data;
    for (const int number : numbers) bytes += bytes_of(number);
    const bool is_last = i + 1 == result.control.size() && result.raw_control.empty();
    if (!is_last || result.pad_the_last) {
      const std::size_t padding = abi.aligned(bytes.size()) - bytes.size();
      bytes += is_unfilled ? never_sent(padding) : Bytes(padding, result.padding);
    }
  }
  bytes += result.raw_control;
  return bytes;
}

std::size_t files_with_room(const answer::Result& result, const SeenCall& call, const Abi& abi) {
  const std::uint64_t room = call.control == 0 ? 0 : call.controllen;
  std::size_t count = 0;
  std::size_t at = 0;
  for (const ScriptedMessage& message : result.control) {
    at = abi.aligned(at) + abi.header() + message.data.size();
    for (std::size_t i = 0; i < message.files; ++i) {
      at += sizeof(int);
      if (at <= room) ++count;
    }
  }
  return count;
}

Effects effects_of(const answer::Result& result, const SeenCall& call, const Bytes& control) {
  Effects effects;
  effects.patches.reserve(call.buffers.size() + kPatchesBesideData);
  std::span<const char> rest(result.data);
  for (const SeenCall::Extent& buffer : call.buffers) {
    if (rest.empty()) break;
    const std::size_t length = std::min<std::uint64_t>(buffer.length, rest.size());
    if (length != 0) effects.patches.push_back({buffer.base, rest.first(length)});
    rest = rest.subspan(length);
  }
  const std::size_t stored = result.data.size() - rest.size();
  const std::size_t control_room = call.control == 0 ? 0 : std::min<std::uint64_t>(call.controllen, control.size());
  if (control_room != 0) effects.patches.push_back({call.control, std::span(control).first(control_room)});
  const std::size_t name_size = result.address ? result.address->size() : 0;
  const std::size_t name_room = call.name == 0 ? 0 : std::min<std::size_t>(call.namelen, name_size);
  if (name_room != 0) effects.patches.push_back({call.name, std::span(*result.address).first(name_room)});
  if (name_room != 0) effects.name = effects.patches.back().bytes;
  effects.control_stored = control_room;

  effects.returned = result.returned.value_or(static_cast<std::int64_t>(stored));
  effects.controllen = result.msg_controllen.value_or(control_room);
  effects.namelen = result.msg_namelen.value_or(static_cast<std::uint32_t>(name_size));
  effects.msg_flags = result.msg_flags;
  return effects;
}

int refusal_of(const SeenCall& call, const Abi& abi) {
  // MSG_CMSG_COMPAT is the kernel's own, which sets it itself for 32-bit programs.
  if (call.flags < 0 && abi != kAbi32) return EINVAL;
  if (call.name != 0 && call.namelen > INT_MAX) return EINVAL;
  if (call.buffers.size() > kIovMax) return EMSGSIZE;
  const std::uint64_t longest = abi == kAbi32 ? INT32_MAX : INT64_MAX;
  const auto is_negative = [longest](const SeenCall::Extent& buffer) { return buffer.length > longest; };
  return std::ranges::any_of(call.buffers, is_negative) ? EINVAL : 0;
}

bool has_receive_timeout(int socket) {
  return receive_timeout(socket).has_value();
}

std::optional<std::chrono::nanoseconds> receive_timeout(int socket) {
  timeval timeout{};
  socklen_t length = sizeof timeout;
  if (getsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, &length) != 0) return std::nullopt;
  if (timeout.tv_sec == 0 && timeout.tv_usec == 0) return std::nullopt;
  return std::chrono::seconds(timeout.tv_sec) + std::chrono::microseconds(timeout.tv_usec);
}

int family_of(int socket) {
  int family = AF_UNSPEC;
  socklen_t length = sizeof family;
  getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &family, &length);
  return family;
}

}  // namespace recvinto::kit
