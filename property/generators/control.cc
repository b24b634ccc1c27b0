#include "property/generators/control.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <variant>

#include "kit/oracle/scripted_answer.h"
#include "kit/values/unix_options.h"
#include "property/generators/buffers.h"
#include "property/generators/scenarios.h"
#include "property/generators/sizes.h"

namespace recvinto::property {
namespace {

using kit::Bytes;
using kit::ScriptedMessage;
using kit::answer::Result;

struct KnownItem {
  int level;
  int type;
  std::size_t length;  ///< bytes of data
};

// socket(7), unix(7), ip(7), ipv6(7), udp(7), tcp(7), packet(7), netlink(7); numbers that the C library has no name for
// are those of Linux's headers.
constexpr std::array kKnownItems{KnownItem{SOL_SOCKET, SCM_CREDENTIALS, 12},
                                 KnownItem{SOL_SOCKET, SO_TIMESTAMP, 16},
                                 KnownItem{SOL_SOCKET, SO_TIMESTAMPNS, 16},
                                 KnownItem{SOL_SOCKET, SO_TIMESTAMPING, 48},
                                 KnownItem{SOL_SOCKET, SO_RXQ_OVFL, 4},
                                 KnownItem{SOL_SOCKET, SO_MARK, 4},
                                 KnownItem{SOL_SOCKET, SO_PRIORITY, 4},
                                 KnownItem{IPPROTO_IP, IP_PKTINFO, 12},
                                 KnownItem{IPPROTO_IP, IP_TTL, 4},
                                 KnownItem{IPPROTO_IP, IP_TOS, 1},
                                 KnownItem{IPPROTO_IP, IP_RECVERR, 32},
                                 KnownItem{IPPROTO_IP, IP_OPTIONS, 7},
                                 KnownItem{IPPROTO_IP, IP_ORIGDSTADDR, 16},
                                 KnownItem{IPPROTO_IPV6, IPV6_PKTINFO, 20},
                                 KnownItem{IPPROTO_IPV6, IPV6_HOPLIMIT, 4},
                                 KnownItem{IPPROTO_IPV6, IPV6_TCLASS, 4},
                                 KnownItem{IPPROTO_IPV6, IPV6_HOPOPTS, 8},
                                 KnownItem{IPPROTO_IPV6, IPV6_RTHDR, 24},
                                 KnownItem{IPPROTO_IPV6, IPV6_DSTOPTS, 8},
                                 KnownItem{IPPROTO_IPV6, IPV6_PATHMTU, 32},
                                 KnownItem{IPPROTO_IPV6, IPV6_RECVERR, 44},
                                 KnownItem{IPPROTO_IPV6, 11 /* IPV6_FLOWINFO */, 4},
                                 KnownItem{IPPROTO_IPV6, 74 /* IPV6_ORIGDSTADDR */, 28},
                                 KnownItem{IPPROTO_UDP, 104 /* UDP_GRO */, 4},
                                 KnownItem{IPPROTO_TCP, 36 /* TCP_INQ */, 4},
                                 KnownItem{263 /* SOL_PACKET */, 8 /* PACKET_AUXDATA */, 20},
                                 KnownItem{270 /* SOL_NETLINK */, 3 /* NETLINK_PKTINFO */, 4}};

/// Flags of a call that a script answers all the same: peeks, and some that concern descriptors or nothing.
constexpr std::array<std::int64_t, 5> kFlagsOfScriptedCalls{MSG_PEEK, MSG_CMSG_CLOEXEC, MSG_PEEK | MSG_CMSG_CLOEXEC,
                                                            MSG_CTRUNC, MSG_NOSIGNAL};

/// What msg_flags say of a message with malformed control data: nothing, or what is wrong besides.
int any_truncation(Source& source) {
  return source.once_in(3) ? source.pick({int{MSG_TRUNC}, int{MSG_CTRUNC}, MSG_TRUNC | MSG_CTRUNC}) : 0;
}
bool is_truncation(int flags) {
  return (flags & ~(MSG_TRUNC | MSG_CTRUNC)) == 0;
}

Bytes some_bytes(Source& source, std::size_t length) {
  Bytes data(length, '\0');
  for (char& byte : data) byte = static_cast<char>(source.next());
  return data;
}

ScriptedMessage any_message(Source& source, bool descriptors) {
  if (descriptors && source.once_in(3)) return {.type = SCM_RIGHTS, .files = source.between(1, 5)};
  if (source.once_in(3)) {  // not of this level: numbers in SCM_RIGHTS and SCM_PIDFD are descriptors
    const int level = source.pick({0, 6, 17, 41, 99, 1 << 20, -1, std::numeric_limits<int>::max()});
    const std::size_t length = source.once_in(40) ? source.below(9000) : source.below(40);
    return {.level = level, .type = static_cast<int>(source.next()), .data = some_bytes(source, length)};
  }
  const KnownItem item = source.pick(kKnownItems);
  return {.level = item.level, .type = item.type, .data = some_bytes(source, item.length)};
}

/// The result's own lengths are those of what it has, and so is the address: none.
bool tells_its_lengths(const Result& result) {
  return !result.returned && !result.msg_controllen && !result.msg_namelen && !result.address &&
         (result.msg_flags & MSG_CMSG_CLOEXEC) == 0;
}

void leave_out_descriptors(Result& result) {
  for (ScriptedMessage& message : result.control) message.files = 0;
}

}  // namespace

std::vector<ScriptedMessage> any_control(Source& source, bool descriptors) {
  // Seldom more items than a fixed array of them has, or more bytes than a page.
  std::vector<ScriptedMessage> control(source.once_in(24) ? source.between(60, 250) : source.below(6));
  for (ScriptedMessage& message : control) message = any_message(source, descriptors);
  return control;
}

Result malformed_control(Source& source) {
  Result result{.data = any_data(source, kLongest), .msg_flags = any_truncation(source)};
  if (source.once_in(6)) {
    result.raw_control = some_bytes(source, source.below(80));
    return result;
  }
  result.control = any_control(source, false);
  if (result.control.empty()) result.control.push_back(any_message(source, false));
  ScriptedMessage& wrong = result.control[source.below(result.control.size())];
  switch (source.below(4)) {
    case 0:
      wrong.claimed_data = wrong.data.size() + source.between(1, 40);
      break;
    case 1:
      wrong.claimed_length = source.below(CMSG_LEN(0));
      break;
    case 2:
      wrong.claimed_length = std::numeric_limits<std::uint64_t>::max() - source.below(40);
      break;
    default:
      wrong.claimed_length = (std::uint64_t{1} << source.between(31, 63)) + source.below(40);
      break;
  }
  return result;
}

Result malformed_descriptors(Source& source) {
  Result result{.data = any_data(source, kLongest), .control = any_control(source, true), .pad_the_last = false};
  const std::size_t files = source.between(1, 4);
  const std::size_t claimed = files * sizeof(int) + source.between(sizeof(int), 40);
  result.control.push_back({.type = SCM_RIGHTS, .files = files, .claimed_data = claimed});
  result.msg_flags = any_truncation(source);
  const Bytes part = some_bytes(source, source.below(sizeof(int)));
  if (files % 2 == 0) result.raw_control = part;
  return result;
}

/// Bytes behind the items begin aligned: an even number of descriptors needs no padding for that.
bool numbers_end_where_they_end(const Result& result) {
  if (result.control.empty() || result.control.back().files == 0) return true;
  return result.raw_control.empty() ? !result.pad_the_last : result.control.back().files % 2 == 0;
}

bool has_ordinary_items(const Result& result) {
  return tells_its_lengths(result) && result.raw_control.empty() &&
         std::ranges::all_of(result.control, kit::is_ordinary);
}

bool is_malformed_control(const Result& result) {
  return tells_its_lengths(result) && is_truncation(result.msg_flags) &&
         std::ranges::all_of(result.control, [](const ScriptedMessage& message) {
           return message.files == 0 && kit::has_only_its_files(message);
         });
}

bool is_malformed_descriptors(const Result& result) {
  if (!tells_its_lengths(result) || !is_truncation(result.msg_flags)) return false;
  if (result.control.empty()) return result.raw_control.empty();
  const ScriptedMessage& last = result.control.back();
  const bool keeps_all = last.claimed_data.value_or(last.files * sizeof(int)) >= last.files * sizeof(int);
  return std::all_of(result.control.begin(), result.control.end() - 1, kit::is_ordinary) &&
         kit::has_only_its_files(last) && !last.claimed_length && (kit::is_ordinary(last) || last.files != 0) &&
         keeps_all && result.raw_control.size() < sizeof(int) && numbers_end_where_they_end(result);
}

bool tells_of_all_descriptors(const Result& result) {
  if (!result.msg_controllen) return true;
  std::size_t end = 0;  // of the last descriptor, or where padding behind it ends
  std::size_t at = 0;
  for (const ScriptedMessage& message : result.control) {
    at += CMSG_SPACE(message.data.size() + message.files * sizeof(int));
    if (message.files != 0) end = at;
  }
  return *result.msg_controllen >= end;
}

bool looks_like_a_failure(std::int64_t returned) {
  return static_cast<std::int32_t>(returned) < 0;
}

void lie_about_lengths(Result& result, Source& source) {
  const auto length = [&source]() -> std::uint64_t {
    switch (source.below(4)) {
      case 0:
        return source.below(source.once_in(2) ? 8 : 5000);
      case 1:
        return std::uint64_t{1} << source.between(12, 62);
      case 2:
        return std::numeric_limits<std::uint32_t>::max() - source.below(4);
      default:
        return std::numeric_limits<std::uint64_t>::max() - source.below(4);
    }
  };
  switch (source.below(3)) {
    case 0:
      result.returned = static_cast<std::int64_t>(length() >> 1U);
      // Libraries that have room for an int make a failure of some, and then no caller learns of descriptors.
      if (looks_like_a_failure(*result.returned)) leave_out_descriptors(result);
      break;
    case 1:
      result.msg_controllen = length();
      if (!tells_of_all_descriptors(result)) leave_out_descriptors(result);
      break;
    default:
      result.address = some_bytes(source, source.below(120));
      result.msg_namelen = static_cast<std::uint32_t>(length());
      break;
  }
}

kit::Scenario scripted(Result result, Source& source, const World& world) {
  kit::Scenario scenario{any_kind(kit::kScriptedKinds, source, world), {}};
  kit::Call call{.buffers = buffers_for(result.data.size(), source, world)};
  scenario.steps.emplace_back(kit::step::Play{{.steps = {kit::gives(std::move(result))}}});
  if (call.buffers.size() > kit::kIovMax) call.buffers.resize(kit::kIovMax);
  if (world.can(kit::Capability::kAncbufsize)) call.ancbufsize = source.once_in(4) ? any_room(source) : kPlenty;
  if (world.can(kit::Capability::kFlags) && source.once_in(3)) call.flags = source.pick(kFlagsOfScriptedCalls);
  add_call(scenario, std::move(call));
  return scenario;
}

kit::Scenario seldom_timed(kit::Scenario scenario, Source& source, const World& world) {
  return with_calls(scenario, [&](kit::Call& call, std::size_t) { call.timeout = any_timeout(source, world); });
}

const Result* result_of(const kit::Scenario& scenario) {
  if (scenario.steps.size() != 3) return nullptr;
  const auto* play = std::get_if<kit::step::Play>(&scenario.steps[0]);
  const bool is_called = std::holds_alternative<kit::step::Start>(scenario.steps[1]) &&
                         std::holds_alternative<kit::step::Finish>(scenario.steps[2]);
  if (play == nullptr || !is_called || play->script.steps.size() != 1) return nullptr;
  const kit::ScriptStep& only = play->script.steps[0];
  return only.signum == 0 ? std::get_if<Result>(&only.answer) : nullptr;
}

bool is_one_scripted_call(const kit::Scenario& scenario) {
  const Result* const result = result_of(scenario);
  if (result == nullptr || kit::has_strange_descriptors(*result, kit::Abi())) return false;
  if (scenario.kind != kit::kUnixStream && scenario.kind != kit::kUdp6) return false;
  kit::Call call = calls_of(scenario)[0];
  call.warnings_are_errors = false;
  const std::int64_t room = call.ancbufsize.value_or(0);
  const std::int64_t flags = call.flags.value_or(0);
  return is_plain(call) &&
         (flags == 0 || std::ranges::find(kFlagsOfScriptedCalls, flags) != kFlagsOfScriptedCalls.end()) && room >= 0 &&
         room <= kPlentyForScripts && call.buffers.size() <= kit::kIovMax;
}

}  // namespace recvinto::property
