#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "kit/subjects/protocol.h"
#include "kit/values/observation.h"

// What requests and replies are read and written with.

namespace recvinto::kit {

/// A reader of one object of the protocol: every complaint names the field and what was expected of it.
class Fields {
 public:
  Fields(const nlohmann::json& object, std::string where) : object_(object), where_(std::move(where)) {
    if (!object_.is_object()) complain("is not an object");
  }

  [[nodiscard]] bool has(const char* field) const {
    const auto found = object_.find(field);
    return found != object_.end() && !found->is_null();
  }

  [[nodiscard]] const nlohmann::json& at(const char* field) const {
    const auto found = object_.find(field);
    if (found == object_.end()) complain(fmt::format("has no field \"{}\"", field));
    return *found;
  }

  template <typename Integer>
  [[nodiscard]] Integer integer(const char* field) const {
    return as_integer<Integer>(at(field), field);
  }

  template <typename Integer>
  [[nodiscard]] Integer as_integer(const nlohmann::json& value, std::string_view field) const {
    if (!value.is_number_integer()) complain(fmt::format("field \"{}\" is not an integer", field));
    if (value.is_number_unsigned()) {
      if (std::in_range<Integer>(value.get<std::uint64_t>())) return value.get<Integer>();
    } else if (std::in_range<Integer>(value.get<std::int64_t>())) {
      return value.get<Integer>();
    }
    complain(fmt::format("field \"{}\" is out of range: {}", field, value.dump()));
  }

  [[nodiscard]] std::string text(const char* field) const {
    const nlohmann::json& value = at(field);
    if (!value.is_string()) complain(fmt::format("field \"{}\" is not a string", field));
    return value.get<std::string>();
  }

  [[nodiscard]] Bytes hex(const nlohmann::json& value, std::string_view field) const {
    std::optional<Bytes> bytes;
    if (value.is_string()) bytes = from_hex(value.get_ref<const std::string&>());
    if (!bytes) complain(fmt::format("field \"{}\" is not a hexadecimal string", field));
    return *std::move(bytes);
  }

  [[nodiscard]] const nlohmann::json& array(const char* field) const {
    const nlohmann::json& value = at(field);
    if (!value.is_array()) complain(fmt::format("field \"{}\" is not an array", field));
    return value;
  }

  [[noreturn]] void complain(std::string_view what) const {
    std::string shown = object_.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    if (shown.size() > 300) shown = shown.substr(0, 300) + "...";
    throw ProtocolError(fmt::format("{} {}: {}", where_, what, shown));
  }

 private:
  const nlohmann::json& object_;
  std::string where_;
};

/// A line of the protocol. Throws NoReply where it is not a JSON object.
nlohmann::json parsed(const std::string& line);

/// Complains of a reply to another request.
void check_id(const Fields& reply, int id);

/// The object as a line with that id.
std::string line_of(nlohmann::json object, int id);

}  // namespace recvinto::kit
