#include "property/generators/buffers.h"

#include <algorithm>

#include "kit/values/call.h"
#include "property/generators/sizes.h"

namespace recvinto::property {
namespace {

using kit::Buffer;
using kit::Bytes;
using kit::Capability;

/// Bytes, from where on sizes at edges mean something.
constexpr std::size_t kMuch = 255;

std::size_t any_count(Source& source, const World& world) {
  if (!world.can(Capability::kScatter)) return 1;
  const std::size_t least = world.can(Capability::kNoBuffers) ? 0 : 1;
  if (source.once_in(100)) return source.pick({kit::kIovMax - 1, kit::kIovMax, kit::kIovMax + 1, kit::kIovMax + 1});
  if (source.once_in(40)) return source.once_in(6) ? many_buffers(source) : source.between(9, 64);
  if (least == 0 && source.once_in(20)) return 0;
  return source.between(1, source.once_in(3) ? 8 : 4);
}

std::size_t any_size(Source& source, bool may_be_empty) {
  switch (source.below(8)) {
    case 0:
    case 1:
      return may_be_empty ? 0 : 1;
    case 2:
      return 1;
    case 3:
      if (source.once_in(24)) return size_at_an_edge(source, kLongest);
      return source.between(may_be_empty ? 0 : 1, source.once_in(16) ? 5000 : 80);
    default:
      return source.between(1, 9);
  }
}

Bytes any_fill(Source& source) {
  if (!source.once_in(8)) return "\xee";
  Bytes fill(source.between(1, 3), '\0');
  for (char& byte : fill) byte = static_cast<char>(source.next());
  return fill;
}

/// Memory in which ordinary buffers never lie: two mappings, or one behind whose last byte nothing can be written.
Buffer mapped_buffer(std::size_t size, Source& source, const World& world) {
  Buffer buffer = kit::in_two_mappings(source.between(1, size), size);
  if (!world.can(Capability::kTwoMappings) || (world.can(Capability::kInaccessibleTails) && source.once_in(3)))
    buffer = kit::inaccessible_from(size, size);
  buffer.fill = any_fill(source);
  return buffer;
}

/// A buffer of `size` bytes: a whole object, or the middle of a larger one.
Buffer buffer_of(std::size_t size, Source& source, const World& world) {
  const bool has_mappings = world.can(Capability::kTwoMappings) || world.can(Capability::kInaccessibleTails);
  if (has_mappings && size != 0 && source.once_in(24)) return mapped_buffer(size, source, world);
  if (!source.once_in(4)) return kit::room(size, any_fill(source));
  const std::size_t before = source.below(4);
  return kit::slice(before + size + source.below(4), before, before + size, any_fill(source));
}

}  // namespace

std::vector<Buffer> any_buffers(Source& source, const World& world) {
  const bool may_be_empty = world.can(Capability::kEmptyBuffers);
  const std::size_t count = any_count(source, world);
  std::vector<Buffer> buffers;
  buffers.reserve(count);
  if (count >= kit::kIovMax - 1) return kit::rooms(count, may_be_empty ? source.below(2) : 1);
  for (std::size_t i = 0; i < count; ++i) {
    if (i != 0 && world.can(Capability::kOverlap) && source.once_in(24)) {
      const std::size_t owner = source.below(i);
      if (!buffers[owner].storage && buffers[owner].size != 0) {
        const std::size_t from = source.below(buffers[owner].size);
        buffers.push_back(kit::part_of(owner, from, source.between(from + 1, buffers[owner].size)));
        continue;
      }
    }
    buffers.push_back(buffer_of(any_size(source, may_be_empty), source, world));
  }
  return buffers;
}

std::vector<Buffer> partition_of(std::size_t capacity, Source& source, const World& world, std::size_t most) {
  if (!world.can(Capability::kScatter)) return {buffer_of(capacity, source, world)};
  const bool may_be_empty = world.can(Capability::kEmptyBuffers);
  std::vector<Buffer> buffers;
  while (capacity != 0 && buffers.size() + 1 < most) {
    if (may_be_empty && source.once_in(6)) buffers.push_back(buffer_of(0, source, world));
    std::size_t size = source.between(1, std::min<std::size_t>(capacity, source.once_in(4) ? capacity : 9));
    if (capacity > kMuch && source.once_in(4)) size = size_at_an_edge(source, capacity);
    buffers.push_back(buffer_of(size, source, world));
    capacity -= size;
  }
  if (capacity != 0) buffers.push_back(buffer_of(capacity, source, world));
  if (buffers.empty() || (may_be_empty && source.once_in(6))) buffers.push_back(buffer_of(0, source, world));
  return buffers;
}

std::vector<Buffer> buffers_for(std::size_t bytes, Source& source, const World& world) {
  if (bytes < kMuch || !source.once_in(2)) return any_buffers(source, world);
  return partition_of(bytes + source.below(3) - 1, source, world, source.once_in(8) ? 600 : 4);
}

bool overlap(const std::vector<Buffer>& buffers) {
  return std::ranges::any_of(buffers, [](const Buffer& buffer) { return buffer.storage.has_value(); });
}

}  // namespace recvinto::property
