// However bytes are cut into pieces, the lines that come out of them are the same.
//
// The input is a byte that says how large pieces are, and the bytes.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/support/check.h"
#include "fuzz/support/planted.h"
#include "kit/subjects/line_buffer.h"

using namespace recvinto;

namespace {

/// What comes out of the bytes in pieces of these sizes, again and again; and last, what is left.
std::vector<std::string> lines_of(std::string_view bytes, std::size_t one, std::size_t other) {
  std::vector<std::string> lines;
  kit::LineBuffer buffer;
  for (bool first = true; !bytes.empty(); first = !first) {
    const std::string_view piece = bytes.substr(0, first ? one : other);
    bytes.remove_prefix(piece.size());
    if (fuzz::has_planted("newline_first_in_a_piece_is_lost") && piece.front() == '\n') {
      buffer.append(piece.substr(1));
    } else {
      buffer.append(piece);
    }
    while (buffer.has_line()) lines.push_back(buffer.take().value());
  }
  lines.push_back(buffer.bytes());
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::vector<std::string> whole = lines_of(bytes, bytes.size(), bytes.size());
  std::string together;
  for (std::size_t i = 0; i < whole.size(); ++i) together += (i == 0 ? "" : "\n") + whole[i];
  FUZZ_CHECK(together == bytes, "the lines are not what was written");
  FUZZ_CHECK(lines_of(bytes, 1 + data[0] % 16, 1 + data[0] / 16) == whole, "in pieces come other lines than at once");
  return 0;
}
