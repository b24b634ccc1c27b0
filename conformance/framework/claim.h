#pragma once

#include <array>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/framework/requirement.h"
#include "kit/values/capability.h"
#include "kit/values/handshake.h"
#include "kit/values/item_kind.h"
#include "kit/values/script.h"
#include "kit/values/socket_kind.h"

namespace recvinto::conformance {

class Check;

/// A claim about every implementation, written once. On each kind of socket that it makes sense on it is one check.
struct Claim {
  std::string topic;
  std::string name;
  std::string file;
  int line = 0;
  std::vector<std::string> requirements;  ///< slugs
  std::vector<kit::SocketKind> kinds;
  kit::Capabilities needs;
  /// The kinds of items that it looks at: for these an implementation need not report all (Capability::kAllItems).
  kit::ItemKinds items = {};
  /// How odd the answers are that the scripted kernel gives in it; nothing: it is judged on the host's kernel.
  std::optional<kit::Oddity> oddity;
  /// What may be performed beside it.
  enum class Company {
    kAny,
    kWaiting,  ///< others that measure time, which sleep nearly all of theirs
    kNone,
  };
  Company company = Company::kAny;
  std::function<std::unique_ptr<Check>()> make;

  /// "Scatter.FillsBuffersInOrder/udp4": what --filter selects and reports name.
  [[nodiscard]] std::string id(const kit::SocketKind& kind) const;
  /// The strongest of its requirements' levels.
  [[nodiscard]] Level level() const;
};

/// In the order of registration.
const std::vector<Claim>& every_claim();

/// Of the check with that id. Throws std::out_of_range for an unknown id.
const Claim& claim_of_check(std::string_view id);

/// What the implementation does not declare of what the claim needs on that kind of socket: words of the protocol.
/// Empty: it can be judged.
std::vector<std::string> missing_for(const Claim& claim, const kit::SocketKind& kind, const kit::Handshake& handshake);

// What stands behind a claim's name in CLAIM(...).

struct Cites {
  std::vector<std::string> slugs;
};
/// The requirements that it checks.
inline Cites cites(std::initializer_list<std::string_view> slugs) {
  return {{slugs.begin(), slugs.end()}};
}
inline Cites cites(std::string_view slug) {
  return {{std::string(slug)}};
}

struct On {
  std::vector<kit::SocketKind> kinds;
};
/// The kinds of socket on which it makes sense.
template <std::size_t Size>
On on(const std::array<kit::SocketKind, Size>& kinds) {
  return {{kinds.begin(), kinds.end()}};
}
inline On on(const kit::SocketKind& kind) {
  return {{kind}};
}

struct Needs {
  kit::Capabilities capabilities;
};
/// What the implementation must be able to express.
template <typename... Capability>
Needs needs(Capability... capabilities) {
  return {{capabilities...}};
}

struct Reporting {
  std::vector<std::string> words;
};
/// Of ancillary items it looks at those of these kinds only, which are words of the protocol. Implies kAllItems, which
/// an implementation that reports these kinds does without. Those of IPv4 and IPv6 are for sockets of that family.
inline Reporting reporting(std::initializer_list<std::string_view> words) {
  return {{words.begin(), words.end()}};
}

struct Scripted {
  kit::Oddity oddity;
};
/// The kernel's answers are scripted, and so odd at most. Implies that the capability "recvmsg" is needed.
inline Scripted scripted(kit::Oddity oddity) {
  return {oddity};
}

/// The check measures time: the suite performs only others that do so meanwhile, which sleep nearly all of theirs.
inline Claim::Company measures_time() {
  return Claim::Company::kWaiting;
}
/// The check measures memory, or loads the machine: the suite performs no other meanwhile.
inline Claim::Company on_its_own() {
  return Claim::Company::kNone;
}

namespace internal {

inline void apply(Claim& claim, Cites cites) {
  claim.requirements = std::move(cites.slugs);
}
inline void apply(Claim& claim, On on) {
  claim.kinds = std::move(on.kinds);
}
inline void apply(Claim& claim, Needs needs) {
  claim.needs = claim.needs | needs.capabilities;
}
void apply(Claim& claim, const Reporting& reporting);
inline void apply(Claim& claim, Scripted scripted) {
  claim.oddity = scripted.oddity;
  claim.needs.insert(kit::Capability::kRecvmsg);
}
inline void apply(Claim& claim, Claim::Company company) {
  claim.company = company;
}

bool add(Claim claim);

template <typename CheckType, typename... Attributes>
bool add(std::string_view topic, std::string_view name, std::string_view file, int line, Attributes... attributes) {
  Claim claim;
  claim.topic = topic;
  claim.name = name;
  claim.file = file;
  claim.line = line;
  (apply(claim, std::move(attributes)), ...);
  claim.make = [] { return std::make_unique<CheckType>(); };
  return add(std::move(claim));
}

}  // namespace internal
}  // namespace recvinto::conformance

/// CLAIM(Topic, SituationAndExpectation, cites(...), on(...), needs(...)) { body of a member function of Check }
#define CLAIM(topic, claim, ...)                                                                             \
  class topic##claim final : public ::recvinto::conformance::Check {                                         \
    void holds() override;                                                                                   \
  };                                                                                                         \
  [[maybe_unused]] const bool topic##claim##_is_registered =                                                 \
      ::recvinto::conformance::internal::add<topic##claim>(#topic, #claim, __FILE__, __LINE__, __VA_ARGS__); \
  void topic##claim::holds()
