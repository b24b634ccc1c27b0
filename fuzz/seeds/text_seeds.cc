#include "fuzz/seeds/text_seeds.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <utility>
#include <vector>

#include "kit/subjects/protocol.h"
#include "kit/values/scenario_file.h"
#include "kit/values/steps/examples.h"
#include "kit/values/steps/step_form.h"

namespace recvinto::fuzz {
namespace {

constexpr int kId = 7;  // of protocol_lines_round_trip

kit::Call plain_call() {
  return {.buffers = {kit::room(4, "ab"), kit::slice(10, 2, 9), kit::part_of(0, 1, 3)},
          .ancbufsize = 64,
          .flags = MSG_PEEK,
          .timeout = std::chrono::milliseconds(20)};
}

kit::Observation answer() {
  kit::Observation seen;
  seen.nbytes = 3;
  seen.ancdata = {{SOL_SOCKET, SCM_RIGHTS, kit::Bytes("\5\0\0\0", 4)}, {SOL_SOCKET, SCM_CREDENTIALS, ""}};
  seen.msg_flags = MSG_CTRUNC;
  seen.storages = {"abcd", kit::Bytes(10, '\xee'), ""};
  seen.warnings = {"RuntimeWarning"};
  seen.signals = 1;
  return seen;
}

kit::Observation answer_from(const kit::Address& address) {
  kit::Observation seen = answer();
  seen.address = address;
  return seen;
}

kit::Observation failure(const kit::Error& error) {
  kit::Observation seen;
  seen.error = error;
  seen.storages = answer().storages;
  return seen;
}

/// Each address that the protocol knows, and what else an answer may have.
std::vector<std::pair<std::string, kit::Observation>> observations() {
  return {
      {"unnamed-sender", answer()},
      {"from-a-unix-socket", answer_from({.family = AF_UNIX, .path = kit::Bytes("\0a", 2), .host = {}, .raw = {}})},
      {"from-ipv4", answer_from({.family = AF_INET, .path = {}, .host = "127.0.0.1", .port = 53, .raw = {}})},
      {"from-ipv6",
       answer_from(
           {.family = AF_INET6, .path = {}, .host = "fe80::1", .port = 53, .flowinfo = 1, .scope_id = 2, .raw = {}})},
      {"from-netlink", answer_from({.family = AF_NETLINK, .path = {}, .host = {}, .raw = kit::Bytes(10, '\1')})},
      {"timed-out", failure({.type = "TimeoutError", .number = {}, .message = "timed out"})},
      {"refused-by-the-system", failure({.type = "OSError", .number = EBADF, .message = "Bad file descriptor"})},
  };
}

void write_protocol_lines(const WriteSeed& write) {
  const auto seed = [&](const std::string& name, const std::string& request, const std::string& reply) {
    write("protocol_lines_round_trip", name, request + '\n' + reply);
  };
  const std::string request =
      kit::encode_call(kId, {.number = 203, .family = AF_UNIX, .type = SOCK_STREAM}, plain_call());
  for (const auto& [name, seen] : observations()) seed(name, request, kit::encode_result(kId, seen));
  seed("unsupported", request, kit::encode_unsupported(kId, "flags"));
  seed("every-argument",
       kit::encode_call(kId, {.number = 203, .family = AF_UNIX, .type = SOCK_STREAM}, kit::example_call()),
       kit::encode_unsupported(kId, "sparse_buffers"));
  const kit::Handshake handshake{.name = "CPython",
                                 .version = "3.11.2",
                                 .language = "Python",
                                 .capabilities = {kit::Capability::kScatter, kit::Capability::kAncillary},
                                 .unnamed_address_is_empty = true};
  seed("hello", kit::encode_hello(kId), kit::encode_hello_reply(kId, handshake));
  seed("sizes", kit::encode_cmsg_sizes(kId, {0, 1, -1}),
       kit::encode_cmsg_sizes_reply(kId, {.len = {16, 17, {}}, .space = {16, 24, {}}}));
  seed("close", kit::encode_close(kId, {5, 6}), kit::encode_acknowledgement(kId));
  seed("signal", kit::encode_signal(kId, SIGUSR1, kit::HandlerAction::kRaise), kit::encode_acknowledgement(kId));
  write("lines_come_whole", "two-lines-and-a-half", "\x21" + request + "\n" + kit::encode_bye(kId) + "\n\n{\"id\":");
  write("lines_come_whole", "no-line", "\x01");
}

void write_scenarios(const WriteSeed& write) {
  const auto seed = [&](const std::string& name, const kit::ScenarioFile& file) {
    write("scenario_files_round_trip", name, kit::text_of(file));
  };
  kit::Scenario all{.kind = kit::kUnixStream, .steps = {}};
  for (const kit::Step& step : kit::every_step()) {
    all.steps.push_back(step);
    seed(fmt::format("step-{:02}", all.steps.size()), {.scenario = {.kind = kit::kUnixStream, .steps = {step}}});
  }
  seed("every-step",
       {.scenario = all, .law = "PeekingChangesNothing", .seed = 7, .case_number = 2, .note = "two\nlines"});
  write("scenario_files_round_trip", "no-scenario", R"({"schema":1})");
}

void write_toml(const WriteSeed& write) {
  write("toml_files_are_read_or_refused", "baseline", R"(# a comment
[[known]]
check = "Address.PathnameFilling*/unix_datagram"   # a glob
kind = "bug"
verdict = "CRASH"
reason = "the last byte is lost"
link = "https://example.org/"

[[known]]
check = 'Flags.*'
kind = "platform"
reason = "x"
)");
  write("toml_files_are_read_or_refused", "requirements", R"([source]
title = "POSIX"
url = "https://example.org/"

[[requirement]]
slug = "a"
level = "required"
section = "1"
sentence = "A sentence."
[[requirement]]
slug = "b"
level = "platform"
section = "2"
sentence = "Another."
excluded = "why"
)");
  write("toml_files_are_read_or_refused", "no-toml", "[[known\n");
}

}  // namespace

void write_text_seeds(const WriteSeed& write) {
  write_protocol_lines(write);
  write_scenarios(write);
  write_toml(write);
}

}  // namespace recvinto::fuzz
