#pragma once

#include <string>

#include "kit/values/verdict.h"

namespace recvinto::kit {

/// "HANG: no answer within the deadline", of an action that should throw ImplementationFailure.
template <typename Action>
std::string failure_of(Action action) {
  try {
    action();
  } catch (const ImplementationFailure& failure) {
    return std::string(name(failure.verdict())) + ": " + failure.what();
  }
  return "no failure";
}

}  // namespace recvinto::kit
