#include "kit/subjects/choices.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <charconv>
#include <cstdint>
#include <stdexcept>

#include "kit/values/names.h"

namespace recvinto::kit {
namespace {

constexpr std::string_view kUnnamedAddress = "unnamed_address";
constexpr std::string_view kDefaultAncbufsize = "default_ancbufsize";
constexpr std::string_view kTimeout = "timeout";
constexpr std::string_view kTimeoutResolution = "timeout_resolution_ms";
constexpr std::string_view kKnownMsgFlags = "msg_flags_known";

constexpr std::int64_t kLongestResolution = 1000;  // milliseconds: checks wait that long
constexpr std::int64_t kMostDefaultRoom = std::int64_t{1} << 30;

[[noreturn]] void complain(std::string_view name, std::string_view wanted) {
  throw std::invalid_argument(fmt::format("{} is {}", name, wanted));
}

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// One of two words: whether it is the second.
bool second_of(std::string_view name, std::string_view value, std::string_view first, std::string_view second) {
  if (value != first && value != second) complain(name, fmt::format("neither \"{}\" nor \"{}\"", first, second));
  return value == second;
}

std::optional<int> flag_named(std::string_view name) {
  for (int bit = 0; bit < 31; ++bit) {
    if (flag_names(std::int64_t{1} << bit) == name) return 1 << bit;
  }
  return std::nullopt;
}

int flags_in(std::string_view value) {
  int flags = 0;
  while (!value.empty()) {
    const std::size_t end = value.find('|');
    const std::string_view name = value.substr(0, end);
    const std::optional<int> flag = flag_named(name);
    if (!flag) complain(kKnownMsgFlags, fmt::format("no list of names such as MSG_TRUNC: there is no \"{}\"", name));
    flags |= *flag;
    value.remove_prefix(end == std::string_view::npos ? value.size() : end + 1);
  }
  return flags;
}

std::optional<std::size_t> room_in(std::string_view value) {
  if (value == "own") return std::nullopt;
  const std::optional<std::int64_t> bytes = number_in(value);
  if (!bytes || *bytes < 0 || *bytes > kMostDefaultRoom)
    complain(kDefaultAncbufsize, "neither \"own\" nor a number of bytes");
  return static_cast<std::size_t>(*bytes);
}

std::chrono::milliseconds resolution_in(std::string_view value) {
  const std::optional<std::int64_t> time = number_in(value);
  if (!time || *time < 1 || *time > kLongestResolution) {
    complain(kTimeoutResolution, fmt::format("no number from 1 to {}", kLongestResolution));
  }
  return std::chrono::milliseconds(*time);
}

}  // namespace

bool is_choice(std::string_view name) {
  return name == kUnnamedAddress || name == kDefaultAncbufsize || name == kTimeout || name == kTimeoutResolution ||
         name == kKnownMsgFlags;
}

bool choose(Handshake& handshake, std::string_view name, std::string_view value) {
  if (name == kUnnamedAddress) {
    handshake.unnamed_address_is_empty = second_of(name, value, "null", "empty");
  } else if (name == kDefaultAncbufsize) {
    handshake.default_ancbufsize = room_in(value);
  } else if (name == kTimeout) {
    handshake.is_timed_by_the_system = second_of(name, value, "poll", "system");
  } else if (name == kTimeoutResolution) {
    handshake.timeout_resolution = resolution_in(value);
  } else if (name == kKnownMsgFlags) {
    handshake.known_msg_flags = flags_in(value);
  } else {
    return false;
  }
  return true;
}

std::vector<std::pair<std::string, std::string>> choices_of(const Handshake& handshake) {
  std::vector<std::pair<std::string, std::string>> choices;
  const auto chosen = [&](std::string_view name, std::string value) { choices.emplace_back(name, std::move(value)); };
  chosen(kUnnamedAddress, handshake.unnamed_address_is_empty ? "empty" : "null");
  if (const auto& room = handshake.default_ancbufsize) {
    chosen(kDefaultAncbufsize, *room ? std::to_string(**room) : "own");
  }
  if (handshake.is_timed_by_the_system) chosen(kTimeout, "system");
  if (handshake.timeout_resolution.count() != 1) {
    chosen(kTimeoutResolution, std::to_string(handshake.timeout_resolution.count()));
  }
  if (handshake.known_msg_flags != ~0) {
    chosen(kKnownMsgFlags, handshake.known_msg_flags == 0 ? "" : flag_names(handshake.known_msg_flags));
  }
  return choices;
}

}  // namespace recvinto::kit
