#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "kit/values/bytes.h"

namespace recvinto::kit {

/// What a storage is made of.
enum class Memory {
  kOrdinary,
  /// An anonymous mapping of zeros, of which no page exists before it is written: sizes beyond this machine's memory.
  /// Its `fill` means nothing, and an observation has no more than its first kSparseShown bytes.
  kSparse,
  /// An address at which nothing is mapped, and so of any size. An observation has nothing of it.
  kInaccessible,
  /// Memory that ends at byte `border` of the storage: what is behind it cannot be written. An observation has the
  /// bytes before the border.
  kInaccessibleTail,
  /// Two mappings that meet at byte `border` of the storage.
  kTwoMappings,
};
inline constexpr std::size_t kSparseShown = 4096;

/// The word of files and of the protocol: "sparse", "inaccessible", ...
std::string_view name(Memory memory);
std::optional<Memory> memory_named(std::string_view name);

/// Whether a storage has a border. It is at least one byte behind the storage's beginning, at most at its end.
constexpr bool has_border(Memory memory) {
  return memory == Memory::kInaccessibleTail || memory == Memory::kTwoMappings;
}

/// One entry of the list of buffers: the bytes [from, to) of a storage. Sizes and offsets are in bytes.
struct Buffer {
  std::size_t size = 0;                ///< of the storage that this entry makes; meaningless where `storage` is set
  std::size_t from = 0;                ///< where the part begins that is handed to the implementation
  std::optional<std::size_t> to = {};  ///< where it ends; nothing means at the storage's end
  std::optional<std::size_t> storage = {};  ///< an earlier entry whose storage this is a part of: overlapping buffers
  Bytes fill = "\xee";                      ///< what the storage holds before the call, over and over
  Memory memory = Memory::kOrdinary;
  std::size_t border = 0;  ///< see has_border(); meaningless elsewhere

  friend bool operator==(const Buffer&, const Buffer&) = default;
};

/// Whether all of the storage can be written, and an observation has all of it.
constexpr bool is_all_shown(const Buffer& buffer) {
  return buffer.memory == Memory::kOrdinary || buffer.memory == Memory::kTwoMappings ||
         (buffer.memory == Memory::kInaccessibleTail && buffer.border == buffer.size);
}

/// A whole buffer of `size` bytes.
Buffer room(std::size_t size, Bytes fill = "\xee");
/// The part [from, to) of an object of `size` bytes, as the slice of a memoryview is.
Buffer slice(std::size_t size, std::size_t from, std::size_t to, Bytes fill = "\xee");
/// The part [from, to) of the storage that entry `storage` of the same list made.
Buffer part_of(std::size_t storage, std::size_t from, std::size_t to);
/// `count` whole buffers of `size` bytes each.
std::vector<Buffer> rooms(std::size_t count, std::size_t size);
/// Every way to cut `size` bytes, at least one, into whole buffers of at least one byte: 2^(size - 1) of them.
std::vector<std::vector<Buffer>> partitions(std::size_t size);

/// A whole buffer of `size` bytes, nearly all of which do not exist.
Buffer sparse(std::size_t size);
/// A whole buffer of `size` bytes that cannot be written.
Buffer inaccessible(std::size_t size);
/// A whole buffer of `size` bytes that can be written up to byte `border` only.
Buffer inaccessible_from(std::size_t border, std::size_t size);
/// A whole buffer of `size` bytes in two mappings, which meet at byte `border`.
Buffer in_two_mappings(std::size_t border, std::size_t size);

/// IOV_MAX of Linux (readv(2)): recvmsg(2) fails with EMSGSIZE where there are more buffers.
inline constexpr std::size_t kIovMax = 1024;

/// What the implementation is asked to do on a socket: the arguments of recvmsg_into.
struct Call {
  std::vector<Buffer> buffers;
  std::optional<std::int64_t> ancbufsize = {};  ///< bytes; nothing: the argument is left out
  std::optional<std::int64_t> flags = {};       ///< nothing: the argument is left out
  /// Nothing: wait as long as it takes. Zero: do not wait. Else: give up after that time.
  std::optional<std::chrono::milliseconds> timeout = {};
  /// Raise what would be a warning, as Python does with the filter "error".
  bool warnings_are_errors = false;
  /// How the arguments are handed over, or what is done around the call: a form of adapters/PROTOCOL.md, "Forms of
  /// Python". Empty: plainly.
  std::string form = {};
  /// The implementation makes it on a thread of its own, so that others can be made before it is over.
  bool concurrent = false;

  friend bool operator==(const Call&, const Call&) = default;
};

/// Where an entry's bytes lie: [from, to) of the storage that entry `owner` made.
struct Part {
  std::size_t owner = 0;
  std::size_t from = 0;
  std::size_t to = 0;
};

/// Resolves entry `index`; throws std::invalid_argument where it names no earlier storage or lies outside it.
inline Part resolved(const std::vector<Buffer>& buffers, std::size_t index) {
  const Buffer& buffer = buffers[index];
  const std::size_t owner = buffer.storage.value_or(index);
  if (buffer.storage && (owner >= index || buffers[owner].storage)) {
    throw std::invalid_argument("a shared buffer names an earlier entry that made a storage");
  }
  const std::size_t size = buffers[owner].size;
  const std::size_t to = buffer.to.value_or(size);
  if (buffer.from > to || to > size) throw std::invalid_argument("a buffer lies outside its storage");
  return {owner, buffer.from, to};
}

/// Bytes that the buffers of the list can take in all.
std::size_t capacity(const std::vector<Buffer>& buffers);

/// The storages as an observation shows them, as they are before the call, one for each entry; empty for an entry that
/// shares another's. Throws std::invalid_argument for an empty fill.
std::vector<Bytes> storages_before(const std::vector<Buffer>& buffers);

/// The model of scattering: the storages after `data` was put into the buffers in turn, each filled before the next.
/// Data beyond the capacity, and beyond what an observation shows of a storage, has no place.
std::vector<Bytes> scattered(const std::vector<Buffer>& buffers, std::string_view data);

}  // namespace recvinto::kit
