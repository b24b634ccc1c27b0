#include "kit/subjects/storages.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <system_error>

namespace recvinto::kit {
namespace {

/// Nothing can be mapped there: it is below every vm.mmap_min_addr, and is no null pointer.
constexpr std::uintptr_t kInaccessibleAddress = 1;

}  // namespace

Storages::Storages(const std::vector<Buffer>& buffers)
    : buffers_(buffers), ordinary_(storages_before(buffers)), mappings_(buffers.size(), nullptr) {
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    if (buffers[i].storage || buffers[i].memory != Memory::kSparse) continue;
    void* mapping =
        mmap(nullptr, buffers[i].size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapping == MAP_FAILED) throw std::system_error(errno, std::system_category(), "mmap of a sparse buffer");
    mappings_[i] = mapping;
  }
}

Storages::~Storages() {
  for (std::size_t i = 0; i < mappings_.size(); ++i) {
    if (mappings_[i] != nullptr) munmap(mappings_[i], buffers_[i].size);
  }
}

void* Storages::address(std::size_t owner, std::size_t offset) {
  if (buffers_[owner].memory == Memory::kInaccessible) return reinterpret_cast<void*>(kInaccessibleAddress + offset);
  if (mappings_[owner] != nullptr) return static_cast<char*>(mappings_[owner]) + offset;
  return ordinary_[owner].data() + offset;
}

std::vector<iovec> Storages::parts() {
  std::vector<iovec> parts;
  parts.reserve(buffers_.size());
  for (std::size_t i = 0; i < buffers_.size(); ++i) {
    const Part part = resolved(buffers_, i);
    parts.push_back({.iov_base = address(part.owner, part.from), .iov_len = part.to - part.from});
  }
  return parts;
}

std::vector<Bytes> Storages::take() {
  for (std::size_t i = 0; i < mappings_.size(); ++i) {
    if (mappings_[i] != nullptr) std::memcpy(ordinary_[i].data(), mappings_[i], ordinary_[i].size());
  }
  return std::move(ordinary_);
}

}  // namespace recvinto::kit
