#include "runner/registered_checks.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <map>
#include <memory>

#include "kit/host/lacking.h"
#include "runner/options.h"

namespace recvinto::runner {
namespace {

/// In place of a check that is another process's to perform.
class PassedOver final : public testing::Test {
  void TestBody() override {}
};

void register_check(const RegisteredCheck& check, std::size_t number, const Turn& turn) {
  const conformance::Claim& claim = *check.claim;
  const std::string test = fmt::format("{}/{}", claim.name, check.kind.name);
  testing::RegisterTest(claim.topic.c_str(), test.c_str(), nullptr, nullptr, claim.file.c_str(), claim.line,
                        [&claim, &turn, kind = check.kind, number]() -> testing::Test* {
                          if (!turn.is_ours(number)) return new PassedOver;
                          std::unique_ptr<conformance::Check> performed = claim.make();
                          performed->configure(claim, kind, *turn.subject);
                          return performed.release();
                        });
}

/// Those that every host has first.
std::vector<kit::SocketKind> every_kind_of_a_claim() {
  std::vector<kit::SocketKind> kinds(kit::kEveryKind.begin(), kit::kEveryKind.end());
  for (const conformance::Claim& claim : conformance::every_claim()) {
    for (const kit::SocketKind& kind : claim.kinds) {
      if (std::ranges::find(kinds, kind) == kinds.end()) kinds.push_back(kind);
    }
  }
  return kinds;
}

/// Notes what GoogleTest is about to run, and ends the process.
class Planner final : public testing::EmptyTestEventListener {
 public:
  Planner(Tickets& tickets, const std::vector<RegisteredCheck>& checks) : tickets_(tickets) {
    for (std::size_t i = 0; i < checks.size(); ++i) numbers_[checks[i].id] = i;
  }

  void OnTestIterationStart(const testing::UnitTest& unit_test, int /*iteration*/) override {
    tickets_.set_seed(unit_test.random_seed());
    for (int i = 0; i < unit_test.total_test_suite_count(); ++i) {
      const testing::TestSuite& suite = *unit_test.GetTestSuite(i);
      for (int j = 0; j < suite.total_test_count(); ++j) {
        const testing::TestInfo& test = *suite.GetTestInfo(j);
        if (test.should_run()) tickets_.choose(numbers_.at(fmt::format("{}.{}", suite.name(), test.name())));
      }
    }
    _exit(0);
  }

 private:
  Tickets& tickets_;
  std::map<std::string, std::size_t> numbers_;
};

}  // namespace

// Kind by kind, so that one claim on which an implementation hangs is not met seven times in a row, which would look
// as if nothing worked any more.
std::vector<RegisteredCheck> register_checks(const Turn& turn) {
  std::vector<RegisteredCheck> registered;
  for (const kit::SocketKind& kind : every_kind_of_a_claim()) {
    for (const conformance::Claim& claim : conformance::every_claim()) {
      if (std::ranges::find(claim.kinds, kind) == claim.kinds.end()) continue;
      registered.push_back({&claim, kind, claim.id(kind)});
      register_check(registered.back(), registered.size() - 1, turn);
    }
  }
  return registered;
}

void plan(Tickets& tickets, const std::vector<RegisteredCheck>& checks) {
  std::fflush(nullptr);
  const pid_t pid = fork();
  if (pid < 0) kit::lack("fork");
  if (pid == 0) {
    testing::UnitTest::GetInstance()->listeners().Append(new Planner(tickets, checks));
    [[maybe_unused]] const int status = RUN_ALL_TESTS();
    std::fflush(stdout);  // --gtest_list_tests
    _exit(0);
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) kit::lack("waitpid");
  }
  // GoogleTest has said why.
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw EarlyEnd{kExitUsage};
}

}  // namespace recvinto::runner
