#pragma once

#include <array>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <variant>
#include <vector>

#include "kit/values/json_schema.h"
#include "kit/values/json_shape.h"
#include "kit/values/scenario.h"

// An alternative of Step, but for what it does: how it is read, written, described and published. Each is a Shape in
// the file of its family in this folder, with these members beside kName and kFields:
//
//   kMeaning           a sentence for the published schema, and
//   describe(step)     one line for reports, and
//   example()          a step of which every field differs from its default; or, without fields, only
//   kWords             the line for reports.

namespace recvinto::kit {

/// The base of the Shape of a step without fields.
struct NoFields {
  static constexpr std::tuple<> kFields{};
};

struct StepForm {
  std::size_t index;      ///< in Step
  std::string_view name;  ///< in JSON
  bool has_fields;
  Step (*read)(JsonObject& object);
  void (*write)(nlohmann::json& object, const Step& step);
  std::string (*describe)(const Step& step);
  Step (*example)();
  nlohmann::ordered_json (*schema)();
};

template <typename SomeStep, typename... Steps>
constexpr std::size_t index_in(std::type_identity<std::variant<Steps...>> /*variant*/) {
  constexpr std::array kIsIt{std::is_same_v<SomeStep, Steps>...};
  std::size_t index = 0;
  while (!kIsIt[index]) ++index;
  return index;
}

template <typename SomeStep>
constexpr StepForm form_of() {
  using StepShape = Shape<SomeStep>;
  constexpr bool kHasFields = !std::is_base_of_v<NoFields, StepShape>;
  return {.index = index_in<SomeStep>(std::type_identity<AnyStep>{}),
          .name = StepShape::kName,
          .has_fields = kHasFields,
          .read =
              [](JsonObject& object) {
                SomeStep step{};
                read_fields(object, step);
                return Step(std::move(step));
              },
          .write = [](nlohmann::json& object, const Step& step) { write_fields(object, std::get<SomeStep>(step)); },
          .describe = [](const Step& step) -> std::string {
            if constexpr (kHasFields) {
              return StepShape::describe(std::get<SomeStep>(step));
            } else {
              return std::string(StepShape::kWords);
            }
          },
          .example = []() -> Step {
            if constexpr (kHasFields) {
              return StepShape::example();
            } else {
              return SomeStep{};
            }
          },
          .schema = []() -> nlohmann::ordered_json {
            if constexpr (kHasFields) {
              return object_schema<SomeStep>(StepShape::kMeaning, {{"step", {{"const", StepShape::kName}}}}, {"step"});
            } else {
              return nullptr;  // one for all of them
            }
          }};
}

template <typename... Steps>
constexpr std::array<StepForm, sizeof...(Steps)> forms_of() {
  return {form_of<Steps>()...};
}

// The families.
std::span<const StepForm> connection_steps();
std::span<const StepForm> option_steps();
std::span<const StepForm> data_steps();
std::span<const StepForm> call_steps();
std::span<const StepForm> network_steps();

/// In the order of Step.
const std::vector<StepForm>& step_forms();
const StepForm& form_of(const Step& step);

/// `oneOf` of all steps: the part of scenario.schema.json that is generated.
nlohmann::ordered_json steps_schema();

/// An example of every alternative of Step.
std::vector<Step> every_step();

}  // namespace recvinto::kit
