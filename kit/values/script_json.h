#pragma once

#include <array>
#include <tuple>
#include <utility>

#include "kit/values/json_shape.h"
#include "kit/values/script.h"
#include "kit/values/sent_control.h"

// The shapes of control messages that are sent, and of scripts.

namespace recvinto::kit {

/// SCM_MAX_FD of Linux: more go with no message.
inline constexpr std::size_t kMostFilesOfAMessage = 253;
/// Of a message that will be refused, too.
using SentFiles = UpTo<4 * kMostFilesOfAMessage>;
using SignalNumber = Within<int, 1, 64>;

template <>
struct Shape<sent::Rights> {
  static constexpr std::string_view kName = "rights";
  static constexpr std::tuple kFields{optional<SentFiles>("files", &sent::Rights::files),
                                      optional("more", &sent::Rights::more)};
};
template <>
struct Shape<sent::OwnSocket> {
  static constexpr std::string_view kName = "own_socket";
  static constexpr std::tuple<> kFields{};
};
template <>
struct Shape<sent::Credentials> {
  static constexpr std::string_view kName = "credentials";
  static constexpr std::tuple kFields{optional("pid", &sent::Credentials::pid),
                                      optional("uid", &sent::Credentials::uid),
                                      optional("gid", &sent::Credentials::gid)};
};

template <>
struct Shape<ScriptedMessage> {
  static constexpr std::tuple kFields{required("level", &ScriptedMessage::level),
                                      required("type", &ScriptedMessage::type),
                                      optional("data", &ScriptedMessage::data),
                                      optional<UpTo<kMostFilesOfAMessage>>("files", &ScriptedMessage::files),
                                      optional("claimed_data", &ScriptedMessage::claimed_data),
                                      optional("claimed_length", &ScriptedMessage::claimed_length)};
};

template <>
struct Shape<answer::Pass> {
  static constexpr std::string_view kName = "pass";
  static constexpr std::tuple<> kFields{};
};
template <>
struct Shape<answer::Proxy> {
  static constexpr std::string_view kName = "proxy";
  static constexpr std::tuple<> kFields{};
};
template <>
struct Shape<answer::Result> {
  static constexpr std::string_view kName = "result";
  static constexpr std::tuple kFields{optional("data", &answer::Result::data),
                                      optional("control", &answer::Result::control),
                                      optional("raw_control", &answer::Result::raw_control),
                                      optional("pad_the_last", &answer::Result::pad_the_last),
                                      optional("padding", &answer::Result::padding),
                                      optional("address", &answer::Result::address),
                                      optional("msg_flags", &answer::Result::msg_flags),
                                      optional("returned", &answer::Result::returned),
                                      optional("msg_controllen", &answer::Result::msg_controllen),
                                      optional("msg_namelen", &answer::Result::msg_namelen)};
};
template <>
struct Shape<answer::Failure> {
  static constexpr std::string_view kName = "failure";
  static constexpr std::tuple kFields{required<Within<int, 1, 4095>>("errno", &answer::Failure::number),
                                      optional("scribbled", &answer::Failure::scribbled)};
};
template <>
struct Shape<answer::Hold> {
  static constexpr std::string_view kName = "hold";
  static constexpr std::tuple<> kFields{};
};

template <>
struct Shape<ScriptStep> {
  static constexpr std::tuple kFields{required("answer", &ScriptStep::answer),
                                      optional<Within<int, 0, 64>>("signum", &ScriptStep::signum)};
};
template <>
struct Words<ScriptedWait::Answer> {
  static constexpr std::array<std::pair<ScriptedWait::Answer, std::string_view>, 3> kWords{
      {{ScriptedWait::Answer::kReady, "ready"},
       {ScriptedWait::Answer::kTimedOut, "timed_out"},
       {ScriptedWait::Answer::kInterrupted, "interrupted"}}};
};
template <>
struct Shape<ScriptedWait> {
  static constexpr std::tuple kFields{required("answer", &ScriptedWait::answer),
                                      optional("lasts_ms", &ScriptedWait::lasts)};
};
template <>
struct Shape<Script> {
  static constexpr std::tuple kFields{required("steps", &Script::steps),
                                      optional("last_repeats", &Script::last_repeats),
                                      optional("readable", &Script::readable), optional("waits", &Script::waits)};
};

}  // namespace recvinto::kit
