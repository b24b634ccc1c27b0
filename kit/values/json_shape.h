#pragma once

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "kit/values/json_value.h"

// Structures and their JSON, each described once, by a Shape, for reading and for writing.

namespace recvinto::kit {

/// Of a structure: `kFields`, a tuple of required() and optional() members. Of an alternative of a variant `kName`,
/// too. May have `check(value, place)`, which complains of what no single field tells.
template <typename Structure>
struct Shape;

/// How values of a type are read and written.
template <typename Value>
struct Codec;

template <typename Structure, typename Member, typename With>
struct Field {
  std::string_view name;
  Member Structure::* member;
  bool is_required;

  void read(JsonObject& object, Structure& structure) const {
    if (is_required) {
      structure.*member = With::read(object.at(name));
    } else if (const auto value = object.find(name)) {
      structure.*member = With::read(*value);
    }
  }
  void write(nlohmann::json& object, const Structure& structure) const {
    static const Structure kDefault{};
    if (is_required || !(structure.*member == kDefault.*member)) object[name] = With::write(structure.*member);
  }
};

/// A field that must be there, so that its absence is not taken for zero.
template <typename With = void, typename Structure, typename Member>
constexpr auto required(std::string_view name, Member Structure::* member) {
  return Field<Structure, Member, std::conditional_t<std::is_void_v<With>, Codec<Member>, With>>{name, member, true};
}
/// A field that is left out where it has its default.
template <typename With = void, typename Structure, typename Member>
constexpr auto optional(std::string_view name, Member Structure::* member) {
  return Field<Structure, Member, std::conditional_t<std::is_void_v<With>, Codec<Member>, With>>{name, member, false};
}

template <typename Structure>
void read_fields(JsonObject& object, Structure& structure) {
  std::apply([&](const auto&... field) { (field.read(object, structure), ...); }, Shape<Structure>::kFields);
  object.refuse_others();
  if constexpr (requires { Shape<Structure>::check(structure, object.value()); }) {
    Shape<Structure>::check(structure, object.value());
  }
}

template <typename Structure>
void write_fields(nlohmann::json& object, const Structure& structure) {
  std::apply([&](const auto&... field) { (field.write(object, structure), ...); }, Shape<Structure>::kFields);
}

template <typename Structure>
  requires requires { Shape<Structure>::kFields; }
struct Codec<Structure> {
  static Structure read(const JsonValue& value) {
    JsonObject object(value);
    Structure structure{};
    read_fields(object, structure);
    return structure;
  }
  static nlohmann::json write(const Structure& structure) {
    nlohmann::json object = nlohmann::json::object();
    write_fields(object, structure);
    return object;
  }
};

/// Integers from `least` to `most`.
template <std::integral Integer, Integer least, Integer most>
struct Within {
  static Integer read(const JsonValue& value) { return value.integer<Integer>(least, most); }
  static nlohmann::json write(Integer number) { return number; }
};
template <std::size_t most>
using UpTo = Within<std::size_t, 0, most>;

template <std::integral Integer>
struct Codec<Integer> : Within<Integer, std::numeric_limits<Integer>::min(), std::numeric_limits<Integer>::max()> {};

template <>
struct Codec<bool> {
  static bool read(const JsonValue& value) { return value.boolean(); }
  static nlohmann::json write(bool truth) { return truth; }
};

/// One byte, hexadecimal.
template <>
struct Codec<char> {
  static char read(const JsonValue& value) {
    const Bytes bytes = value.bytes();
    if (bytes.size() != 1) value.complain_of_kind("one byte, of two hexadecimal digits");
    return bytes[0];
  }
  static nlohmann::json write(char byte) { return to_hex({&byte, 1}); }
};

template <>
struct Codec<Bytes> {
  static Bytes read(const JsonValue& value) { return value.bytes(); }
  static nlohmann::json write(const Bytes& bytes) { return to_hex(bytes); }
};

/// A string that is text, not bytes.
struct Text {
  static std::string read(const JsonValue& value) { return value.text(); }
  static nlohmann::json write(const std::string& text) { return text; }
};

/// The duration of a wait.
template <>
struct Codec<std::chrono::milliseconds> {
  static constexpr std::int64_t kMost = 24 * 3'600'000;  // a day

  static std::chrono::milliseconds read(const JsonValue& value) {
    return std::chrono::milliseconds(value.integer<std::int64_t>(0, kMost));
  }
  static nlohmann::json write(std::chrono::milliseconds time) { return time.count(); }
};

template <typename Value>
struct Codec<std::optional<Value>> {
  static std::optional<Value> read(const JsonValue& value) { return Codec<Value>::read(value); }
  static nlohmann::json write(const std::optional<Value>& value) {
    return value ? nlohmann::json(Codec<Value>::write(*value)) : nlohmann::json(nullptr);
  }
};

template <typename Value>
struct Codec<std::vector<Value>> {
  static std::vector<Value> read(const JsonValue& value) {
    std::vector<Value> values;
    for (const JsonValue& element : value.elements()) values.push_back(Codec<Value>::read(element));
    return values;
  }
  static nlohmann::json write(const std::vector<Value>& values) {
    nlohmann::json array = nlohmann::json::array();
    for (const Value& value : values) array.push_back(Codec<Value>::write(value));
    return array;
  }
};

/// The words for the values of an enumeration: pairs.
template <typename Enumeration>
struct Words;

template <typename Enumeration>
  requires std::is_enum_v<Enumeration>
struct Codec<Enumeration> {
  static Enumeration read(const JsonValue& value) {
    const std::string given = value.text();
    std::vector<std::string_view> words;
    for (const auto& [meant, word] : Words<Enumeration>::kWords) {
      if (word == given) return meant;
      words.push_back(word);
    }
    value.complain_of_kind(fmt::format("{}", fmt::join(words, ", ")));
  }
  static nlohmann::json write(Enumeration value) {
    for (const auto& [meant, word] : Words<Enumeration>::kWords) {
      if (meant == value) return word;
    }
    throw std::logic_error("a value of an enumeration that has no word");
  }
};

/// The field of a variant's object that tells which alternative it is.
template <typename Variant>
inline constexpr std::string_view kTag = "kind";

template <typename... Alternatives>
struct Codec<std::variant<Alternatives...>> {
  using Variant = std::variant<Alternatives...>;

  static Variant read(const JsonValue& value) {
    JsonObject object(value);
    const JsonValue tag = object.at(kTag<Variant>);
    const std::string name = tag.text();
    std::optional<Variant> read;
    const auto try_one = [&]<typename Alternative>(std::type_identity<Alternative>) {
      if (Shape<Alternative>::kName != name) return;
      Alternative alternative{};
      read_fields(object, alternative);
      read = std::move(alternative);
    };
    (try_one(std::type_identity<Alternatives>{}), ...);
    if (!read) {
      tag.complain_of_kind(fmt::format("{}", fmt::join(std::array{Shape<Alternatives>::kName...}, ", ")));
    }
    return *std::move(read);
  }
  static nlohmann::json write(const Variant& variant) {
    return std::visit(
        []<typename Alternative>(const Alternative& alternative) {
          nlohmann::json object{{kTag<Variant>, Shape<Alternative>::kName}};
          write_fields(object, alternative);
          return object;
        },
        variant);
  }
};

}  // namespace recvinto::kit
