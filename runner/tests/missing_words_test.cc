// Which words of the protocol would bring how many checks.

#include "runner/missing_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <string>

#include "property/framework/subject.h"

namespace recvinto::runner {
namespace {

using enum kit::Capability;
using testing::ElementsAre;
using testing::IsEmpty;

class MissingWordsTest : public testing::Test {
 protected:
  /// A check that was skipped on a kind of socket.
  void skipped(kit::Capabilities needs, const kit::SocketKind& kind = kit::kUdp4,
               kit::Cause cause = kit::Cause::kNotDeclared) {
    conformance::Claim& claim = claims_.emplace_back();
    claim.needs = needs;
    claim.kinds = {kind};
    Result result{.claim = &claim, .id = "Topic.Claim/" + std::string(kind.name)};
    result.outcome = kit::ended(cause, "a reason");
    results_.checks.push_back(std::move(result));
  }

  /// "word: checks, alone"
  std::vector<std::string> table() const {
    std::vector<std::string> rows;
    for (const MissingWord& word : missing_words(results_)) {
      rows.push_back(word.word + ": " + std::to_string(word.checks) + ", " + std::to_string(word.alone));
    }
    return rows;
  }

  Results results_;

 private:
  std::deque<conformance::Claim> claims_;
};

TEST_F(MissingWordsTest, AreCountedThoseFirstThatBringMost) {
  results_.handshake.capabilities = {kFlags};
  skipped({kScatter, kFlags});
  skipped({kAddress, kScatter});
  skipped({kAddress});
  skipped({kAddress});
  skipped({kMsgFlags, kAddress, kScatter});
  EXPECT_THAT(table(), ElementsAre("address: 4, 2", "scatter: 3, 1", "msg_flags: 1, 0"));
}

TEST_F(MissingWordsTest, MayBeSocketsAndItems) {
  results_.handshake.capabilities = {kAncillary};
  results_.handshake.sockets = std::vector{kit::kUdp4};
  skipped({kAncillary}, kit::kUdp6);
  skipped({kScatter}, kit::kUdp6);
  EXPECT_THAT(table(), ElementsAre("sockets udp6: 2, 1", "scatter: 1, 0"));
}

TEST_F(MissingWordsTest, AreNoneOfWhatMergedBuffersLeaveOut) {
  results_.handshake.capabilities = {kScatter};
  skipped({kScatter, kFlags});
  results_.checks[0].outcome.reason = property::kAboutSeveralBuffers;
  EXPECT_THAT(table(), IsEmpty());
}

TEST_F(MissingWordsTest, AreNoneOfAHostThatLacksSomething) {
  skipped({kScatter}, kit::kUdp4, kit::Cause::kHostLacks);
  EXPECT_THAT(table(), IsEmpty());
}

}  // namespace
}  // namespace recvinto::runner
