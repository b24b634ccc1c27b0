#include "kit/values/steps/step_form.h"

#include <stdexcept>

namespace recvinto::kit {
namespace {

std::vector<StepForm> collected() {
  std::vector<StepForm> forms(std::variant_size_v<AnyStep>);
  std::size_t count = 0;
  for (const auto family : {connection_steps(), option_steps(), data_steps(), call_steps(), network_steps()}) {
    for (const StepForm& form : family) forms[form.index] = form;
    count += family.size();
  }
  for (const StepForm& form : forms) {
    if (form.name.empty()) count = 0;
  }
  if (count != forms.size()) throw std::logic_error("a step is in no family of kit/values/steps, or in two");
  return forms;
}

}  // namespace

const std::vector<StepForm>& step_forms() {
  static const std::vector<StepForm> kForms = collected();
  return kForms;
}

const StepForm& form_of(const Step& step) {
  return step_forms()[step.index()];
}

nlohmann::ordered_json steps_schema() {
  nlohmann::ordered_json names = nlohmann::ordered_json::array();
  nlohmann::ordered_json with_fields = nlohmann::ordered_json::array();
  for (const StepForm& form : step_forms()) {
    if (form.has_fields) {
      with_fields.push_back(form.schema());
    } else {
      names.push_back(form.name);
    }
  }
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  all.push_back({{"description", "Steps that have no fields."},
                 {"type", "object"},
                 {"required", {"step"}},
                 {"additionalProperties", false},
                 {"properties", {{"step", {{"enum", names}}}}}});
  for (nlohmann::ordered_json& schema : with_fields) all.push_back(std::move(schema));
  return all;
}

std::vector<Step> every_step() {
  std::vector<Step> steps;
  for (const StepForm& form : step_forms()) steps.push_back(form.example());
  return steps;
}

}  // namespace recvinto::kit
