#pragma once

#include <sys/uio.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

#include "kit/values/call.h"
#include "kit/values/cmsg_sizes.h"
#include "kit/values/handler_action.h"
#include "kit/values/handshake.h"
#include "kit/values/observation.h"
#include "recvinto/kernel.h"

namespace recvinto::kit {

/// The arguments of one call, resolved: what an implementation inside this process is handed.
struct ReceiveRequest {
  int fd = -1;
  std::vector<iovec> buffers;
  std::optional<std::int64_t> ancbufsize;  ///< nothing: the default
  std::optional<std::int64_t> flags;       ///< nothing: the default
  std::optional<std::chrono::milliseconds> timeout;
  bool warnings_are_errors = false;
};

/// What `signal` requests installed, and how often it ran.
class SignalHandlers {
 public:
  /// Thrown by raise_if_asked(): the exception of a raising handler.
  class HandlerError : public std::runtime_error {
   public:
    using std::runtime_error::runtime_error;
  };

  /// False if there is no such signal, or none that can be handled.
  bool install(int signum, HandlerAction action);
  /// Since the last reset.
  [[nodiscard]] int count() const;
  void reset();
  /// Throws HandlerError if a raising handler ran since the last reset.
  void raise_if_asked() const;
};

/// An implementation inside this process: performs one call on the calling thread.
class Receiver {
 public:
  virtual ~Receiver() = default;
  [[nodiscard]] virtual Handshake handshake() const = 0;
  /// Everything that the implementation tells, but for the storages. Throws Unsupported, and ImplementationFailure
  /// where the answer is none; what else it throws is a fault of the suite.
  virtual Observation receive(const ReceiveRequest& request, SignalHandlers& signals) = 0;
  /// Descriptors of earlier calls are about to be closed.
  virtual void reset() {}
  /// CMSG_LEN and CMSG_SPACE; unless overridden, the reference's.
  [[nodiscard]] virtual CmsgSizes cmsg_sizes(const std::vector<std::int64_t>& lengths) const;
};

/// One call from buffers to observation: makes the storages, has `receiver` fill them, and reports.
Observation perform(Receiver& receiver, int fd, const Call& call, SignalHandlers& signals);

/// recvmsg(2) and nothing else.
std::unique_ptr<Receiver> make_raw_receiver();

/// recvinto::recvmsg_into on `kernel`, which must outlive it.
std::unique_ptr<Receiver> make_reference_receiver(Kernel& kernel = host_kernel());

/// Speaks the adapter protocol on standard input and output for `receiver`, until end of file or "bye".
/// Returns the exit status.
int serve(Receiver& receiver);

}  // namespace recvinto::kit
