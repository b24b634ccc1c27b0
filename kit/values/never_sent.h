#pragma once

#include <string_view>

#include "kit/values/bytes.h"

namespace recvinto::kit {

/// What the scripted kernel puts where a kernel fills nothing (kit/scripted_kernel/unfilled.h), over and over. Sound
/// implementations report nothing of it.
inline constexpr std::string_view kNeverSent = "~NoTsEnd";

/// Its first `length` bytes.
Bytes never_sent(std::size_t length);

/// Whether four bytes in a row are of it, from wherever it is begun.
bool has_never_sent(std::string_view bytes);

}  // namespace recvinto::kit
