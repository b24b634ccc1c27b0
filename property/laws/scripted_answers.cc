// What a script answers beside control data: senders' addresses, and errors.

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "property/framework/answers.h"
#include "property/generators/addresses.h"
#include "property/generators/control.h"
#include "property/generators/scenarios.h"
#include "property/laws/laws.h"

namespace recvinto::property {
namespace {

using kit::Call;
using kit::Scenario;
using kit::ScriptStep;
using kit::answer::Failure;
using kit::answer::Result;

/// Those of recv(2), socket(7), ip(7) and unix(7) that do not mean to try again.
constexpr std::array kFinal{ECONNREFUSED, ECONNRESET, ECONNABORTED, EFAULT,  EIO,      EMSGSIZE, ENETDOWN,
                            ENETUNREACH,  EHOSTDOWN,  EHOSTUNREACH, ENOBUFS, ENOMEM,   ENOTCONN, EOPNOTSUPP,
                            EPERM,        EACCES,     EPIPE,        EPROTO,  ETIMEDOUT};

bool fails_with(const ScriptStep& step, auto is_meant) {
  const auto* failure = std::get_if<Failure>(&step.answer);
  return failure != nullptr && !failure->scribbled && step.signum == 0 && is_meant(failure->number);
}

/// Those that the C library has no name for: Linux uses up to 4095.
constexpr std::array kUnnamed{134, 999, 4095};

bool is_final(int number) {
  return std::ranges::find(kFinal, number) != kFinal.end() || std::ranges::find(kUnnamed, number) != kUnnamed.end();
}

/// Interruptions, if any, an error, and data that would come behind it.
Scenario with_a_final_error(Source& source, const World& world) {
  Scenario scenario = scripted({.data = any_data(source)}, source, world);
  auto& steps = std::get<kit::step::Play>(scenario.steps[0]).script.steps;
  const bool is_unnamed = world.can(kit::Capability::kErrorClasses) && source.once_in(6);
  steps.insert(steps.begin(), kit::fails(is_unnamed ? source.pick(kUnnamed) : source.pick(kFinal)));
  const std::size_t times = world.can(kit::Capability::kSignals) && source.once_in(2) ? any_times(source) : 0;
  steps = kit::times(times, kit::fails(EINTR), std::move(steps));
  return scenario;
}

const std::vector<ScriptStep>* script_of(const Scenario& scenario) {
  if (scenario.steps.size() != 3) return nullptr;
  const auto* play = std::get_if<kit::step::Play>(&scenario.steps[0]);
  return play == nullptr || play->script.steps.size() < 2 ? nullptr : &play->script.steps;
}

bool has_a_final_error(const Scenario& scenario) {
  const std::vector<ScriptStep>* const steps = script_of(scenario);
  if (steps == nullptr || !std::holds_alternative<Result>(steps->back().answer)) return false;
  const auto error = steps->end() - 2;
  Scenario plain = scenario;
  std::get<kit::step::Play>(plain.steps[0]).script.steps = {steps->back()};
  return std::all_of(
             steps->begin(), error,
             [](const ScriptStep& step) { return fails_with(step, [](int number) { return number == EINTR; }); }) &&
         fails_with(*error, is_final) && is_one_scripted_call(plain) && !calls_of(scenario)[0].timeout;
}

Violation the_error_ends_the_call(std::span<const Performance> performances, const World& /*world*/) {
  const Answer& answer = performances[0].answers[0];
  const std::vector<ScriptStep>& steps = *script_of(performances[0].scenario);
  const int number = std::get<Failure>((steps.end() - 2)->answer).number;
  const kit::Expected expected{.failure = kit::os_error(number), .unused_steps = 1};
  return unlike(std::span(&answer, 1), std::span(&expected, 1));
}

constexpr std::array kAddressKinds{kit::kUnixDatagram, kit::kUnixStream, kit::kUdp6};

Scenario with_an_address(Source& source, const World& world) {
  Scenario scenario = scripted({.data = any_data(source)}, source, world);
  scenario.kind = any_kind(kAddressKinds, source, world);
  auto& steps = std::get<kit::step::Play>(scenario.steps[0]).script.steps;
  std::get<Result>(steps[0].answer).address = any_name(source, scenario.kind);
  return scenario;
}

bool has_an_address(const Scenario& scenario) {
  const Result* const result = result_of(scenario);
  if (result == nullptr || !result->address || !address_of_name(*result->address)) return false;
  if (std::ranges::find(kAddressKinds, scenario.kind) == kAddressKinds.end()) return false;
  Scenario plain{kit::kUnixStream, scenario.steps};
  std::get<Result>(std::get<kit::step::Play>(plain.steps[0]).script.steps[0].answer).address.reset();
  return is_one_scripted_call(plain) && has_ordinary_items(*result_of(plain)) && !calls_of(scenario)[0].timeout;
}

Violation the_address_is_reported(std::span<const Performance> performances, const World& world) {
  const Performance& performance = performances[0];
  const Answer& answer = performance.answers[0];
  kit::Address address = *address_of_name(*result_of(performance.scenario)->address);
  const std::optional<kit::Address>& seen = answer.seen.address;
  // A library may have one call for connections and another one for datagrams, and only the latter has an address.
  const bool may_be_none = performance.scenario.kind == kit::kUnixStream && !world.can(kit::Capability::kPythonForms);
  if (may_be_none && !seen && !answer.seen.error) return std::nullopt;
  if (seen) address.flowinfo = seen->flowinfo;  // which documents only recommend
  const kit::Expected expected{.address = std::move(address)};
  return unlike(std::span(&answer, 1), std::span(&expected, 1));
}

}  // namespace

std::vector<Law> scripted_answer_laws() {
  using enum kit::Capability;
  return {
      {.name = "FinalErrorEndsTheCall",
       .sentence = "An error of the system, behind however many interruptions, ends the call: nothing is received "
                   "behind it.",
       .needs = {kRecvmsg},
       .needs_scripts = true,
       .generate = with_a_final_error,
       .judge = the_error_ends_the_call,
       .accepts = has_a_final_error,
       .must_show = {"a failing call", "several buffers"}},
      {.name = "AddressIsTheOneThatTheKernelGave",
       .sentence = "Host, port and scope, a pathname and an abstract name are reported as the kernel gave them.",
       .needs = {kRecvmsg, kAddress},
       .needs_scripts = true,
       .generate = with_an_address,
       .judge = the_address_is_reported,
       .accepts = has_an_address,
       .must_show = {"several buffers"}},
  };
}

}  // namespace recvinto::property
