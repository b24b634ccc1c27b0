// Data, and what the suite takes out of queues.

#include <fmt/format.h>

#include "kit/values/bytes.h"
#include "kit/values/names.h"
#include "kit/values/scenario_json.h"
#include "kit/values/script_json.h"
#include "kit/values/steps/step_form.h"

namespace recvinto::kit {
template <>
inline constexpr std::string_view kDefinition<SentControl> = "sent_control";

template <>
struct Shape<step::Send> {
  static constexpr std::string_view kName = "send";
  static constexpr std::string_view kMeaning = "A sender sends; files go along by SCM_RIGHTS.";
  static constexpr std::tuple kFields{
      optional("sender", &step::Send::sender),          required("data", &step::Send::data),
      optional<SentFiles>("files", &step::Send::files), optional("flags", &step::Send::flags),
      optional("control", &step::Send::control),        optional("by_a_child", &step::Send::by_a_child)};

  static std::string describe(const step::Send& step) {
    std::string text = fmt::format("sender {} sends {}", step.sender, readable(step.data));
    if (step.by_a_child) text = fmt::format("a child of sender {} sends {}", step.sender, readable(step.data));
    if (step.files != 0) text += fmt::format(" with {} descriptors", step.files);
    for (const SentControl& control : step.control) text += " with " + kit::describe(control);
    if (step.flags != 0) text += fmt::format(", flags {}", flag_names(step.flags));
    return text;
  }
  static step::Send example() {
    return {.sender = 1,
            .data = Bytes("a\0b", 3),
            .files = 3,
            .flags = 1,
            .control = {sent::Rights{.files = 2, .more = "x"}, sent::OwnSocket{},
                        sent::Credentials{.pid = 1, .uid = 2, .gid = 3}},
            .by_a_child = true};
  }
};
template <>
struct Shape<step::CloseFiles> : NoFields {
  static constexpr std::string_view kName = "close_files";
  static constexpr std::string_view kWords = "the senders close the files that they sent";
};
template <>
struct Shape<step::SendBackwards> {
  static constexpr std::string_view kName = "send_backwards";
  static constexpr std::string_view kMeaning = "From the receiver to the peer.";
  static constexpr std::tuple kFields{required("data", &step::SendBackwards::data),
                                      optional("flags", &step::SendBackwards::flags)};

  static std::string describe(const step::SendBackwards& step) {
    std::string text = fmt::format("the receiver sends {} to the peer", readable(step.data));
    if (step.flags != 0) text += fmt::format(", flags {}", flag_names(step.flags));
    return text;
  }
  static step::SendBackwards example() { return {.data = "reply", .flags = MSG_NOSIGNAL}; }
};
template <>
struct Shape<step::PeerReads> : NoFields {
  static constexpr std::string_view kName = "peer_reads";
  static constexpr std::string_view kWords = "the peer reads what came from the receiver";
};
template <>
struct Shape<step::SendToNowhere> {
  static constexpr std::string_view kName = "send_to_nowhere";
  static constexpr std::string_view kMeaning = "From the receiver to a closed port.";
  static constexpr std::tuple kFields{required("data", &step::SendToNowhere::data),
                                      optional<UpTo<255>>("port", &step::SendToNowhere::port)};

  static std::string describe(const step::SendToNowhere& step) {
    return fmt::format("the receiver sends {} to closed port #{}", readable(step.data), step.port);
  }
  static step::SendToNowhere example() { return {.data = "x", .port = 2}; }
};
template <>
struct Shape<step::SendUndeliverable> {
  static constexpr std::string_view kName = "send_in_vain";
  static constexpr std::string_view kMeaning = "What the receiver will not take.";
  static constexpr std::tuple kFields{optional("sender", &step::SendUndeliverable::sender),
                                      required("data", &step::SendUndeliverable::data)};

  static std::string describe(const step::SendUndeliverable& step) {
    return fmt::format("sender {} sends {}, which is not delivered", step.sender, readable(step.data));
  }
  static step::SendUndeliverable example() { return {.sender = 1, .data = "x"}; }
};
template <>
struct Shape<step::SendFlowToNowhere> {
  static constexpr std::string_view kName = "send_flow_to_nowhere";
  static constexpr std::string_view kMeaning = "With an IPv6 flow label, to a closed port.";
  static constexpr std::tuple kFields{required("flow", &step::SendFlowToNowhere::flow)};

  static std::string describe(const step::SendFlowToNowhere& step) {
    return fmt::format("the receiver sends to a closed port, flow {:#x}, and hears of it", step.flow);
  }
  static step::SendFlowToNowhere example() { return {0xfffff}; }
};
template <>
struct Shape<step::Flood> {
  static constexpr std::string_view kName = "flood";
  static constexpr std::string_view kMeaning = "So often, more than there is room for.";
  static constexpr std::tuple kFields{required("data", &step::Flood::data),
                                      required<UpTo<1'000'000>>("times", &step::Flood::times),
                                      optional("lost", &step::Flood::lost)};

  static std::string describe(const step::Flood& step) {
    return fmt::format("sender 0 sends {} bytes {} times, and {} of these messages find no room", step.data.size(),
                       step.times, step.lost);
  }
  static step::Flood example() { return {.data = "x", .times = 9, .lost = 4}; }
};
template <>
struct Shape<step::AwaitError> : NoFields {
  static constexpr std::string_view kName = "await_error";
  static constexpr std::string_view kWords = "the receiver has an error";
};
template <>
struct Shape<step::AwaitStamps> : NoFields {
  static constexpr std::string_view kName = "await_stamps";
  static constexpr std::string_view kWords = "probes are sent, until one comes with its time";
};
template <>
struct Shape<step::Drain> : NoFields {
  static constexpr std::string_view kName = "drain";
  static constexpr std::string_view kWords = "the suite takes out what is queued";
};
template <>
struct Shape<step::ReadElsewhere> {
  static constexpr std::string_view kName = "read_elsewhere";
  static constexpr std::string_view kMeaning = "Another reader takes `bytes` bytes by recv(2).";
  static constexpr std::tuple kFields{required<UpTo<kMostOrdinaryBytes>>("bytes", &step::ReadElsewhere::bytes)};

  static std::string describe(const step::ReadElsewhere& step) {
    return fmt::format("another reader takes {} bytes by recv(2)", step.bytes);
  }
  static step::ReadElsewhere example() { return {5}; }
};

std::span<const StepForm> data_steps() {
  static constexpr auto kForms =
      forms_of<step::Send, step::CloseFiles, step::SendBackwards, step::PeerReads, step::SendToNowhere,
               step::SendUndeliverable, step::SendFlowToNowhere, step::Flood, step::AwaitError, step::AwaitStamps,
               step::Drain, step::ReadElsewhere>();
  return kForms;
}

}  // namespace recvinto::kit
