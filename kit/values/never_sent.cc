#include "kit/values/never_sent.h"

#include <cstddef>

namespace recvinto::kit {
namespace {

constexpr std::size_t kShortest = 4;  ///< bytes that are no coincidence

}  // namespace

Bytes never_sent(std::size_t length) {
  Bytes bytes;
  bytes.reserve(length + kNeverSent.size());
  while (bytes.size() < length) bytes += kNeverSent;
  bytes.resize(length);
  return bytes;
}

bool has_never_sent(std::string_view bytes) {
  std::size_t run = 0;   // bytes of it that end here
  std::size_t next = 0;  // where in it the next one would be
  for (const char byte : bytes) {
    if (run == 0 || byte != kNeverSent[next]) {
      next = kNeverSent.find(byte);  // each is in it once
      run = 0;
      if (next == std::string_view::npos) continue;
    }
    if (++run == kShortest) return true;
    next = (next + 1) % kNeverSent.size();
  }
  return false;
}

}  // namespace recvinto::kit
