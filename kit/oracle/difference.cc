#include "kit/oracle/difference.h"

#include <fmt/format.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>

#include "kit/values/names.h"
#include "kit/values/unix_options.h"

namespace recvinto::kit {
namespace {

bool is_time(const AncillaryItem& item) {
  return item.level == SOL_SOCKET &&
         (item.type == SO_TIMESTAMP || item.type == SO_TIMESTAMPNS || item.type == SO_TIMESTAMPING);
}

void blank_out(Bytes& data, std::size_t from, std::size_t length) {
  for (std::size_t i = from; i < std::min(data.size(), from + length); ++i) data[i] = '\0';
}

/// What no run can repeat is zeros.
AncillaryItem repeatable(AncillaryItem item) {
  constexpr std::size_t kAll = 1U << 16U;
  constexpr std::size_t kPort = offsetof(sockaddr_in, sin_port);  // of sockaddr_in6, too
  const auto is = [&](int level, int type) { return item.level == level && item.type == type; };
  if (is_time(item) || is(SOL_SOCKET, SCM_RIGHTS) || is(SOL_SOCKET, kScmPidfd)) blank_out(item.data, 0, kAll);
  if (is(SOL_SOCKET, SCM_CREDENTIALS)) blank_out(item.data, offsetof(ucred, pid), sizeof(pid_t));
  if (is(IPPROTO_IP, IP_ORIGDSTADDR) || is(IPPROTO_IPV6, IPV6_ORIGDSTADDR)) blank_out(item.data, kPort, 2);
  if (is(IPPROTO_IP, IP_RECVERR) || is(IPPROTO_IPV6, IPV6_RECVERR)) {
    blank_out(item.data, sizeof(sock_extended_err) + kPort, 2);
  }
  return item;
}

std::vector<AncillaryItem> repeatable(std::vector<AncillaryItem> items) {
  std::ranges::transform(items, items.begin(), [](AncillaryItem& item) { return repeatable(std::move(item)); });
  return items;
}

/// unix(7), "Autobind feature": a zero byte and five hexadecimal digits.
bool is_autobound(const Bytes& path) {
  return path.size() == 6 && path[0] == '\0' &&
         std::all_of(path.begin() + 1, path.end(), [](unsigned char digit) { return std::isxdigit(digit) != 0; });
}

/// Nothing where the sender has no name, in whichever way that is said.
std::optional<Address> repeatable(std::optional<Address> address) {
  if (!address) return address;
  if (address->family == AF_UNIX && address->path.empty()) return std::nullopt;
  address->port = 0;
  if (is_autobound(address->path)) blank_out(address->path, 1, 5);
  if (const std::size_t slash = address->path.rfind('/'); address->path.starts_with('/')) {
    blank_out(address->path, 1, slash);
  }
  return address;
}

bool is_same(const Error& one, const Error& other) {
  if (one.number || other.number) return one.number == other.number;
  return one.type == other.type;
}

bool is_same(const ReceivedDescriptor& one, const ReceivedDescriptor& other) {
  return one.file == other.file && one.close_on_exec == other.close_on_exec && one.shares_offset == other.shares_offset;
}

bool is_same(const ReceivedPidfd& one, const ReceivedPidfd& other) {
  return one.process.has_value() == other.process.has_value() && one.close_on_exec == other.close_on_exec;
}

std::string describe(const std::optional<Error>& error) {
  return error ? kit::describe(*error) : "none";
}
std::string describe(const std::optional<Address>& address) {
  return address ? kit::describe(*address) : "none";
}
std::string describe(const std::vector<AncillaryItem>& items) {
  std::vector<std::string> words;
  for (const AncillaryItem& item : items) words.push_back(kit::describe(item));
  return words.empty() ? "none" : fmt::format("{}", fmt::join(words, "; "));
}
std::string describe(const ReceivedDescriptor& descriptor) {
  return fmt::format("{}{}{}", descriptor.file ? fmt::format("file {}", *descriptor.file) : "no file that was sent",
                     descriptor.close_on_exec ? "" : " without FD_CLOEXEC",
                     descriptor.file && !descriptor.shares_offset ? " opened anew" : "");
}
std::string describe(const ReceivedPidfd& pidfd) {
  return fmt::format("{}{}", pidfd.process ? "a process" : "no process",
                     pidfd.close_on_exec ? "" : " without FD_CLOEXEC");
}
template <typename Received>
std::string describe(const std::vector<Received>& list) {
  std::vector<std::string> words;
  for (const Received& received : list) words.push_back(describe(received));
  return words.empty() ? "none" : fmt::format("{}", fmt::join(words, ", "));
}
std::string describe(const std::vector<std::string>& words) {
  return words.empty() ? "none" : fmt::format("{}", fmt::join(words, ", "));
}
std::string describe(const Facts& facts) {
  std::vector<std::string> words;
  for (const auto& [name, value] : facts) words.push_back(fmt::format("{} {}", name, value));
  return describe(words);
}

/// Without the items that one of both does not report.
std::vector<AncillaryItem> reported_by(Capabilities both, std::vector<AncillaryItem> items) {
  if (!both.contains(Capability::kAllItems)) {
    std::erase_if(items, [](const AncillaryItem& item) { return item.level != SOL_SOCKET || item.type != SCM_RIGHTS; });
  }
  return items;
}

constexpr auto kIsSame = [](const auto& one, const auto& other) { return is_same(one, other); };

class Rows {
 public:
  /// Left out where both are as always, and there is nothing to be seen.
  template <typename Value>
  void add_unless_default(std::string field, bool agrees, const Value& expected, const Value& actual) {
    const auto is_default = [](const Value& value) {
      if constexpr (std::is_integral_v<Value>) {
        return value == 0;
      } else {
        return value.empty();
      }
    };
    if (!is_default(expected) || !is_default(actual)) add(std::move(field), agrees, expected, actual);
  }
  template <typename Value>
  void add(std::string field, bool agrees, const Value& expected, const Value& actual) {
    rows_.push_back({std::move(field), text(expected), text(actual), agrees});
  }
  std::vector<Comparison> take() { return std::move(rows_); }

 private:
  template <typename Value>
  static std::string text(const Value& value) {
    if constexpr (std::is_integral_v<Value>) {
      return fmt::format("{}", value);
    } else {
      return describe(value);
    }
  }
  static std::string text(const Bytes& bytes) { return readable(bytes); }

  std::vector<Comparison> rows_;
};

void compare_storages(Rows& rows, const std::vector<Bytes>& expected, const std::vector<Bytes>& actual) {
  constexpr std::size_t kMostShown = 8;
  std::size_t shown = 0;
  for (std::size_t i = 0; i < std::min(expected.size(), actual.size()); ++i) {
    const bool agrees = expected[i] == actual[i];
    if (agrees && expected.size() > kMostShown) continue;
    if (++shown <= kMostShown) rows.add(fmt::format("buffer {}", i), agrees, expected[i], actual[i]);
  }
  if (shown > kMostShown) rows.add("buffers that differ", false, std::size_t{0}, shown);
  if (expected.size() != actual.size()) rows.add("buffers", false, expected.size(), actual.size());
}

}  // namespace

std::vector<Comparison> compare(const SocketKind& kind, const Observation& expected, const Observation& actual,
                                Capabilities both) {
  using enum Capability;
  Rows rows;
  const bool same_error = expected.error.has_value() == actual.error.has_value() &&
                          (!expected.error || is_same(*expected.error, *actual.error));
  rows.add("error", same_error, expected.error, actual.error);
  if (!expected.error && !actual.error) {
    rows.add("nbytes", expected.nbytes == actual.nbytes, expected.nbytes, actual.nbytes);
  }
  // What a call has done to the buffers before it failed is another question.
  const bool both_failed = expected.error && actual.error;
  if (!both_failed && (kind.is_unix() || kind.is_udp() || kind.is_tcp())) {
    compare_storages(rows, expected.storages, actual.storages);
  }
  if (expected.ancdata && actual.ancdata) {
    const std::vector<AncillaryItem> one = reported_by(both, *expected.ancdata);
    const std::vector<AncillaryItem> other = reported_by(both, *actual.ancdata);
    rows.add("ancdata", repeatable(one) == repeatable(other), one, other);
  }
  if (both.contains(kRights)) {
    rows.add_unless_default("descriptors", std::ranges::equal(expected.descriptors, actual.descriptors, kIsSame),
                            expected.descriptors, actual.descriptors);
    rows.add_unless_default("pidfds", std::ranges::equal(expected.pidfds, actual.pidfds, kIsSame), expected.pidfds,
                            actual.pidfds);
  }
  if (expected.msg_flags && actual.msg_flags) {
    // Linux echoes MSG_CMSG_CLOEXEC to a caller that sets it.
    const int compared = expected.known_msg_flags & actual.known_msg_flags & ~MSG_CMSG_CLOEXEC;
    const int one = *expected.msg_flags & compared;
    const int other = *actual.msg_flags & compared;
    rows.add("msg_flags", one == other, std::vector{flag_names(one)}, std::vector{flag_names(other)});
  }
  if (both.contains(kAddress) && !expected.error && !actual.error) {
    rows.add("address", repeatable(expected.address) == repeatable(actual.address), expected.address, actual.address);
  }
  if (both.contains(kWarnings)) {
    rows.add_unless_default("warnings", expected.warnings == actual.warnings, expected.warnings, actual.warnings);
  }
  if (both.contains(kSignals)) {
    rows.add_unless_default("handler ran", expected.signals == actual.signals, expected.signals, actual.signals);
  }
  rows.add_unless_default("facts", expected.facts == actual.facts, expected.facts, actual.facts);
  rows.add_unless_default("left open, unreported", expected.stray_descriptors == actual.stray_descriptors,
                          expected.stray_descriptors, actual.stray_descriptors);
  return rows.take();
}

std::vector<std::pair<std::string, std::string>> fields_of(const Observation& observation) {
  constexpr std::size_t kMostBuffersShown = 16;
  std::vector<std::pair<std::string, std::string>> fields;
  if (observation.error) {
    fields.emplace_back("error", describe(observation.error));
  } else {
    fields.emplace_back("nbytes", fmt::format("{}", observation.nbytes));
  }
  for (std::size_t i = 0; i < std::min(observation.storages.size(), kMostBuffersShown); ++i) {
    fields.emplace_back(fmt::format("buffer {}", i), readable(observation.storages[i]));
  }
  if (observation.storages.size() > kMostBuffersShown) {
    fields.emplace_back("buffers", fmt::format("{} in all", observation.storages.size()));
  }
  if (!observation.error) {
    if (observation.ancdata) fields.emplace_back("ancdata", describe(*observation.ancdata));
    if (observation.msg_flags) fields.emplace_back("msg_flags", flag_names(*observation.msg_flags));
    fields.emplace_back("address", describe(observation.address));
  }
  if (!observation.descriptors.empty()) fields.emplace_back("descriptors", describe(observation.descriptors));
  if (!observation.pidfds.empty()) fields.emplace_back("pidfds", describe(observation.pidfds));
  if (!observation.warnings.empty()) fields.emplace_back("warnings", describe(observation.warnings));
  if (observation.signals != 0) fields.emplace_back("handler ran", fmt::format("{} times", observation.signals));
  if (!observation.facts.empty()) fields.emplace_back("facts", describe(observation.facts));
  if (observation.stray_descriptors != 0) {
    fields.emplace_back("left open, unreported", fmt::format("{} descriptors", observation.stray_descriptors));
  }
  if (observation.kernel) {
    constexpr std::size_t kMostCallsShown = 16;
    const CallLog& log = *observation.kernel;
    for (std::size_t i = 0; i < std::min(log.calls.size(), kMostCallsShown); ++i) {
      fields.emplace_back("the kernel saw", kit::describe(log.calls[i]));
    }
    const std::size_t calls = log.calls.size() + log.further_calls;
    if (calls > kMostCallsShown) fields.emplace_back("the kernel saw", fmt::format("{} in all", calls));
    if (log.unused_steps != 0) fields.emplace_back("steps not reached", fmt::format("{}", log.unused_steps));
    if (log.unscripted != 0) fields.emplace_back("receives too many", fmt::format("{}", log.unscripted));
    for (const std::string& trouble : log.troubles) fields.emplace_back("not played", trouble);
  }
  return fields;
}

}  // namespace recvinto::kit
