#pragma once

#include <string_view>
#include <vector>

namespace recvinto::runner {

/// The area that a topic of claims belongs to, for reports: a dozen, so that a screen shows all of them. A topic that
/// no area lists (of results that another version wrote) belongs to kOtherArea.
std::string_view area_of(std::string_view topic);

/// In the order of reports, kOtherArea last.
std::vector<std::string_view> every_area();

inline constexpr std::string_view kOtherArea = "Other";

}  // namespace recvinto::runner
