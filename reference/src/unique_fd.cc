#include "recvinto/unique_fd.h"

#include <unistd.h>

#include <cerrno>

namespace recvinto {

void UniqueFd::reset(int fd) noexcept {
  const int previous = std::exchange(fd_, fd);
  if (previous < 0) return;
  const int saved_errno = errno;
  // Not repeated on EINTR: on Linux the number is free by then, and may already be another thread's (close(2), NOTES).
  ::close(previous);
  errno = saved_errno;
}

}  // namespace recvinto
