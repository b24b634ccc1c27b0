#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace recvinto::fuzz {

/// Record is a control message taken apart, to be changed and put together again.
struct Record {
  int level = 0;
  int type = 0;
  std::span<const std::uint8_t> data = {};  ///< borrowed
  bool lies = false;                        ///< cmsg_len is `claim`, not what the data needs
  std::size_t claim = 0;
};

/// Records is a control buffer as a list: flat, for it is made at every mutation.
struct Records {
  static constexpr std::size_t kMost = 24;

  std::array<Record, kMost> list;
  std::size_t count = 0;
  bool last_unpadded = false;  ///< the last record ends with its data

  [[nodiscard]] bool full() const { return count == kMost; }
  void insert(std::size_t at, const Record& record);
  void remove(std::size_t at);
};

/// Takes any bytes apart, in the native layout. What cannot be a record becomes the data of one that lies.
void decode_records(std::span<const std::uint8_t> bytes, Records& records);

/// Puts them together in `room` and returns their total size; what does not fit is cut off, which is also
/// how a kernel leaves it.
std::size_t encode_records(const Records& records, std::span<std::uint8_t> room);

}  // namespace recvinto::fuzz
