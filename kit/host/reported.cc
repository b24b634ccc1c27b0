#include "kit/host/reported.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <variant>

namespace recvinto::kit {
namespace {

struct Converter {
  std::optional<Address> operator()(std::monostate) const { return std::nullopt; }
  std::optional<Address> operator()(const UnixAddress& unix_address) const {
    Address address = of_family(AF_UNIX);
    address.path = unix_address.path;
    return address;
  }
  std::optional<Address> operator()(const Inet4Address& inet) const {
    Address address = of_family(AF_INET);
    address.host = inet.host;
    address.port = inet.port;
    return address;
  }
  std::optional<Address> operator()(const Inet6Address& inet) const {
    Address address = of_family(AF_INET6);
    address.host = inet.host;
    address.port = inet.port;
    address.flowinfo = inet.flowinfo;
    address.scope_id = inet.scope_id;
    return address;
  }
  std::optional<Address> operator()(const RawAddress& raw) const {
    Address address = of_family(raw.family);
    address.raw.resize(raw.bytes.size());
    if (!raw.bytes.empty()) std::memcpy(address.raw.data(), raw.bytes.data(), raw.bytes.size());
    return address;
  }

  static Address of_family(int family) {
    Address address;
    address.family = family;
    return address;
  }
};

std::string_view class_of(int number) {
  switch (number) {
    case EAGAIN:
    case EALREADY:
    case EINPROGRESS:
      return "BlockingIOError";
    case EPIPE:
    case ESHUTDOWN:
      return "BrokenPipeError";
    case ECONNABORTED:
      return "ConnectionAbortedError";
    case ECONNREFUSED:
      return "ConnectionRefusedError";
    case ECONNRESET:
      return "ConnectionResetError";
    case ENOENT:
      return "FileNotFoundError";
    case EINTR:
      return "InterruptedError";
    case EACCES:
    case EPERM:
      return "PermissionError";
    case ETIMEDOUT:
      return "TimeoutError";
    default:
      return "OSError";
  }
}

}  // namespace

std::optional<Address> reported(const recvinto::Address& address) {
  return std::visit(Converter{}, address);
}

Error system_error(int number) {
  return {.type = std::string(class_of(number)), .number = number, .message = std::strerror(number)};
}

}  // namespace recvinto::kit
