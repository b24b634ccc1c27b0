#include "kit/tests/scripted_kernel/supervised_child.h"

#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "kit/scripted_kernel/launch.h"

namespace recvinto::kit {
namespace {

constexpr int kPatience = 30'000;  // milliseconds

}  // namespace

void Receipt::receive(int socket, int flags) noexcept {
  buffers = {{{.iov_base = data.data(), .iov_len = data.size()}, {.iov_base = more.data(), .iov_len = more.size()}}};
  header = {};
  header.msg_name = &name;
  header.msg_namelen = sizeof name;
  header.msg_iov = buffers.data();
  header.msg_iovlen = buffers.size();
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  receive(socket, &header, flags);
}

void Receipt::receive(int socket, void* own_header, int flags) noexcept {
  count = syscall(SYS_recvmsg, socket, own_header, flags);
  number = count < 0 ? errno : 0;
}

SupervisedChild::SupervisedChild(const std::function<void()>& body, const WatchedNumbers& watched,
                                 RemoteMemory::Way way)
    : control_(make_pair(SOCK_SEQPACKET)) {
  Launch launch(watched);
  char byte = 'b';
  pid_ = fork();
  if (pid_ < 0) throw std::system_error(errno, std::system_category(), "fork");
  if (pid_ == 0) {
    const int mine = control_.other.get();
    control_.one.reset();
    if (!launch.install() || write(mine, &byte, 1) != 1 || read(mine, &byte, 1) != 1) _exit(1);
    body();
    _exit(0);
  }
  control_.other.reset();
  ended_ = UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  [[maybe_unused]] const ssize_t installed = read(control_.one.get(), &byte, 1);
  supervisor_.emplace(launch.take_listener(), Unscripted::kPass, way);
}

SupervisedChild::~SupervisedChild() {
  kill_and_reap();
}

void SupervisedChild::begin() {
  [[maybe_unused]] const ssize_t told = write(control_.one.get(), "b", 1);
}

bool SupervisedChild::ends_well() {
  pollfd end{.fd = ended_.get(), .events = POLLIN, .revents = 0};
  if (poll(&end, 1, kPatience) <= 0) return false;
  int status = 0;
  return waitpid(std::exchange(pid_, -1), &status, 0) > 0 && status == 0;
}

void SupervisedChild::kill_and_reap() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(std::exchange(pid_, -1), nullptr, 0);
}

}  // namespace recvinto::kit
