#include "recvinto/errors.h"

#include <string>

namespace recvinto {
namespace {

class ReceiveCategory final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "recvinto"; }

  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<ReceiveErrc>(value)) {
      case ReceiveErrc::kTimedOut:
        return "timed out";
      case ReceiveErrc::kNegativeTimeout:
        return "timeout is negative";
      case ReceiveErrc::kControlMisaligned:
        return "control buffer is not aligned for cmsghdr";
    }
    return "unknown recvinto error";
  }

  [[nodiscard]] std::error_condition default_error_condition(int value) const noexcept override {
    switch (static_cast<ReceiveErrc>(value)) {
      case ReceiveErrc::kTimedOut:
        return std::errc::timed_out;
      case ReceiveErrc::kNegativeTimeout:
      case ReceiveErrc::kControlMisaligned:
        return std::errc::invalid_argument;
    }
    return {value, *this};
  }
};

}  // namespace

const std::error_category& receive_category() noexcept {
  static const ReceiveCategory category;
  return category;
}

}  // namespace recvinto
