#include "kit/values/json_value.h"

#include <fmt/format.h>

#include <algorithm>

namespace recvinto::kit {
namespace {

using nlohmann::json;

/// Of an object: few have more fields.
constexpr std::size_t kMostAskedOften = 16;

/// Part of a pointer, as RFC 6901 escapes it, and safe to be printed.
std::string reference_token(std::string_view name) {
  std::string token;
  for (const char letter : name) {
    if (letter == '~') {
      token += "~0";
    } else if (letter == '/') {
      token += "~1";
    } else if (letter < ' ' || letter > '~') {
      token += fmt::format("\\x{:02x}", static_cast<unsigned char>(letter));
    } else {
      token += letter;
    }
  }
  return token;
}

/// Where the value stands in the document (RFC 6901); nothing: not inside it.
std::optional<std::string> pointer_to(const json& value, const json& document) {
  if (&value == &document) return "";
  if (!document.is_structured()) return std::nullopt;
  for (const auto& [name, inside] : document.items()) {
    if (const auto rest = pointer_to(value, inside)) return fmt::format("/{}{}", reference_token(name), *rest);
  }
  return std::nullopt;
}

std::string shown(const json& value) {
  constexpr std::size_t kLongestShown = 60;
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array";
  std::string text = value.dump(-1, ' ', /*ensure_ascii=*/true, json::error_handler_t::replace);
  if (text.size() > kLongestShown) text = text.substr(0, kLongestShown) + "...";
  return text;
}

}  // namespace

bool JsonValue::boolean() const {
  if (!value_->is_boolean()) complain_of_kind("true or false");
  return value_->get<bool>();
}

std::string JsonValue::text() const {
  if (!value_->is_string()) complain_of_kind("a string");
  return value_->get<std::string>();
}

Bytes JsonValue::bytes() const {
  std::optional<Bytes> bytes;
  if (value_->is_string()) bytes = from_hex(value_->get_ref<const std::string&>());
  if (!bytes) complain_of_kind("a string of hexadecimal digits, two for each byte");
  return *std::move(bytes);
}

std::vector<JsonValue> JsonValue::elements() const {
  if (!value_->is_array()) complain_of_kind("an array");
  std::vector<JsonValue> elements;
  elements.reserve(value_->size());
  for (const json& element : *value_) elements.push_back(part(element));
  return elements;
}

JsonValue JsonValue::part(const json& value) const {
  JsonValue part = *this;
  part.value_ = &value;
  return part;
}

void JsonValue::complain(const std::string& what) const {
  const std::string pointer = pointer_to(*value_, *document_).value_or("");
  throw UnreadableScenario(fmt::format("{}: {}", pointer.empty() ? "the document" : pointer, what));
}

void JsonValue::complain_of_kind(const std::string& expected) const {
  complain(fmt::format("is {}; what is allowed is {}", shown(*value_), expected));
}

JsonObject::JsonObject(JsonValue value) : value_(std::move(value)) {
  if (!value_.get().is_object()) value_.complain_of_kind("an object");
  asked_.reserve(kMostAskedOften);
}

std::optional<JsonValue> JsonObject::find(std::string_view name) {
  asked_.push_back(name);
  const auto found = value_.get().find(name);
  if (found == value_.get().end() || found->is_null()) return std::nullopt;
  return value_.part(*found);
}

JsonValue JsonObject::at(std::string_view name) {
  auto found = find(name);
  if (!found) value_.complain(fmt::format("has no field \"{}\"", name));
  return *std::move(found);
}

void JsonObject::refuse_others() const {
  for (const auto& [name, member] : value_.get().items()) {
    if (std::ranges::find(asked_, name) != asked_.end()) continue;
    value_.part(member).complain(fmt::format("there is no such field here, only {}", fmt::join(asked_, ", ")));
  }
}

}  // namespace recvinto::kit
