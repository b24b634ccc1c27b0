#pragma once

#include <cstddef>
#include <cstring>
#include <ostream>
#include <vector>

#include "conformance/framework/expectation.h"
#include "fixtures/scenario/names.h"

// Words for claims about ancillary items.

namespace recvinto::conformance {

/// What of an item does not depend on the host and the hour.
struct ItemShape {
  int level = 0;
  int type = 0;
  std::size_t size = 0;  ///< bytes of data

  friend bool operator==(const ItemShape&, const ItemShape&) = default;
  friend void PrintTo(const ItemShape& shape, std::ostream* out) {
    *out << kit::control_message_name(shape.level, shape.type) << " of " << shape.size << " bytes";
  }
};
using ItemShapes = std::vector<ItemShape>;

inline ItemShapes shapes_of(const Answer& answer) {
  ItemShapes shapes;
  for (const kit::AncillaryItem& item : answer.seen.ancdata.value_or(Items{})) {
    shapes.push_back({item.level, item.type, item.data.size()});
  }
  return shapes;
}

/// The data of an item: what lies in the memory of a plain structure.
template <typename Structure>
kit::Bytes memory_of(const Structure& structure) {
  kit::Bytes bytes(sizeof structure, '\0');
  std::memcpy(bytes.data(), &structure, sizeof structure);
  return bytes;
}

}  // namespace recvinto::conformance
