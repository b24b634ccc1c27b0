// Options and limits.

#include <fmt/format.h>

#include "kit/values/bytes.h"
#include "kit/values/names.h"
#include "kit/values/steps/step_form.h"

namespace recvinto::kit {

template <>
struct Shape<step::SetOption> {
  static constexpr std::string_view kName = "set_option";
  static constexpr std::string_view kMeaning = "setsockopt(2) on the receiver.";
  static constexpr std::tuple kFields{required("level", &step::SetOption::level),
                                      required("name", &step::SetOption::name),
                                      required("value", &step::SetOption::value)};

  static std::string describe(const step::SetOption& step) {
    return fmt::format("setsockopt({}, {}) on the receiver", option_name(step.level, step.name), step.value);
  }
  static step::SetOption example() { return {.level = 1, .name = 2, .value = -3}; }
};
template <>
struct Shape<step::SetReceiveTimeout> {
  static constexpr std::string_view kName = "set_receive_timeout";
  static constexpr std::string_view kMeaning = "SO_RCVTIMEO of the receiver.";
  static constexpr std::tuple kFields{required("time_ms", &step::SetReceiveTimeout::time)};

  static std::string describe(const step::SetReceiveTimeout& step) {
    return fmt::format("SO_RCVTIMEO of the receiver: {} ms", step.time.count());
  }
  static step::SetReceiveTimeout example() { return {std::chrono::milliseconds(20)}; }
};
template <>
struct Shape<step::SetSenderOption> {
  static constexpr std::string_view kName = "set_sender_option";
  static constexpr std::string_view kMeaning = "setsockopt(2) on a sender.";
  static constexpr std::tuple kFields{
      optional("sender", &step::SetSenderOption::sender), required("level", &step::SetSenderOption::level),
      required("name", &step::SetSenderOption::name), required("value", &step::SetSenderOption::value)};

  static std::string describe(const step::SetSenderOption& step) {
    return fmt::format("setsockopt({}, {}) on sender {}", option_name(step.level, step.name), step.value, step.sender);
  }
  static step::SetSenderOption example() { return {.sender = 1, .level = 2, .name = 3, .value = 4}; }
};
template <>
struct Shape<step::SetSenderBytes> {
  static constexpr std::string_view kName = "set_sender_bytes";
  static constexpr std::string_view kMeaning = "setsockopt(2) on sender 0.";
  static constexpr std::tuple kFields{required("level", &step::SetSenderBytes::level),
                                      required("name", &step::SetSenderBytes::name),
                                      required("value", &step::SetSenderBytes::value)};

  static std::string describe(const step::SetSenderBytes& step) {
    return fmt::format("setsockopt({}, {}) on sender 0", option_name(step.level, step.name), readable(step.value));
  }
  static step::SetSenderBytes example() { return {.level = 1, .name = 2, .value = "\x80"}; }
};
template <>
struct Shape<step::LimitDescriptors> {
  static constexpr std::string_view kName = "limit_descriptors";
  static constexpr std::string_view kMeaning =
      "RLIMIT_NOFILE lets the implementation open at most `more` additional descriptors during its next call.";
  static constexpr std::tuple kFields{required<UpTo<1U << 20U>>("more", &step::LimitDescriptors::more)};

  static std::string describe(const step::LimitDescriptors& step) {
    return fmt::format("RLIMIT_NOFILE leaves the implementation {} descriptors to open", step.more);
  }
  static step::LimitDescriptors example() { return {2}; }
};

std::span<const StepForm> option_steps() {
  static constexpr auto kForms = forms_of<step::SetOption, step::SetReceiveTimeout, step::SetSenderOption,
                                          step::SetSenderBytes, step::LimitDescriptors>();
  return kForms;
}

}  // namespace recvinto::kit
