#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include "kit/oracle/expectation.h"
#include "kit/oracle/model_world.h"
#include "kit/oracle/receiving.h"
#include "kit/values/script.h"

namespace recvinto::kit {

/// What a script makes of a call.
struct ScriptedAnswer {
  std::optional<Expected> expected = {};  ///< nothing: the kernel answers
  std::size_t planted = 0;                ///< files that the script brings
  std::size_t unused_steps = 0;           ///< that come behind the answer
};

/// `files`: how many were sent before. `is_handled`: whether a handler that returns takes this signal. Interruptions
/// change nothing (PEP 475). Throws Unpredictable for answers about which an implementation may have its own mind.
ScriptedAnswer scripted_answer(const Script& script, const ModelReceive& receive, const ModelWorld& world,
                               std::size_t files, const std::function<bool(int)>& is_handled);

}  // namespace recvinto::kit
