// Descriptors that arrive (SCM_RIGHTS).

#include <fmt/format.h>
#include <sys/socket.h>

#include <set>
#include <variant>

#include "property/framework/answers.h"
#include "property/generators/scenarios.h"
#include "property/laws/laws.h"

namespace recvinto::property {
namespace {

constexpr Family kWithDescriptors{
    .kinds = kit::kUnixKinds, .least_sends = 1, .most_sends = 6, .most_calls = 6, .own_sockets = true};

std::size_t files_sent(const kit::Scenario& scenario) {
  std::size_t files = 0;
  for (const kit::Step& step : scenario.steps) files += files_sent_by(step);
  return files;
}

/// A socket that is sent twice would look as if one were received twice.
bool sends_no_socket_twice(const kit::Scenario& scenario) {
  std::set<std::size_t> senders;
  for (const kit::Step& step : scenario.steps) {
    const auto* send = std::get_if<kit::step::Send>(&step);
    if (send == nullptr) continue;
    for (const kit::SentControl& control : send->control) {
      if (std::holds_alternative<kit::sent::OwnSocket>(control) && !senders.insert(send->sender).second) return false;
    }
  }
  return true;
}

/// Those of one call: each is open on a file that was sent, in the order of sending, and none is left over.
Violation descriptors_violation(const Answer& answer) {
  std::optional<std::size_t> before;
  std::set<int> numbers;
  for (const kit::ReceivedDescriptor& descriptor : answer.seen.descriptors) {
    if (!descriptor.file) {
      return difference("descriptors", "open on files that were sent",
                        fmt::format("number {} is not", descriptor.number));
    }
    if (!numbers.insert(descriptor.number).second) {
      return difference("descriptors", "each once", fmt::format("number {} twice", descriptor.number));
    }
    if (before && *descriptor.file <= *before) {
      return difference("descriptors", "in the order sent",
                        fmt::format("file {} after file {}", *descriptor.file, *before));
    }
    before = descriptor.file;
    if (!descriptor.shares_offset) {
      return difference("descriptors", "the open file that was sent",
                        fmt::format("another open file of file {}", *descriptor.file));
    }
    const bool is_asked = (answer.call.flags.value_or(0) & MSG_CMSG_CLOEXEC) != 0;
    if (is_asked && !descriptor.close_on_exec) {
      return difference("close-on-exec", "all, as MSG_CMSG_CLOEXEC asks",
                        fmt::format("not that of file {}", *descriptor.file));
    }
  }
  if (answer.seen.stray_descriptors != 0) {
    return difference("left open, unreported", "0 descriptors",
                      fmt::format("{} descriptors", answer.seen.stray_descriptors));
  }
  return std::nullopt;
}

Violation are_conserved(std::span<const Performance> performances, const World& world) {
  const Performance& performance = performances[0];
  std::vector<bool> received(files_sent(performance.scenario));
  const std::vector<kit::Expected> expected = predicted(performance, world);
  for (std::size_t i = 0; i < performance.answers.size(); ++i) {
    const Answer& answer = performance.answers[i];
    if (Violation violation = descriptors_violation(answer)) return in_call(i, *violation);
    if (expected[i].files && answer.seen.descriptors.size() != expected[i].files->size()) {
      return in_call(i, difference("descriptors", fmt::format("the {} that fit", expected[i].files->size()),
                                   fmt::format("{}", answer.seen.descriptors.size())));
    }
    if ((answer.call.flags.value_or(0) & MSG_PEEK) != 0) continue;
    for (const kit::ReceivedDescriptor& descriptor : answer.seen.descriptors) {
      if (*descriptor.file >= received.size()) {
        return in_call(i, difference("descriptors", "files that were sent", "a file that was not"));
      }
      if (received[*descriptor.file]) {
        return in_call(i, difference("descriptors", "each file once",
                                     fmt::format("file {} in an earlier call, too", *descriptor.file)));
      }
      received[*descriptor.file] = true;
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<Law> descriptor_laws() {
  using enum kit::Capability;
  return {
      {.name = "DescriptorsAreReceivedOnceOrClosed",
       .sentence = "Of the descriptors sent, each is received once or closed for want of room: none twice, none lost.",
       .needs = {kAncillary, kRights},
       .generate = [](Source& source, const World& world) { return any_scenario(kWithDescriptors, source, world); },
       .judge = are_conserved,
       .accepts =
           [](const kit::Scenario& scenario) {
             return is_of(kWithDescriptors, scenario) && sends_no_socket_twice(scenario);
           },
       .must_show = {"descriptors", "many descriptors", "a socket among descriptors", "cut items", "several calls"}},
  };
}

}  // namespace recvinto::property
