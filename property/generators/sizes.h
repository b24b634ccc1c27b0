#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "property/framework/source.h"

namespace recvinto::property {

/// Numbers of bytes, or of buffers, about which something ends: a byte, a page of memory, 16 bits.
struct SizeClass {
  std::string_view name;
  std::size_t least;
  std::size_t most;
};

/// All of them, in order and without a gap: each size is in one.
inline constexpr std::array kSizeClasses{SizeClass{"0", 0, 0},
                                         SizeClass{"1", 1, 1},
                                         SizeClass{"2 to 24", 2, 24},
                                         SizeClass{"25 to 254", 25, 254},
                                         SizeClass{"255 to 257", 255, 257},
                                         SizeClass{"258 to 4094", 258, 4094},
                                         SizeClass{"4095 to 4097", 4095, 4097},
                                         SizeClass{"4098 to 65534", 4098, 65'534},
                                         SizeClass{"65535 to 65537", 65'535, 65'537},
                                         SizeClass{"65538 to 131071", 65'538, 131'071},
                                         SizeClass{"131072 and more", 131'072, ~std::size_t{0}}};
/// Index into kSizeClasses.
std::size_t class_of_size(std::size_t size);

/// Numbers of buffers in a call, likewise.
inline constexpr std::array kCountClasses{SizeClass{"0", 0, 0},
                                          SizeClass{"1", 1, 1},
                                          SizeClass{"2 to 8", 2, 8},
                                          SizeClass{"9 to 16", 9, 16},
                                          SizeClass{"17 to 64", 17, 64},
                                          SizeClass{"65 to 254", 65, 254},
                                          SizeClass{"255 to 257", 255, 257},
                                          SizeClass{"258 to 1022", 258, 1022},
                                          SizeClass{"1023 and 1024", 1023, 1024},
                                          SizeClass{"1025 and more", 1025, ~std::size_t{0}}};
/// Index into kCountClasses.
std::size_t class_of_count(std::size_t count);

/// The longest message that every socket of the kind takes: of UDP the longest that there is, of others by the sizes of
/// their buffers (socket(7), tcp(7)).
inline constexpr std::size_t kLongest = 131'072;

/// A size about which something ends, at most `most`, the smaller ones more often: 255 to 257, 4095 to 4097, the end of
/// another page, 65535 to 65537, 131072, and `most` itself.
std::size_t size_at_an_edge(Source& source, std::size_t most);

/// From 9 buffers to IOV_MAX, each class of them.
std::size_t many_buffers(Source& source);

}  // namespace recvinto::property
