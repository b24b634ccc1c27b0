// Control data that no socket of this host gives: what was built is read back, and what is malformed does no harm.

#include <sys/socket.h>

#include <algorithm>
#include <numeric>
#include <variant>

#include "kit/oracle/control_messages.h"
#include "kit/oracle/scripted_answer.h"
#include "kit/scripted_kernel/effects.h"
#include "property/framework/answers.h"
#include "property/generators/control.h"
#include "property/generators/scenarios.h"
#include "property/generators/sizes.h"
#include "property/laws/laws.h"

namespace recvinto::property {
namespace {

using kit::AncillaryItem;
using kit::Capability;
using kit::Scenario;
using kit::ScriptedMessage;
using kit::answer::Result;

/// One or two of the 32 bits, known or not, but for the one that Linux echoes.
int any_output_flags(Source& source) {
  const std::uint32_t bits = (1U << source.below(32)) | (1U << source.below(32));
  return static_cast<int>(bits) & ~MSG_CMSG_CLOEXEC;
}

Scenario with_plenty_of_room(const Scenario& scenario) {
  return with_calls(scenario, [](kit::Call& call, std::size_t) { call.ancbufsize = kPlentyForScripts; });
}

/// Whether its warnings are errors, or not.
bool is_one_scripted_receive(const Scenario& scenario, bool warnings_are_errors = false) {
  return is_one_scripted_call(scenario) && calls_of(scenario)[0].warnings_are_errors == warnings_are_errors;
}

bool has_plenty_of_room(const Scenario& scenario, bool warnings_are_errors = false) {
  return is_one_scripted_receive(scenario, warnings_are_errors) &&
         calls_of(scenario)[0].ancbufsize == kPlentyForScripts;
}

Violation what_was_built_is_read(std::span<const Performance> performances, const World& /*world*/) {
  const Performance& performance = performances[0];
  const Result& result = *result_of(performance.scenario);
  const Answer& answer = performance.answers[0];
  kit::Expected expected{.data = result.data.substr(0, kit::capacity(answer.call.buffers)),
                         .msg_flags = result.msg_flags};
  std::vector<AncillaryItem>& items = expected.ancdata.emplace();
  std::size_t files = 0;
  for (const ScriptedMessage& message : result.control) {
    kit::Bytes data = message.data + kit::Bytes(message.files * sizeof(int), '\xff');
    items.push_back({message.level, message.type, std::move(data)});
    for (std::size_t i = 0; i < message.files; ++i) {
      if (!expected.files) expected.files.emplace();
      expected.files->push_back(files++);
    }
  }
  return unlike(std::span(&answer, 1), std::span(&expected, 1));
}

std::size_t files_of(const Result& result) {
  std::size_t files = 0;
  for (const ScriptedMessage& message : result.control) files += message.files;
  return files;
}

/// What is in the control buffer of the scenario's call.
kit::ControlItems items_for(const Scenario& scenario, const kit::Call& call, const World& world) {
  const Result& result = *result_of(scenario);
  const std::vector<int> numbers(files_of(result), -1);
  kit::Bytes control = kit::control_bytes(result, world.model.abi, numbers);
  control.resize(std::min(control.size(), static_cast<std::size_t>(call.ancbufsize.value_or(0))));
  return kit::model_of_control(control, {.abi = world.model.abi});
}

Violation the_items_before_are_read(std::span<const Performance> performances, const World& world) {
  const Performance& performance = performances[0];
  const Result& result = *result_of(performance.scenario);
  const Answer& answer = performance.answers[0];
  const kit::ControlItems items = items_for(performance.scenario, answer.call, world);
  kit::Expected expected{.data = result.data.substr(0, kit::capacity(answer.call.buffers)), .ancdata = items.items};
  if (items.malformed) {
    expected.warnings = {"RuntimeWarning"};
  } else {
    expected.warnings.emplace();
  }
  return unlike(std::span(&answer, 1), std::span(&expected, 1));
}

/// The descriptors that came are those that were planted, and what there is of the item's data is returned.
Violation cut_descriptors_are_kept(std::span<const Performance> performances, const World& world) {
  const Performance& performance = performances[0];
  const Answer& answer = performance.answers[0];
  const kit::ControlItems items = items_for(performance.scenario, answer.call, world);
  kit::Expected expected{.ancdata = items.items};
  expected.warnings.emplace();
  if (items.malformed) expected.warnings = {"RuntimeWarning"};
  for (AncillaryItem& item : *expected.ancdata) {
    if (item.level == SOL_SOCKET && item.type == SCM_RIGHTS) item.data.assign(item.data.size(), '\xff');
  }
  std::vector<std::size_t>& files = expected.files.emplace(files_of(*result_of(performance.scenario)));
  std::iota(files.begin(), files.end(), std::size_t{0});
  return unlike(std::span(&answer, 1), std::span(&expected, 1));
}

/// The buffers have room for no data: what a call that fails after the system call has done to them is another
/// question.
Violation the_warning_is_raised(std::span<const Performance> performances, const World& world) {
  const Performance& performance = performances[0];
  const Answer& answer = performance.answers[0];
  kit::Expected expected{.data = kit::Bytes()};
  if (items_for(performance.scenario, answer.call, world).malformed) expected.failure = kit::raised_warning();
  return unlike(std::span(&answer, 1), std::span(&expected, 1));
}

/// No byte but the result's in the buffers, no descriptor left open. That it lives goes without saying.
Violation it_is_survived(std::span<const Performance> performances, const World& /*world*/) {
  const Performance& performance = performances[0];
  const Answer& answer = performance.answers[0];
  const kit::Expected expected{.data = result_of(performance.scenario)->data, .any_outcome = true, .any_play = true};
  return unlike(std::span(&answer, 1), std::span(&expected, 1));
}

}  // namespace

std::vector<Law> scripted_control_laws() {
  using enum kit::Capability;
  return {
      {.name = "ControlMessagesOfEveryKindAreReturned",
       .sentence = "Items of every level and type, known or not, are reported as they lie in the control buffer.",
       .needs = {kRecvmsg, kAncillary, kAllItems, kRights, kAncbufsize, kMsgFlags},
       .needs_scripts = true,
       .generate =
           [](Source& source, const World& world) {
             Result result{.data = any_data(source, kLongest), .control = any_control(source, true)};
             if (source.once_in(3)) result.msg_flags = any_output_flags(source);
             return with_plenty_of_room(seldom_timed(scripted(std::move(result), source, world), source, world));
           },
       .judge = what_was_built_is_read,
       .accepts =
           [](const Scenario& scenario) {
             return has_plenty_of_room(scenario) && has_ordinary_items(*result_of(scenario));
           },
       .must_show = {"scripted items", "scripted descriptors"}},
      {.name = "MalformedControlDataKeepsEarlierItems",
       .sentence =
           "Where a length in the control data cannot be right, the items before it are reported, and a warning.",
       .needs = {kRecvmsg, kAncillary, kAllItems, kAncbufsize, kWarnings},
       .needs_scripts = true,
       .generate =
           [](Source& source, const World& world) {
             return seldom_timed(scripted(malformed_control(source), source, world), source, world);
           },
       .judge = the_items_before_are_read,
       .accepts =
           [](const Scenario& scenario) {
             return is_one_scripted_receive(scenario) && is_malformed_control(*result_of(scenario));
           },
       .must_show = {"wrong lengths"}},
      {.name = "DescriptorsInMalformedItemsAreReported",
       .sentence =
           "Of an item of descriptors that claims too much, those that came are reported, and the rest of its bytes.",
       .is_recommended = true,
       .needs = {kRecvmsg, kAncillary, kAllItems, kRights, kAncbufsize, kWarnings},
       .needs_scripts = true,
       .generate =
           [](Source& source, const World& world) {
             return with_plenty_of_room(
                 seldom_timed(scripted(malformed_descriptors(source), source, world), source, world));
           },
       .judge = cut_descriptors_are_kept,
       .accepts =
           [](const Scenario& scenario) {
             return has_plenty_of_room(scenario) && is_malformed_descriptors(*result_of(scenario));
           },
       .must_show = {"wrong lengths", "scripted descriptors"}},
      {.name = "MalformedControlDataWarningCanBeRaised",
       .sentence = "Where warnings are errors, malformed control data end the call with the warning, and their "
                   "descriptors are closed.",
       .needs = {kRecvmsg, kAncillary, kAllItems, kRights, kAncbufsize, kWarnings, kWarningsAsErrors},
       .needs_scripts = true,
       .generate =
           [](Source& source, const World& world) {
             Result result = source.once_in(2) ? malformed_descriptors(source) : malformed_control(source);
             result.data.clear();
             return with_calls(
                 with_plenty_of_room(seldom_timed(scripted(std::move(result), source, world), source, world)),
                 [](kit::Call& call, std::size_t) { call.warnings_are_errors = true; });
           },
       .judge = the_warning_is_raised,
       .accepts =
           [](const Scenario& scenario) {
             if (!has_plenty_of_room(scenario, /*warnings_are_errors=*/true)) return false;
             const Result& result = *result_of(scenario);
             return result.data.empty() && (is_malformed_control(result) || is_malformed_descriptors(result));
           },
       .must_show = {"wrong lengths", "scripted descriptors", "a failing call"}},
      {.name = "InvalidKernelLengthsAreHandledSafely",
       .sentence =
           "Whatever lengths the kernel claims, nothing outside the buffers is touched, and no descriptor is lost.",
       .is_recommended = true,
       .needs = {kRecvmsg},
       .needs_scripts = true,
       .is_comparable = false,
       .generate =
           [](Source& source, const World& world) {
             const bool descriptors = world.can(kRights) && world.can(kAncbufsize);
             Result result{.data = any_data(source, kLongest), .control = any_control(source, descriptors)};
             lie_about_lengths(result, source);
             return scripted(std::move(result), source, world);
           },
       .judge = it_is_survived,
       .accepts =
           [](const Scenario& scenario) {
             if (!is_one_scripted_receive(scenario)) return false;
             const Result& result = *result_of(scenario);
             const bool may_fail = looks_like_a_failure(result.returned.value_or(0));
             return std::ranges::all_of(result.control, kit::is_ordinary) && result.raw_control.empty() &&
                    tells_of_all_descriptors(result) && !(may_fail && files_of(result) != 0);
           },
       .must_show = {"wrong lengths"}},
  };
}

}  // namespace recvinto::property
