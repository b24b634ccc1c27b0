#include "kit/values/script.h"

#include <fmt/format.h>

#include <cerrno>
#include <utility>

#include "kit/values/names.h"

namespace recvinto::kit {
namespace {

std::string describe(const answer::Result& result) {
  std::string text = fmt::format("gives {}", readable(result.data));
  if (result.returned) text += fmt::format(" and returns {}", *result.returned);
  for (const ScriptedMessage& message : result.control) text += "; " + kit::describe(message);
  if (!result.raw_control.empty()) text += fmt::format("; control bytes {}", to_hex(result.raw_control));
  if (!result.pad_the_last) text += " without padding";
  if (result.msg_controllen) text += fmt::format("; msg_controllen {}", *result.msg_controllen);
  if (result.address) text += fmt::format("; address {}", readable(*result.address));
  if (result.msg_namelen) text += fmt::format("; msg_namelen {}", *result.msg_namelen);
  if (result.msg_flags != 0) text += fmt::format("; msg_flags {}", flag_names(result.msg_flags));
  return text;
}

struct AnswerDescriber {
  std::string operator()(const answer::Pass&) const { return "passes the call on"; }
  std::string operator()(const answer::Proxy&) const { return "receives in the implementation's place"; }
  std::string operator()(const answer::Result& result) const { return describe(result); }
  std::string operator()(const answer::Failure& failure) const {
    std::string text = "fails with " + errno_name(failure.number);
    if (failure.scribbled) text += ", having written: " + describe(*failure.scribbled);
    return text;
  }
  std::string operator()(const answer::Hold&) const { return "holds the call"; }
};

}  // namespace

std::string_view name(Oddity oddity) {
  switch (oddity) {
    case Oddity::kOrdinary:
      return "K0";
    case Oddity::kOdd:
      return "K1";
    case Oddity::kMalformed:
      return "K2";
    case Oddity::kImpossible:
      return "K3";
  }
  return {};
}

ScriptStep pass() {
  return {.answer = answer::Pass{}};
}

ScriptStep proxy() {
  return {.answer = answer::Proxy{}};
}

ScriptStep hold() {
  return {.answer = answer::Hold{}};
}

ScriptStep gives(answer::Result result) {
  return {.answer = std::move(result)};
}

ScriptStep gives(const char* data) {
  return gives(answer::Result{.data = data});
}

ScriptStep fails(int number) {
  return {.answer = answer::Failure{.number = number}};
}

ScriptStep fails(int number, answer::Result scribbled) {
  return {.answer = answer::Failure{.number = number, .scribbled = std::move(scribbled)}};
}

ScriptStep interrupted_by(int signum) {
  return {.answer = answer::Failure{.number = EINTR}, .signum = signum};
}

ScriptedWait wait_is_ready(std::chrono::milliseconds lasts) {
  return {.answer = ScriptedWait::Answer::kReady, .lasts = lasts};
}

ScriptedWait wait_times_out() {
  return {.answer = ScriptedWait::Answer::kTimedOut};
}

ScriptedWait wait_is_interrupted(std::chrono::milliseconds lasts) {
  return {.answer = ScriptedWait::Answer::kInterrupted, .lasts = lasts};
}

std::vector<ScriptStep> times(std::size_t count, const ScriptStep& step, std::vector<ScriptStep> then) {
  then.insert(then.begin(), count, step);
  return then;
}

std::string describe(const ScriptedMessage& message) {
  std::string text =
      fmt::format("control message {} {}", control_message_name(message.level, message.type), readable(message.data));
  if (message.files != 0) text += fmt::format(" with {} descriptors", message.files);
  if (message.claimed_data) text += fmt::format(" claiming {} bytes of data", *message.claimed_data);
  if (message.claimed_length) text += fmt::format(" with cmsg_len {:#x}", *message.claimed_length);
  return text;
}

std::string describe(const ScriptStep& step) {
  std::string text = std::visit(AnswerDescriber{}, step.answer);
  if (step.signum != 0) text = fmt::format("delivers {} and {}", signal_name(step.signum), text);
  return text;
}

std::string describe(const ScriptedWait& wait) {
  std::string text = wait.lasts.count() == 0 ? "" : fmt::format("after {} ms ", wait.lasts.count());
  switch (wait.answer) {
    case ScriptedWait::Answer::kReady:
      return text + "says that the socket is ready";
    case ScriptedWait::Answer::kTimedOut:
      return text + "says that the time is up";
    case ScriptedWait::Answer::kInterrupted:
      return text + "ends the wait with EINTR";
  }
  return text;
}

namespace {

/// "does one thing 3 times, then another".
template <typename Item>
std::string in_turn(const std::vector<Item>& items) {
  std::string text;
  std::size_t alike = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string item = describe(items[i]);
    ++alike;
    if (i + 1 < items.size() && describe(items[i + 1]) == item) continue;
    text +=
        fmt::format("{} {}{}", text.empty() ? "" : ", then", item, alike > 1 ? fmt::format(" {} times", alike) : "");
    alike = 0;
  }
  return text;
}

}  // namespace

std::string describe(const Script& script) {
  std::string text = "the kernel" + in_turn(script.steps);
  if (script.last_repeats) text += ", again and again";
  if (!script.waits.empty()) text += "; to waits it" + in_turn(script.waits);
  return text;
}

}  // namespace recvinto::kit
