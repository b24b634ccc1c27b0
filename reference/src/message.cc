#include "recvinto/message.h"

#include <memory>
#include <string>

#include "recvinto/recvmsg_into.h"

namespace recvinto {
namespace {

// Everything that may fail after the receipt happens in here, while `control` owns the descriptors.
std::vector<AncillaryItem> copy_items(const ControlBuffer& control) {
  std::vector<AncillaryItem> items;
  for (const ControlMessage& message : control.messages()) {
    items.push_back({message.level, message.type, {message.data.begin(), message.data.end()}});
  }
  return items;
}

void check_ancbufsize(std::int64_t ancbufsize) {
  if (ancbufsize < 0 || ancbufsize > static_cast<std::int64_t>(kControlSizeMax)) {
    throw std::invalid_argument("invalid ancillary data buffer length");
  }
}

void check_timeout(std::optional<std::chrono::nanoseconds> timeout) {
  if (timeout && *timeout < std::chrono::nanoseconds::zero()) throw std::invalid_argument("timeout is negative");
}

}  // namespace

std::string_view to_string(ReceiveWarning warning) noexcept {
  switch (warning) {
    case ReceiveWarning::kMalformedAncillaryData:
      return "received malformed or improperly-truncated ancillary data";
  }
  return "unknown warning";
}

ReceiveWarningError::ReceiveWarningError(ReceiveWarning warning, std::size_t descriptors_closed)
    : std::runtime_error(std::string(to_string(warning))), warning_(warning), descriptors_closed_(descriptors_closed) {}

Message recvmsg_into(int fd, std::span<const iovec> buffers, std::int64_t ancbufsize, int flags,
                     const Options& options) {
  std::error_code error;
  Message message = recvmsg_into(fd, buffers, ancbufsize, flags, options, error);
  if (error) detail::throw_error(error);
  return message;
}

Message recvmsg_into(int fd, std::span<const iovec> buffers, std::int64_t ancbufsize, int flags, const Options& options,
                     std::error_code& error) {
  error.clear();
  check_ancbufsize(ancbufsize);
  check_timeout(options.timeout);

  auto hook = [&options] {
    options.on_interrupt();
    return std::error_code();
  };
  Wait wait{.timeout = options.timeout};
  if (options.on_interrupt) wait.on_interrupt = hook;

  // new[] aligns for any fundamental type, hence for cmsghdr. The bytes are not cleared: only the kernel's are read.
  const auto size = static_cast<std::size_t>(ancbufsize);
  const auto room = std::make_unique_for_overwrite<std::byte[]>(size);
  ControlBuffer control(std::span(room.get(), size));
  Kernel& kernel = options.kernel == nullptr ? host_kernel() : *options.kernel;
  // Not the function that takes an error_code, which must not throw: the hook may.
  const Received received = detail::receive(kernel, fd, buffers, control, flags, wait, error);
  if (error) return {};

  if (received.control_malformed && options.warnings_are_errors) {
    throw ReceiveWarningError(ReceiveWarning::kMalformedAncillaryData, control.close_descriptors());
  }
  Message message{.nbytes = received.nbytes,
                  .ancdata = copy_items(control),
                  .msg_flags = received.msg_flags,
                  .address = received.address.decode()};
  if (received.control_malformed) message.warnings.push_back(ReceiveWarning::kMalformedAncillaryData);
  message.descriptors = control.release_descriptors();
  return message;
}

}  // namespace recvinto
