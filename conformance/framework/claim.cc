#include "conformance/framework/claim.h"

#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <stdexcept>

#include "conformance/framework/check.h"
#include "conformance/framework/source_file.h"

namespace recvinto::conformance {
namespace {

std::vector<Claim>& registry() {
  static std::vector<Claim> claims;
  return claims;
}

bool is_of_another_family(kit::ItemKind item, const kit::SocketKind& kind) {
  return (item.level == IPPROTO_IP && kind.family == AF_INET6) ||
         (item.level == IPPROTO_IPV6 && kind.family == AF_INET);
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

std::vector<std::string> missing_for(const Claim& claim, const kit::SocketKind& kind, const kit::Handshake& handshake) {
  std::vector<std::string> missing;
  for (const kit::Capability capability : claim.needs - handshake.capabilities) {
    if (capability != kit::Capability::kAllItems || claim.items.empty() || handshake.items.empty()) {
      missing.emplace_back(name(capability));
      continue;
    }
    for (const kit::ItemKind item : claim.items) {
      if (is_of_another_family(item, kind) || kit::contains(handshake.items, item)) continue;
      missing.push_back("items " + kit::word_of(item));
    }
  }
  return missing;
}

void internal::apply(Claim& claim, const Reporting& reporting) {
  claim.needs.insert(kit::Capability::kAllItems);
  for (const std::string& word : reporting.words) {
    const std::optional<kit::ItemKind> item = kit::item_kind_named(word);
    if (!item) throw std::invalid_argument(fmt::format("{}.{}: no item is called {}", claim.topic, claim.name, word));
    claim.items.push_back(*item);
  }
}

bool internal::add(Claim claim) {
  claim.file = source_file(claim.file);
  registry().push_back(std::move(claim));
  return true;
}

}  // namespace recvinto::conformance
