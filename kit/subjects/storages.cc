#include "kit/subjects/storages.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <system_error>
#include <utility>

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

/// Memory in two parts of whole pages. The second one is of another kind, or none.
class StorageRegion {
 public:
  struct Layout {
    std::size_t front = 0;
    std::size_t back = 0;
    Memory memory = Memory::kOrdinary;

    friend bool operator==(const Layout&, const Layout&) = default;
  };

  explicit StorageRegion(const Layout& layout) : layout_(layout) {
    if (layout.memory == Memory::kSparse) {
      begin_ = map(nullptr, layout.front, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE);
      return;
    }
    begin_ = map(nullptr, size(), PROT_NONE, MAP_PRIVATE | MAP_NORESERVE);
    map(begin_, layout.front, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED);
    // Shared memory, for the kernel would make one mapping of two that are alike.
    if (layout.memory == Memory::kTwoMappings)
      map(border(), layout.back, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED);
  }
  ~StorageRegion() {
    if (begin_ != nullptr) munmap(begin_, size());
  }
  StorageRegion(StorageRegion&& other) noexcept
      : layout_(other.layout_), begin_(std::exchange(other.begin_, nullptr)) {}
  StorageRegion& operator=(StorageRegion&& other) noexcept {
    std::swap(layout_, other.layout_);
    std::swap(begin_, other.begin_);
    return *this;
  }

  [[nodiscard]] const Layout& layout() const { return layout_; }
  [[nodiscard]] char* begin() const { return begin_; }
  [[nodiscard]] char* border() const { return begin_ + layout_.front; }

 private:
  [[nodiscard]] std::size_t size() const { return layout_.front + layout_.back; }

  Layout layout_;
  char* begin_ = nullptr;
};

/// Small regions that calls of this thread have left for others. A child process makes its own: a shared part is its
/// parent's, too.
class SpareRegions {
 public:
  StorageRegion take(const StorageRegion::Layout& layout) {
    if (const pid_t here = getpid(); std::exchange(owner_, here) != here) spare_.clear();
    const auto found = std::ranges::find(spare_, layout, &StorageRegion::layout);
    if (found == spare_.end()) return StorageRegion(layout);
    StorageRegion region = std::move(*found);
    *found = std::move(spare_.back());
    spare_.pop_back();
    return region;
  }
  void keep(StorageRegion region) {
    const StorageRegion::Layout& layout = region.layout();
    const bool is_small = layout.memory != Memory::kSparse && layout.front + layout.back <= kMostBytes;
    if (is_small && spare_.size() < kMost) spare_.push_back(std::move(region));
  }

 private:
  static constexpr std::size_t kMost = 64;
  static constexpr std::size_t kMostBytes = std::size_t{64} * 1024;

  std::vector<StorageRegion> spare_;
  pid_t owner_ = -1;
};

static SpareRegions& spare_regions() {
  static thread_local SpareRegions regions;
  return regions;
}

/// The storage of one buffer that is not ordinary memory.
class Storages::Mapping {
 public:
  /// One mapping, no page of which exists.
  explicit Mapping(std::size_t size)
      : region_(StorageRegion({.front = size, .memory = Memory::kSparse})), storage_(region_.begin()) {}

  /// With a border, where a page begins: behind it lies memory of another kind, or none, one page at least.
  Mapping(const Buffer& buffer, const Bytes& content)
      : region_(spare_regions().take({.front = whole_pages(buffer.border),
                                      .back = whole_pages(buffer.size - buffer.border + 1),
                                      .memory = buffer.memory})),
        storage_(region_.border() - buffer.border) {
    std::memcpy(storage_, content.data(), content.size());
  }
  ~Mapping() { spare_regions().keep(std::move(region_)); }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  [[nodiscard]] char* storage() const { return storage_; }

 private:
  StorageRegion region_;
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
