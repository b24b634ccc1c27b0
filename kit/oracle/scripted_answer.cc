#include "kit/oracle/scripted_answer.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <variant>

#include "kit/oracle/arguments.h"
#include "kit/oracle/control_messages.h"
#include "kit/oracle/unpredictable.h"
#include "kit/scripted_kernel/effects.h"
#include "kit/values/unix_options.h"

namespace recvinto::kit {
namespace {

bool is_plain(const answer::Result& result) {
  return !result.returned && !result.msg_controllen && !result.msg_namelen && result.raw_control.empty();
}

bool has_descriptors(int level, int type) {
  return level == SOL_SOCKET && (type == SCM_RIGHTS || type == kScmPidfd);
}

Expected expected_of(const answer::Result& result, const ModelReceive& receive, const ModelWorld& world,
                     std::size_t first_file) {
  if (!is_plain(result)) throw Unpredictable("a script whose lengths are its own");
  Expected expected;
  expected.files.emplace();
  expected.close_on_exec = close_on_exec_of(receive);
  std::size_t planted = 0;
  for (const ScriptedMessage& message : result.control) {
    if (!is_ordinary(message)) throw Unpredictable("a script whose control messages are no ordinary ones");
    planted += message.files;
  }
  for (std::size_t i = 0; i < planted; ++i) expected.files->push_back(first_file + i);
  const std::vector<int> numbers(planted, -1);  // each byte 0xff
  const Bytes control = control_bytes(result, world.abi, numbers);
  if (control.size() > receive.ancbufsize) throw Unpredictable("a script with more control data than there is room");
  const ControlItems items = model_of_control(control, {.abi = world.abi});
  if (items.malformed) throw Unpredictable("a script with malformed control data");
  expected.data = result.data.substr(0, receive.capacity);
  expected.msg_flags = result.msg_flags & ~MSG_CMSG_CLOEXEC;
  expected.ancdata = items.items;
  expected.warnings.emplace();
  if (!result.address) expected.address.emplace();  // how another is decoded is not the model's business
  expected.no_address_may_be_empty = world.unnamed_address_is_empty;
  return expected;
}

Expected expected_of(const answer::Failure& failure) {
  if (failure.scribbled) throw Unpredictable("a script that writes and fails");
  // A call that then waits for the socket to be ready is sent something by the executor (Supervisor::play).
  if (failure.number == EAGAIN || failure.number == EWOULDBLOCK) throw Unpredictable("a script that has nothing, once");
  return failing(os_error(failure.number));
}

bool is_interruption(const ScriptStep& step) {
  const auto* failure = std::get_if<answer::Failure>(&step.answer);
  return failure != nullptr && failure->number == EINTR && !failure->scribbled;
}

std::size_t files_of(const answer::Result& result) {
  std::size_t files = 0;
  for (const ScriptedMessage& message : result.control) files += message.files;
  return files;
}

std::size_t files_of(const Script& script) {
  std::size_t files = 0;
  for (const ScriptStep& step : script.steps) {
    if (const auto* result = std::get_if<answer::Result>(&step.answer)) files += files_of(*result);
  }
  return files;
}

}  // namespace

bool has_only_its_files(const ScriptedMessage& message) {
  const bool is_rights = message.level == SOL_SOCKET && message.type == SCM_RIGHTS;
  return (is_rights || message.files == 0) && !(has_descriptors(message.level, message.type) && !message.data.empty());
}

bool is_ordinary(const ScriptedMessage& message) {
  return !message.claimed_data && !message.claimed_length && has_only_its_files(message);
}

bool has_strange_descriptors(const answer::Result& result, const Abi& abi) {
  const std::vector<int> numbers(files_of(result), -1);
  const ControlItems found = model_of_control(control_bytes(result, abi, numbers), {.abi = abi});
  return std::ranges::any_of(found.items, [](const AncillaryItem& item) {
    const std::size_t whole = item.data.size() / sizeof(int) * sizeof(int);
    return has_descriptors(item.level, item.type) && item.data.find_first_not_of('\xff') < whole;
  });
}

ScriptedAnswer scripted_answer(const Script& script, const ModelReceive& receive, const ModelWorld& world,
                               std::size_t files, const std::function<bool(int)>& is_handled) {
  if (script.steps.empty()) throw Unpredictable("an empty script");
  if (!script.waits.empty()) throw Unpredictable("a script that answers waits");
  ScriptedAnswer answer{.expected = {}, .planted = files_of(script), .unused_steps = script.steps.size()};
  for (const ScriptStep& step : script.steps) {
    --answer.unused_steps;
    if (step.signum != 0 && !is_handled(step.signum)) throw Unpredictable("a signal without a handler");
    if (is_interruption(step)) continue;
    if (step.signum != 0) throw Unpredictable("a signal with an answer");
    if (const auto* result = std::get_if<answer::Result>(&step.answer)) {
      answer.expected = expected_of(*result, receive, world, files);
    } else if (const auto* failure = std::get_if<answer::Failure>(&step.answer)) {
      answer.expected = expected_of(*failure);
    } else if (std::holds_alternative<answer::Hold>(step.answer)) {
      throw Unpredictable("a script that holds the call");
    }
    return answer;
  }
  throw Unpredictable("a script of nothing but interruptions");
}

}  // namespace recvinto::kit
