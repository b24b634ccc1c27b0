#include "conformance/runner/calibration.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "fixtures/files.h"
#include "fixtures/implementations/child_process.h"
#include "fixtures/implementations/interruption.h"

namespace recvinto::conformance {
namespace {

using nlohmann::json;

/// Removed with all that is in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() : path_(std::filesystem::temp_directory_path() / "recvinto-calibration-XXXXXX") {
    std::string name = path_.string();
    if (mkdtemp(name.data()) == nullptr) throw std::system_error(errno, std::system_category(), "mkdtemp");
    path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Takes what is there to be read now. False at the end.
bool take(int descriptor, std::string& text) {
  std::array<char, 4096> room{};
  const ssize_t count = read(descriptor, room.data(), room.size());
  if (count > 0) text.append(room.data(), static_cast<std::size_t>(count));
  return count != 0;
}

/// Lets it run to its end. Returns what it wrote to its standard error.
std::string run_to_the_end(kit::ChildProcess& child) {
  std::string output;
  std::string error;
  std::array<pollfd, 3> watched{pollfd{.fd = child.output().get(), .events = POLLIN, .revents = 0},
                                pollfd{.fd = child.error().get(), .events = POLLIN, .revents = 0},
                                pollfd{.fd = child.ended().get(), .events = POLLIN, .revents = 0}};
  while (true) {
    kit::throw_if_interrupted();
    if (poll(watched.data(), watched.size(), -1) < 0) continue;  // EINTR
    if (watched[0].revents != 0 && !take(watched[0].fd, output)) watched[0].fd = -1;
    if (watched[1].revents != 0 && !take(watched[1].fd, error)) watched[1].fd = -1;
    if (watched[2].revents != 0) break;
  }
  while (watched[1].fd >= 0 && take(watched[1].fd, error) && errno != EAGAIN) {
  }
  return error;
}

/// Variables of GoogleTest are for this process: with those of a shard, the child would judge a part of the checks.
void forget_variables_of_googletest() {
  std::vector<std::string> names;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    if (text.starts_with("GTEST_")) names.emplace_back(text.substr(0, text.find('=')));
  }
  for (const std::string& name : names) unsetenv(name.c_str());
}

/// Every check's id is in a file, for a command line has no room for a thousand of them.
json judge_again(const std::vector<std::string>& checks, const Calibration& calibration) {
  const TemporaryDirectory directory;
  kit::write_whole(directory.path() / "flags", fmt::format("--gtest_filter={}\n", fmt::join(checks, ":")));
  std::vector<std::string> words{calibration.program,
                                 "run",
                                 "--implementation",
                                 calibration.specification,
                                 "--calibrate-with",
                                 "none",
                                 "--deadline-ms",
                                 std::to_string(calibration.deadline.count()),
                                 "--out",
                                 directory.path(),
                                 "--gtest_flagfile=" + (directory.path() / "flags").string()};
  if (calibration.kernel == kit::KernelMode::kPass) words.insert(words.end(), {"--kernel", "pass"});
  if (calibration.kernel == kit::KernelMode::kProxy) words.insert(words.end(), {"--kernel", "proxy"});
  forget_variables_of_googletest();
  kit::ChildProcess child(words, {});
  const std::string error = run_to_the_end(child);
  const std::filesystem::path results = directory.path() / "results.json";
  if (!std::filesystem::exists(results))
    throw std::runtime_error(fmt::format("it {}: {}", child.end().value_or("runs on"), error));
  return json::parse(kit::text_of_file(results));
}

/// Of a check in which something differs: in one line, if it is not long.
std::string first_difference_of(const json& check) {
  constexpr std::size_t kLongest = 160;
  const json& first = check.at("differences").at(0);
  const auto expected = first.at("expected").get<std::string>();
  const auto actual = first.at("actual").get<std::string>();
  if (expected.size() + actual.size() > kLongest) return check.at("summary");
  return fmt::format("{}: expected {}, actual {}", first.at("field").get<std::string>(), expected, actual);
}

bool is_perhaps_the_kernels(const Result& result) {
  return !result.failed_as_listed() && may_be_the_kernels(result.outcome, result.claim->oddity.has_value());
}

}  // namespace

std::vector<std::string> perhaps_the_kernels(const Results& results) {
  std::vector<std::string> checks;
  for (const Result& result : results.checks) {
    if (is_perhaps_the_kernels(result)) checks.push_back(result.id);
  }
  return checks;
}

std::map<std::string, std::string> failures_in(const json& results) {
  std::map<std::string, std::string> failures;
  for (const json& check : results.at("checks")) {
    if (check.at("cause") == name(kit::Cause::kDiffers)) failures[check.at("id")] = first_difference_of(check);
  }
  return failures;
}

void blame_the_kernel(Results& results, const std::map<std::string, std::string>& failures,
                      const std::string& specification) {
  for (Result& result : results.checks) {
    const auto found = failures.find(result.id);
    if (found == failures.end() || !is_perhaps_the_kernels(result)) continue;
    kit::Outcome excused =
        kit::ended(kit::Cause::kKernelDeviates,
                   fmt::format("this host's kernel: {} fails this too: {}",
                               specification == "raw" ? "recvmsg(2) itself" : specification, found->second));
    result.outcome.verdict = excused.verdict;
    result.outcome.cause = excused.cause;
    result.outcome.reason = std::move(excused.reason);
  }
}

void calibrate(Results& results, const Calibration& calibration) {
  const std::vector<std::string> checks = perhaps_the_kernels(results);
  if (checks.empty() || kit::is_interrupted()) return;
  try {
    blame_the_kernel(results, failures_in(judge_again(checks, calibration)), calibration.specification);
  } catch (const std::exception& error) {
    fmt::print(stderr, "recvmsg-conformance: not calibrated with {}, so a failure may be the kernel's: {}\n",
               calibration.specification, error.what());
  }
}

}  // namespace recvinto::conformance
