#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace recvinto::runner {

/// Runs in short, for the summary of a step in a pipeline (GitHub's Markdown). `runs`: page_data() of each, in order:
/// of two runs of one implementation, what is new and what is gone since the earlier one. Never longer than
/// services take.
std::string markdown_summary(const std::vector<nlohmann::json>& runs);

/// One line of text that stays text.
std::string escaped_for_markdown(std::string_view text);

/// The same as code, outside tables.
std::string markdown_code(std::string_view text);

}  // namespace recvinto::runner
