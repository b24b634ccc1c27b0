#include "runner/list.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "conformance/framework/claim.h"
#include "fixtures/faults/fault.h"

namespace recvinto::runner {

using nlohmann::json;

std::vector<std::string> every_check_id() {
  std::vector<std::string> ids;
  for (const conformance::Claim& claim : conformance::every_claim()) {
    for (const kit::SocketKind& kind : claim.kinds) ids.push_back(claim.id(kind));
  }
  return ids;
}

void list_checks(std::ostream& out, bool as_json) {
  json checks = json::array();
  for (const conformance::Claim& claim : conformance::every_claim()) {
    for (const kit::SocketKind& kind : claim.kinds) {
      if (!as_json) {
        out << fmt::format("{}  [{}] {}\n", claim.id(kind), name(claim.level()), fmt::join(claim.requirements, ", "));
        continue;
      }
      json citations = json::array();
      for (const std::string& slug : claim.requirements)
        citations.push_back(conformance::requirement_named(slug).citation);
      json capabilities = json::array();
      for (const kit::Capability capability : claim.needs) capabilities.push_back(name(capability));
      checks.push_back({{"id", claim.id(kind)},
                        {"claim", claim.topic + "." + claim.name},
                        {"kind", kind.name},
                        {"requirements", claim.requirements},
                        {"level", name(claim.level())},
                        {"citations", std::move(citations)},
                        {"capabilities", std::move(capabilities)},
                        {"kernel", claim.oddity ? kit::name(*claim.oddity) : "host"}});
    }
  }
  if (!as_json) return;
  json requirements = json::array();
  for (const conformance::Requirement& requirement : conformance::every_requirement()) {
    json entry{{"slug", requirement.slug},
               {"level", name(requirement.level)},
               {"sentence", requirement.sentence},
               {"citation", requirement.citation},
               {"url", requirement.url}};
    if (!requirement.excluded.empty()) entry["excluded"] = requirement.excluded;
    requirements.push_back(std::move(entry));
  }
  out << json{{"schema", 1}, {"checks", std::move(checks)}, {"requirements", std::move(requirements)}}.dump(1) << '\n';
}

void list_faults(std::ostream& out, bool as_json) {
  json faults = json::array();
  for (const kit::Fault& fault : kit::every_fault()) {
    if (!as_json) {
      out << fmt::format("fault:{}  {} ({}breaks {})\n", fault.name, fault.description,
                         fault.needs_two_conditions ? "two conditions; " : "", fmt::join(fault.breaks, ", "));
    } else {
      faults.push_back({{"name", fault.name},
                        {"description", fault.description},
                        {"breaks", fault.breaks},
                        {"needs_two_conditions", fault.needs_two_conditions},
                        {"python", fault.is_of_python()}});
    }
  }
  if (as_json) out << json{{"schema", 1}, {"faults", std::move(faults)}}.dump(1) << '\n';
}

}  // namespace recvinto::runner
