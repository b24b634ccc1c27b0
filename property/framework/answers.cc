#include "property/framework/answers.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "kit/oracle/difference.h"
#include "kit/oracle/receive_queue.h"
#include "kit/values/unix_options.h"

namespace recvinto::property {
namespace {

using kit::AncillaryItem;
using kit::Capability;
using kit::Expected;

bool is_rights(const AncillaryItem& item) {
  return item.level == SOL_SOCKET && item.type == SCM_RIGHTS;
}

bool is_pidfd(const AncillaryItem& item) {
  return item.level == SOL_SOCKET && item.type == kit::kScmPidfd;
}

/// ip(7), IP_ORIGDSTADDR: a socket address.
bool has_address(const AncillaryItem& item) {
  return (item.level == IPPROTO_IP && item.type == IP_ORIGDSTADDR) ||
         (item.level == IPPROTO_IPV6 && item.type == IPV6_ORIGDSTADDR);
}

/// Whose address it is, for comparisons.
std::string sender_of(const std::optional<kit::Address>& address, const kit::ModelWorld& world) {
  if (!address) return "none";
  const auto found = std::ranges::find(world.senders, address);
  if (found != world.senders.end()) return fmt::format("sender {}", found - world.senders.begin());
  return kit::describe(*address);
}

/// Credentials that the end of the room has cut: who decodes items has no value for them.
bool is_cut(const AncillaryItem& item) {
  return item.level == SOL_SOCKET && item.type == SCM_CREDENTIALS && item.data.size() < sizeof(ucred);
}

/// Items that the implementation may report although it does not declare that it reports all: nothing is said of those.
bool is_undeclared(const AncillaryItem& item, const World& world) {
  if (is_rights(item) || world.can(Capability::kAllItems)) return false;
  return !world.reports({item.level, item.type}) || is_cut(item);
}

/// Without what the implementation does not tell.
void leave_out_untold(Expected& expected, const World& world) {
  if (!world.can(Capability::kMsgFlags)) expected.msg_flags.reset();
  if (!world.can(Capability::kAddress)) expected.address.reset();
  if (!world.can(Capability::kRights)) {
    expected.files.reset();
    expected.close_on_exec.reset();
  }
  if (!world.can(Capability::kWarnings)) expected.warnings.reset();
  if (!world.can(Capability::kAncillary)) {
    expected.ancdata.reset();
  } else if (expected.ancdata) {
    std::erase_if(*expected.ancdata, [&](const AncillaryItem& item) { return is_undeclared(item, world); });
  }
}

bool has_undeclared(const kit::Observation& seen, const World& world) {
  return seen.ancdata &&
         std::ranges::any_of(*seen.ancdata, [&](const AncillaryItem& item) { return is_undeclared(item, world); });
}

void leave_out_undeclared(kit::Observation& seen, const World& world) {
  if (seen.ancdata) std::erase_if(*seen.ancdata, [&](const AncillaryItem& item) { return is_undeclared(item, world); });
}

}  // namespace

std::vector<Expected> predicted(const Performance& performance, const World& world) {
  kit::ReceiveQueue queue(performance.scenario.kind, performance.world);
  std::vector<Expected> all;
  all.reserve(performance.answers.size());
  for (const kit::Step& step : performance.scenario.steps) {
    std::optional<Expected> expected = queue.apply(step);
    if (!expected) continue;
    leave_out_untold(*expected, world);
    all.push_back(std::move(*expected));
  }
  return all;
}

Violation unlike(std::span<const Answer> answers, std::span<const Expected> expected) {
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!kit::agrees(answers[i].call, answers[i].seen, expected[i])) {
      return in_call(i, kit::differences_in(kit::compare(answers[i].call, answers[i].seen, expected[i])));
    }
  }
  return std::nullopt;
}

Violation unlike_the_model(const Performance& performance, const World& world) {
  const auto is_affected = [&](const Answer& answer) { return has_undeclared(answer.seen, world); };
  if (std::ranges::none_of(performance.answers, is_affected)) {
    return unlike(performance.answers, predicted(performance, world));
  }
  std::vector<Answer> declared = performance.answers;
  for (Answer& answer : declared) leave_out_undeclared(answer.seen, world);
  return unlike(declared, predicted(performance, world));
}

Expected same_as(const Answer& answer, const World& world) {
  Expected expected;
  const kit::Observation& seen = answer.seen;
  if (seen.error) {
    if (seen.error->number) {
      expected.failure = kit::os_error(*seen.error->number);
    } else if (seen.error->is_timeout()) {
      expected.failure = kit::timed_out();
    } else if (seen.error->is_refused_argument()) {
      expected.failure = kit::refused_argument();
    } else {
      expected.failure = kit::raises({seen.error->type});
    }
    return expected;
  }
  expected.nbytes = seen.nbytes;
  expected.ancdata = seen.ancdata;
  if (seen.msg_flags) expected.msg_flags = *seen.msg_flags & ~MSG_CMSG_CLOEXEC;
  std::vector<std::size_t> files;
  for (const kit::ReceivedDescriptor& descriptor : seen.descriptors) {
    if (descriptor.file) files.push_back(*descriptor.file);
  }
  if (files.size() == seen.descriptors.size()) expected.files = std::move(files);
  const bool all_are = std::ranges::all_of(seen.descriptors, &kit::ReceivedDescriptor::close_on_exec);
  expected.close_on_exec = all_are ? kit::CloseOnExec::kAll : kit::CloseOnExec::kAllOrNone;
  leave_out_untold(expected, world);
  return expected;
}

Violation unlike_each_other(const Performance& one, std::size_t answer, const Performance& other,
                            std::size_t other_answer, const World& world) {
  const Answer& first = one.answers[answer];
  const Answer& second = other.answers[other_answer];
  // Where the bytes are is another question than which they are, and how often the kernel was asked, too.
  Expected expected = same_as(first, world);
  expected.any_play = true;
  std::optional<kit::Observation> changed;
  if (has_undeclared(second.seen, world)) leave_out_undeclared(changed.emplace(second.seen), world);
  if (expected.ancdata && second.seen.ancdata && std::ranges::any_of(*second.seen.ancdata, has_address)) {
    forget_ports(*expected.ancdata);
    if (!changed) changed = second.seen;
    forget_ports(*changed->ancdata);
  } else if (expected.failure) {  // what it has done to the buffers before it failed, likewise
    changed = second.seen;
    changed->storages = kit::storages_before(second.call.buffers);
  }
  const kit::Observation& seen = changed ? *changed : second.seen;
  if (!kit::agrees(second.call, seen, expected)) {
    return kit::differences_in(kit::compare(second.call, seen, expected));
  }
  // TCP discards what MSG_TRUNC asks for (tcp(7)): the buffers keep what they held.
  const bool is_discarded = one.scenario.kind.is_tcp() && (first.call.flags.value_or(0) & MSG_TRUNC) != 0;
  if (!is_discarded && received_bytes(first) != received_bytes(second)) {
    return difference("data", kit::readable(received_bytes(first)), kit::readable(received_bytes(second)));
  }
  const std::string sender = sender_of(first.seen.address, one.world);
  const std::string other_sender = sender_of(second.seen.address, other.world);
  if (sender == other_sender || !world.can(Capability::kAddress)) return std::nullopt;
  return difference("address", sender, other_sender);
}

Violation unlike_each_other(const Performance& one, const Performance& other, const World& world) {
  for (std::size_t i = 0; i < one.answers.size() && i < other.answers.size(); ++i) {
    if (Violation violation = unlike_each_other(one, i, other, i, world)) return in_call(i, *violation);
  }
  return std::nullopt;
}

kit::Differences unlike_the_other(const Performance& one, const Performance& expected, const World& both) {
  kit::Differences all;
  const auto add = [&](std::size_t call, kit::Differences differences) {
    for (kit::Difference& found : in_call(call, std::move(differences))) all.push_back(std::move(found));
  };
  if (one.answers.size() != expected.answers.size()) {
    return difference("calls", fmt::format("{}", expected.answers.size()), fmt::format("{}", one.answers.size()));
  }
  for (std::size_t i = 0; i < one.answers.size(); ++i) {
    const kit::Observation& seen = one.answers[i].seen;
    const kit::Observation& other = expected.answers[i].seen;
    add(i, kit::differences_in(kit::compare(one.scenario.kind, other, seen, both.capabilities)));
    // Which of several senders it was, their ports do not say in two runs alike.
    const std::string sender = sender_of(seen.address, one.world);
    const std::string other_sender = sender_of(other.address, expected.world);
    const bool both_succeed = !seen.error && !other.error;
    if (both_succeed && both.can(Capability::kAddress) && sender.starts_with("sender") &&
        other_sender.starts_with("sender") && sender != other_sender) {
      add(i, difference("address", other_sender, sender));
    }
  }
  return all;
}

kit::Bytes received_bytes(const Answer& answer) {
  kit::Bytes bytes;
  auto left = static_cast<std::size_t>(std::max<std::int64_t>(answer.seen.error ? 0 : answer.seen.nbytes, 0));
  for (std::size_t i = 0; i < answer.call.buffers.size() && i < answer.seen.storages.size(); ++i) {
    const kit::Part part = kit::resolved(answer.call.buffers, i);
    const std::size_t length = std::min(left, part.to - part.from);
    const kit::Bytes& storage = answer.seen.storages[part.owner];
    if (part.from < storage.size()) bytes += storage.substr(part.from, length);
    left -= length;
  }
  return bytes;
}

Violation touched_outside(const Answer& answer) {
  const Expected expected{.storages = kit::scattered(answer.call.buffers, received_bytes(answer))};
  if (answer.seen.storages == *expected.storages) return std::nullopt;
  kit::Observation only_storages;
  only_storages.storages = answer.seen.storages;
  return kit::differences_in(kit::compare(answer.call, only_storages, expected));
}

kit::Differences difference(std::string_view field, std::string_view expected, std::string_view actual) {
  return {{.field = std::string(field), .expected = std::string(expected), .actual = std::string(actual)}};
}

kit::Differences in_call(std::size_t number, kit::Differences differences, std::string_view note) {
  return kit::located(std::move(differences), fmt::format("call {}{}{}", number + 1, note.empty() ? "" : ", ", note));
}

void forget_ports(std::vector<AncillaryItem>& items) {
  for (AncillaryItem& item : items) {
    for (std::size_t i = sizeof(sa_family_t); has_address(item) && i < item.data.size() && i < 4; ++i) {
      item.data[i] = '?';
    }
  }
}

void forget_numbers(kit::Observation& observation) {
  if (!observation.ancdata) return;
  for (AncillaryItem& item : *observation.ancdata) {
    if (is_rights(item) || is_pidfd(item)) item.data.assign(item.data.size(), '\xff');
  }
}

}  // namespace recvinto::property
