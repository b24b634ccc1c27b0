#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "kit/values/script.h"

namespace recvinto::kit {

/// A result of data and control messages.
inline answer::Result with_control(Bytes data, std::vector<ScriptedMessage> control) {
  answer::Result result;
  result.data = std::move(data);
  result.control = std::move(control);
  return result;
}

/// A message of SCM_RIGHTS with this number of planted descriptors.
inline ScriptedMessage rights(std::size_t files) {
  return {.type = SCM_RIGHTS, .data = {}, .files = files};
}

}  // namespace recvinto::kit
