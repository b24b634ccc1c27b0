#include "kit/oracle/expectation.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <type_traits>

#include "kit/values/names.h"
#include "kit/values/never_sent.h"

namespace recvinto::kit {
namespace {

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
  for (const int number : failure.numbers) text += (text.empty() ? "" : " or ") + errno_name(number);
  return text;
}

bool is(const Error& error, const Failure& failure) {
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
  for (const AncillaryItem& item : items) text += (text.empty() ? "" : "; ") + describe(item);
  return text.empty() ? "none" : text;
}

std::string name_or_none(const std::optional<Address>& address) {
  return address ? describe(*address) : "none";
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
  for (const ReceivedDescriptor& descriptor : seen.descriptors) {
    words.push_back(descriptor.file ? fmt::format("{}", *descriptor.file)
                                    : fmt::format("?(number {} is not one of them)", descriptor.number));
  }
  return words.empty() ? "none" : fmt::format("file {}", fmt::join(words, ", "));
}

std::string describe(CloseOnExec expected) {
  return expected == CloseOnExec::kAll ? "all" : "all or none";
}

auto close_on_exec_count(const Observation& seen) {
  return std::ranges::count(seen.descriptors, true, &ReceivedDescriptor::close_on_exec);
}

bool is(CloseOnExec expected, const Observation& seen) {
  const auto count = close_on_exec_count(seen);
  if (count == static_cast<std::ptrdiff_t>(seen.descriptors.size())) return true;
  return expected == CloseOnExec::kAllOrNone && count == 0;
}

/// Rows as they come. A table that is not shown only knows whether all agree, and makes no text.
class Table {
 public:
  enum class For { kReaders, kAnswersOnly };
  explicit Table(For whom) : whom_(whom) {}

  /// The words are text, or what makes text when it is called.
  template <typename Field, typename Expectation, typename Actual>
  void row(const Field& field, bool agrees, const Expectation& expected, const Actual& actual) {
    agree_ = agree_ && agrees;
    if (whom_ == For::kReaders) rows_.push_back({text(field), text(expected), text(actual), agrees});
  }

  /// Of the row that came last, where it differs.
  template <typename Summary>
  void summarize(const Summary& summary) {
    if (whom_ == For::kReaders && !rows_.back().agrees) rows_.back().summary = summary();
  }

  [[nodiscard]] bool all_agree() const { return agree_; }
  std::vector<Comparison> take() { return std::move(rows_); }

 private:
  template <typename Words>
  static std::string text(const Words& words) {
    if constexpr (std::is_invocable_v<Words>) {
      return words();
    } else {
      return std::string(words);
    }
  }

  For whom_;
  bool agree_ = true;
  std::vector<Comparison> rows_;
};

template <typename Value>
auto number(Value value) {
  return [value] { return fmt::format("{}", value); };
}
auto times(int count) {
  return [count] { return fmt::format("{} times", count); };
}

void compare_storages(Table& table, const std::vector<Bytes>& expected, const std::vector<Bytes>& actual) {
  constexpr std::size_t kMostShown = 8;
  std::size_t alike = 0;
  std::size_t shown = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const bool agrees = i < actual.size() && expected[i] == actual[i];
    if (agrees && expected.size() > kMostShown) {
      ++alike;
    } else if (++shown <= kMostShown) {
      table.row([i] { return fmt::format("buffer {}", i); }, agrees, [&] { return readable(expected[i]); },
                [&] { return i < actual.size() ? readable(actual[i]) : "missing"; });
    }
  }
  if (shown > kMostShown) {
    table.row([&] { return fmt::format("{} more buffers", shown - kMostShown); }, false, "", "differ");
  }
  if (alike != 0) {
    table.row([&] { return fmt::format("{} other buffers", alike); }, true, "as expected", "as expected");
  }
}

/// Each byte is what it was before, or what the received data make it.
void compare_storages_loosely(Table& table, const Call& call, const Observation& seen, const Bytes& data) {
  const std::vector<Bytes> before = storages_before(call.buffers);
  const std::vector<Bytes> after = scattered(call.buffers, data);
  for (std::size_t i = 0; i < before.size(); ++i) {
    const Bytes& actual = seen.storages[i];
    bool agrees = true;
    for (std::size_t k = 0; k < actual.size(); ++k) {
      agrees = agrees && (actual[k] == before[i][k] || actual[k] == after[i][k]);
    }
    table.row([i] { return fmt::format("buffer {}", i); }, agrees, [&] { return "at most " + readable(after[i]); },
              [&] { return readable(actual); });
  }
}

std::string list_of(const CallLog& log) {
  constexpr std::size_t kMostShown = 6;
  std::string all;
  for (std::size_t i = 0; i < log.calls.size() && i < kMostShown; ++i) {
    all += (all.empty() ? "" : "; ") + describe(log.calls[i]);
  }
  const std::size_t total = log.calls.size() + log.further_calls;
  if (total > kMostShown) all += fmt::format("; ... {} in all", total);
  return all.empty() ? "no receive" : all;
}

void compare_play(Table& table, const CallLog& log, const Expected& expected) {
  std::size_t receives = log.further_calls;
  std::string others;
  for (const SeenCall& call : log.calls) {
    if (call.system_call == "recvmsg") {
      ++receives;
    } else {
      others += (others.empty() ? "by " : ", ") + std::string(call.system_call);
    }
  }
  if (expected.receives) {
    table.row("receives", *expected.receives == receives, number(*expected.receives), number(receives));
  }
  if (log.unused_steps != expected.unused_steps) {
    table.row("steps not reached", false, number(expected.unused_steps), number(log.unused_steps));
  }
  if (log.unscripted != 0) table.row("receives too many", false, number(0), number(log.unscripted));
  if (!others.empty()) table.row("received otherwise", false, "never", others);
  table.row("the kernel saw", true, "", [&] { return list_of(log); });
}

/// Without the message, whose words differ from call to call.
std::string summary_of_error(const std::optional<Error>& error, std::string_view expected) {
  if (!error) return fmt::format("success where {} was expected", expected);
  const std::string actual =
      error->number ? fmt::format("{} ({})", errno_name(*error->number), error->type) : error->type;
  return fmt::format("error {} where {} was expected", actual, expected);
}

bool is_open_on(const Observation& seen, const std::vector<std::size_t>& files) {
  return std::ranges::equal(seen.descriptors, files, [](const ReceivedDescriptor& descriptor, std::size_t file) {
    return descriptor.file == file;
  });
}

bool has_never_sent(const AncillaryItem& item) {
  return kit::has_never_sent(item.data);
}

bool agrees_in_address(const Expected& expected, const Observation& seen) {
  if (*expected.address == seen.address) return true;
  Address empty;
  empty.family = AF_UNIX;
  return expected.no_address_may_be_empty && !*expected.address && seen.address == empty;
}

bool has_never_sent(const std::optional<Address>& address) {
  return address && (kit::has_never_sent(address->path) || kit::has_never_sent(address->raw));
}

/// Bytes are reported that the scripted kernel put where a kernel fills nothing.
bool reports_never_sent(const Observation& seen) {
  const auto is_of_it = [](const AncillaryItem& item) { return has_never_sent(item); };
  return has_never_sent(seen.address) || (seen.ancdata && std::ranges::any_of(*seen.ancdata, is_of_it));
}

/// The parts of the report that have them.
std::string never_sent_in(const Observation& seen) {
  std::vector<std::string> parts;
  for (const AncillaryItem& item : seen.ancdata.value_or(std::vector<AncillaryItem>())) {
    if (has_never_sent(item)) parts.push_back(describe(item));
  }
  if (has_never_sent(seen.address)) parts.push_back(describe(*seen.address));
  return list_of(parts);
}

std::string returned_by(const Observation& seen) {
  std::string text = fmt::format("{} bytes", seen.returned.value_or(0));
  if (!seen.returned_beyond.empty()) text += ", beyond the room " + readable(seen.returned_beyond);
  return text;
}

void fill(Table& table, const Call& call, const Observation& seen, const Expected& expected) {
  if (reports_never_sent(seen)) {
    table.row("never sent", false, "no bytes", [&] { return never_sent_in(seen); });
    table.summarize([] { return "bytes that were never sent are reported"; });
  }
  const auto actual_error = [&] { return seen.error ? describe(*seen.error) : "no error"; };
  if (expected.any_outcome) {
    table.row("outcome", true, "any", [&] { return seen.error ? actual_error() : "success"; });
    compare_storages_loosely(table, call, seen, expected.data.value_or(Bytes()));
  } else if (expected.failure) {
    table.row(
        "error", seen.error && is(*seen.error, *expected.failure), [&] { return describe(*expected.failure); },
        actual_error);
    table.summarize([&] { return summary_of_error(seen.error, describe(*expected.failure)); });
    compare_storages(table, storages_before(call.buffers), seen.storages);
  } else {
    if (seen.error) {
      table.row("error", false, "no error", actual_error);
      table.summarize([&] { return summary_of_error(seen.error, "none"); });
    }
    const auto nbytes = expected.nbytes ? expected.nbytes
                        : expected.data ? std::optional(static_cast<std::int64_t>(expected.data->size()))
                                        : std::nullopt;
    if (nbytes && !seen.error) table.row("nbytes", *nbytes == seen.nbytes, number(*nbytes), number(seen.nbytes));
    if (expected.storages) compare_storages(table, *expected.storages, seen.storages);
    if (expected.data) compare_storages(table, scattered(call.buffers, *expected.data), seen.storages);
    if (!seen.error) {
      if (expected.ancdata) {
        static const std::vector<AncillaryItem> kNone;
        const auto& actual = seen.ancdata ? *seen.ancdata : kNone;
        table.row(
            "ancdata", *expected.ancdata == actual, [&] { return list_of(*expected.ancdata); },
            [&] { return list_of(actual); });
      }
      if (expected.files) {
        table.row(
            "descriptors", is_open_on(seen, *expected.files), [&] { return files_of(*expected.files); },
            [&] { return files_of(seen); });
      }
      if (expected.close_on_exec && !seen.descriptors.empty()) {
        table.row(
            "close-on-exec", is(*expected.close_on_exec, seen), [&] { return describe(*expected.close_on_exec); },
            [&] { return fmt::format("{} of {}", close_on_exec_count(seen), seen.descriptors.size()); });
      }
      if (expected.msg_flags) {
        const int compared = seen.known_msg_flags & ~MSG_CMSG_CLOEXEC;
        const int wanted = *expected.msg_flags & compared;
        const int actual = seen.msg_flags.value_or(0) & compared;
        table.row(
            "msg_flags", wanted == actual, [&] { return flag_names(wanted); }, [&] { return flag_names(actual); });
      }
      if (expected.address) {
        table.row(
            "address", agrees_in_address(expected, seen), [&] { return name_or_none(*expected.address); },
            [&] { return name_or_none(seen.address); });
      }
    }
  }
  if (seen.returned && *seen.returned > capacity(call.buffers)) {
    table.row(
        "returned", false, [&] { return fmt::format("at most {} bytes, the room", capacity(call.buffers)); },
        [&] { return returned_by(seen); });
    table.summarize([] { return std::string("bytes were returned that were never sent, more than the room"); });
  }
  if (expected.warnings) {
    table.row(
        "warnings", *expected.warnings == seen.warnings, [&] { return list_of(*expected.warnings); },
        [&] { return list_of(seen.warnings); });
  }
  if (expected.signals) {
    table.row("handler ran", *expected.signals == seen.signals, times(*expected.signals), times(seen.signals));
  }
  for (const auto& [name, value] : expected.facts) {
    const auto told = seen.facts.find(name);
    const std::string_view actual = told == seen.facts.end() ? "not reported" : std::string_view(told->second);
    table.row(name, value == actual, value, actual);
  }
  if (seen.stray_descriptors != 0) {
    table.row("left open, unreported", false, "0 descriptors",
              [&] { return fmt::format("{} descriptors", seen.stray_descriptors); });
  }
  if (seen.kernel && !expected.any_play) compare_play(table, *seen.kernel, expected);
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

std::vector<Comparison> compare(const Call& call, const Observation& seen, const Expected& expected) {
  Table table(Table::For::kReaders);
  fill(table, call, seen, expected);
  return table.take();
}

bool agrees(const Call& call, const Observation& seen, const Expected& expected) {
  Table table(Table::For::kAnswersOnly);
  fill(table, call, seen, expected);
  return table.all_agree();
}

Capabilities needed_for(const Expected& expected) {
  using enum Capability;
  Capabilities needed;
  if (expected.msg_flags) needed.insert(kMsgFlags);
  if (expected.ancdata) needed.insert(kAncillary);
  if (expected.files || expected.close_on_exec) needed.insert(kRights);
  if (expected.address) needed.insert(kAddress);
  if (expected.signals && *expected.signals != 0) needed.insert(kSignals);
  if (expected.warnings) needed.insert(kWarnings);
  if (!expected.facts.empty()) needed.insert(kPythonForms);
  return needed;
}

std::string table_of(const std::vector<Comparison>& comparisons, std::string_view expected, std::string_view actual) {
  std::size_t field_width = 8;
  std::size_t expected_width = std::max<std::size_t>(8, expected.size());
  for (const Comparison& comparison : comparisons) {
    field_width = std::max(field_width, comparison.field.size());
    expected_width = std::max(expected_width, std::min<std::size_t>(comparison.expected.size(), 60));
  }
  std::string table = fmt::format("  {:<{}}  {:<{}}  {}\n", "", field_width, expected, expected_width, actual);
  for (const Comparison& comparison : comparisons) {
    table += fmt::format("{} {:<{}}  {:<{}}  {}\n", comparison.agrees ? ' ' : '*', comparison.field, field_width,
                         comparison.expected, expected_width, comparison.actual);
  }
  return table;
}

}  // namespace recvinto::kit
