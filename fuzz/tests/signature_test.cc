#include "fuzz/support/signature.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kit/values/socket_kind.h"

namespace recvinto::fuzz {
namespace {

std::vector<std::string> symptoms(const char* field, const char* expected, const char* actual) {
  return symptoms_of(kit::Difference{.field = field, .expected = expected, .actual = actual});
}

using Symptoms = std::vector<std::string>;

TEST(Symptom, SaysInWhichDirectionAFieldDiffers) {
  EXPECT_EQ(symptoms("nbytes", "5", "4"), Symptoms{"nbytes less"});
  EXPECT_EQ(symptoms("nbytes", "5", "12"), Symptoms{"nbytes more"});
  EXPECT_EQ(symptoms("descriptors", "file 0, 1", "none"), Symptoms{"descriptors fewer"});
  EXPECT_EQ(symptoms("descriptors", "file 0", "file 0, 1"), Symptoms{"descriptors more"});
  EXPECT_EQ(symptoms("ancdata", "a 00; b 11", "a 00; b 12"), Symptoms{"ancdata other"});
  EXPECT_EQ(symptoms("ancdata", "a 00; b 11", "a 00"), Symptoms{"ancdata fewer"});
  EXPECT_EQ(symptoms("address", "127.0.0.1:7", "none"), Symptoms{"address missing"});
  EXPECT_EQ(symptoms("address", "none", "127.0.0.1:7"), Symptoms{"address not expected"});
}

TEST(Symptom, OfFlagsIsOneForEachFlag) {
  EXPECT_EQ(symptoms("msg_flags", "MSG_CTRUNC|MSG_EOR", "MSG_EOR|MSG_OOB"),
            (Symptoms{"msg_flags without MSG_CTRUNC", "msg_flags with MSG_OOB"}));
}

TEST(Symptom, DoesNotDependOnNumbersAndPlaces) {
  EXPECT_EQ(symptoms("buffer 3", "ab", "ac"), symptoms("buffer 11", "x", "y"));
  EXPECT_EQ(symptoms("12 more buffers", "", "differ"), symptoms("buffer 3", "ab", "ac"));
}

TEST(Symptoms, AreThoseOfTheFirstCallThatDiffers) {
  const kit::Outcome outcome = kit::outcome_of(kit::Differences{
      {.where = "call 1", .field = "nbytes", .expected = "5", .actual = "4"},
      {.where = "call 1", .field = "msg_flags", .expected = "0", .actual = "MSG_OOB"},
      {.where = "call 2", .field = "address", .expected = "none", .actual = "x"},
  });
  EXPECT_EQ(symptoms_of(outcome), (Symptoms{"nbytes less", "msg_flags with MSG_OOB"}));
}

TEST(Symptoms, OfWhatDidNotEndAreItsCause) {
  EXPECT_EQ(symptoms_of(kit::ended(kit::Cause::kTookMore, "descriptor 12 is gone: closed")),
            Symptoms{"took-more: descriptor N is gone"});
}

TEST(Symptom, FollowsFromWhatTakesItAlong) {
  EXPECT_TRUE(follows_from("buffers other", "nbytes less"));
  EXPECT_TRUE(follows_from("descriptors fewer", "ancdata fewer"));
  EXPECT_FALSE(follows_from("msg_flags without MSG_CTRUNC", "nbytes less"));
  EXPECT_FALSE(follows_from("nbytes less", "buffers other"));
}

TEST(Signature, NamesTheJudgeAndTheFamily) {
  EXPECT_EQ(signature_of("Law", "nbytes less", kit::kUdp6), "Law: nbytes less, on internet");
  EXPECT_EQ(signature_of("Law", "nbytes less", kit::kUdp4), signature_of("Law", "nbytes less", kit::kTcp6));
  EXPECT_NE(signature_of("Law", "nbytes less", kit::kUdp4), signature_of("Law", "nbytes less", kit::kUnixStream));
}

TEST(Severity, IsThatOfTheField) {
  EXPECT_EQ(severity_of("left open, unreported other"), "descriptor");
  EXPECT_EQ(severity_of("buffers other"), "memory");
  EXPECT_EQ(severity_of("msg_flags with MSG_OOB"), "disagreement");
}

}  // namespace
}  // namespace recvinto::fuzz
