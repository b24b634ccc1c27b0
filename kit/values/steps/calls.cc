// The call, and what happens while it waits.

#include <fmt/format.h>

#include <csignal>

#include "kit/values/call_json.h"
#include "kit/values/names.h"
#include "kit/values/script_json.h"
#include "kit/values/steps/examples.h"
#include "kit/values/steps/step_form.h"

namespace recvinto::kit {
template <>
struct Codec<Call> {
  static Call read(const JsonValue& value) { return read_call(value); }
  static nlohmann::json write(const Call& call) { return written(call); }
};
template <>
inline constexpr std::string_view kDefinition<Call> = "call";
template <>
inline constexpr std::string_view kDefinition<Script> = "script";
template <>
struct Words<HandlerAction> {
  static constexpr auto kWords = kHandlerActions;
};

template <>
struct Shape<step::Start> {
  static constexpr std::string_view kName = "start";
  static constexpr std::string_view kMeaning = "A call begins; what follows happens while it waits.";
  static constexpr std::tuple kFields{required("call", &step::Start::call)};

  static std::string describe(const step::Start& step) {
    return fmt::format("recvmsg_into: {}", kit::describe(step.call));
  }
  static step::Start example() { return {example_call()}; }
};
template <>
struct Shape<step::AwaitSleep> : NoFields {
  static constexpr std::string_view kName = "await_sleep";
  static constexpr std::string_view kWords = "the call sleeps";
};
template <>
struct Shape<step::AwaitAnswer> {
  static constexpr std::string_view kName = "await_answer";
  static constexpr std::string_view kMeaning = "The call is given so much time to return.";
  static constexpr std::tuple kFields{required("at_most_ms", &step::AwaitAnswer::at_most)};

  static std::string describe(const step::AwaitAnswer& step) {
    return fmt::format("the call has {} ms to return", step.at_most.count());
  }
  static step::AwaitAnswer example() { return {std::chrono::milliseconds(30)}; }
};
template <>
struct Shape<step::InstallHandler> {
  static constexpr std::string_view kName = "install_handler";
  static constexpr std::string_view kMeaning = "A signal handler of the implementation.";
  static constexpr std::tuple kFields{required<SignalNumber>("signum", &step::InstallHandler::signum),
                                      required("handler", &step::InstallHandler::action)};

  static std::string describe(const step::InstallHandler& step) {
    return fmt::format("a handler for {}: {}", signal_name(step.signum), name(step.action));
  }
  static step::InstallHandler example() { return {.signum = SIGUSR1, .action = HandlerAction::kRaise}; }
};
template <>
struct Shape<step::Signal> {
  static constexpr std::string_view kName = "signal";
  static constexpr std::string_view kMeaning = "Is delivered to the implementation.";
  static constexpr std::tuple kFields{required<SignalNumber>("signum", &step::Signal::signum)};

  static std::string describe(const step::Signal& step) { return signal_name(step.signum) + " is delivered"; }
  static step::Signal example() { return {SIGUSR2}; }
};
template <>
struct Shape<step::StopAndContinue> : NoFields {
  static constexpr std::string_view kName = "stop_and_continue";
  static constexpr std::string_view kWords = "SIGSTOP, then SIGCONT";
};
template <>
struct Shape<step::Finish> : NoFields {
  static constexpr std::string_view kName = "finish";
  static constexpr std::string_view kWords = "the call returns";
};
template <>
struct Shape<step::AskCmsgSizes> {
  static constexpr std::string_view kName = "ask_cmsg_sizes";
  static constexpr std::string_view kMeaning = "CMSG_LEN and CMSG_SPACE.";
  static constexpr std::tuple kFields{required("lengths", &step::AskCmsgSizes::lengths)};

  static std::string describe(const step::AskCmsgSizes& step) {
    return fmt::format("CMSG_LEN and CMSG_SPACE of {} lengths", step.lengths.size());
  }
  static step::AskCmsgSizes example() { return {{0, -1, std::int64_t{1} << 62U}}; }
};
template <>
struct Shape<step::CloseReceiver> : NoFields {
  static constexpr std::string_view kName = "close_receiver";
  static constexpr std::string_view kWords = "the receiving descriptor is closed";
};
template <>
struct Shape<step::ReceiveByTheSuite> {
  static constexpr std::string_view kName = "receive_by_the_suite";
  static constexpr std::string_view kMeaning = "The suite itself calls recvmsg(2).";
  static constexpr std::tuple kFields{required("call", &step::ReceiveByTheSuite::call)};

  static std::string describe(const step::ReceiveByTheSuite& step) {
    return fmt::format("recvmsg(2) by the suite: {}", kit::describe(step.call));
  }
  static step::ReceiveByTheSuite example() { return {{.buffers = {room(1)}}}; }
};
template <>
struct Shape<step::Play> {
  static constexpr std::string_view kName = "play";
  static constexpr std::string_view kMeaning = "Answers the receives of the next call in the kernel's place.";
  static constexpr std::tuple kFields{required("script", &step::Play::script)};

  static std::string describe(const step::Play& step) { return kit::describe(step.script); }
  static step::Play example() { return {example_script()}; }
};
template <>
struct Shape<step::AwaitHold> : NoFields {
  static constexpr std::string_view kName = "await_hold";
  static constexpr std::string_view kWords = "a receive is held";
};
template <>
struct Shape<step::ReleaseHold> : NoFields {
  static constexpr std::string_view kName = "release_hold";
  static constexpr std::string_view kWords = "the held receive goes on";
};

std::span<const StepForm> call_steps() {
  static constexpr auto kForms =
      forms_of<step::Start, step::AwaitSleep, step::AwaitAnswer, step::InstallHandler, step::Signal,
               step::StopAndContinue, step::Finish, step::AskCmsgSizes, step::CloseReceiver, step::ReceiveByTheSuite,
               step::Play, step::AwaitHold, step::ReleaseHold>();
  return kForms;
}

}  // namespace recvinto::kit
