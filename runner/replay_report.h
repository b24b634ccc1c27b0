#pragma once

#include <cstddef>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "kit/oracle/expectation.h"
#include "kit/performing/outcome.h"
#include "kit/values/handshake.h"
#include "kit/values/observation.h"
#include "kit/values/scenario_file.h"

namespace recvinto::runner {

/// The result of a saved scenario on one implementation.
struct Replayed {
  std::string specification;
  kit::Handshake handshake = {};
  kit::Outcome outcome = {};

  /// "CPython 3.11.2", or the SPEC of an implementation inside this program, of which several have one name.
  [[nodiscard]] std::string title() const;
  /// Of the calls that returned, in order.
  [[nodiscard]] std::vector<kit::Observation> observations() const;
  /// Every call returned, whether or not the model says what is right.
  [[nodiscard]] bool is_performed() const;
};

/// One file, performed on one implementation or two.
struct Replay {
  std::filesystem::path path;
  kit::ScenarioFile file;
  Replayed implementation;
  std::optional<Replayed> against = {};
  std::string sentence = {};  ///< of the law that judged the first; empty: the model

  /// Of the calls that both made: all rows of each, the second implementation's as what is expected.
  [[nodiscard]] std::vector<std::vector<kit::Comparison>> comparisons() const;
  /// Whether something differs, or one of them failed or was not run.
  [[nodiscard]] bool is_bad() const;
  /// Whether it says anything.
  [[nodiscard]] bool is_performed() const;
};

void print(const Replay& replay);
nlohmann::json to_json(const std::vector<Replay>& replays);

}  // namespace recvinto::runner
