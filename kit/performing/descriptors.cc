// What a stage does with descriptors beside the call: closing files, the limit of the implementation's process.

#include <cerrno>
#include <system_error>

#include "kit/host/process_facts.h"
#include "kit/performing/act.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {

void Stage::close_files() {
  act_one(step::CloseFiles{});
}

void Stage::perform(const step::CloseFiles& /*step*/) {
  descriptors_.close_files();
}

void Stage::limit_descriptors(std::size_t more) {
  act_one(step::LimitDescriptors{more});
}

void Stage::perform(const step::LimitDescriptors& step) {
  try {
    limit_.emplace(process_.pid(), step.more);
  } catch (const std::system_error& error) {
    process_.throw_if_ended();
    if (error.code().value() != EPERM) throw;
    throw EnvironmentLacks("the limit of descriptors of the implementation's process may not be set");
  }
}

std::size_t Stage::count_descriptors() const {
  const std::size_t count = count_open_descriptors(process_.pid());
  if (count == 0) process_.throw_if_ended();
  return count;
}

void Stage::require_shared_ids() const {
  if (!shares_ids_with(process_.pid())) {
    throw EnvironmentLacks("the implementation's process is in another namespace of process or user ids");
  }
}

}  // namespace recvinto::kit
