#include "runner/reproduction.h"

#include <fmt/format.h>

#include <utility>

namespace recvinto::runner {
namespace {

std::string_view word_of(kit::KernelMode kernel) {
  switch (kernel) {
    case kit::KernelMode::kPass:
      return "pass";
    case kit::KernelMode::kProxy:
      return "proxy";
    case kit::KernelMode::kHost:
      break;
  }
  return "host";
}

/// The words of a command line.
class Line {
 public:
  explicit Line(std::string_view command) : text_(fmt::format("recvmsg-conformance {}", command)) {}

  void word(const std::string& word) { text_ += ' ' + quoted_for_shell(word); }
  void option(std::string_view name, const std::string& value) {
    // What begins with a hyphen, as a filter may, would be taken for an option of its own.
    const std::string_view separator = value.starts_with('-') ? "=" : " ";
    text_ += fmt::format(" {}{}{}", name, separator, quoted_for_shell(value));
  }
  template <typename Value>
  void option_unless(const Value& is_default, std::string_view name, const Value& value) {
    if (value != is_default) option(name, fmt::format("{}", value));
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string command_of(const Options& options) {
  switch (options.command) {
    case Options::Command::kProperty:
      return "property";
    case Options::Command::kReplay:
      return "replay";
    default:
      return "run";
  }
}

void add_of_run(Line& line, const Options& options, const Options& defaults) {
  line.option_unless(defaults.filter, "--filter", options.filter);
  if (options.strict) line.word("--strict");
  line.option_unless(defaults.calibrate_with, "--calibrate-with", options.calibrate_with);
  // Of `baseline` it is the file to be written.
  if (options.baseline && options.command != Options::Command::kBaseline) {
    line.option("--baseline", options.baseline->string());
  }
}

void add_of_property(Line& line, const Options& options, const Options& defaults) {
  if (options.against) line.option("--against", *options.against);
  line.option_unless(defaults.laws, "--laws", options.laws);
  if (options.seed) line.option("--seed", fmt::format("{}", *options.seed));
  if (options.only_case) line.option("--case", fmt::format("{}", *options.only_case));
  if (options.cases) line.option("--cases", fmt::format("{}", *options.cases));
  // It decides which cases come before which in one process.
  if (!options.only_case) line.option_unless(defaults.jobs, "--jobs", options.jobs);
  if (options.baseline) line.option("--baseline", options.baseline->string());
  line.option_unless(defaults.tries, "--tries", options.tries);
  if (options.strict) line.word("--strict");
}

}  // namespace

std::string command_line_of(const Options& options) {
  const Options defaults;
  Line line(command_of(options));
  if (options.command == Options::Command::kReplay) {
    for (const std::filesystem::path& file : options.replayed) {
      line.word(file.string().starts_with('-') ? "./" + file.string() : file.string());
    }
  }
  line.option("--implementation", options.implementation);
  switch (options.command) {
    case Options::Command::kProperty:
      add_of_property(line, options, defaults);
      break;
    case Options::Command::kReplay:
      if (options.against) line.option("--against", *options.against);
      break;
    default:
      add_of_run(line, options, defaults);
      break;
  }
  line.option_unless(defaults.deadline.count(), "--deadline-ms", options.deadline.count());
  if (options.poison) line.word("--poison");
  // A saved scenario has the calls as they were made.
  if (options.merge_buffers && options.command != Options::Command::kReplay) line.word("--merge-buffers");
  if (options.command != Options::Command::kProperty) {
    line.option_unless(word_of(defaults.kernel), "--kernel", word_of(options.kernel));
  }
  return line.take();
}

std::string reproduction_of(Options options, const std::string& check) {
  if (options.command == Options::Command::kBaseline) options.baseline.reset();
  options.command = Options::Command::kRun;
  options.filter = check;
  return command_line_of(options);
}

std::string reproduction_of(Options options, std::string_view law, std::uint64_t seed, std::uint64_t case_number) {
  options.command = Options::Command::kProperty;
  options.laws = law;
  options.seed = seed;
  options.only_case = case_number;
  options.cases.reset();  // one
  return command_line_of(options);
}

std::string reproduction_through(Options options, std::string_view law, std::uint64_t seed, std::uint64_t case_number,
                                 unsigned jobs) {
  options.command = Options::Command::kProperty;
  options.laws = law;
  options.seed = seed;
  options.only_case.reset();
  options.cases = case_number + 1;
  options.jobs = jobs;
  return command_line_of(options);
}

std::string replay_of(Options options, const std::filesystem::path& file) {
  options.command = Options::Command::kReplay;
  options.replayed = {file};
  return command_line_of(options);
}

}  // namespace recvinto::runner
