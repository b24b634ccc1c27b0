#include "kit/host/socket_options.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "kit/host/fail.h"
#include "kit/values/names.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {

void fail_or_lack(const std::string& what) {
  if (errno != ENOPROTOOPT && errno != EOPNOTSUPP && errno != EPERM) fail(what);
  throw EnvironmentLacks(fmt::format("{}: {}", what, std::strerror(errno)));
}

void set_option_if_there_is(int socket, int level, int name, const void* value, std::size_t size) {
  if (setsockopt(socket, level, name, value, static_cast<socklen_t>(size)) == 0) return;
  fail_or_lack("setsockopt " + option_name(level, name));
}

}  // namespace recvinto::kit
