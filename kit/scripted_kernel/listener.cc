#include "kit/scripted_kernel/listener.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace recvinto::kit {
namespace {

// SECCOMP_IOCTL_NOTIF_SET_FLAGS and SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP, which older headers lack.
constexpr unsigned long kSetFlags = SECCOMP_IOW(4, __u64);
constexpr unsigned long kSynchronousWakeUp = 1;

template <typename Argument>
int retried_ioctl(int descriptor, unsigned long request, Argument argument) {
  int result = -1;
  do {
    result = static_cast<int>(syscall(SYS_ioctl, descriptor, request, argument));  // whose type differs by C library
  } while (result < 0 && errno == EINTR);
  return result;
}

std::size_t notification_size() {
  seccomp_notif_sizes sizes{};
  if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) != 0) return sizeof(seccomp_notif);
  return std::max<std::size_t>(sizes.seccomp_notif, sizeof(seccomp_notif));
}

}  // namespace

Listener::Listener(UniqueFd descriptor) : descriptor_(std::move(descriptor)), notification_(notification_size()) {
  // It is close-on-exec from its birth in the child, but not what SCM_RIGHTS makes of it everywhere.
  fcntl(descriptor_.get(), F_SETFD, FD_CLOEXEC);
  // Each call is a word and its answer, and no other thread has work meanwhile: handing the processor over is several
  // times faster than waking another one. Kernels before 6.6 do not know it.
  ioctl(descriptor_.get(), kSetFlags, kSynchronousWakeUp);
}

std::optional<HeldCall> Listener::take() {
  std::ranges::fill(notification_, std::byte{});  // anything else in it is EINVAL
  if (retried_ioctl(descriptor_.get(), SECCOMP_IOCTL_NOTIF_RECV, notification_.data()) != 0) return std::nullopt;
  seccomp_notif notification;
  std::memcpy(&notification, notification_.data(), sizeof notification);
  HeldCall call{.id = notification.id,
                .tid = static_cast<pid_t>(notification.pid),
                .audit_architecture = notification.data.arch,
                .number = static_cast<std::uint32_t>(notification.data.nr)};
  std::ranges::copy(notification.data.args, call.arguments);
  return call;
}

bool Listener::is_waiting(const HeldCall& call) const {
  return retried_ioctl(descriptor_.get(), SECCOMP_IOCTL_NOTIF_ID_VALID, &call.id) == 0;
}

bool Listener::pass(const HeldCall& call) const {
  return respond(call, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

bool Listener::succeed(const HeldCall& call, std::int64_t result) const {
  return respond(call, result, 0, 0);
}

bool Listener::fail(const HeldCall& call, int number) const {
  return respond(call, 0, -number, 0);
}

bool Listener::respond(const HeldCall& call, std::int64_t value, std::int32_t error, std::uint32_t flags) const {
  seccomp_notif_resp response{.id = call.id, .val = value, .error = error, .flags = flags};
  return retried_ioctl(descriptor_.get(), SECCOMP_IOCTL_NOTIF_SEND, &response) == 0;
}

int Listener::plant(const HeldCall& call, int descriptor, bool close_on_exec) const {
  seccomp_notif_addfd addition{.id = call.id,
                               .flags = 0,
                               .srcfd = static_cast<std::uint32_t>(descriptor),
                               .newfd = 0,
                               .newfd_flags = static_cast<std::uint32_t>(close_on_exec ? O_CLOEXEC : 0)};
  return retried_ioctl(descriptor_.get(), SECCOMP_IOCTL_NOTIF_ADDFD, &addition);
}

}  // namespace recvinto::kit
