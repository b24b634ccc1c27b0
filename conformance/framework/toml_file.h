#pragma once

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace recvinto::conformance {

/// A TOML file that is read entry by entry. What is wrong with it is thrown as an `Error` of the text
/// "FILE:LINE: what is wrong".
template <typename Error>
class TomlFile {
 public:
  explicit TomlFile(std::string_view name) : name_(name) {}

  [[nodiscard]] const std::string& name() const { return name_; }

  [[nodiscard]] toml::table parse(std::string_view text) const {
    try {
      return toml::parse(text, name_);
    } catch (const toml::parse_error& error) {
      throw Error(fmt::format("{}:{}: this is no TOML: {}", name_, error.source().begin.line, error.description()));
    }
  }

  [[noreturn]] void complain(const toml::node& node, const std::string& what) const {
    throw Error(fmt::format("{}:{}: {}", name_, node.source().begin.line, what));
  }

  /// The text of that key; nullopt where there is no such key.
  [[nodiscard]] std::optional<std::string> text_at(const toml::table& entry, std::string_view key) const {
    const toml::node* node = entry.get(key);
    if (node == nullptr) return std::nullopt;
    const auto text = node->value_exact<std::string>();
    if (!text || text->empty()) complain(*node, fmt::format("\"{}\" wants a text that is not empty", key));
    return *text;
  }

  /// `what_it_is` completes the advice "add ...".
  [[nodiscard]] std::string needed_text(const toml::table& entry, std::string_view key,
                                        std::string_view what_it_is) const {
    if (const auto text = text_at(entry, key)) return *text;
    complain(entry, fmt::format("this entry has no \"{}\": add {}", key, what_it_is));
  }

 private:
  std::string name_;
};

/// The one of `values` whose name(), found by argument-dependent lookup, is `word`.
template <typename Values>
auto named(const Values& values, std::string_view word) -> std::optional<typename Values::value_type> {
  const auto found = std::ranges::find_if(values, [word](auto value) { return name(value) == word; });
  return found == values.end() ? std::nullopt : std::optional(*found);
}

/// "one, two, three": of words, or of values that have a name().
template <typename Values>
std::string names_of(const Values& values) {
  std::string names;
  for (const auto& value : values) {
    if (!names.empty()) names += ", ";
    if constexpr (std::is_convertible_v<decltype(value), std::string_view>) {
      names += value;
    } else {
      names += name(value);
    }
  }
  return names;
}

}  // namespace recvinto::conformance
