#pragma once

#include <vector>

#include "kit/performing/stage.h"
#include "kit/values/scenario.h"

namespace recvinto::kit {

// How a stage performs and records a step whose type is known: for this folder.

/// What was done on a stage.
struct Stage::Record {
  Scenario scenario;
  std::vector<Event> history;
};

template <typename SomeStep>
auto Stage::act_one(const SomeStep& step) {
  prepare_for(step);
  record(step);
  return perform(step);
}

template <typename SomeStep>
void Stage::prepare_for(const SomeStep& /*step*/) {
  if constexpr (kIsOfACall<SomeStep>) {
    require_call();
  } else if constexpr (kIsOfAPlay<SomeStep>) {
    play_.require();
  } else if constexpr (!kNeedsNoSocket<SomeStep>) {
    require_plain();
  }
}

template <typename SomeStep>
void Stage::record(const SomeStep& step) {
  is_fresh_ = false;
  reuse_.note_step<SomeStep>();
  if (!keeps_record_) return;
  record_->scenario.steps.emplace_back(step);
  record_->history.emplace_back(record_->scenario.steps.back());
}

}  // namespace recvinto::kit
