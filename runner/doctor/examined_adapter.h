#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kit/performing/stage.h"
#include "kit/subjects/adapter_process.h"
#include "runner/doctor/finding.h"

namespace recvinto::runner {

/// The adapter that the doctor examines.
class ExaminedAdapter {
 public:
  ExaminedAdapter(std::vector<std::string> command, std::chrono::milliseconds deadline)
      : command_(std::move(command)), deadline_(deadline) {}

  [[nodiscard]] const std::vector<std::string>& command() const { return command_; }
  [[nodiscard]] std::chrono::milliseconds deadline() const { return deadline_; }

  /// Starts it. Throws kit::CannotStart.
  void start() { adapter_.emplace(command_, deadline_); }
  [[nodiscard]] bool has_started() const { return adapter_.has_value(); }
  [[nodiscard]] const kit::Handshake& handshake() const { return adapter_->handshake(); }
  [[nodiscard]] bool declares(kit::Capability capability) const {
    return handshake().capabilities.contains(capability);
  }
  [[nodiscard]] kit::AdapterProcess& adapter() { return *adapter_; }

  /// Performs `exchange` on a socket of that kind. Whatever ends it has the advice `next`.
  Finding perform(const kit::SocketKind& kind, std::string_view next,
                  const std::function<Finding(kit::Stage&)>& exchange);
  /// It is started anew before the next exchange.
  void start_over() { adapter_->mark_untrusted(); }
  /// Ends it in order.
  void end() { adapter_.reset(); }

 private:
  std::vector<std::string> command_;
  std::chrono::milliseconds deadline_;
  std::optional<kit::AdapterProcess> adapter_;
};

/// What an end says that no answer is, with advice for it and for the step. `adapter`: whose standard error goes with
/// it.
Finding finding_of_current_exception(std::string_view next);

}  // namespace recvinto::runner
