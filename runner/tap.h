#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace recvinto::runner {

/// Runs in the Test Anything Protocol, version 14. XFAIL is "not ok # TODO", SKIP "ok # SKIP", and XPASS "not ok": as
/// in junit.xml. `runs`: page_data() of each; several are subtests.
std::string tap_of(const std::vector<nlohmann::json>& runs);

/// One line of text that stays text in a description.
std::string escaped_for_tap(std::string_view text);

}  // namespace recvinto::runner
