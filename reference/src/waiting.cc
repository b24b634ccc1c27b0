#include "waiting.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace recvinto {
namespace {

using std::chrono::nanoseconds;

// A descriptor may be ready and yet have nothing to give, once (a datagram with a bad checksum: select(2), BUGS) or for
// good (a unix datagram socket shut down for reading). From the third time on, readiness is asked for at intervals, or
// the wait would burn a processor until its deadline.
constexpr int kAlarmsBelieved = 2;
constexpr nanoseconds kPause = std::chrono::milliseconds(1);

// Unix sockets have no error queue, and give ordinary data with MSG_ERRQUEUE as without. `errno` stays as it is: it
// says how the first attempt failed.
bool has_error_queue(int fd) noexcept {
  const int saved_errno = errno;
  int family = AF_UNSPEC;
  socklen_t length = sizeof family;
  const bool is_unix = getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &length) == 0 && family == AF_UNIX;
  errno = saved_errno;
  return !is_unix;
}

// What announces a message. POLLERR is always watched for, and is all that the error queue has: with POLLIN, ordinary
// data would end every wait for it (recvmsg(2), MSG_ERRQUEUE). Urgent data is POLLPRI (poll(2), tcp(7)).
short events_for(int fd, int flags) noexcept {
  if ((flags & MSG_ERRQUEUE) != 0 && has_error_queue(fd)) return 0;
  if ((flags & MSG_OOB) != 0) return POLLIN | POLLPRI;
  return POLLIN;
}

}  // namespace

Waiting::Waiting(Kernel& kernel, int fd, int flags, const Wait& wait) noexcept
    : kernel_(kernel), wait_(wait), fd_(fd), events_(events_for(fd, flags)) {
  const nanoseconds timeout = wait.timeout.value_or(nanoseconds::zero());
  if (timeout <= nanoseconds::zero()) return;
  const Clock::time_point now = kernel.now();
  deadline_ = now + std::min<nanoseconds>(timeout, Clock::time_point::max() - now);
}

std::error_code Waiting::after_interrupt() {
  if (const std::error_code error = wait_.on_interrupt()) return error;
  if (bounded() && kernel_.now() >= deadline_) return ReceiveErrc::kTimedOut;
  return {};
}

std::error_code Waiting::until_ready() {
  if (!bounded()) return {EAGAIN, std::system_category()};
  int watched = alarms_ < kAlarmsBelieved ? fd_ : -1;
  for (;; watched = fd_) {
    const nanoseconds remaining = deadline_ - kernel_.now();
    if (remaining <= nanoseconds::zero()) return ReceiveErrc::kTimedOut;
    pollfd entry{.fd = watched, .events = events_, .revents = 0};
    const int ready = kernel_.poll(entry, watched < 0 ? std::min(remaining, kPause) : remaining);
    if (ready > 0) break;
    if (ready == 0) continue;  // the clock decides, not poll(2): it may have been early, or a pause
    if (errno != EINTR) return {errno, std::system_category()};
    if (const std::error_code error = wait_.on_interrupt()) return error;
  }
  ++alarms_;
  return {};
}

}  // namespace recvinto
