#include "kit/host/end_of_child.h"

#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "kit/host/fail.h"
#include "kit/scripted_kernel/quiet_thread.h"

namespace recvinto::kit {

EndOfChild::EndOfChild(pid_t child) : descriptor_(static_cast<int>(syscall(SYS_pidfd_open, child, 0))) {
  if (descriptor_) return;
  descriptor_ = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!descriptor_) fail("eventfd");
  thread_ = quiet_thread([child, event = descriptor_.get()] {
    siginfo_t unused;
    while (waitid(P_PID, static_cast<id_t>(child), &unused, WEXITED | WNOWAIT) != 0 && errno == EINTR) continue;
    eventfd_write(event, 1);
  });
}

EndOfChild::~EndOfChild() {
  if (thread_.joinable()) thread_.join();
}

}  // namespace recvinto::kit
