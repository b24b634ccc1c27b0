#include <algorithm>
#include <iterator>

#include "property/framework/answers.h"
#include "property/laws/laws.h"

namespace recvinto::property {

const std::vector<Law>& every_law() {
  static const std::vector<Law> kLaws = [] {
    std::vector<Law> all;
    for (auto laws : {scattering_laws, control_laws, scripted_control_laws, stream_laws, peeking_laws, interruption_laws,
                      descriptor_laws, refusal_laws, model_laws, conversation_laws}) {
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

Violation unlike_each_other(const kit::Answer& one, const kit::Answer& other, const World& world) {
  const kit::Expected expected = same_as(one, world);
  // Where the bytes are is another question than which they are.
  kit::Answer elsewhere = other;
  elsewhere.seen.kernel.reset();
  if (expected.failure) elsewhere.seen.storages = kit::storages_before(other.call.buffers);
  if (!kit::agrees(elsewhere, expected)) return "\n" + kit::table_of(kit::compare(elsewhere, expected));
  if (received_bytes(one) == received_bytes(other)) return std::nullopt;
  return "received " + kit::readable(received_bytes(other)) + " instead of " + kit::readable(received_bytes(one));
}

Violation unlike_each_other(const Performance& one, const Performance& other, const World& world) {
  for (std::size_t i = 0; i < one.answers.size() && i < other.answers.size(); ++i) {
    if (Violation violation = unlike_each_other(one.answers[i], other.answers[i], world)) {
      return in_call(i, *violation);
    }
  }
  return std::nullopt;
}

}  // namespace recvinto::property
