// The private network and netlink(7).

#include <fmt/format.h>

#include "kit/values/bytes.h"
#include "kit/values/steps/step_form.h"

namespace recvinto::kit {

template <>
struct Shape<step::EnterPrivateNetwork> : NoFields {
  static constexpr std::string_view kName = "enter_private_network";
  static constexpr std::string_view kWords = "all sockets are in a private network";
};
template <>
struct Shape<step::AskForInterfaces> : NoFields {
  static constexpr std::string_view kName = "ask_for_interfaces";
  static constexpr std::string_view kWords = "the receiver asks for the interfaces";
};
template <>
struct Shape<step::ChangeInterface> : NoFields {
  static constexpr std::string_view kName = "change_interface";
  static constexpr std::string_view kWords = "an interface changes";
};
template <>
struct Shape<step::OverrunReceiver> : NoFields {
  static constexpr std::string_view kName = "overrun_receiver";
  static constexpr std::string_view kWords = "an interface changes until the receiver has lost a message";
};
template <>
struct Shape<step::RenameInterface> {
  static constexpr std::string_view kName = "rename_interface";
  static constexpr std::string_view kMeaning = "Of the private network.";
  static constexpr std::tuple kFields{required("name", &step::RenameInterface::name)};

  static void check(const step::RenameInterface& step, const JsonValue& place) {
    constexpr std::size_t kLongest = 15;  // IFNAMSIZ without its zero byte
    if (step.name.empty() || step.name.size() > kLongest) place.complain("the name of an interface has 1 to 15 bytes");
  }

  static std::string describe(const step::RenameInterface& step) {
    return fmt::format("the interface is renamed {}", readable(step.name));
  }
  static step::RenameInterface example() { return {"\xffname"}; }
};

std::span<const StepForm> network_steps() {
  static constexpr auto kForms = forms_of<step::EnterPrivateNetwork, step::AskForInterfaces, step::ChangeInterface,
                                          step::OverrunReceiver, step::RenameInterface>();
  return kForms;
}

}  // namespace recvinto::kit
