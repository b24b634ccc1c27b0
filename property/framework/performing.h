#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kit/performing/outcome.h"
#include "kit/performing/stage.h"
#include "kit/subjects/implementation.h"
#include "property/framework/law.h"

namespace recvinto::property {

/// What came of all variants of a case, which must outlive it.
struct Performed {
  std::vector<Performance> performances = {};
  /// How it ended before its end: the implementation failed, the host lacks something, a step cannot be performed.
  /// Nothing: it was performed whole. Its history has the observations until then.
  std::optional<kit::Outcome> ended = {};
};

/// Cases that are on their way at the same time, at most.
inline constexpr std::size_t kMostAtOnce = 12;

/// Performs scenarios by the dozen. Where the implementation takes requests before it has answered the ones before
/// (`pipelining`), several are on their way at the same time, each on a socket of its own.
class Performer {
 public:
  /// `plain` is borrowed. `scripted` gives the same implementation under a scripted kernel. `model`: the machine, but
  /// for the addresses.
  Performer(kit::Implementation& plain, std::function<kit::Implementation&()> scripted, kit::ModelWorld model);
  ~Performer();

  /// One Performed for each case, in order; a case is its variants. `is_given`: others than the suite wrote them (see
  /// kit::Circumstances). Throws what ends a run: an Ended with the cause kCannotStart or kInterrupted.
  /// `goes_on` is called whenever one of them has ended, or several at once.
  std::vector<Performed> perform(std::span<const std::vector<kit::Scenario>> cases, bool is_given = false,
                                 const std::function<void()>& goes_on = {});
  Performed perform_one(const std::vector<kit::Scenario>& variants, bool is_given = false);

 private:
  class Slots;
  /// Variants whose calls are concurrent: at the same time.
  Performed perform_at_once(const std::vector<kit::Scenario>& variants, bool is_given);
  Slots& slots_for(const std::vector<kit::Scenario>& variants);
  /// Null if they could not be made; the reason is in `performed`.
  Slots* slots_or_end(const std::vector<kit::Scenario>& variants, Performed& performed);

  kit::Implementation& plain_;
  std::function<kit::Implementation&()> scripted_;
  kit::ModelWorld model_;
  std::unique_ptr<Slots> plain_slots_;
  std::unique_ptr<Slots> scripted_slots_;
  std::unique_ptr<Slots> concurrent_slots_;
};

}  // namespace recvinto::property
