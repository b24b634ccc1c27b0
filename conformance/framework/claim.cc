#include "conformance/framework/claim.h"

#include <fmt/format.h>

#include <algorithm>

#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

std::vector<Claim>& registry() {
  static std::vector<Claim> claims;
  return claims;
}

}  // namespace

std::string Claim::id(const kit::SocketKind& kind) const {
  return fmt::format("{}.{}/{}", topic, name, kind.name);
}

Level Claim::level() const {
  Level strongest = Level::kRecommended;
  for (const std::string& slug : requirements) strongest = std::min(strongest, requirement_named(slug).level);
  return strongest;
}

const std::vector<Claim>& every_claim() {
  return registry();
}

bool internal::add(Claim claim) {
  registry().push_back(std::move(claim));
  return true;
}

}  // namespace recvinto::conformance
