#include "fuzz/support/records.h"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace recvinto::fuzz {
namespace {

constexpr std::size_t kHeader = CMSG_LEN(0);
constexpr std::size_t kAlignment = sizeof(std::size_t);
constexpr std::size_t kLargest = 8192;  // beyond any buffer: the largest encoded record

std::size_t padding_behind(std::size_t length) {
  return (kAlignment - length % kAlignment) % kAlignment;
}

}  // namespace

void Records::insert(std::size_t at, const Record& record) {
  if (full()) return;
  std::copy_backward(list.begin() + at, list.begin() + count, list.begin() + count + 1);
  list[at] = record;
  ++count;
}

void Records::remove(std::size_t at) {
  std::copy(list.begin() + at + 1, list.begin() + count, list.begin() + at);
  --count;
}

void decode_records(std::span<const std::uint8_t> bytes, Records& records) {
  records.count = 0;
  records.last_unpadded = false;
  while (bytes.size() >= kHeader && !records.full()) {
    cmsghdr header;
    std::memcpy(&header, bytes.data(), sizeof header);
    const std::size_t length = header.cmsg_len;
    Record record{.level = header.cmsg_level,
                  .type = header.cmsg_type,
                  .data = bytes.subspan(kHeader),
                  .lies = true,
                  .claim = length};
    if (length < kHeader || length > bytes.size()) {
      records.last_unpadded = true;
      records.list[records.count++] = record;
      break;
    }
    record.lies = false;
    record.data = record.data.first(length - kHeader);
    records.list[records.count++] = record;
    const std::size_t padding = padding_behind(length);
    records.last_unpadded = bytes.size() < length + padding;
    bytes = bytes.subspan(std::min(length + padding, bytes.size()));
  }
}

std::size_t encode_records(const Records& records, std::span<std::uint8_t> room) {
  std::array<std::uint8_t, sizeof(cmsghdr) + kAlignment> zeros = {};
  std::size_t size = 0;
  const auto append = [&](const std::uint8_t* bytes, std::size_t length) {
    const std::size_t fitting = std::min(length, room.size() - size);
    if (fitting != 0) std::memcpy(room.data() + size, bytes, fitting);
    size += fitting;
  };
  for (std::size_t i = 0; i < records.count; ++i) {
    const Record& record = records.list[i];
    const std::size_t length = kHeader + std::min(record.data.size(), kLargest);
    cmsghdr header = {};
    header.cmsg_len = static_cast<decltype(header.cmsg_len)>(record.lies ? record.claim : length);
    header.cmsg_level = record.level;
    header.cmsg_type = record.type;
    std::array<std::uint8_t, sizeof header> bytes;
    std::memcpy(bytes.data(), &header, sizeof header);
    append(bytes.data(), bytes.size());
    append(record.data.data(), length - kHeader);
    if (i + 1 < records.count || !records.last_unpadded) append(zeros.data(), padding_behind(length));
  }
  return size;
}

}  // namespace recvinto::fuzz
