#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "kit/host/child_process.h"
#include "kit/subjects/catalogue.h"
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
  for (const char* spec : {"reference", "raw", "fault:errors-clear-buffers"}) {
    EXPECT_THAT(catalogue.adapter_command(spec), ElementsAre("/runner", "serve", spec));
  }
}

TEST(AdapterCommand, OfAnythingElseIsRefusedAtOnce) {
  const Catalogue catalogue("/runner");
  for (const char* spec : {"", "nonsense", "Reference", "fault:", "fault:no-such-fault", "python"}) {
    EXPECT_THROW(static_cast<void>(catalogue.adapter_command(spec)), UnknownSpecification) << spec;
  }
}

}  // namespace
}  // namespace recvinto::kit
