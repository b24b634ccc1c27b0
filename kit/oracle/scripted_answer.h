#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include "kit/oracle/expectation.h"
#include "kit/oracle/model_world.h"
#include "kit/oracle/receiving.h"
#include "kit/values/abi.h"
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

/// Whether the executor plants every descriptor of the message: numbers among its data have no owner.
bool has_only_its_files(const ScriptedMessage& message);
/// Whether it has, besides, the length that it claims.
bool is_ordinary(const ScriptedMessage& message);
/// Whether the control data give a number of a descriptor that the executor does not plant. It may be open for
/// something else in the process that receives it, which would close it.
bool has_strange_descriptors(const answer::Result& result, const Abi& abi);

}  // namespace recvinto::kit
