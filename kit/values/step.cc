#include "kit/values/step.h"

#include <fmt/format.h>

#include "kit/values/names.h"
#include "kit/values/steps/step_form.h"

namespace recvinto::kit {
namespace {

std::string describe_buffer(const Buffer& buffer) {
  std::string whole = buffer.storage ? fmt::format("#{}", *buffer.storage) : fmt::format("{}", buffer.size);
  if (buffer.memory == Memory::kSparse) whole += " sparse";
  if (buffer.memory == Memory::kInaccessible) whole += " inaccessible";
  if (buffer.memory == Memory::kInaccessibleTail) whole += fmt::format(" inaccessible from byte {} on", buffer.border);
  if (buffer.memory == Memory::kTwoMappings)
    whole += fmt::format(" in two mappings that meet at byte {}", buffer.border);
  if (buffer.from == 0 && !buffer.to) return whole;
  return fmt::format("{}[{}:{}]", whole, buffer.from, buffer.to ? fmt::format("{}", *buffer.to) : "");
}

}  // namespace

Step::Step() = default;
Step::Step(const Step& other) = default;
Step::Step(Step&& other) noexcept = default;
Step& Step::operator=(const Step& other) = default;
Step& Step::operator=(Step&& other) noexcept = default;
Step::~Step() = default;

bool operator==(const Step& left, const Step& right) {
  return static_cast<const AnyStep&>(left) == static_cast<const AnyStep&>(right);
}

std::string describe(const Step& step) {
  return form_of(step).describe(step);
}

std::string describe(const Call& call) {
  constexpr std::size_t kMostBuffersShown = 12;
  std::string text = call.buffers.empty() ? "no buffers" : "buffers ";
  for (std::size_t i = 0; i < call.buffers.size() && i < kMostBuffersShown; ++i) {
    text += (i == 0 ? "" : ", ") + describe_buffer(call.buffers[i]);
  }
  if (call.buffers.size() > kMostBuffersShown) text += fmt::format(", ... ({} in all)", call.buffers.size());
  if (call.ancbufsize) text += fmt::format("; ancbufsize {}", *call.ancbufsize);
  if (call.flags) text += fmt::format("; flags {}", flag_names(*call.flags));
  if (call.timeout)
    text += call.timeout->count() == 0 ? "; non-blocking" : fmt::format("; timeout {} ms", call.timeout->count());
  if (!call.form.empty()) text += fmt::format("; in the form {}", call.form);
  if (call.concurrent) text += "; on a thread of its own";
  return text;
}

}  // namespace recvinto::kit
