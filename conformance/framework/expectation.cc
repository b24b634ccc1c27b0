#include "conformance/framework/expectation.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "fixtures/scenario/names.h"

namespace recvinto::conformance {
namespace {

using kit::Address;
using kit::AncillaryItem;
using kit::Bytes;
using kit::Observation;

std::string describe(const Failure& failure) {
  switch (failure.kind) {
    case Failure::Kind::kTimeout:
      return "timed out";
    case Failure::Kind::kRefusedArgument:
      return "argument refused";
    case Failure::Kind::kFromHandler:
      return "the handler's error";
    case Failure::Kind::kWarning:
      return "RuntimeWarning as an error";
    case Failure::Kind::kClass:
      return fmt::format("{}", fmt::join(failure.classes, " or "));
    case Failure::Kind::kSystem:
      break;
  }
  std::string text;
  for (const int number : failure.numbers) text += (text.empty() ? "" : " or ") + kit::errno_name(number);
  return text;
}

bool is(const kit::Error& error, const Failure& failure) {
  switch (failure.kind) {
    case Failure::Kind::kTimeout:
      return error.is_timeout();
    case Failure::Kind::kRefusedArgument:
      return error.is_refused_argument();
    case Failure::Kind::kFromHandler:
      return error.is_from_handler();
    case Failure::Kind::kWarning:
      return error.is_warning();
    case Failure::Kind::kClass:
      return !error.number && std::ranges::find(failure.classes, error.type) != failure.classes.end();
    case Failure::Kind::kSystem:
      break;
  }
  return error.number && std::ranges::find(failure.numbers, *error.number) != failure.numbers.end();
}

std::string list_of(const std::vector<AncillaryItem>& items) {
  std::string text;
  for (const AncillaryItem& item : items) text += (text.empty() ? "" : "; ") + kit::describe(item);
  return text.empty() ? "none" : text;
}

std::string describe(const std::optional<Address>& address) {
  return address ? kit::describe(*address) : "none";
}

std::string list_of(const std::vector<std::string>& words) {
  return words.empty() ? "none" : fmt::format("{}", fmt::join(words, ", "));
}

std::string files_of(const std::vector<std::size_t>& files) {
  return files.empty() ? "none" : fmt::format("file {}", fmt::join(files, ", "));
}

/// The received descriptors by the files they are open on.
std::string files_of(const Observation& seen) {
  std::vector<std::string> words;
  for (const kit::ReceivedDescriptor& descriptor : seen.descriptors) {
    words.push_back(descriptor.file ? fmt::format("{}", *descriptor.file)
                                    : fmt::format("?(number {} is not one of them)", descriptor.number));
  }
  return words.empty() ? "none" : fmt::format("file {}", fmt::join(words, ", "));
}

class Table {
 public:
  void row(std::string field, std::string expected, std::string actual, bool agrees) {
    rows_.push_back({std::move(field), std::move(expected), std::move(actual), agrees});
  }
  void row(std::string field, std::string expected, std::string actual) {
    const bool agrees = expected == actual;
    row(std::move(field), std::move(expected), std::move(actual), agrees);
  }
  std::vector<Comparison> take() { return std::move(rows_); }

 private:
  std::vector<Comparison> rows_;
};

void compare_storages(Table& table, const std::vector<Bytes>& expected, const std::vector<Bytes>& actual) {
  constexpr std::size_t kMostShown = 8;
  std::size_t alike = 0;
  std::size_t shown = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const bool agrees = i < actual.size() && expected[i] == actual[i];
    if (agrees && expected.size() > kMostShown) {
      ++alike;
    } else if (++shown <= kMostShown) {
      table.row(fmt::format("buffer {}", i), kit::readable(expected[i]),
                i < actual.size() ? kit::readable(actual[i]) : "missing", agrees);
    }
  }
  if (shown > kMostShown) table.row(fmt::format("{} more buffers", shown - kMostShown), "", "differ", false);
  if (alike != 0) table.row(fmt::format("{} other buffers", alike), "as expected", "as expected");
}

/// Each byte is what it was before, or what the received data make it.
void compare_storages_loosely(Table& table, const Answer& answer, const Bytes& data) {
  const std::vector<Bytes> before = kit::storages_before(answer.call.buffers);
  const std::vector<Bytes> after = kit::scattered(answer.call.buffers, data);
  for (std::size_t i = 0; i < before.size(); ++i) {
    const Bytes& actual = answer.seen.storages[i];
    bool agrees = true;
    for (std::size_t k = 0; k < actual.size(); ++k) {
      agrees = agrees && (actual[k] == before[i][k] || actual[k] == after[i][k]);
    }
    table.row(fmt::format("buffer {}", i), "at most " + kit::readable(after[i]), kit::readable(actual), agrees);
  }
}

void compare_play(Table& table, const kit::CallLog& log, const Expected& expected) {
  constexpr std::size_t kMostShown = 6;
  std::size_t receives = log.further_calls;
  std::string others;
  std::string all;
  for (const kit::SeenCall& call : log.calls) {
    if (&call - log.calls.data() < static_cast<std::ptrdiff_t>(kMostShown)) {
      all += (all.empty() ? "" : "; ") + kit::describe(call);
    }
    if (call.system_call == "recvmsg") {
      ++receives;
    } else {
      others += (others.empty() ? "" : ", ") + std::string(call.system_call);
    }
  }
  if (expected.receives) {
    table.row("receives", fmt::format("{}", *expected.receives), fmt::format("{}", receives));
  }
  if (log.unused_steps != expected.unused_steps) {
    table.row("steps not reached", fmt::format("{}", expected.unused_steps), fmt::format("{}", log.unused_steps));
  }
  if (log.unscripted != 0) table.row("receives too many", "0", fmt::format("{}", log.unscripted));
  if (!others.empty()) table.row("received otherwise", "never", "by " + others, false);
  const std::size_t total = log.calls.size() + log.further_calls;
  if (total > kMostShown) all += fmt::format("; ... {} in all", total);
  table.row("the kernel saw", "", all.empty() ? "no receive" : all, true);
}

}  // namespace

Failure os_error(int number) {
  return {Failure::Kind::kSystem, {number}};
}
Failure would_block() {
  if constexpr (EAGAIN != EWOULDBLOCK) return {Failure::Kind::kSystem, {EAGAIN, EWOULDBLOCK}};
  return os_error(EAGAIN);
}
Failure timed_out() {
  return {Failure::Kind::kTimeout, {}};
}
Failure refused_argument() {
  return {Failure::Kind::kRefusedArgument, {}};
}
Failure raised_warning() {
  return {Failure::Kind::kWarning, {}};
}
Failure handler_error() {
  return {Failure::Kind::kFromHandler, {}};
}
Failure raises(std::vector<std::string> classes) {
  return {.kind = Failure::Kind::kClass, .numbers = {}, .classes = std::move(classes)};
}

std::vector<Comparison> compare(const Answer& answer, const Expected& expected) {
  Table table;
  const Observation& seen = answer.seen;
  const std::string actual_error = seen.error ? kit::describe(*seen.error) : "no error";
  if (expected.any_outcome) {
    table.row("outcome", "any", seen.error ? actual_error : "success", true);
    compare_storages_loosely(table, answer, expected.data.value_or(Bytes()));
  } else if (expected.failure) {
    table.row("error", describe(*expected.failure), actual_error, seen.error && is(*seen.error, *expected.failure));
    compare_storages(table, kit::storages_before(answer.call.buffers), seen.storages);
  } else {
    if (seen.error) table.row("error", "no error", actual_error, false);
    const auto nbytes = expected.nbytes ? expected.nbytes
                        : expected.data ? std::optional(static_cast<std::int64_t>(expected.data->size()))
                                        : std::nullopt;
    if (nbytes && !seen.error) {
      table.row("nbytes", fmt::format("{}", *nbytes), fmt::format("{}", seen.nbytes));
    }
    if (expected.storages) compare_storages(table, *expected.storages, seen.storages);
    if (expected.data) compare_storages(table, kit::scattered(answer.call.buffers, *expected.data), seen.storages);
    if (!seen.error) {
      if (expected.ancdata) {
        const auto& actual = seen.ancdata.value_or(std::vector<AncillaryItem>{});
        table.row("ancdata", list_of(*expected.ancdata), list_of(actual), *expected.ancdata == actual);
      }
      if (expected.files) table.row("descriptors", files_of(*expected.files), files_of(seen));
      if (expected.msg_flags) {
        const int actual = seen.msg_flags.value_or(0) & ~MSG_CMSG_CLOEXEC;
        table.row("msg_flags", kit::flag_names(*expected.msg_flags), kit::flag_names(actual));
      }
      if (expected.address) table.row("address", describe(*expected.address), describe(seen.address));
    }
  }
  if (expected.warnings) table.row("warnings", list_of(*expected.warnings), list_of(seen.warnings));
  if (expected.signals) {
    table.row("handler ran", fmt::format("{} times", *expected.signals), fmt::format("{} times", seen.signals));
  }
  for (const auto& [name, value] : expected.facts) {
    const auto told = seen.facts.find(name);
    table.row(name, value, told == seen.facts.end() ? "not told" : told->second);
  }
  if (seen.stray_descriptors != 0) {
    table.row("left open, unreported", "0 descriptors", fmt::format("{} descriptors", seen.stray_descriptors));
  }
  if (seen.kernel) compare_play(table, *seen.kernel, expected);
  return table.take();
}

kit::Capabilities needed_for(const Expected& expected) {
  using enum kit::Capability;
  kit::Capabilities needed;
  if (expected.msg_flags) needed.insert(kMsgFlags);
  if (expected.ancdata) needed.insert(kAncillary);
  if (expected.files) needed.insert(kRights);
  if (expected.address) needed.insert(kAddress);
  if (expected.signals && *expected.signals != 0) needed.insert(kSignals);
  if (expected.warnings) needed.insert(kWarnings);
  if (!expected.facts.empty()) needed.insert(kPythonForms);
  return needed;
}

std::string table_of(const std::vector<Comparison>& comparisons) {
  std::size_t field_width = 8;
  std::size_t expected_width = 8;
  for (const Comparison& comparison : comparisons) {
    field_width = std::max(field_width, comparison.field.size());
    expected_width = std::max(expected_width, std::min<std::size_t>(comparison.expected.size(), 60));
  }
  std::string table = fmt::format("  {:<{}}  {:<{}}  {}\n", "", field_width, "expected", expected_width, "actual");
  for (const Comparison& comparison : comparisons) {
    table += fmt::format("{} {:<{}}  {:<{}}  {}\n", comparison.agrees ? ' ' : '*', comparison.field, field_width,
                         comparison.expected, expected_width, comparison.actual);
  }
  return table;
}

}  // namespace recvinto::conformance
