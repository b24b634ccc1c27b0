#include "kit/subjects/storages.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <system_error>

namespace recvinto::kit {
namespace {

/// Nothing can be mapped there: it is below every vm.mmap_min_addr, and is no null pointer.
constexpr std::uintptr_t kInaccessibleAddress = 1;

char* map(void* at, std::size_t size, int protection, int flags) {
  void* mapping = mmap(at, size, protection, flags | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) throw std::system_error(errno, std::system_category(), "mmap of a buffer");
  return static_cast<char*>(mapping);
}

std::size_t whole_pages(std::size_t bytes) {
  static const auto kPage = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return (bytes + kPage - 1) / kPage * kPage;
}

}  // namespace

/// The storage of one buffer that is not ordinary memory.
class Storages::Mapping {
 public:
  /// One mapping, no page of which exists.
  explicit Mapping(std::size_t size)
      : size_(size),
        begin_(map(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE)),
        storage_(begin_) {}

  /// With a border, where a page begins: behind it lies memory of another kind, or none, one page at least.
  Mapping(const Buffer& buffer, const Bytes& content)
      : size_(whole_pages(buffer.border) + whole_pages(buffer.size - buffer.border + 1)),
        begin_(map(nullptr, size_, PROT_NONE, MAP_PRIVATE | MAP_NORESERVE)),
        storage_(begin_ + whole_pages(buffer.border) - buffer.border) {
    char* border = storage_ + buffer.border;
    map(begin_, static_cast<std::size_t>(border - begin_), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED);
    // Shared memory, for the kernel would make one mapping of two that are alike.
    if (buffer.memory == Memory::kTwoMappings)
      map(border, static_cast<std::size_t>(begin_ + size_ - border), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED);
    std::memcpy(storage_, content.data(), content.size());
  }
  ~Mapping() { munmap(begin_, size_); }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  [[nodiscard]] char* storage() const { return storage_; }

 private:
  std::size_t size_;
  char* begin_;
  char* storage_;
};

Storages::Storages(const std::vector<Buffer>& buffers)
    : buffers_(buffers), ordinary_(storages_before(buffers)), mappings_(buffers.size()) {
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    if (buffers[i].storage) continue;
    if (buffers[i].memory == Memory::kSparse) mappings_[i] = std::make_unique<Mapping>(buffers[i].size);
    if (has_border(buffers[i].memory)) mappings_[i] = std::make_unique<Mapping>(buffers[i], ordinary_[i]);
  }
}

Storages::~Storages() = default;

void* Storages::address(std::size_t owner, std::size_t offset) {
  if (buffers_[owner].memory == Memory::kInaccessible) return reinterpret_cast<void*>(kInaccessibleAddress + offset);
  if (mappings_[owner]) return mappings_[owner]->storage() + offset;
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
    if (mappings_[i]) std::memcpy(ordinary_[i].data(), mappings_[i]->storage(), ordinary_[i].size());
  }
  return std::move(ordinary_);
}

}  // namespace recvinto::kit
