#include "kit/scripted_kernel/message_header.h"

#include <algorithm>
#include <cstring>
#include <span>

namespace recvinto::kit {
namespace {

// struct msghdr in words: name, namelen (an int, padded), iov, iovlen, control, controllen, flags (an int).
constexpr std::size_t kName = 0;
constexpr std::size_t kNamelen = 1;
constexpr std::size_t kIov = 2;
constexpr std::size_t kIovlen = 3;
constexpr std::size_t kControl = 4;
constexpr std::size_t kControllen = 5;
constexpr std::size_t kFlags = 6;
// Behind it in struct mmsghdr.
constexpr std::size_t kMessageLength = 7;

/// More entries than this are refused by every kernel; this number is read, to show that they came.
constexpr std::uint64_t kMostEntriesRead = 65'536;

/// As many bytes of msg_iov are read on suspicion.
constexpr std::size_t kMostGuessed = 256;

std::uint64_t word_at(std::span<const std::byte> bytes, const Abi& abi, std::size_t index) {
  std::uint64_t value = 0;  // little endian: the low half comes first
  std::memcpy(&value, bytes.data() + index * abi.word, abi.word);
  return value;
}

template <typename Integer>
Integer int_at(std::span<const std::byte> bytes, const Abi& abi, std::size_t index) {
  Integer value = 0;
  std::memcpy(&value, bytes.data() + index * abi.word, sizeof value);
  return value;
}

}  // namespace

std::optional<SeenCall> RemoteHeader::read(const RemoteMemory& memory, int flags, LastBuffers& last) const {
  std::array<std::byte, 7 * sizeof(std::uint64_t)> storage;
  const std::span<std::byte> bytes(storage.data(), 7 * abi_.word);
  std::array<std::byte, kMostGuessed> guessed;
  const std::size_t count = memory.read_both(address_, bytes, last.address, std::span(guessed).first(last.size));
  if (count < bytes.size()) return std::nullopt;
  SeenCall call;
  call.flags = flags;
  call.name = word_at(bytes, abi_, kName);
  call.namelen = int_at<std::uint32_t>(bytes, abi_, kNamelen);
  call.control = word_at(bytes, abi_, kControl);
  call.controllen = word_at(bytes, abi_, kControllen);
  call.msg_flags = int_at<int>(bytes, abi_, kFlags);

  call.buffers.resize(std::min(word_at(bytes, abi_, kIovlen), kMostEntriesRead));
  const std::uint64_t address = word_at(bytes, abi_, kIov);
  const std::size_t size = call.buffers.size() * 2 * abi_.word;
  const bool is_guessed = address == last.address && size == last.size && count == bytes.size() + size;
  last = {.address = address, .size = size <= guessed.size() ? size : 0};

  std::vector<std::byte> read_now;
  std::span<const std::byte> entries = std::span(guessed).first(last.size);
  if (!is_guessed) {
    read_now.resize(size);
    if (!memory.read(address, read_now)) return std::nullopt;
    entries = read_now;
  }
  for (std::size_t i = 0; i < call.buffers.size(); ++i) {
    call.buffers[i] = {word_at(entries, abi_, 2 * i), word_at(entries, abi_, 2 * i + 1)};
  }
  return call;
}

RemoteHeader::Results RemoteHeader::results_of(const Effects& effects) const {
  Results results;
  std::memcpy(results.namelen.data(), &effects.namelen, sizeof effects.namelen);
  // What a 32-bit program cannot be given is as much as it can: its low half could be a length that is right.
  const std::uint64_t controllen =
      abi_.word < sizeof(std::uint64_t) ? std::min<std::uint64_t>(effects.controllen, UINT32_MAX) : effects.controllen;
  std::memcpy(results.lengths.data(), &controllen, abi_.word);
  std::memcpy(results.lengths.data() + abi_.word, &effects.msg_flags, sizeof effects.msg_flags);
  results.lengths_size = abi_.word + sizeof effects.msg_flags;
  // Of an impossible length as much as an unsigned int can say.
  const auto message_length = static_cast<std::uint32_t>(std::clamp<std::int64_t>(effects.returned, 0, UINT32_MAX));
  std::memcpy(results.message_length.data(), &message_length, sizeof message_length);
  return results;
}

void RemoteHeader::append_patches(const Results& results, bool with_name, std::vector<Patch>& patches) const {
  if (with_name) patches.push_back({field(kNamelen), results.namelen});
  patches.push_back({field(kControllen), std::span(results.lengths).first(results.lengths_size)});
  if (form_ == Form::kMmsghdr) patches.push_back({field(kMessageLength), results.message_length});
}

}  // namespace recvinto::kit
