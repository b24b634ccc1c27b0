#pragma once

#include <vector>

#include "kit/values/call.h"
#include "property/framework/source.h"
#include "property/framework/world.h"

namespace recvinto::property {

/// A list of buffers: from none to beyond IOV_MAX (seldom), many of no byte or one, slices of larger objects, and now
/// and then overlapping ones and such in two mappings, as far as the implementation can be given them.
std::vector<kit::Buffer> any_buffers(Source& source, const World& world);

/// Another list with room for as many bytes: whole buffers and slices, none that overlap, about `most` of them at most;
/// one where the implementation takes no more.
std::vector<kit::Buffer> partition_of(std::size_t capacity, Source& source, const World& world, std::size_t most = 40);

/// any_buffers(); where there is much to receive often as much room as that, or a little more or less, in a few buffers
/// or in many.
std::vector<kit::Buffer> buffers_for(std::size_t bytes, Source& source, const World& world);

/// Whether two of them share memory.
bool overlap(const std::vector<kit::Buffer>& buffers);

}  // namespace recvinto::property
