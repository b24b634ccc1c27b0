#include "kit/host/control_bytes.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

#include "recvinto/fitting.h"

namespace recvinto::kit {

void ControlBytes::add(int level, int type, std::string_view data) {
  static_assert(CMSG_SPACE(0) % sizeof(std::size_t) == 0);
  const std::size_t begin = words_.size();
  words_.resize(begin + CMSG_SPACE(data.size()) / sizeof(std::size_t));
  cmsghdr header{};
  header.cmsg_len = Fitting(CMSG_LEN(data.size()));
  header.cmsg_level = level;
  header.cmsg_type = type;
  std::memcpy(&words_[begin], &header, sizeof header);
  if (!data.empty()) {
    std::memcpy(reinterpret_cast<char*>(&words_[begin]) + CMSG_LEN(0), data.data(), data.size());
  }
}

void ControlBytes::add_rights(std::span<const int> descriptors, std::string_view more) {
  Bytes data(reinterpret_cast<const char*>(descriptors.data()), descriptors.size_bytes());
  add(SOL_SOCKET, SCM_RIGHTS, data += more);
}

void ControlBytes::add(const SentControl& control, std::span<const int> descriptors) {
  if (descriptors.size() != files_in(control)) throw std::invalid_argument("a control message lacks its descriptors");
  if (const auto* credentials = std::get_if<sent::Credentials>(&control)) {
    const ucred ids{.pid = credentials->pid.value_or(getpid()),
                    .uid = credentials->uid.value_or(getuid()),
                    .gid = credentials->gid.value_or(getgid())};
    add(SOL_SOCKET, SCM_CREDENTIALS, bytes_of(ids));
  } else {
    const auto* rights = std::get_if<sent::Rights>(&control);
    add_rights(descriptors, rights == nullptr ? Bytes() : rights->more);
  }
}

}  // namespace recvinto::kit
