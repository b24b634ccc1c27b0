#include "kit/values/scenario_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "kit/values/json_shape.h"
#include "kit/values/step_json.h"
#include "kit/values/steps/step_form.h"

namespace recvinto::kit {

template <>
struct Codec<SocketKind> {
  static SocketKind read(const JsonValue& value) {
    if (const auto kind = kind_named(value.text())) return *kind;
    std::vector<std::string_view> names;
    for (const SocketKind& kind : kEveryNamedKind) names.push_back(kind.name);
    value.complain_of_kind(fmt::format("{}", fmt::join(names, ", ")));
  }
  static nlohmann::json write(const SocketKind& kind) { return kind.name; }
};

template <>
struct Codec<Step> {
  static Step read(const JsonValue& value) {
    JsonObject object(value);
    const JsonValue tag = object.at("step");
    const std::string name = tag.text();
    for (const StepForm& form : step_forms()) {
      if (form.name == name) return form.read(object);
    }
    std::vector<std::string_view> names;
    for (const StepForm& form : step_forms()) names.push_back(form.name);
    tag.complain_of_kind(fmt::format("{}", fmt::join(names, ", ")));
  }
  static nlohmann::json write(const Step& step) {
    const StepForm& form = form_of(step);
    nlohmann::json object{{"step", form.name}};
    form.write(object, step);
    return object;
  }
};

template <>
struct Shape<Scenario> {
  static constexpr std::tuple kFields{required("kind", &Scenario::kind), required("steps", &Scenario::steps)};
};

nlohmann::json to_json(const Scenario& scenario) {
  return Codec<Scenario>::write(scenario);
}

nlohmann::json step_to_json(const Step& step) {
  return Codec<Step>::write(step);
}

Step step_from_json(const nlohmann::json& document) {
  return Codec<Step>::read(JsonValue(document));
}

Scenario scenario_from_json(const nlohmann::json& document) {
  return read_scenario(JsonValue(document));
}

Scenario read_scenario(const JsonValue& value) {
  return Codec<Scenario>::read(value);
}

}  // namespace recvinto::kit
