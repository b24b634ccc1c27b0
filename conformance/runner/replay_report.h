#pragma once

#include <cstddef>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "fixtures/implementations/protocol.h"
#include "fixtures/judgement/expectation.h"
#include "fixtures/scenario/observation.h"
#include "fixtures/scenario/scenario_file.h"

namespace recvinto::conformance {

/// What came of a scenario on one implementation.
struct Performance {
  enum class Ending {
    kDone,
    kNotPerformed,  ///< a capability is lacking, or the environment, or a step cannot be done
    kFailed,        ///< a crash, a hang, a breach of the protocol, or a refusal of what is declared
  };

  std::string specification;
  kit::Handshake handshake = {};
  Ending ending = Ending::kDone;
  std::string reason = {};                          ///< of any ending but kDone
  std::vector<kit::Observation> observations = {};  ///< of the calls that came to one
  std::string stderr_text = {};

  /// "CPython 3.11.2", or the specification of one inside this program, of which several have one name.
  [[nodiscard]] std::string title() const;
};

/// One file, performed on one implementation or two.
struct Replay {
  std::filesystem::path path;
  kit::ScenarioFile file;
  Performance performance;
  std::optional<Performance> against = {};
  std::optional<std::string> wrong = {};  ///< by a judgement of the first performance

  /// Of the calls that both came to: all rows of each, the second implementation's as what is expected.
  [[nodiscard]] std::vector<std::vector<kit::Comparison>> comparisons() const;
  /// Whether something differs, or one of them failed, or is wrong.
  [[nodiscard]] bool is_bad() const;
  /// Whether it says anything.
  [[nodiscard]] bool is_performed() const;
};

void print(const Replay& replay);
nlohmann::json to_json(const std::vector<Replay>& replays);

}  // namespace recvinto::conformance
