#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kit/values/bytes.h"
#include "kit/values/scenario_json.h"

// What scenario files are read with. Who wrote them is unknown: nothing is narrowed, guessed or passed over.

namespace recvinto::kit {

/// One value of a document. Where it stands there is searched for when there is something to complain of.
class JsonValue {
 public:
  /// The whole document, which is borrowed.
  explicit JsonValue(const nlohmann::json& document) : value_(&document), document_(&document) {}

  [[nodiscard]] const nlohmann::json& get() const { return *value_; }

  template <std::integral Integer>
  [[nodiscard]] Integer integer(Integer least = std::numeric_limits<Integer>::min(),
                                Integer most = std::numeric_limits<Integer>::max()) const {
    const auto fits = [&](auto number) {
      return std::cmp_less_equal(least, number) && std::cmp_less_equal(number, most);
    };
    if (value_->is_number_unsigned()) {
      if (const auto number = value_->get<std::uint64_t>(); fits(number)) return static_cast<Integer>(number);
    } else if (value_->is_number_integer()) {
      if (const auto number = value_->get<std::int64_t>(); fits(number)) return static_cast<Integer>(number);
    }
    complain_of_kind("an integer from " + std::to_string(least) + " to " + std::to_string(most));
  }
  [[nodiscard]] bool boolean() const;
  [[nodiscard]] std::string text() const;
  /// Of a hexadecimal string with two digits a byte.
  [[nodiscard]] Bytes bytes() const;
  /// Of an array.
  [[nodiscard]] std::vector<JsonValue> elements() const;
  /// `value` is a part of the same document.
  [[nodiscard]] JsonValue part(const nlohmann::json& value) const;

  /// "/steps/3/sender: WHAT"
  [[noreturn]] void complain(const std::string& what) const;
  /// "/steps/3/sender: is \"x\"; what is allowed is EXPECTED"
  [[noreturn]] void complain_of_kind(const std::string& expected) const;

 private:
  const nlohmann::json* value_;
  const nlohmann::json* document_;
};

/// An object, whose members are asked for by name; one that was not asked for is unknown. null is the same as left out.
class JsonObject {
 public:
  explicit JsonObject(JsonValue value);

  [[nodiscard]] std::optional<JsonValue> find(std::string_view name);
  [[nodiscard]] JsonValue at(std::string_view name);
  [[nodiscard]] const JsonValue& value() const { return value_; }
  /// Complains of a member that was not asked for.
  void refuse_others() const;

 private:
  JsonValue value_;
  std::vector<std::string_view> asked_;
};

}  // namespace recvinto::kit
