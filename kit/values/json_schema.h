#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "kit/values/json_shape.h"

// JSON Schema (draft 7) of what a Shape reads.

namespace recvinto::kit {

/// The name of a type's schema among the definitions of scenario.schema.json; empty: it has none.
template <typename Value>
inline constexpr std::string_view kDefinition{};
template <>
inline constexpr std::string_view kDefinition<int> = "int";
template <>
inline constexpr std::string_view kDefinition<std::int64_t> = "int64";
template <>
inline constexpr std::string_view kDefinition<std::size_t> = "size";
template <>
inline constexpr std::string_view kDefinition<Bytes> = "bytes";
template <>
inline constexpr std::string_view kDefinition<std::chrono::milliseconds> = "time";

/// Of what such a codec reads.
template <typename With>
struct Schema;

template <typename Value>
nlohmann::ordered_json schema_of() {
  if constexpr (!kDefinition<Value>.empty()) {
    return {{"$ref", std::string("#/definitions/").append(kDefinition<Value>)}};
  } else {
    return Schema<Codec<Value>>::get();
  }
}

template <std::integral Integer, Integer least, Integer most>
struct Schema<Within<Integer, least, most>> {
  static nlohmann::ordered_json get() { return {{"type", "integer"}, {"minimum", least}, {"maximum", most}}; }
};
template <std::integral Integer>
struct Schema<Codec<Integer>>
    : Schema<Within<Integer, std::numeric_limits<Integer>::min(), std::numeric_limits<Integer>::max()>> {};
template <>
struct Schema<Codec<bool>> {
  static nlohmann::ordered_json get() { return {{"type", "boolean"}}; }
};
template <>
struct Schema<Text> {
  static nlohmann::ordered_json get() { return {{"type", "string"}}; }
};
template <typename Value>
struct Schema<Codec<std::vector<Value>>> {
  static nlohmann::ordered_json get() { return {{"type", "array"}, {"items", schema_of<Value>()}}; }
};
template <typename Enumeration>
  requires std::is_enum_v<Enumeration>
struct Schema<Codec<Enumeration>> {
  static nlohmann::ordered_json get() {
    nlohmann::ordered_json words = nlohmann::ordered_json::array();
    for (const auto& [value, word] : Words<Enumeration>::kWords) words.push_back(word);
    return {{"enum", words}};
  }
};

template <typename Structure, typename Member, typename With>
nlohmann::ordered_json field_schema(const Field<Structure, Member, With>& /*field*/) {
  if constexpr (std::is_same_v<With, Codec<Member>>) {
    return schema_of<Member>();
  } else {
    return Schema<With>::get();
  }
}

/// Of an object with the fields of a structure, and these.
template <typename Structure>
nlohmann::ordered_json object_schema(std::string_view description, nlohmann::ordered_json properties,
                                     nlohmann::ordered_json required) {
  const auto add = [&](const auto& field) {
    properties[std::string(field.name)] = field_schema(field);
    if (field.is_required) required.push_back(field.name);
  };
  std::apply([&](const auto&... field) { (add(field), ...); }, Shape<Structure>::kFields);
  return {{"description", description},
          {"type", "object"},
          {"required", std::move(required)},
          {"additionalProperties", false},
          {"properties", std::move(properties)}};
}

}  // namespace recvinto::kit
