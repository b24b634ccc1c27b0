#include "kit/values/call.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace recvinto::kit {

std::string_view name(Memory memory) {
  switch (memory) {
    case Memory::kOrdinary:
      return "ordinary";
    case Memory::kSparse:
      return "sparse";
    case Memory::kInaccessible:
      return "inaccessible";
    case Memory::kInaccessibleTail:
      return "inaccessible_tail";
    case Memory::kTwoMappings:
      return "two_mappings";
  }
  return "?";
}

std::optional<Memory> memory_named(std::string_view wanted) {
  using enum Memory;
  // Ordinary memory is not named.
  for (const Memory memory : {kSparse, kInaccessible, kInaccessibleTail, kTwoMappings}) {
    if (name(memory) == wanted) return memory;
  }
  return std::nullopt;
}

Buffer room(std::size_t size, Bytes fill) {
  return {.size = size, .fill = std::move(fill)};
}

Buffer slice(std::size_t size, std::size_t from, std::size_t to, Bytes fill) {
  return {.size = size, .from = from, .to = to, .fill = std::move(fill)};
}

Buffer part_of(std::size_t storage, std::size_t from, std::size_t to) {
  return {.from = from, .to = to, .storage = storage};
}

std::vector<Buffer> rooms(std::size_t count, std::size_t size) {
  return std::vector<Buffer>(count, room(size));
}

std::vector<std::vector<Buffer>> partitions(std::size_t size) {
  std::vector<std::vector<Buffer>> all;
  for (unsigned cuts = 0; cuts < (1U << (size - 1)); ++cuts) {
    std::vector<Buffer>& buffers = all.emplace_back(rooms(1, 1));
    for (std::size_t at = 0; at + 1 < size; ++at) {
      if ((cuts >> at & 1U) != 0) {
        buffers.push_back(room(1));
      } else {
        ++buffers.back().size;
      }
    }
  }
  return all;
}

Buffer sparse(std::size_t size) {
  return {.size = size, .memory = Memory::kSparse};
}

Buffer inaccessible(std::size_t size) {
  return {.size = size, .memory = Memory::kInaccessible};
}

Buffer inaccessible_from(std::size_t border, std::size_t size) {
  return {.size = size, .memory = Memory::kInaccessibleTail, .border = border};
}

Buffer in_two_mappings(std::size_t border, std::size_t size) {
  return {.size = size, .memory = Memory::kTwoMappings, .border = border};
}

namespace {

/// Bytes of the storage that an entry makes, as far as an observation shows them.
std::size_t shown_size(const Buffer& buffer) {
  if (buffer.storage || buffer.memory == Memory::kInaccessible) return 0;
  if (buffer.memory == Memory::kInaccessibleTail) return buffer.border;
  return buffer.memory == Memory::kSparse ? std::min(buffer.size, kSparseShown) : buffer.size;
}

}  // namespace

std::size_t capacity(const std::vector<Buffer>& buffers) {
  std::size_t total = 0;
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    const Part part = resolved(buffers, i);
    total += part.to - part.from;
  }
  return total;
}

std::vector<Bytes> storages_before(const std::vector<Buffer>& buffers) {
  std::vector<Bytes> storages;
  storages.reserve(buffers.size());
  for (const Buffer& buffer : buffers) {
    if (buffer.fill.empty()) throw std::invalid_argument("a fill is at least one byte");
    const bool is_filled = buffer.memory != Memory::kSparse;
    Bytes& storage = storages.emplace_back(shown_size(buffer), is_filled ? buffer.fill[0] : '\0');
    if (buffer.fill.size() == 1 || !is_filled) continue;
    for (std::size_t i = 0; i < storage.size(); ++i) storage[i] = buffer.fill[i % buffer.fill.size()];
  }
  return storages;
}

std::vector<Bytes> scattered(const std::vector<Buffer>& buffers, std::string_view data) {
  std::vector<Bytes> storages = storages_before(buffers);
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    const Part part = resolved(buffers, i);
    const std::size_t length = std::min(part.to - part.from, data.size());
    Bytes& storage = storages[part.owner];
    const std::size_t from = std::min(part.from, storage.size());
    std::copy_n(data.begin(), std::min(length, storage.size() - from),
                storage.begin() + static_cast<std::ptrdiff_t>(from));
    data.remove_prefix(length);
  }
  return storages;
}

}  // namespace recvinto::kit
