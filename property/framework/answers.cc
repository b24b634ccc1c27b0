#include "property/framework/answers.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "fixtures/model/receive_queue.h"

namespace recvinto::property {
namespace {

using kit::AncillaryItem;
using kit::Answer;
using kit::Capability;
using kit::Expected;

bool is_rights(const AncillaryItem& item) {
  return item.level == SOL_SOCKET && item.type == SCM_RIGHTS;
}

/// Without what the implementation does not tell.
void leave_out_untold(Expected& expected, const World& world) {
  if (!world.can(Capability::kMsgFlags)) expected.msg_flags.reset();
  if (!world.can(Capability::kAddress)) expected.address.reset();
  if (!world.can(Capability::kRights)) expected.files.reset();
  if (!world.can(Capability::kWarnings)) expected.warnings.reset();
  if (!world.can(Capability::kAncillary)) {
    expected.ancdata.reset();
  } else if (!world.can(Capability::kAllItems) && expected.ancdata) {
    std::erase_if(*expected.ancdata, [](const AncillaryItem& item) { return !is_rights(item); });
  }
}

}  // namespace

std::vector<Expected> predicted(const Performance& performance, const World& world) {
  kit::ReceiveQueue queue(performance.scenario.kind, performance.world);
  std::vector<Expected> all;
  all.reserve(performance.answers.size());
  const bool takes_what_it_likes = world.can(Capability::kAncillary) && !world.can(Capability::kAncbufsize);
  for (const kit::Step& step : performance.scenario.steps) {
    std::optional<Expected> expected;
    const auto* start = std::get_if<kit::step::Start>(&step);
    if (start != nullptr && takes_what_it_likes) {
      kit::step::Start roomy = *start;
      roomy.call.ancbufsize = 1 << 16;
      queue.apply(roomy);
    } else {
      expected = queue.apply(step);
    }
    if (!expected) continue;
    leave_out_untold(*expected, world);
    all.push_back(std::move(*expected));
  }
  return all;
}

Violation unlike(std::span<const Answer> answers, std::span<const Expected> expected) {
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!kit::agrees(answers[i], expected[i])) {
      return in_call(i, "\n" + kit::table_of(kit::compare(answers[i], expected[i])));
    }
  }
  return std::nullopt;
}

Violation unlike_the_model(const Performance& performance, const World& world) {
  return unlike(performance.answers, predicted(performance, world));
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
  expected.address = seen.address;
  std::vector<std::size_t> files;
  for (const kit::ReceivedDescriptor& descriptor : seen.descriptors) {
    if (descriptor.file) files.push_back(*descriptor.file);
  }
  if (files.size() == seen.descriptors.size()) expected.files = std::move(files);
  leave_out_untold(expected, world);
  return expected;
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
  Answer only_storages = answer;
  only_storages.seen.error.reset();
  return kit::table_of(kit::compare(only_storages, expected));
}

std::string in_call(std::size_t number, std::string_view what) {
  return fmt::format("call {}: {}", number + 1, what);
}

void forget_numbers(kit::Observation& observation) {
  if (!observation.ancdata) return;
  for (AncillaryItem& item : *observation.ancdata) {
    if (is_rights(item)) item.data.assign(item.data.size(), '\xff');
  }
}

}  // namespace recvinto::property
