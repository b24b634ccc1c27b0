#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "runner/page_groups.h"

namespace recvinto::runner {

/// How many checks pass, as a badge for a README: green where nothing fails unexpectedly, yellow where only
/// recommendations do.
struct Badge {
  std::string message;
  std::string color;  ///< as shields.io names it
};
Badge badge_of(const Tally& tally);

/// An image that needs no service.
std::string badge_svg(const Badge& badge);
/// What the endpoint badge of shields.io reads.
nlohmann::json badge_json(const Badge& badge);

}  // namespace recvinto::runner
