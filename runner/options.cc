#include "runner/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "kit/values/capability.h"
#include "runner/help.h"

namespace recvinto::runner {
namespace {

constexpr const char* kDescription =
    "Judges an implementation of recvmsg_into (receive a message and its ancillary data into several buffers)\n"
    "requirement by requirement, and says how to reproduce whatever it finds.";

constexpr const char* kFooter =
    "SPEC is one of\n"
    "  reference           the implementation that comes with the suite (the default)\n"
    "  raw                 recvmsg(2) itself\n"
    "  raw32               the same entered by a 32-bit program, where the build has one\n"
    "  recvmmsg            recvmmsg(2) of one message\n"
    "  recvmmsg_batch      recvmmsg(2) of several, which takes one; no scripted kernel answers it\n"
    "  io_uring            IORING_OP_RECVMSG, where the kernel allows io_uring; no scripted kernel answers it\n"
    "  io_uring_multishot  the same as a multishot request with a provided buffer (Linux 6.0)\n"
    "  python              socket.recvmsg_into of the python3 in PATH, or of $RECVMSG_CONFORMANCE_PYTHON\n"
    "  python:INTERPRETER  of another interpreter: python:pypy3; options of adapters/python may follow\n"
    "  plugin:PATH.so      a shared library with the functions of recvinto/plugin.h; see adapters/PLUGIN.md\n"
    "  exec:COMMAND LINE   an adapter process in any language; adapters/PROTOCOL.md says what it speaks\n"
    "  fault:NAME          a planted fault; 'list --faults' names them\n"
    "\n"
    "Flags of GoogleTest (--gtest_repeat=N, --gtest_shuffle, --gtest_random_seed=N, --gtest_fail_fast, ...) are\n"
    "passed on, and its variables (GTEST_TOTAL_SHARDS, ...) are heeded. Of a repeated run, the worst result of each\n"
    "check counts.\n"
    "\n"
    "Exit status\n"
    "  0   nothing failed that counts\n"
    "  1   an unexpected FAIL, CRASH, HANG, PROTOCOL or NOTRUN; of replay: something differs or is wrong\n"
    "  2   the baseline is not up to date: something listed passes, or the file cannot be used\n"
    "  3   nothing meaningful ran: the filter matched nothing, all was skipped, a required capability is missing\n"
    "  64  wrong usage    66  the implementation cannot be started\n"
    "  70  the suite's own fault, or results that could not be written";

/// "2/3"; nullopt: it is not of that form.
std::optional<Options::Shard> shard_named(std::string_view text) {
  Options::Shard shard;
  const char* const end = text.data() + text.size();
  const auto number = std::from_chars(text.data(), end, shard.number);
  if (number.ec != std::errc() || number.ptr == end || *number.ptr != '/') return std::nullopt;
  const auto of = std::from_chars(number.ptr + 1, end, shard.of);
  if (of.ec != std::errc() || of.ptr != end || shard.number < 1 || shard.number > shard.of) return std::nullopt;
  return shard;
}

void add_run_options(CLI::App& app, Options& options) {
  app.add_option("--implementation", options.implementation, "The implementation under test, default: reference")
      ->type_name("SPEC");
  app.add_option("--filter", options.filter,
                 "Only checks that match, as GoogleTest's filter: 'FillOrder.*:*/udp4-*Large*'")
      ->type_name("GLOBS");
  app.add_option("--out", options.out, "Directory for results.json, junit.xml and report.html; created if missing")
      ->type_name("DIR");
  app.add_option("--summary", options.summary,
                 "File that a summary in Markdown is appended to: $GITHUB_STEP_SUMMARY; also of report")
      ->type_name("FILE");
  app.add_option("--tap", options.tap, "File for the results in the Test Anything Protocol, version 14; also of report")
      ->type_name("FILE");
  app.add_option("--record-corpus", options.record_corpus,
                 "Directory for the scenario of every check performed, for fuzzers and replay")
      ->type_name("DIR");
  app.add_option_function<unsigned>(
         "--deadline-ms", [&options](unsigned value) { options.deadline = std::chrono::milliseconds(value); },
         "Deadline of a reply, after which the check is HANG, default: 5000")
      ->check(CLI::Range(10U, 3'600'000U))
      ->type_name("N");
  app.add_option("--require", options.required_capabilities, "Capabilities that must be declared, else exit status 3")
      ->delimiter(',')
      ->check([](const std::string& word) {
        return kit::capability_named(word) ? std::string() : "'" + word + "' is no capability of adapters/PROTOCOL.md";
      })
      ->type_name("CAPABILITY,...");
  app.add_option_function<std::string>(
         "--kernel",
         [&options](const std::string& kernel) {
           options.kernel = kernel == "pass"    ? kit::KernelMode::kPass
                            : kernel == "proxy" ? kit::KernelMode::kProxy
                                                : kit::KernelMode::kHost;
         },
         "How unscripted receives are answered: host (default: directly), pass (intercepted, then forwarded) or proxy\n"
         "(performed by the suite). pass and proxy exist to verify that interception is transparent")
      ->check(CLI::IsMember({"host", "pass", "proxy"}))
      ->type_name("KERNEL");
  app.add_option(
         "--jobs", options.jobs,
         "How many checks are performed side by side, each on an adapter process of its own, default: one for each\n"
         "processor. Those that measure time run after the others, 2 N of them unless N is 1; those that load the\n"
         "machine run alone")
      ->check(CLI::Range(1U, 256U))
      ->type_name("N");
  app.add_option_function<std::string>(
         "--shard", [&options](const std::string& shard) { options.shard = shard_named(shard); },
         "Only the I-th of N parts of the checks, I from 1 to N: for pipelines; as GTEST_TOTAL_SHARDS")
      ->check([](const std::string& shard) {
        return shard_named(shard) ? std::string() : "'" + shard + "' is not I/N with I from 1 to N";
      })
      ->type_name("I/N");
  app.add_flag(
      "--poison", options.poison,
      "Fill memory of heaps as it is allocated, so that what is read before it was written differs from zero:\n"
      "glibc's heap of adapters and plug-ins, and CPython's (GLIBC_TUNABLES, PYTHONMALLOC)");
  app.add_flag("--merge-buffers", options.merge_buffers,
               "One buffer with the room of all in place of several, so that what is not about scattering is judged\n"
               "where scattering is broken; checks and laws about several buffers are skipped. Also of property");
  app.add_flag("--strict", options.strict, "Failures of recommended requirements count too");
  app.add_flag("--verbose", options.verbose, "Show every failure in full, not the first of each cause only");
  app.add_flag("--quiet", options.quiet,
               "Print failures and the summary only: no progress, no skips, no known failures");
  app.add_flag("--observations", options.observations,
               "results.json has steps and observations of checks that passed, too");
  app.add_option("--calibrate-with", options.calibrate_with,
                 "Implementation that detects kernel bugs: a check that also fails on it is skipped, with the reason.\n"
                 "Default: raw; none disables this")
      ->type_name("SPEC");
}

/// Of `run`: the baseline to read; of `baseline`: the one to write.
void add_baseline_options(CLI::App& app, CLI::App& baseline, Options& options) {
  auto* read =
      app.add_option(
             "--baseline", options.baseline,
             "File of expected failures: a listed check that fails as listed is XFAIL, one that passes is XPASS")
          ->type_name("FILE");
  baseline.add_option("--write", options.baseline, "The baseline to bring up to date; created if missing")
      ->required()
      ->excludes(read)
      ->type_name("FILE");
}

CLI::App* add_property(CLI::App& app, Options& options) {
  CLI::App* property =
      app.add_subcommand("property", "Try laws on generated scenarios; a failure is shrunk, and saved for replay");
  property->add_option("--cases", options.cases, "Number of cases in all. Default: 20000, or no limit with --seconds")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000'000}))
      ->type_name("N");
  property->add_option("--seconds", options.seconds, "Begin no case after this time")
      ->check(CLI::Range(1U, 10'000'000U))
      ->type_name("N");
  property->add_option("--seed", options.seed, "Seed of the generated cases, default: a new one each time; printed")
      ->type_name("S");
  property
      ->add_option("--laws", options.laws, "Only laws that match, as GoogleTest's filter: 'Peeking*:*Control*-*Kind*'")
      ->type_name("GLOBS");
  property->add_option("--case", options.only_case, "Only this case of each law, as a report names it")->type_name("K");
  property->add_option("--tries", options.tries, "How many simpler scenarios the shrinker tries, default: 4000")
      ->type_name("N");
  property->add_flag("--fail-fast", options.fail_fast,
                     "End with the first law that fails and counts: not with a recommended one (see --strict)");
  property->add_option("--jobs", options.jobs, "Processes that try them, default: one for each processor")
      ->check(CLI::Range(1U, 256U))
      ->type_name("N");
  property->add_option("--against", options.against, "Another implementation, which must return the same everywhere")
      ->type_name("SPEC");
  property->add_flag("--list", options.list_laws, "List the laws instead");
  property->add_flag("--statistics", options.statistics,
                     "Print the sizes in the generated scenarios instead, and perform none");
  return property;
}

CLI::App* add_report(CLI::App& app, Options& options) {
  CLI::App* report = app.add_subcommand(
      "report", "From saved results: a matrix of implementations and a page of each (--out), what is new and gone");
  report
      ->add_option("FILE", options.reported,
                   "results.json of runs, or directories that have one; the earlier run first")
      ->required();
  return report;
}

void add_format(CLI::App& command, Options& options) {
  command
      .add_option_function<std::string>(
          "--format", [&options](const std::string& format) { options.json = format == "json"; },
          "text (default) or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORMAT");
}

CLI::App* add_replay(CLI::App& app, Options& options) {
  CLI::App* replay = app.add_subcommand("replay", "Perform scenarios from files again, and print the results");
  replay->add_option("FILE", options.replayed, "Scenarios, or directories of them (*.json)")->required();
  replay->add_option("--against", options.against, "Perform them on this implementation too, and say what differs")
      ->type_name("SPEC");
  add_format(*replay, options);
  return replay;
}

}  // namespace

std::string quoted_for_shell(const std::string& word) {
  if (!word.empty() &&
      word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=:./,+@") ==
          std::string::npos) {
    return word;
  }
  std::string quoted = "'";
  for (const char letter : word) quoted += letter == '\'' ? "'\\''" : std::string(1, letter);
  return quoted + "'";
}

Options parse_options(int argc, char** argv) {
  Options options;
  CLI::App app(kDescription, "recvmsg-conformance");
  app.formatter(std::make_shared<HelpFormatter>());
  app.footer(kFooter);
  app.set_version_flag("--version", RECVINTO_VERSION);
  app.require_subcommand(0, 1);
  app.fallthrough();
  add_run_options(app, options);

  CLI::App* run = app.add_subcommand("run", "Judge an implementation (the default)");
  CLI::App* baseline = app.add_subcommand(
      "baseline", "Judge an implementation and write what fails to a file for --baseline, or bring that up to date");
  add_baseline_options(app, *baseline, options);
  CLI::App* property = add_property(app, options);
  CLI::App* list = app.add_subcommand("list", "List the checks with requirement, level, citation, needed capabilities");
  add_format(*list, options);
  list->add_flag("--faults", options.faults,
                 "List the planted faults instead, what each breaks, and which need two conditions");
  CLI::App* replay = add_replay(app, options);
  CLI::App* report = add_report(app, options);
  CLI::App* serve = app.add_subcommand(
      "serve", "Be an adapter for what is built in, plugin:PATH.so or fault:NAME, on stdin and stdout");
  serve->add_option("SPEC", options.served, "What to serve")->required();
  CLI::App* doctor = app.add_subcommand(
      "doctor",
      "Examine an adapter step by step: is it wrong, or what it adapts? Says what each step found, and what to do");
  doctor->add_option("SPEC", options.implementation, "What to examine")->required();
  CLI::App* init =
      app.add_subcommand("init", "Write a template of an adapter, to begin from, to a new or empty folder");
  init->add_option("LANGUAGE", options.language, "c (a plug-in), go, java, perl, python, ruby or rust")->required();
  init->add_option("DIR", options.written, "The folder; created if missing")->required();
  CLI::App* probe = app.add_subcommand("probe", "Say what this host allows a scripted kernel to do");
  for (CLI::App* command : {run, baseline, property, replay, report, list, doctor}) command->fallthrough();
  for (CLI::App* command : {serve, probe, init}) command->fallthrough(false);

  std::vector<std::string> arguments;
  for (int i = argc - 1; i > 0; --i) {  // CLI11 takes them in reverse
    if (std::string_view(argv[i]).starts_with("--gtest_")) {
      options.gtest_flags.insert(options.gtest_flags.begin(), argv[i]);
    } else {
      arguments.emplace_back(argv[i]);
    }
  }
  try {
    app.parse(arguments);
  } catch (const CLI::Success& asked) {
    throw EarlyEnd{app.exit(asked)};
  } catch (const CLI::ExtrasError&) {
    std::cerr << "recvmsg-conformance: " << unexpected_arguments(app) << " (see --help)\n";
    throw EarlyEnd{kExitUsage};
  } catch (const CLI::ParseError& error) {
    std::cerr << "recvmsg-conformance: " << error.what() << " (see --help)\n";
    throw EarlyEnd{kExitUsage};
  }
  if (options.shard && std::getenv("GTEST_TOTAL_SHARDS") != nullptr) {
    std::cerr << "recvmsg-conformance: --shard and GTEST_TOTAL_SHARDS: only one of them can say what is judged\n";
    throw EarlyEnd{kExitUsage};
  }
  if (options.merge_buffers &&
      std::ranges::find(options.required_capabilities, "scatter") != options.required_capabilities.end()) {
    std::cerr << "recvmsg-conformance: --merge-buffers leaves out what --require scatter asks for\n";
    throw EarlyEnd{kExitUsage};
  }
  if (list->parsed()) options.command = Options::Command::kList;
  if (baseline->parsed()) options.command = Options::Command::kBaseline;
  if (property->parsed()) options.command = Options::Command::kProperty;
  if (replay->parsed()) options.command = Options::Command::kReplay;
  if (report->parsed()) options.command = Options::Command::kReport;
  if (doctor->parsed()) options.command = Options::Command::kDoctor;
  if (init->parsed()) options.command = Options::Command::kInit;
  if (probe->parsed()) options.command = Options::Command::kProbe;
  if (serve->parsed()) options.command = Options::Command::kServe;
  return options;
}

}  // namespace recvinto::runner
