#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "runner/options.h"

// Lines for people to paste into a shell. parse_options() reads each of them back.

namespace recvinto::runner {

/// What does the same again: the command, and every option that decides about verdicts and is not as by default. What
/// only says where results go, in which order and how many at a time, is left out where it decides nothing. Of run,
/// property and replay.
std::string command_line_of(const Options& options);

/// Judges one check of a run again, as that run did.
std::string reproduction_of(Options options, const std::string& check);
/// Tries one case of one law again.
std::string reproduction_of(Options options, std::string_view law, std::uint64_t seed, std::uint64_t case_number);
/// Tries the cases of one law again, up to this one: for a failure that depends on what came before it in the process.
std::string reproduction_through(Options options, std::string_view law, std::uint64_t seed, std::uint64_t case_number,
                                 unsigned jobs);
/// Performs the scenario in `file` again, on the same implementation.
std::string replay_of(Options options, const std::filesystem::path& file);

}  // namespace recvinto::runner
