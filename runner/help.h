#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace recvinto::runner {

/// Prints with the help of a command the options that commands share, which are its parent's, where the command takes
/// them (CLI::App::get_fallthrough).
class HelpFormatter final : public CLI::Formatter {
 public:
  [[nodiscard]] std::string make_footer(const CLI::App* app) const override;
};

/// One line about arguments that `app`, which has been parsed, does not know, with the option or command that the first
/// of them may stand for.
[[nodiscard]] std::string unexpected_arguments(const CLI::App& app);

}  // namespace recvinto::runner
