#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "kit/subjects/adapter_process.h"

namespace recvinto::runner {

/// What ends the program early, with its exit status: help asked for, or wrong usage. The text has been printed.
struct EarlyEnd {
  int status = 0;
};

// sysexits(3) and the suite's own; the README lists them all.
inline constexpr int kExitAsExpected = 0;
inline constexpr int kExitFailures = 1;
inline constexpr int kExitBaseline = 2;
inline constexpr int kExitNothingRan = 3;
inline constexpr int kExitUsage = 64;
inline constexpr int kExitCannotStart = 66;
inline constexpr int kExitSuiteFault = 70;

/// Of `property`, where neither a number nor a time is given.
inline constexpr std::uint64_t kDefaultCases = 20'000;

struct Options {
  enum class Command { kRun, kBaseline, kProperty, kReplay, kReport, kList, kServe, kProbe, kDoctor, kInit };
  Command command = Command::kRun;

  // run
  std::string implementation = "reference";
  std::string filter = "*";
  std::optional<std::filesystem::path> out;
  std::optional<std::filesystem::path> record_corpus;
  std::chrono::milliseconds deadline{5000};
  std::vector<std::string> required_capabilities;
  bool strict = false;
  std::optional<std::filesystem::path> baseline;  ///< for the command `baseline`: what it writes
  bool observations = false;                      ///< of what passed, too
  bool verbose = false;                           ///< every failure in full
  bool quiet = false;                             ///< failures and the summary only
  std::string calibrate_with = "raw";             ///< or "none"
  kit::KernelMode kernel = kit::KernelMode::kHost;
  std::vector<std::string> gtest_flags;
  /// --shard I/N: the I-th of N parts, from 1 on.
  struct Shard {
    unsigned number = 1;
    unsigned of = 1;
  };
  std::optional<Shard> shard;

  // run and property
  unsigned jobs = 0;           ///< 0: as many as there are processors
  bool poison = false;         ///< memory of heaps is not zero when it is allocated
  bool merge_buffers = false;  ///< one buffer takes the place of several

  // property
  std::string laws = "*";
  std::optional<std::uint64_t> cases;      ///< in all; nothing: kDefaultCases, or as many as fit into `seconds`
  std::optional<std::uint64_t> seconds;    ///< after which no case begins
  std::optional<std::uint64_t> seed;       ///< nothing: another one each time
  std::optional<std::uint64_t> only_case;  ///< of each law
  std::uint64_t tries = 4000;              ///< simpler scenarios, of one that breaks a law
  bool fail_fast = false;                  ///< the first law that is broken ends it all
  bool list_laws = false;
  bool statistics = false;  ///< of the sizes in generated scenarios, which are not performed

  // replay
  std::vector<std::filesystem::path> replayed;  ///< files, and directories of files

  // report
  std::vector<std::filesystem::path> reported;  ///< results.json, or directories that have one

  // run and report
  std::optional<std::filesystem::path> summary;  ///< Markdown, for the summary of a step
  std::optional<std::filesystem::path> tap;

  // property and replay
  std::optional<std::string> against;  ///< the SPEC of another implementation

  // list and replay
  bool json = false;
  // list
  bool faults = false;

  // serve
  std::string served;

  // init
  std::string language;           ///< as its folder below adapters/templates is named
  std::filesystem::path written;  ///< new, or empty
};

/// Parses the command line. Throws EarlyEnd.
Options parse_options(int argc, char** argv);

/// As one word of a command line for a shell.
std::string quoted_for_shell(const std::string& word);

}  // namespace recvinto::runner
