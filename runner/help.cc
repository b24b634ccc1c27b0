#include "runner/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <string_view>
#include <vector>

namespace recvinto::runner {
namespace {

/// Levenshtein's: insertions, deletions and replacements of one letter.
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= from.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

/// Of the app and its commands: "--filter", "property".
std::vector<std::string> words_of(const CLI::App& app) {
  std::vector<std::string> words;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
  }
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    words.push_back(command->get_name());
    if (!command->parsed()) continue;
    for (const std::string& word : words_of(*command)) words.push_back(word);
  }
  return words;
}

}  // namespace

std::string HelpFormatter::make_footer(const CLI::App* app) const {
  std::string shared;
  if (app->get_parent() != nullptr && app->get_fallthrough()) {
    const auto is_shared = [](const CLI::Option* option) {
      return option->nonpositional() && !option->check_lname("help") && !option->check_lname("version");
    };
    shared = make_group("Options that commands share", false, app->get_parent()->get_options(is_shared)).substr(1);
  }
  return shared + CLI::Formatter::make_footer(app);
}

std::string unexpected_arguments(const CLI::App& app) {
  const std::vector<std::string> unexpected = app.remaining(true);
  // An option whose name is not known comes before what would be its value.
  const auto option = std::ranges::find_if(unexpected, [](const auto& word) { return word.starts_with("--"); });
  const std::string& wanted = option != unexpected.end() ? *option : unexpected.front();
  const std::string first = wanted.substr(0, wanted.find('='));
  const std::vector<std::string> words = words_of(app);
  const auto nearest = std::min_element(words.begin(), words.end(), [&](const auto& one, const auto& other) {
    return distance(first, one) < distance(first, other);
  });
  const bool is_option = first.starts_with("-");
  const std::vector<const CLI::App*> commands = app.get_subcommands([](const CLI::App* one) { return one->parsed(); });
  const std::string text =
      commands.empty()
          ? fmt::format("there is no {} '{}'", is_option ? "option" : "command", first)
          : fmt::format("{} takes no {} '{}'", commands[0]->get_name(), is_option ? "option" : "argument", first);
  const std::size_t wrong = distance(first, *nearest);
  return wrong > 0 && wrong <= first.size() / 3 ? fmt::format("{}; is '{}' meant?", text, *nearest) : text;
}

}  // namespace recvinto::runner
