#include "kit/oracle/control_messages.h"

#include <cstdint>

namespace recvinto::kit {
namespace {

std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t width, std::endian order) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < width; ++i) {
    const std::size_t place = order == std::endian::big ? at + i : at + width - 1 - i;
    number = number << 8 | static_cast<std::uint8_t>(bytes[place]);
  }
  return number;
}

int int_at(std::string_view bytes, std::size_t at, std::endian order) {
  return static_cast<int>(static_cast<std::uint32_t>(number_at(bytes, at, 4, order)));
}

}  // namespace

ControlItems model_of_control(std::string_view control, const ControlLayout& layout) {
  const std::size_t header = layout.abi.header();
  ControlItems found;
  // A remainder that is too short for a header is neither an item nor a defect.
  while (control.size() >= header) {
    const std::uint64_t length = number_at(control, 0, layout.abi.word, layout.byte_order);
    if (length < header) {
      found.malformed = true;
      break;
    }
    const int level = int_at(control, layout.abi.word, layout.byte_order);
    const int type = int_at(control, layout.abi.word + 4, layout.byte_order);
    if (length > control.size()) {
      found.items.push_back({level, type, Bytes(control.substr(header))});
      found.malformed = true;
      break;
    }
    found.items.push_back({level, type, Bytes(control.substr(header, length - header))});
    const std::size_t next = layout.abi.aligned(length);
    if (next > control.size()) break;  // the last item, without its padding
    control.remove_prefix(next);
  }
  return found;
}

}  // namespace recvinto::kit
