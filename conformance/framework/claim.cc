#include "conformance/framework/claim.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

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

const Claim& claim_of_check(std::string_view id) {
  const std::string_view claim = id.substr(0, id.find('/'));
  const auto found = std::ranges::find_if(registry(), [claim](const Claim& other) {
    return claim.size() == other.topic.size() + 1 + other.name.size() && claim.starts_with(other.topic) &&
           claim[other.topic.size()] == '.' && claim.ends_with(other.name);
  });
  if (found == registry().end()) throw std::out_of_range(fmt::format("there is no check {}", id));
  return *found;
}

bool internal::add(Claim claim) {
  registry().push_back(std::move(claim));
  return true;
}

}  // namespace recvinto::conformance
