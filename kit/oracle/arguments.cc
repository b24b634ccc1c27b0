#include "kit/oracle/arguments.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "kit/oracle/unpredictable.h"

namespace recvinto::kit {
namespace {

/// More is a question of memory.
constexpr std::int64_t kMostControl = 16 * 1024 * 1024;
/// Of the C int that Python's documentation has for flags and sizes.
constexpr std::int64_t kMostInt = 0x7fffffff;

bool is_in_memory(const Buffer& buffer) {
  return buffer.memory == Memory::kSparse || is_all_shown(buffer);
}

/// Neither does the queue matter, nor whether there is anything to wait for.
std::optional<Expected> refusal_of_flags(int flags, const Call& call, const SocketKind& kind, const ModelWorld& world) {
  if ((flags & MSG_ERRQUEUE) != 0 && !kind.is_unix()) {
    // The model's sockets have no errors of packets: nothing ever comes.
    if (!call.timeout && !world.waits_in_system_call) throw Unpredictable("a wait for errors beside the system call");
    if (!call.timeout || call.timeout->count() == 0) return failing(would_block());
    return failing(timed_out());
  }
  if ((flags & MSG_OOB) == 0 || kind.is_udp()) return std::nullopt;
  if (kind.is_tcp()) return failing(os_error(EINVAL));
  // EINVAL where the kernel was configured with CONFIG_AF_UNIX_OOB.
  if (kind.is_stream()) return failing({.kind = Failure::Kind::kSystem, .numbers = {EINVAL, EOPNOTSUPP}});
  return failing(os_error(EOPNOTSUPP));
}

}  // namespace

Expected failing(Failure failure) {
  Expected expected;
  expected.failure = std::move(failure);
  expected.warnings.emplace();
  return expected;
}

bool is_refused_by_the_system(const Expected& refusal) {
  const std::vector<int>& numbers = refusal.failure->numbers;
  return refusal.failure->kind == Failure::Kind::kSystem && std::ranges::find(numbers, EAGAIN) == numbers.end();
}

bool is_blocking(const Call& call) {
  return !call.timeout && (call.flags.value_or(0) & MSG_DONTWAIT) == 0;
}

ModelReceive arguments_of(const Call& call, const ModelWorld& world) {
  const int flags = static_cast<int>(call.flags.value_or(0));
  return {.capacity = capacity(call.buffers),
          .ancbufsize = call.ancbufsize ? static_cast<std::size_t>(*call.ancbufsize) : world.default_room.value_or(0),
          .flags = flags,
          .waits = world.waits_in_system_call && is_blocking(call),
          .knows_room = call.ancbufsize || world.default_room};
}

std::optional<Expected> refusal_of(const Call& call, const SocketKind& kind, const ModelWorld& world) {
  if (call.timeout && call.timeout->count() < 0) throw Unpredictable("a negative timeout");
  // Of poll(2): Python refuses a longer one (OverflowError), others wait for as long as they can say.
  if (call.timeout && call.timeout->count() > kMostInt) throw Unpredictable("a timeout beyond a C int");
  if (!call.form.empty()) throw Unpredictable("a form of Python");
  if (!std::ranges::all_of(call.buffers, is_in_memory)) throw Unpredictable("inaccessible memory");
  const std::int64_t ancbufsize = call.ancbufsize.value_or(0);
  const std::int64_t flags = call.flags.value_or(0);
  const bool is_beyond = ancbufsize > kMostInt && (world.refuses_room_beyond_int || world.abi == kAbi32);
  if (ancbufsize < 0 || is_beyond) return failing(refused_argument());
  if (flags > kMostInt || flags < -kMostInt - 1) return failing(refused_argument());
  if (ancbufsize > kMostControl) throw Unpredictable("more room for ancillary data than there may be");
  if (flags < 0) {
    // MSG_CMSG_COMPAT is the highest bit, and the kernel's own.
    if (world.abi == kAbi32) throw Unpredictable("MSG_CMSG_COMPAT in a 32-bit program");
    return failing(os_error(EINVAL));
  }
  if (call.buffers.size() > kIovMax) return failing(os_error(EMSGSIZE));
  return refusal_of_flags(static_cast<int>(flags), call, kind, world);
}

}  // namespace recvinto::kit
