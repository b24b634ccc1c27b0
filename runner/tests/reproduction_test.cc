// The lines that reproduce, read back.

#include "runner/reproduction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kit/host/child_process.h"

namespace recvinto::runner {
namespace {

using testing::HasSubstr;
using testing::Not;
using Command = Options::Command;

constexpr const char* kOddSpec = "exec:python3 'it'\\''s here/$HOME/a b.py' --flag=\"x\" ; echo `id` *";

template <typename Change>
Options with(Change change) {
  Options options;
  change(options);
  return options;
}

/// As a shell would start the program.
Options parsed(const std::string& line) {
  std::vector<std::string> words = kit::split_command_line(line);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  return parse_options(static_cast<int>(arguments.size()), arguments.data());
}

void expect_same(const Options& one, const Options& other) {
  EXPECT_EQ(one.command, other.command);
  EXPECT_EQ(one.implementation, other.implementation);
  EXPECT_EQ(one.filter, other.filter);
  EXPECT_EQ(one.deadline, other.deadline);
  EXPECT_EQ(one.kernel, other.kernel);
  EXPECT_EQ(one.strict, other.strict);
  EXPECT_EQ(one.poison, other.poison);
  EXPECT_EQ(one.merge_buffers, other.merge_buffers);
  EXPECT_EQ(one.calibrate_with, other.calibrate_with);
  EXPECT_EQ(one.baseline, other.baseline);
  EXPECT_EQ(one.laws, other.laws);
  EXPECT_EQ(one.cases, other.cases);
  EXPECT_EQ(one.seed, other.seed);
  EXPECT_EQ(one.only_case, other.only_case);
  EXPECT_EQ(one.tries, other.tries);
  EXPECT_EQ(one.against, other.against);
  EXPECT_EQ(one.replayed, other.replayed);
}

TEST(ReproductionTest, EveryOptionThatMattersIsReadBack) {
  const std::vector<Options> rows{
      Options(),
      with([](Options& o) { o.implementation = kOddSpec; }),
      with([](Options& o) { o.poison = true; }),
      with([](Options& o) { o.merge_buffers = true; }),
      with([](Options& o) {
        o.command = Command::kProperty;
        o.merge_buffers = true;
      }),
      with([](Options& o) {
        o.implementation = "plugin:/a b/it's.so";
        o.filter = "A.*/*:B.?-C.*";
      }),
      with([](Options& o) { o.filter = "-Scripted*:*/udp4"; }),
      with([](Options& o) { o.filter = ""; }),
      with([](Options& o) { o.deadline = std::chrono::milliseconds(1500); }),
      with([](Options& o) { o.strict = true; }),
      with([](Options& o) { o.baseline = "known failures.toml"; }),
      with([](Options& o) { o.calibrate_with = "none"; }),
      with([](Options& o) { o.calibrate_with = kOddSpec; }),
      with([](Options& o) { o.kernel = kit::KernelMode::kPass; }),
      with([](Options& o) { o.kernel = kit::KernelMode::kProxy; }),
      with([](Options& o) {
        o.command = Command::kProperty;
        o.implementation = kOddSpec;
        o.deadline = std::chrono::milliseconds(99);
      }),
      with([](Options& o) {
        o.command = Command::kProperty;
        o.strict = true;
        o.laws = "A*:B";
        o.cases = 7;
        o.seed = 0;
        o.tries = 0;
      }),
      with([](Options& o) {
        o.command = Command::kProperty;
        o.seed = 18446744073709551615U;
        o.only_case = 3;
        o.against = kOddSpec;
      }),
      with([](Options& o) {
        o.command = Command::kReplay;
        o.replayed = {"o p/it's.json"};
      }),
      with([](Options& o) {
        o.command = Command::kReplay;
        o.implementation = kOddSpec;
        o.deadline = std::chrono::milliseconds(77);
        o.kernel = kit::KernelMode::kPass;
        o.replayed = {"a", "b c"};
        o.against = "raw";
      }),
  };
  for (const Options& options : rows) {
    const std::string line = command_line_of(options);
    SCOPED_TRACE(line);
    Options expected = options;
    if (expected.command == Command::kProperty) expected.kernel = kit::KernelMode::kHost;
    expect_same(parsed(line), expected);
  }
}

TEST(ReproductionTest, WhatIsAsByDefaultIsLeftOut) {
  EXPECT_EQ(command_line_of({}), "recvmsg-conformance run --implementation reference");
  EXPECT_EQ(command_line_of(with([](Options& o) {
              o.filter = "A.B/udp4";
              o.out = "somewhere";
              o.record_corpus = "elsewhere";
            })),
            "recvmsg-conformance run --implementation reference --filter A.B/udp4");
}

TEST(ReproductionTest, OfACheckItIsThatCheckOnly) {
  const Options run = with([](Options& o) {
    o.implementation = "exec:a b";
    o.filter = "*";
    o.strict = true;
    o.baseline = "known.toml";
  });
  EXPECT_EQ(reproduction_of(run, "A.B/udp4"),
            "recvmsg-conformance run --implementation 'exec:a b' --filter A.B/udp4 --strict --baseline known.toml");
  const Options written = with([](Options& o) {
    o.command = Command::kBaseline;
    o.baseline = "known.toml";
  });
  EXPECT_THAT(reproduction_of(written, "A.B/udp4"), Not(HasSubstr("known.toml"))) << "the file that is written";
}

TEST(ReproductionTest, OfACaseItIsThatCaseOnly) {
  const Options property = with([](Options& o) {
    o.command = Command::kProperty;
    o.laws = "*";
    o.cases = 100;
    o.jobs = 2;
    o.tries = 5;
  });
  EXPECT_EQ(reproduction_of(property, "SomeLaw", 12, 34),
            "recvmsg-conformance property --implementation reference --laws SomeLaw --seed 12 --case 34 --tries 5");
}

TEST(ReproductionTest, OfAFileItIsOnTheSameImplementation) {
  const Options run = with([](Options& o) {
    o.implementation = "exec:a b";
    o.filter = "*";
    o.deadline = std::chrono::milliseconds(20);
    o.kernel = kit::KernelMode::kProxy;
  });
  EXPECT_EQ(replay_of(run, "o p/x.json"),
            "recvmsg-conformance replay 'o p/x.json' --implementation 'exec:a b' --deadline-ms 20 --kernel proxy");
  EXPECT_EQ(replay_of({}, "-x.json"), "recvmsg-conformance replay ./-x.json --implementation reference");
}

}  // namespace
}  // namespace recvinto::runner
