#include "kit/scripted_kernel/unfilled.h"

#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kit/values/never_sent.h"

namespace recvinto::kit {
namespace {

/// Of one room; what lies further on is left as it is.
constexpr std::size_t kMostFilled = 16 * 1024;  // bytes
constexpr std::size_t kMostCleared = 1 << 20;   // bytes
constexpr std::size_t kMostName = 256;          // bytes: no name is longer
constexpr std::size_t kFamily = sizeof(sa_family_t);

std::span<const char> plain(std::size_t length) {
  static const Bytes kBytes = never_sent(kMostFilled);
  return std::span(kBytes).first(std::min(length, kBytes.size()));
}

int number_at(std::size_t at) {
  int number = 0;
  std::memcpy(&number, kNeverSent.data() + at, sizeof number);
  return number;
}

/// Control messages that were never sent: one that no filter knows, descriptors, credentials; then plain bytes.
Bytes messages(const Abi& abi) {
  answer::Result result;
  result.control = {{.level = number_at(0), .type = number_at(4), .data = never_sent(8)},
                    {.level = SOL_SOCKET, .type = SCM_RIGHTS, .data = never_sent(8)},
                    {.level = SOL_SOCKET, .type = SCM_CREDENTIALS, .data = never_sent(sizeof(ucred))}};
  return control_bytes(result, abi, {}) + never_sent(kMostFilled);
}

std::span<const char> messages(const Abi& abi, std::size_t length) {
  static const Bytes k64 = messages(kAbi64);
  static const Bytes k32 = messages(kAbi32);
  const Bytes& bytes = abi == kAbi32 ? k32 : k64;
  return std::span(bytes).first(std::min(length, kMostFilled));
}

/// The size of an address of that family, where it is the same for all of them; else 0.
std::size_t fixed_size(int family) {
  switch (family) {
    case AF_INET:
      return sizeof(sockaddr_in);
    case AF_INET6:
      return sizeof(sockaddr_in6);
    case AF_PACKET:
      return sizeof(sockaddr_ll);
    case AF_NETLINK:
      return sizeof(sockaddr_nl);
    default:
      return 0;
  }
}

/// Clears what a length promises and the result does not store, up to `end`: something from an earlier call may be
/// there.
void clear(std::vector<Patch>& patches, std::uint64_t room, std::uint64_t begin, std::uint64_t end) {
  static const Bytes kZeros(kMostFilled, '\0');
  for (end = std::min(end, begin + kMostCleared); begin < end;) {
    const std::uint64_t length = std::min<std::uint64_t>(end - begin, kZeros.size());
    patches.push_back({room + begin, std::span(kZeros).first(length)});
    begin += length;
  }
}

void fill_control(std::vector<Patch>& patches, const Effects& effects, const SeenCall& call, const Abi& abi) {
  if (call.control == 0) return;
  const std::uint64_t end = std::max(effects.control_stored, std::min(effects.controllen, call.controllen));
  clear(patches, call.control, effects.control_stored, end);
  if (end >= call.controllen) return;
  const std::uint64_t next = std::min<std::uint64_t>(abi.aligned(end), call.controllen);
  if (next != end) patches.push_back({call.control + end, plain(next - end)});
  if (next != call.controllen) patches.push_back({call.control + next, messages(abi, call.controllen - next)});
}

/// Name room from `end` on, of a name that may be longer or shorter from call to call. Where the first byte that is no
/// part of the name is zero and there is no path, the caller may have put it there.
void fill_unless_clear(std::vector<Patch>& patches, const SeenCall& call, std::size_t end,
                       std::span<const char> before) {
  const bool is_clear = std::ranges::all_of(before, [](char byte) { return byte == '\0'; });
  if (is_clear || (end <= kFamily && before[std::min(kFamily, before.size() - 1)] == '\0')) return;
  end = std::max(end, kFamily);
  if (end < before.size()) patches.push_back({call.name + end, plain(before.size() - end)});
}

void fill_behind(std::vector<Patch>& patches, const SeenCall& call, std::size_t end) {
  if (end < call.namelen)
    patches.push_back({call.name + end, plain(std::min<std::size_t>(call.namelen - end, kMostName))});
}

}  // namespace

std::size_t name_room_to_read(const SeenCall& call) {
  return call.name == 0 ? 0 : std::min<std::size_t>(call.namelen, kMostName);
}

std::vector<Patch> unfilled_by(const Effects& effects, const SeenCall& call, const Abi& abi,
                               std::span<const char> name_before) {
  std::vector<Patch> patches;
  fill_control(patches, effects, call, abi);
  if (call.name == 0) return patches;
  const std::size_t end = std::max<std::size_t>(effects.name.size(), std::min(effects.namelen, call.namelen));
  clear(patches, call.name, effects.name.size(), end);
  sa_family_t family = AF_UNSPEC;
  if (end >= kFamily && effects.name.size() >= kFamily) std::memcpy(&family, effects.name.data(), sizeof family);
  const std::size_t size = fixed_size(family);
  if (size != 0) {
    if (end >= size) fill_behind(patches, call, end);
  } else if (end < kFamily || family == AF_UNIX) {
    fill_unless_clear(patches, call, end, name_before);
  }
  return patches;
}

std::vector<Patch> unfilled_before(const SeenCall& call, int family, std::span<const char> name_before) {
  std::vector<Patch> patches;
  if (call.control != 0 && call.controllen != 0) patches.push_back({call.control, plain(call.controllen)});
  if (call.name == 0) return patches;
  if (const std::size_t size = fixed_size(family); size != 0) {
    fill_behind(patches, call, size);
  } else if (family == AF_UNIX) {
    fill_unless_clear(patches, call, 0, name_before);
  }
  return patches;
}

}  // namespace recvinto::kit
