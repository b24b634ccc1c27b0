#include "kit/values/call_log.h"

#include <fmt/format.h>

#include <array>

#include "kit/values/names.h"

namespace recvinto::kit {
namespace {

std::string describe_outcome(const SeenCall& call) {
  switch (call.outcome) {
    case SeenCall::Outcome::kReturned:
      return fmt::format("{}", call.result);
    case SeenCall::Outcome::kFailed:
      return errno_name(static_cast<int>(call.result));
    case SeenCall::Outcome::kRefused:
      return errno_name(static_cast<int>(call.result)) + ", for its arguments";
    case SeenCall::Outcome::kPassed:
      return "passed on";
    case SeenCall::Outcome::kUnscripted:
      return "EBADMSG, one receive too many";
  }
  return {};
}

}  // namespace

std::string describe(const SeenCall& call) {
  constexpr std::size_t kMostShown = 8;
  if (call.system_call != "recvmsg") return fmt::format("{}() = {}", call.system_call, describe_outcome(call));
  std::string lengths;
  for (std::size_t i = 0; i < call.buffers.size() && i < kMostShown; ++i) {
    lengths += fmt::format("{}{}", i == 0 ? " " : "+", call.buffers[i].length);
  }
  if (call.buffers.size() > kMostShown) lengths += "+...";
  return fmt::format("recvmsg(flags {}, {} buffers{}, name {}, control {}{}) = {}", flag_names(call.flags),
                     call.buffers.size(), lengths, call.name == 0 ? "none" : fmt::format("{}", call.namelen),
                     call.control == 0 ? "none" : fmt::format("{}", call.controllen),
                     call.has_receive_timeout ? ", SO_RCVTIMEO" : "", describe_outcome(call));
}

std::string describe(const SeenWait& wait) {
  constexpr std::array kAnswers{"ready", "timed out", "EINTR"};
  const std::string timeout =
      wait.timeout ? fmt::format("{} ms", std::chrono::duration<double, std::milli>(*wait.timeout).count())
                   : "no timeout";
  return fmt::format("{}({}) = {}", wait.system_call, timeout,
                     wait.answer ? kAnswers.at(static_cast<std::size_t>(*wait.answer)) : "passed on");
}

}  // namespace recvinto::kit
