#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "kit/host/child_process.h"
#include "kit/host/installation.h"
#include "kit/subjects/catalogue.h"
#include "kit/tests/denied.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string refusal_of(const std::string& command_line) {
  try {
    split_command_line(command_line);
  } catch (const CannotStart& refusal) {
    return refusal.what();
  }
  return "not refused";
}

TEST(CommandLine, IsSplitAtBlanks) {
  EXPECT_THAT(split_command_line("  program  -a\tb "), ElementsAre("program", "-a", "b"));
}

TEST(CommandLine, KeepsQuotedWordsWhole) {
  EXPECT_THAT(split_command_line(R"(program 'a b' "c  d" e\ f '')"), ElementsAre("program", "a b", "c  d", "e f", ""));
}

TEST(CommandLine, HasItsVariablesReplacedOutsideSingleQuotes) {
  setenv("KIT_TEST_WORD", "some word", 1);
  EXPECT_THAT(split_command_line(R"(program "$KIT_TEST_WORD" ${KIT_TEST_WORD}s '$KIT_TEST_WORD')"),
              ElementsAre("program", "some word", "some", "words", "$KIT_TEST_WORD"));
}

TEST(CommandLine, WithAVariableThatIsNotSetIsRefused) {
  unsetenv("KIT_TEST_WORD");
  EXPECT_THAT(refusal_of("program $KIT_TEST_WORD"), HasSubstr("a variable that is not set"));
}

TEST(CommandLine, RunsNothing) {
  EXPECT_THAT(refusal_of("program $(date)"), HasSubstr("a command substitution"));
  EXPECT_THAT(refusal_of("program `date`"), HasSubstr("a command substitution"));
}

TEST(CommandLine, WithSyntaxOfAShellIsRefused) {
  for (const char* line : {"a | b", "a; b", "a > b", "a & b", "(a)"}) {
    EXPECT_THAT(refusal_of(line), HasSubstr("an unquoted special character")) << line;
  }
}

TEST(CommandLine, WithAnOpenQuoteIsRefused) {
  EXPECT_THAT(refusal_of("program 'a"), HasSubstr("cannot be split"));
}

TEST(CommandLine, OfNoWordsIsRefused) {
  EXPECT_THAT(refusal_of(""), HasSubstr("is empty"));
  EXPECT_THAT(refusal_of("   "), HasSubstr("is empty"));
}

TEST(AdapterCommand, OfAnExecSpecificationIsItsCommandLine) {
  EXPECT_THAT(Catalogue("/runner").adapter_command("exec:a 'b c'"), ElementsAre("a", "b c"));
}

TEST(AdapterCommand, OfAnImplementationInsideIsThisProgramsServe) {
  const Catalogue catalogue("/runner", {{.name = "errors-clear-buffers", .make = make_raw_receiver, .command = {}}});
  for (const char* spec : {"reference", "raw", "recvmmsg", "recvmmsg_batch", "fault:errors-clear-buffers"}) {
    EXPECT_THAT(catalogue.adapter_command(spec), ElementsAre("/runner", "serve", spec));
  }
}

/// The complaint about a SPEC that this host does not have.
std::string lack_of(const Catalogue& catalogue, const char* spec) {
  try {
    static_cast<void>(catalogue.adapter_command(spec));
  } catch (const CannotStart& lack) {
    return lack.what();
  }
  return "none";
}

TEST(AdapterCommand, OfA32BitProgramSaysWhereThatIsNotBuilt) {
  EXPECT_THAT(lack_of(Catalogue("/no/such/runner"), "raw32"),
              HasSubstr("there is no /no/such/adapters/raw32-adapter: it is built where the compiler"));
}

TEST(AdapterCommand, OfIoUringSaysWhereThatIsForbidden) {
  const auto says_so = [] {
    for (const std::string spec : {"io_uring", "io_uring_multishot"}) {
      const std::string lack = lack_of(Catalogue("/runner"), spec.c_str());
      const bool is_told = lack == spec +
                                       ": io_uring_setup(2) fails with EPERM on this host (sysctl "
                                       "kernel.io_uring_disabled, or a seccomp filter)";
      if (!is_told && lack.find(": this build has no liburing") == std::string::npos) return 1;
    }
    return 0;
  };
  const auto seen = in_a_child([] { return deny({.number = SYS_io_uring_setup, .error = EPERM}); }, says_so);
  EXPECT_EQ(seen.value_or(0), 0);
}

std::vector<std::string> python_command(const char* spec) {
  return Catalogue("/runner").adapter_command(spec);
}

TEST(AdapterCommand, OfPythonIsTheAdapterThatComesWithTheSuite) {
  unsetenv("RECVMSG_CONFORMANCE_PYTHON");
  const std::string adapter = companion_file("adapters/python/adapter.py");
  EXPECT_TRUE(std::filesystem::exists(adapter)) << adapter;
  EXPECT_THAT(python_command("python"), ElementsAre("python3", "-B", adapter));
  EXPECT_THAT(python_command("python:pypy3 --name PyPy"), ElementsAre("pypy3", "-B", adapter, "--name", "PyPy"));
  setenv("RECVMSG_CONFORMANCE_PYTHON", "/opt/a b/python", 1);
  EXPECT_THAT(python_command("python"), ElementsAre("/opt/a b/python", "-B", adapter));
  EXPECT_THAT(python_command("python:--name X"), ElementsAre("/opt/a b/python", "-B", adapter, "--name", "X"));
  EXPECT_THAT(python_command("python:pypy3"), ElementsAre("pypy3", "-B", adapter));
  unsetenv("RECVMSG_CONFORMANCE_PYTHON");
}

TEST(AdapterCommand, OfAnythingElseIsRefusedAtOnce) {
  const Catalogue catalogue("/runner");
  for (const char* spec : {"", "nonsense", "Reference", "fault:", "fault:no-such-fault", "pythonic"}) {
    EXPECT_THROW(static_cast<void>(catalogue.adapter_command(spec)), UnknownSpecification) << spec;
  }
}

}  // namespace
}  // namespace recvinto::kit
