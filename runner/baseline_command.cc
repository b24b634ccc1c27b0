#include "runner/baseline_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "kit/host/files.h"
#include "kit/host/interruption.h"
#include "property/framework/law.h"
#include "runner/baseline_update.h"

namespace recvinto::runner {
namespace {

[[noreturn]] void complain(const std::string& what) {
  fmt::print(stderr, "recvmsg-conformance: {}\n", what);
  throw EarlyEnd{kExitUsage};
}

void require_writable(const std::filesystem::path& file) {
  const std::filesystem::path directory = file.has_parent_path() ? file.parent_path() : ".";
  if (access(directory.c_str(), W_OK | X_OK) != 0)
    complain(fmt::format("cannot write --write {}: {}", file.string(), std::strerror(errno)));
}

/// How a new file begins: with how to bring it up to date.
std::string head_of(const Options& options, const Results& results) {
  return fmt::format(
      "# What is known to fail in {} {}. To bring this up to date:\n"
      "#   recvmsg-conformance baseline --implementation {}{} --write {}\n",
      results.handshake.name, results.handshake.version, quoted_for_shell(options.implementation),
      options.strict ? " --strict" : "", quoted_for_shell(*options.baseline));
}

}  // namespace

Baseline read_baseline(const Options& options, std::vector<std::string> checks) {
  if (!options.baseline) return {};
  for (const property::Law& law : property::every_law()) checks.emplace_back(law.name);
  const bool is_updated = options.command == Options::Command::kBaseline;
  if (is_updated) require_writable(*options.baseline);
  if (is_updated && !std::filesystem::exists(*options.baseline)) return {{}, checks};
  std::string text;
  try {
    text = kit::text_of_file(*options.baseline);
  } catch (const std::system_error& error) {
    complain(error.what());
  }
  Baseline baseline(parse_baseline(text, options.baseline->string()), checks);
  if (!is_updated) baseline.require_usable();
  return baseline;
}

int write_baseline(const Options& options, const Baseline& baseline, const Results& results) {
  kit::throw_if_interrupted();
  const std::filesystem::path& file = *options.baseline;
  const bool is_new = !std::filesystem::exists(file);
  const UpdatedBaseline update =
      updated(is_new ? head_of(options, results) : kit::text_of_file(file), baseline, results, options.strict);
  for (const std::string& change : update.changes) fmt::print("{}\n", change);
  if (is_new || !update.changes.empty()) {
    kit::write_whole(file, update.text);
    fmt::print("{}: written\n", file.string());
  } else {
    fmt::print("{}: nothing to change\n", file.string());
  }
  const bool whole = std::ranges::none_of(
      results.checks, [](const Result& result) { return result.outcome.verdict == kit::Verdict::kNotRun; });
  if (whole) return kExitAsExpected;
  fmt::print(stderr, "recvmsg-conformance: some checks were not run, and the baseline says nothing of them\n");
  return kExitFailures;
}

}  // namespace recvinto::runner
