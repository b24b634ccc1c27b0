#include "kit/subjects/line_buffer.h"

#include <fmt/format.h>

#include <algorithm>

#include "kit/subjects/protocol.h"

namespace recvinto::kit {

bool LineBuffer::is_full() const {
  return bytes_.size() > kLongestLine;
}

bool LineBuffer::has_line() {
  const bool found = bytes_.find('\n', scanned_) != std::string::npos;
  if (!found) scanned_ = bytes_.size();
  return found || is_full();
}

std::optional<std::string> LineBuffer::take() {
  const std::size_t newline = bytes_.find('\n', scanned_);
  if (std::min(newline, bytes_.size()) > kLongestLine) {
    throw ProtocolError(fmt::format("a line of more than {} bytes", kLongestLine));
  }
  if (newline == std::string::npos) return std::nullopt;
  std::string line = bytes_.substr(0, newline);
  bytes_.erase(0, newline + 1);
  scanned_ = 0;
  return line;
}

}  // namespace recvinto::kit
