#include "kit/values/merged_call.h"

#include <algorithm>
#include <stdexcept>

namespace recvinto::kit {

std::optional<Call> merged(const Call& call) {
  const bool is_plain = std::ranges::all_of(
      call.buffers, [](const Buffer& buffer) { return buffer.memory == Memory::kOrdinary && !buffer.storage; });
  if (call.buffers.size() < 2 || !is_plain || !call.form.empty()) return std::nullopt;
  Call one = call;
  one.buffers = {room(0)};
  const Bytes before = merged_storage(call, storages_before(call.buffers));
  if (before.empty()) return one;
  const bool is_of_one_byte = before.find_first_not_of(before.front()) == Bytes::npos;
  one.buffers = {room(before.size(), before.substr(0, is_of_one_byte ? 1 : before.size()))};
  return one;
}

Bytes merged_storage(const Call& call, const std::vector<Bytes>& storages) {
  if (storages.size() != call.buffers.size()) throw std::invalid_argument("one storage for each buffer");
  Bytes joined;
  for (std::size_t i = 0; i < storages.size(); ++i) {
    const Part part = resolved(call.buffers, i);
    if (part.to > storages[i].size()) throw std::invalid_argument("a storage is smaller than its buffer");
    joined += storages[i].substr(part.from, part.to - part.from);
  }
  return joined;
}

}  // namespace recvinto::kit
