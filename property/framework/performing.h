#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fixtures/implementations/implementation.h"
#include "fixtures/implementations/verdict.h"
#include "fixtures/stage/stage.h"
#include "property/framework/law.h"

namespace recvinto::property {

/// What came of all variants of a case, which must outlive it.
struct Performed {
  std::vector<Performance> performances = {};
  std::string skipped = {};  ///< why it was not performed; empty: it was
  /// It crashed, hung or broke the protocol.
  std::optional<kit::ImplementationFailure> failure = {};
};

/// Performs scenarios by the dozen. Where the implementation takes requests before it has answered the ones before
/// (`pipelining`), several are on their way at the same time, each on a socket of its own.
class Performer {
 public:
  /// `plain` is borrowed. `scripted` gives the same implementation under a scripted kernel. `model`: the machine, but
  /// for the addresses.
  Performer(kit::Implementation& plain, std::function<kit::Implementation&()> scripted, kit::ModelWorld model);
  ~Performer();

  /// One Performed for each case, in order; a case is its variants. Throws what ends a run: CannotStart, Interrupted,
  /// and a failure of the verdict NOTRUN.
  std::vector<Performed> perform(std::span<const std::vector<kit::Scenario>> cases);
  Performed perform_one(const std::vector<kit::Scenario>& variants);

 private:
  class Lanes;
  Lanes& lanes_for(const std::vector<kit::Scenario>& variants);

  kit::Implementation& plain_;
  std::function<kit::Implementation&()> scripted_;
  kit::ModelWorld model_;
  std::unique_ptr<Lanes> plain_lanes_;
  std::unique_ptr<Lanes> scripted_lanes_;
};

}  // namespace recvinto::property
