#include "property/generators/sizes.h"

#include <algorithm>
#include <span>

#include "kit/values/call.h"

namespace recvinto::property {
namespace {

constexpr std::size_t kPage = 4096;

std::size_t class_of(std::size_t size, std::span<const SizeClass> classes) {
  const auto found = std::ranges::find_if(classes, [size](const SizeClass& one) { return size <= one.most; });
  return static_cast<std::size_t>(found - classes.begin());
}

/// One less, the same, or one more.
std::size_t about(std::size_t size, Source& source) {
  return size - 1 + source.below(3);
}

}  // namespace

std::size_t class_of_size(std::size_t size) {
  return class_of(size, kSizeClasses);
}

std::size_t class_of_count(std::size_t count) {
  return class_of(count, kCountClasses);
}

std::size_t size_at_an_edge(Source& source, std::size_t most) {
  const auto edge = [&]() -> std::size_t {
    switch (source.below(16)) {
      case 0:
        return about(1U << 16U, source);
      case 1:
        return source.once_in(2) ? kLongest : most;
      case 2:
      case 3:
        return about(kPage * source.between(2, 5), source);
      case 4:
      case 5:
      case 6:
      case 7:
      case 8:
        return about(kPage, source);
      default:
        return about(256, source);
    }
  };
  return std::min(edge(), most);
}

std::size_t many_buffers(Source& source) {
  const SizeClass counts = kCountClasses[source.between(class_of_count(9), class_of_count(kit::kIovMax))];
  return source.between(counts.least, counts.most);
}

}  // namespace recvinto::property
