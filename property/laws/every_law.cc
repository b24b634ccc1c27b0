#include <algorithm>
#include <iterator>

#include "property/framework/answers.h"
#include "property/laws/laws.h"

namespace recvinto::property {

const std::vector<Law>& every_law() {
  static const std::vector<Law> kLaws = [] {
    std::vector<Law> all;
    for (auto laws : {scattering_laws, control_laws, scripted_control_laws, stream_laws, peeking_laws,
                      interruption_laws, descriptor_laws, refusal_laws, model_laws, conversation_laws, history_laws,
                      scripted_answer_laws, concurrency_laws, time_laws, option_laws}) {
      std::ranges::move(laws(), std::back_inserter(all));
    }
    return all;
  }();
  return kLaws;
}

const Law* law_named(std::string_view name) {
  const auto found = std::ranges::find(every_law(), name, &Law::name);
  return found == every_law().end() ? nullptr : &*found;
}

}  // namespace recvinto::property
