// A script's way from its first step to its last, and the log of it.

#include "kit/scripted_kernel/play.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cerrno>

#include "kit/tests/scripted_kernel/results.h"

namespace recvinto::kit {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

SeenCall seen(SeenCall::Outcome outcome, std::int64_t result = 0) {
  SeenCall call;
  call.outcome = outcome;
  call.result = result;
  return call;
}

std::vector<int> copied(std::span<const int> numbers) {
  return {numbers.begin(), numbers.end()};
}

TEST(Play, TakesAStepOnlyWhenItIsCommitted) {
  const Script script{.steps = {fails(EINTR), gives("a")}};
  Play play(script);
  EXPECT_EQ(play.next(), &script.steps[0]);
  EXPECT_EQ(play.next(), &script.steps[0]);
  play.commit(seen(SeenCall::Outcome::kFailed, EINTR));
  EXPECT_EQ(play.next(), &script.steps[1]);
}

TEST(Play, HasNoStepBeyondTheLast) {
  const Script script{.steps = {gives("a")}};
  Play play(script);
  play.commit(seen(SeenCall::Outcome::kReturned, 1));
  EXPECT_EQ(play.next(), nullptr);
}

TEST(Play, HasNoStepInAnEmptyScript) {
  const Script empty{.steps = {}, .last_repeats = true};
  EXPECT_EQ(Play(empty).next(), nullptr);
}

TEST(Play, RepeatsTheLastStepWhereToldTo) {
  const Script script{.steps = {gives("a"), fails(EINTR)}, .last_repeats = true};
  Play play(script);
  play.commit(seen(SeenCall::Outcome::kReturned, 1));
  for (int repetition = 0; repetition < 5; ++repetition) {
    EXPECT_EQ(play.next(), &script.steps[1]);
    play.commit(seen(SeenCall::Outcome::kFailed, EINTR));
  }
  const CallLog log = play.finish();
  EXPECT_EQ(log.calls.size(), 6U);
  EXPECT_EQ(log.unused_steps, 0U);
}

TEST(Play, CountsTheStepsThatWereNotPlayed) {
  const Script script{.steps = times(4, fails(EINTR), {gives("a")})};
  Play play(script);
  play.commit(seen(SeenCall::Outcome::kFailed, EINTR));
  EXPECT_EQ(play.finish().unused_steps, 4U);
}

TEST(Play, NotesCallsThatUseUpNoStep) {
  const Script script{.steps = {gives("a")}};
  Play play(script);
  play.note(seen(SeenCall::Outcome::kRefused, EMSGSIZE));
  EXPECT_EQ(play.next(), &script.steps[0]);
  const CallLog log = play.finish();
  EXPECT_EQ(log.calls.size(), 1U);
  EXPECT_EQ(log.unused_steps, 1U);
  EXPECT_EQ(log.unscripted, 0U);
}

TEST(Play, CountsTheCallsThatAreTooMany) {
  const Script script;
  Play play(script);
  play.note(seen(SeenCall::Outcome::kUnscripted, EBADMSG));
  play.note(seen(SeenCall::Outcome::kUnscripted, EBADMSG));
  const CallLog log = play.finish();
  EXPECT_EQ(log.unscripted, 2U);
  EXPECT_EQ(log.calls.size(), 2U);
}

TEST(Play, KeepsTheCallsInOrder) {
  const Script script{.steps = {fails(EINTR), gives("a")}};
  Play play(script);
  play.commit(seen(SeenCall::Outcome::kFailed, EINTR));
  play.note(seen(SeenCall::Outcome::kPassed));
  play.commit(seen(SeenCall::Outcome::kReturned, 1));
  std::vector<SeenCall::Outcome> outcomes;
  for (const SeenCall& call : play.finish().calls) outcomes.push_back(call.outcome);
  EXPECT_THAT(outcomes,
              ElementsAre(SeenCall::Outcome::kFailed, SeenCall::Outcome::kPassed, SeenCall::Outcome::kReturned));
}

TEST(Play, KeepsTroubles) {
  const Script script;
  Play play(script);
  play.trouble("one");
  play.trouble("two");
  EXPECT_THAT(play.finish().troubles, ElementsAre("one", "two"));
}

TEST(Play, HandsOutTheFilesInTheOrderOfTheSteps) {
  const Script script{
      .steps = {gives(with_control("", {rights(1), rights(2)})), fails(EINTR), gives(with_control("", {rights(1)}))}};
  const std::array files{11, 12, 13, 14};
  Play play(script, files);
  EXPECT_THAT(copied(play.files_of(*play.next())), ElementsAre(11, 12, 13));
  EXPECT_THAT(copied(play.files_of(*play.next())), ElementsAre(11, 12, 13)) << "before it was committed";
  play.commit(seen(SeenCall::Outcome::kReturned));
  EXPECT_THAT(copied(play.files_of(*play.next())), IsEmpty());
  play.commit(seen(SeenCall::Outcome::kFailed, EINTR));
  EXPECT_THAT(copied(play.files_of(*play.next())), ElementsAre(14));
}

TEST(Play, HandsOutNoMoreFilesThanThereAre) {
  const Script script{.steps = {gives(with_control("", {rights(3)}))}, .last_repeats = true};
  const std::array files{11, 12, 13, 14};
  Play play(script, files);
  play.commit(seen(SeenCall::Outcome::kReturned));
  EXPECT_THAT(copied(play.files_of(*play.next())), ElementsAre(14));
}

TEST(PlantedFiles, AreThoseOfEveryMessageOfAResult) {
  EXPECT_EQ(planted_files(gives(with_control("", {rights(2), {.data = "x"}, rights(3)}))), 5U);
  EXPECT_EQ(planted_files(fails(EINTR, with_control("", {rights(2)}))), 0U) << "a failure plants none";
  EXPECT_EQ(planted_files(pass()), 0U);
}

}  // namespace
}  // namespace recvinto::kit
