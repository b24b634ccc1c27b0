#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

// Text of adapters, baselines and files, as the formats of reports take it: shown as text, whatever is in it.

namespace recvinto::runner {

/// What is no UTF-8 becomes U+FFFD.
std::string as_utf8(std::string_view text);

/// As UTF-8 that says what it has: control characters become \xNN, except line feeds and tabs, and characters that
/// change the direction of writing or end a line \u202e.
std::string visible(std::string_view text);

/// Visible, for the text and the quoted attributes of HTML.
std::string escaped_for_html(std::string_view text);

/// JSON for a <script> element: no "<" is left that could end it.
std::string json_for_html(const nlohmann::json& object);

}  // namespace recvinto::runner
