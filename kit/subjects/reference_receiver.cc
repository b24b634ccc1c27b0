#include <algorithm>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "kit/host/reported.h"
#include "kit/subjects/receiver.h"
#include "recvinto/control_space.h"
#include "recvinto/message.h"

namespace recvinto::kit {
namespace {

/// Only for an error: who compares none with one has UBSan look at its category, which takes descriptors of a call that
/// may be limited in them.
Error failed(const std::error_code& error) {
  if (error == ReceiveErrc::kTimedOut) return {.type = "TimeoutError", .number = {}, .message = error.message()};
  return system_error(error.value());
}

/// In the reference's unit, as far as that can say it: 292 years.
std::optional<std::chrono::nanoseconds> timeout_of(const ReceiveRequest& request) {
  using std::chrono::milliseconds;
  using std::chrono::nanoseconds;
  if (!request.timeout) return std::nullopt;
  return std::clamp(*request.timeout, std::chrono::ceil<milliseconds>(nanoseconds::min()),
                    std::chrono::floor<milliseconds>(nanoseconds::max()));
}

Capabilities everything_but_python() {
  Capabilities capabilities(kEveryCapability.begin(), kEveryCapability.end());
  capabilities.erase(Capability::kPythonForms);
  return capabilities;
}

std::optional<std::int64_t> size_of(std::optional<std::size_t> (*size)(std::size_t), std::int64_t length) {
  if (length < 0) return std::nullopt;
  const std::optional<std::size_t> bytes = size(static_cast<std::size_t>(length));
  return bytes ? std::optional(static_cast<std::int64_t>(*bytes)) : std::nullopt;
}

class ReferenceReceiver final : public Receiver {
 public:
  /// UndefinedBehaviorSanitizer examines a type through a pipe when it first meets an object of it, and takes it for
  /// wrong where no descriptor can be opened: so it meets the kernel here, and not in a call with such a limit.
  explicit ReferenceReceiver(Kernel& kernel) : kernel_(kernel) { static_cast<void>(kernel_.now()); }

  [[nodiscard]] Handshake handshake() const override {
    return {.name = "recvinto",
            .version = RECVINTO_VERSION,
            .language = "C++",
            .capabilities = everything_but_python(),
            .default_ancbufsize = std::optional<std::size_t>(0)};
  }

  Observation receive(const ReceiveRequest& request, SignalHandlers& signals) override {
    Observation observation;
    const std::int64_t flags = request.flags.value_or(0);
    if (!std::in_range<int>(flags)) {
      observation.error = Error{.type = "OverflowError", .number = {}, .message = "flags beyond a C int"};
      return observation;
    }
    try {
      std::error_code error;
      Message message =
          recvmsg_into(request.fd, request.buffers, request.ancbufsize.value_or(0), static_cast<int>(flags),
                       {.timeout = timeout_of(request),
                        .on_interrupt = [&signals] { signals.raise_if_asked(); },
                        .warnings_are_errors = request.warnings_are_errors,
                        .kernel = &kernel_},
                       error);
      if (error) {
        observation.error = failed(error);
        return observation;
      }
      observation.nbytes = static_cast<std::int64_t>(message.nbytes);
      observation.msg_flags = message.msg_flags;
      observation.address = reported(message.address);
      observation.ancdata.emplace();
      for (const recvinto::AncillaryItem& item : message.ancdata) {
        Bytes data(item.data.size(), '\0');
        if (!data.empty()) std::memcpy(data.data(), item.data.data(), data.size());
        observation.ancdata->push_back({item.level, item.type, std::move(data)});
      }
      observation.warnings.assign(message.warnings.size(), "RuntimeWarning");
      // The suite closes them, by request.
      for (UniqueFd& descriptor : message.descriptors) static_cast<void>(descriptor.release());
    } catch (const SignalHandlers::HandlerError& error) {
      observation.error = Error{.type = "HandlerError", .number = {}, .message = error.what()};
    } catch (const ReceiveWarningError& error) {
      observation.error = Error{.type = "RuntimeWarning", .number = {}, .message = error.what()};
    } catch (const std::invalid_argument& error) {
      observation.error = Error{.type = "ValueError", .number = {}, .message = error.what()};
    }
    return observation;
  }

 private:
  Kernel& kernel_;
};

}  // namespace

CmsgSizes Receiver::cmsg_sizes(const std::vector<std::int64_t>& lengths) const {
  CmsgSizes sizes;
  for (const std::int64_t length : lengths) {
    sizes.len.push_back(size_of(cmsg_len, length));
    sizes.space.push_back(size_of(cmsg_space, length));
  }
  return sizes;
}

std::unique_ptr<Receiver> make_reference_receiver(Kernel& kernel) {
  return std::make_unique<ReferenceReceiver>(kernel);
}

}  // namespace recvinto::kit
