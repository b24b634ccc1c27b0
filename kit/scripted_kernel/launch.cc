#include "kit/scripted_kernel/launch.h"

#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace recvinto::kit {
namespace {

/// Returns the listener, or -1 and errno.
int install_filter(const std::vector<sock_filter>& filter, unsigned flags) noexcept {
  const sock_fprog program{.len = static_cast<unsigned short>(filter.size()),
                           .filter = const_cast<sock_filter*>(filter.data())};
  return static_cast<int>(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program));
}

/// A call that the supervisor has in hand is not interrupted by signals, where the kernel can do that (Linux 5.19):
/// otherwise each of them would take its answer away.
int install_best(const std::vector<sock_filter>& filter) noexcept {
  const int listener =
      install_filter(filter, SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
  if (listener >= 0 || errno != EINVAL) return listener;
  return install_filter(filter, SECCOMP_FILTER_FLAG_NEW_LISTENER);
}

union Rights {
  cmsghdr header;
  std::array<char, CMSG_SPACE(sizeof(int))> bytes;
};

bool send_descriptor(int socket, int descriptor) noexcept {
  Rights rights{};
  rights.header.cmsg_len = CMSG_LEN(sizeof descriptor);
  rights.header.cmsg_level = SOL_SOCKET;
  rights.header.cmsg_type = SCM_RIGHTS;
  std::memcpy(CMSG_DATA(&rights.header), &descriptor, sizeof descriptor);
  char byte = 'L';
  iovec data{.iov_base = &byte, .iov_len = 1};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = &rights;
  message.msg_controllen = sizeof rights;
  return sendmsg(socket, &message, MSG_NOSIGNAL) == 1;
}

}  // namespace

Launch::Launch(const WatchedNumbers& watched) : filter_(supervision_filter(watched)) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw std::system_error(errno, std::system_category(), "socketpair");
  }
  ours_ = UniqueFd(ends[0]);
  childs_ = UniqueFd(ends[1]);
}

bool Launch::install() const noexcept {
  // Privileged processes may do without no_new_privs, and then a set-user-ID adapter (sudo, ping) keeps its bit.
  int listener = install_best(filter_);
  if (listener < 0 && errno == EACCES && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) listener = install_best(filter_);
  if (listener < 0) return false;
  const bool sent = send_descriptor(childs_.get(), listener);
  close(listener);
  return sent;
}

bool Launch::has_listener() const noexcept {
  char byte = 0;
  return recv(ours_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN;
}

UniqueFd Launch::take_listener() {
  Rights rights{};
  char byte = 0;
  iovec data{.iov_base = &byte, .iov_len = 1};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = &rights;
  message.msg_controllen = sizeof rights;
  if (recvmsg(ours_.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) < 0) {
    throw std::system_error(errno, std::system_category(), "the launcher handed over no listener");
  }
  if (message.msg_controllen < CMSG_LEN(sizeof(int)) || rights.header.cmsg_type != SCM_RIGHTS) {
    throw std::system_error(EPROTO, std::system_category(), "the launcher handed over no listener");
  }
  int listener = -1;
  std::memcpy(&listener, CMSG_DATA(&rights.header), sizeof listener);
  return UniqueFd(listener);
}

}  // namespace recvinto::kit
