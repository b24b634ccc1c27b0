// The tables in which expected and actual are set side by side: what differs is starred, and nothing else is.

#include "kit/oracle/expectation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <optional>
#include <string>
#include <vector>

namespace recvinto::kit {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Address inet_address(std::uint32_t port) {
  Address address;
  address.family = AF_INET;
  address.host = "127.0.0.1";
  address.port = port;
  return address;
}

/// "abcd" into buffers of 3 and 2, and everything else that there is.
Answer good_answer() {
  Answer answer{{.buffers = {room(3, "-"), room(2, "-")}}, {}};
  answer.seen.nbytes = 4;
  answer.seen.storages = {"abc", "d-"};
  answer.seen.ancdata = std::vector<AncillaryItem>{{SOL_SOCKET, SCM_RIGHTS, Bytes("\5\0\0\0", 4)}};
  answer.seen.descriptors = {{.number = 5, .file = 0}};
  answer.seen.msg_flags = MSG_TRUNC;
  answer.seen.address = inet_address(53);
  answer.seen.warnings = {"RuntimeWarning"};
  answer.seen.signals = 2;
  return answer;
}

Expected everything() {
  return {.data = "abcd",
          .msg_flags = MSG_TRUNC,
          .ancdata = std::vector<AncillaryItem>{{SOL_SOCKET, SCM_RIGHTS, Bytes("\5\0\0\0", 4)}},
          .files = std::vector<std::size_t>{0},
          .address = inet_address(53),
          .signals = 2,
          .warnings = {{"RuntimeWarning"}}};
}

Answer failed(Error error) {
  Answer answer{{.buffers = {room(3, "-")}}, {}};
  answer.seen.error = std::move(error);
  answer.seen.storages = {"---"};
  return answer;
}
Answer failed(std::string type, std::optional<int> number = {}) {
  return failed(Error{std::move(type), number, "message"});
}

/// The fields that differ.
std::vector<std::string> starred(const Answer& answer, const Expected& expected) {
  std::vector<std::string> fields;
  for (const Comparison& comparison : compare(answer, expected)) {
    if (!comparison.agrees) fields.push_back(comparison.field);
  }
  return fields;
}

TEST(Comparison, OfAnAnswerAsExpectedHasARowForEachFieldAndNoStar) {
  EXPECT_THAT(starred(good_answer(), everything()), IsEmpty());
  std::vector<std::string> fields;
  for (const Comparison& comparison : compare(good_answer(), everything())) fields.push_back(comparison.field);
  EXPECT_THAT(fields, ElementsAre("nbytes", "buffer 0", "buffer 1", "ancdata", "descriptors", "msg_flags", "address",
                                  "warnings", "handler ran"));
}

TEST(Comparison, StarsTheOneFieldThatDiffers) {
  const auto starred_after = [](auto change) {
    Answer answer = good_answer();
    change(answer.seen);
    return starred(answer, everything());
  };
  using Seen = Observation;
  EXPECT_THAT(starred_after([](Seen& seen) { seen.nbytes = 5; }), ElementsAre("nbytes"));
  EXPECT_THAT(starred_after([](Seen& seen) { seen.storages[0] = "abx"; }), ElementsAre("buffer 0"));
  EXPECT_THAT(starred_after([](Seen& seen) { seen.storages[1] = "dd"; }), ElementsAre("buffer 1"));
  EXPECT_THAT(starred_after([](Seen& seen) { seen.ancdata->at(0).type = SCM_CREDENTIALS; }), ElementsAre("ancdata"));
  EXPECT_THAT(starred_after([](Seen& seen) { seen.ancdata->clear(); }), ElementsAre("ancdata"));
  EXPECT_THAT(starred_after([](Seen& seen) { seen.descriptors[0].file = 1; }), ElementsAre("descriptors"));
  EXPECT_THAT(starred_after([](Seen& seen) { seen.descriptors[0].file.reset(); }), ElementsAre("descriptors"));
  EXPECT_THAT(starred_after([](Seen& seen) { seen.descriptors.clear(); }), ElementsAre("descriptors"));
  EXPECT_THAT(starred_after([](Seen& seen) { seen.msg_flags = MSG_TRUNC | MSG_EOR; }), ElementsAre("msg_flags"));
  EXPECT_THAT(starred_after([](Seen& seen) { seen.msg_flags = 0; }), ElementsAre("msg_flags"));
  EXPECT_THAT(starred_after([](Seen& seen) { seen.address->port = 54; }), ElementsAre("address"));
  EXPECT_THAT(starred_after([](Seen& seen) { seen.address.reset(); }), ElementsAre("address"));
  EXPECT_THAT(starred_after([](Seen& seen) { seen.warnings.clear(); }), ElementsAre("warnings"));
  EXPECT_THAT(starred_after([](Seen& seen) { seen.signals = 1; }), ElementsAre("handler ran"));
}

TEST(Comparison, LooksOnlyAtWhatTheClaimSays) {
  Answer answer = good_answer();
  answer.seen.ancdata.reset();
  answer.seen.msg_flags = -1;
  answer.seen.address.reset();
  answer.seen.warnings = {"any", "number"};
  answer.seen.signals = 99;
  EXPECT_THAT(starred(answer, {.data = "abcd"}), IsEmpty());
  EXPECT_THAT(starred(answer, {.nbytes = 4}), IsEmpty());
}

TEST(Comparison, AlwaysCountsDescriptorsThatWereLeftOpen) {
  Answer answer = good_answer();
  answer.seen.stray_descriptors = 2;
  const std::vector<Comparison> rows = compare(answer, {.nbytes = 4});
  ASSERT_FALSE(rows.empty());
  EXPECT_EQ(rows.back().field, "left open, unreported");
  EXPECT_EQ(rows.back().expected, "0 descriptors");
  EXPECT_EQ(rows.back().actual, "2 descriptors");
  EXPECT_FALSE(rows.back().agrees);

  Answer failure = failed("OSError", EIO);
  failure.seen.stray_descriptors = 1;
  EXPECT_THAT(starred(failure, {.failure = os_error(EIO)}), ElementsAre("left open, unreported"));
}

TEST(Comparison, AlwaysFindsBytesThatWereNeverSent) {
  Answer answer = good_answer();
  answer.seen.ancdata = std::vector<AncillaryItem>{{.level = 1, .type = 2, .data = "four~NoT"}};
  const std::vector<Comparison> rows = compare(answer, {.nbytes = 4});
  ASSERT_FALSE(rows.empty());
  EXPECT_EQ(rows.front().field, "never sent");
  EXPECT_EQ(rows.front().summary, "bytes that were never sent are reported");
  EXPECT_FALSE(rows.front().agrees);

  answer.seen.ancdata.reset();
  answer.seen.address = Address{.family = AF_UNIX, .path = "/path~NoTsEnd~", .host = {}, .raw = {}};
  EXPECT_THAT(starred(answer, {.nbytes = 4}), ElementsAre("never sent"));
}

TEST(Comparison, TakesTheEmptyUnixAddressForNoneWhereItMayBe) {
  const Expected none{.nbytes = 4, .address = std::optional<Address>()};
  Expected none_or_empty = none;
  none_or_empty.no_address_may_be_empty = true;
  Answer answer = good_answer();
  answer.seen.address.reset();
  EXPECT_THAT(starred(answer, none_or_empty), IsEmpty());
  answer.seen.address = Address{.family = AF_UNIX, .path = {}, .host = {}, .raw = {}};
  EXPECT_THAT(starred(answer, none), ElementsAre("address"));
  EXPECT_THAT(starred(answer, none_or_empty), IsEmpty());
  answer.seen.address->path = "/path";
  EXPECT_THAT(starred(answer, none_or_empty), ElementsAre("address"));
  answer.seen.address = inet_address(53);
  EXPECT_THAT(starred(answer, none_or_empty), ElementsAre("address"));
}

TEST(Comparison, LooksWhetherDescriptorsAreCloseOnExec) {
  Answer answer = good_answer();
  answer.seen.descriptors = {{.number = 5, .file = 0}, {.number = 6, .file = 1}};
  const auto mark = [&](bool first, bool second) {
    answer.seen.descriptors[0].close_on_exec = first;
    answer.seen.descriptors[1].close_on_exec = second;
  };
  const auto are = [&](CloseOnExec expected) { return agrees(answer.call, answer.seen, {.close_on_exec = expected}); };
  EXPECT_FALSE(are(CloseOnExec::kAll));
  EXPECT_TRUE(are(CloseOnExec::kAllOrNone));
  mark(true, false);
  EXPECT_FALSE(are(CloseOnExec::kAll));
  EXPECT_FALSE(are(CloseOnExec::kAllOrNone));
  mark(true, true);
  EXPECT_TRUE(are(CloseOnExec::kAll));
  EXPECT_TRUE(are(CloseOnExec::kAllOrNone));
}

TEST(Comparison, LeavesMsgCmsgCloexecOut) {
  Answer answer = good_answer();
  answer.seen.msg_flags = MSG_TRUNC | MSG_CMSG_CLOEXEC;
  EXPECT_THAT(starred(answer, {.msg_flags = MSG_TRUNC}), IsEmpty());
  EXPECT_THAT(starred(answer, {.msg_flags = 0}), ElementsAre("msg_flags"));
}

TEST(Comparison, LooksAtTheFlagsThatCanBeReported) {
  Answer answer = good_answer();
  answer.seen.known_msg_flags = MSG_CTRUNC;
  answer.seen.msg_flags = 0;
  EXPECT_THAT(starred(answer, {.msg_flags = MSG_TRUNC}), IsEmpty());
  EXPECT_THAT(starred(answer, {.msg_flags = MSG_TRUNC | MSG_CTRUNC}), ElementsAre("msg_flags"));
}

TEST(Comparison, StarsBytesThatWereReturnedBeyondTheRoom) {
  Answer answer = good_answer();
  answer.seen.returned = 5;
  EXPECT_THAT(starred(answer, everything()), IsEmpty());
  answer.seen.returned = 7;
  answer.seen.returned_beyond = "yz";
  EXPECT_THAT(starred(answer, everything()), ElementsAre("returned"));
  EXPECT_THAT(table_of(compare(answer, {})), HasSubstr("at most 5 bytes, the room"));
  EXPECT_THAT(table_of(compare(answer, {})), HasSubstr("7 bytes, beyond the room \"yz\""));
}

TEST(Comparison, ComputesWhereTheDataBelongs) {
  Answer answer{{.buffers = {slice(5, 1, 3, "-"), room(2, "-")}}, {}};
  answer.seen.nbytes = 3;
  answer.seen.storages = {"-ab--", "c-"};
  EXPECT_THAT(starred(answer, {.data = "abc"}), IsEmpty());
  answer.seen.storages = {"ab---", "c-"};
  EXPECT_THAT(starred(answer, {.data = "abc"}), ElementsAre("buffer 0"));
  answer.seen.storages = {"-abc-", "--"};
  EXPECT_THAT(starred(answer, {.data = "abc"}), ElementsAre("buffer 0", "buffer 1"));
}

// MSG_TRUNC: more was received than there is room for.
TEST(Comparison, CountsDataBeyondTheRoomAndPutsItNowhere) {
  Answer answer{{.buffers = rooms(2, 1)}, {}};
  answer.seen.nbytes = 5;
  answer.seen.storages = {"a", "b"};
  EXPECT_THAT(starred(answer, {.data = "abcde"}), IsEmpty());
  answer.seen.nbytes = 2;
  EXPECT_THAT(starred(answer, {.data = "abcde"}), ElementsAre("nbytes"));
  EXPECT_THAT(starred(answer, {.data = "abcde", .nbytes = 2}), IsEmpty());
}

TEST(Comparison, TakesStoragesThatAreSpelledOut) {
  EXPECT_THAT(starred(good_answer(), {.storages = std::vector<Bytes>{"abc", "d-"}, .nbytes = 4}), IsEmpty());
  EXPECT_THAT(starred(good_answer(), {.storages = std::vector<Bytes>{"abc", "de"}}), ElementsAre("buffer 1"));
}

TEST(Comparison, StarsAStorageThatIsMissing) {
  Answer answer = good_answer();
  answer.seen.storages.pop_back();
  EXPECT_THAT(starred(answer, {.data = "abcd"}), ElementsAre("buffer 1"));
}

TEST(Comparison, OfManyBuffersShowsThoseThatDifferAndCountsTheOthers) {
  constexpr std::size_t kMany = 100;
  Answer answer{{.buffers = rooms(kMany, 1)}, {}};
  answer.seen.nbytes = kMany;
  answer.seen.storages.assign(kMany, "x");
  const Expected expected{.data = Bytes(kMany, 'x')};
  EXPECT_THAT(starred(answer, expected), IsEmpty());
  EXPECT_EQ(compare(answer, expected).back().field, "100 other buffers");
  answer.seen.storages[42] = "y";
  EXPECT_THAT(starred(answer, expected), ElementsAre("buffer 42"));
  EXPECT_EQ(compare(answer, expected).back().field, "99 other buffers");
  answer.seen.storages.assign(kMany, "y");
  EXPECT_EQ(starred(answer, expected).size(), 9U);
  EXPECT_EQ(starred(answer, expected).back(), "92 more buffers");
}

TEST(Comparison, OfAnErrorThatNobodyExpectedStarsItAndWhatItLacks) {
  Answer answer = good_answer();
  answer.seen.error = Error{"OSError", EIO, "message"};
  EXPECT_THAT(starred(answer, everything()), ElementsAre("error"));
  answer.seen.storages = {"---", "--"};
  EXPECT_THAT(starred(answer, everything()), ElementsAre("error", "buffer 0", "buffer 1"));
  EXPECT_THAT(starred(answer, {.nbytes = 4}), ElementsAre("error"));
  EXPECT_THAT(starred(answer, {.signals = 2}), ElementsAre("error"));
}

TEST(ExpectedFailure, IsOfTheKindThatWasExpected) {
  const std::vector<Answer> answers{failed("OSError", EIO), failed("TimeoutError"), failed("ValueError"),
                                    failed("HandlerError")};
  const std::vector<Failure> failures{os_error(EIO), timed_out(), refused_argument(), handler_error()};
  for (std::size_t i = 0; i < failures.size(); ++i) {
    for (std::size_t k = 0; k < answers.size(); ++k) {
      EXPECT_EQ(starred(answers[k], {.failure = failures[i]}).empty(), i == k) << i << " and " << k;
    }
  }
}

TEST(ExpectedFailure, IsThatVeryNumberWhateverTheClass) {
  EXPECT_THAT(starred(failed("BrokenPipeError", EPIPE), {.failure = os_error(EPIPE)}), IsEmpty());
  EXPECT_THAT(starred(failed("OSError", EPIPE), {.failure = os_error(EIO)}), ElementsAre("error"));
  EXPECT_THAT(starred(failed("OSError"), {.failure = os_error(EIO)}), ElementsAre("error"));
  EXPECT_THAT(starred(failed("BlockingIOError", EWOULDBLOCK), {.failure = would_block()}), IsEmpty());
  EXPECT_THAT(starred(failed("TimeoutError", ETIMEDOUT), {.failure = timed_out()}), ElementsAre("error"));
}

TEST(ExpectedFailure, IsAnyRefusalOfAnArgument) {
  for (const char* type : {"ValueError", "OverflowError", "TypeError"}) {
    EXPECT_THAT(starred(failed(type), {.failure = refused_argument()}), IsEmpty()) << type;
  }
  EXPECT_THAT(starred(failed("KeyError"), {.failure = refused_argument()}), ElementsAre("error"));
}

TEST(ExpectedFailure, IsOfAnyOfTheClassesThatAreNamed) {
  const Expected expected{.failure = raises({"TypeError", "BufferError"})};
  EXPECT_THAT(starred(failed("BufferError"), expected), IsEmpty());
  EXPECT_THAT(starred(failed("ValueError"), expected), ElementsAre("error"));
  EXPECT_THAT(starred(failed("TypeError", EINVAL), expected), ElementsAre("error")) << "the system refused";
}

TEST(Comparison, LooksAtTheFactsThatAreNamed) {
  Answer answer = good_answer();
  answer.seen.facts = {{"pulled", "3"}, {"passes", "1"}};
  EXPECT_THAT(starred(answer, {.facts = {{"pulled", "3"}}}), IsEmpty());
  EXPECT_THAT(starred(answer, {.facts = {{"pulled", "2"}, {"passes", "1"}}}), ElementsAre("pulled"));
  EXPECT_THAT(starred(answer, {.facts = {{"resizable", "true"}}}), ElementsAre("resizable"));
  answer = failed("TypeError");
  EXPECT_THAT(starred(answer, {.failure = refused_argument(), .facts = {{"resizable", "true"}}}),
              ElementsAre("resizable"));
}

TEST(ExpectedFailure, IsNotASuccess) {
  Answer answer = good_answer();
  answer.seen.storages = {"---", "--"};
  EXPECT_THAT(starred(answer, {.failure = os_error(EIO)}), ElementsAre("error"));
  EXPECT_EQ(compare(answer, {.failure = os_error(EIO)})[0].actual, "no error");
}

TEST(ExpectedFailure, HasWrittenNothing) {
  Answer answer = failed("OSError", EIO);
  answer.seen.storages = {"-a-"};
  EXPECT_THAT(starred(answer, {.failure = os_error(EIO)}), ElementsAre("buffer 0"));
}

TEST(ExpectedFailure, MayHaveRunHandlers) {
  Answer answer = failed("HandlerError");
  answer.seen.signals = 1;
  EXPECT_THAT(starred(answer, {.failure = handler_error(), .signals = 1}), IsEmpty());
  EXPECT_THAT(starred(answer, {.failure = handler_error(), .signals = 2}), ElementsAre("handler ran"));
}

TEST(NeededForAnExpectation, IsWhatItLooksAt) {
  using enum Capability;
  EXPECT_EQ(needed_for(Expected{.data = "a"}), Capabilities{});
  EXPECT_EQ(needed_for(Expected{.failure = timed_out()}), Capabilities{});
  EXPECT_EQ(needed_for(Expected{.msg_flags = 0}), Capabilities{kMsgFlags});
  EXPECT_EQ(needed_for(Expected{.ancdata = std::vector<AncillaryItem>{}}), Capabilities{kAncillary});
  EXPECT_EQ(needed_for(Expected{.files = std::vector<std::size_t>{}}), Capabilities{kRights});
  EXPECT_EQ(needed_for(Expected{.address = std::optional<Address>()}), Capabilities{kAddress});
  EXPECT_EQ(needed_for(Expected{.warnings = std::vector<std::string>{}}), Capabilities{kWarnings});
  EXPECT_EQ(needed_for(Expected{.facts = {{"pulled", "1"}}}), Capabilities{kPythonForms});
  EXPECT_EQ(needed_for(Expected{.signals = 1}), Capabilities{kSignals});
  EXPECT_EQ(needed_for(Expected{.signals = 0}), Capabilities{}) << "an implementation without reports none";
}

TEST(Table, StarsTheLinesThatDifferAndAlignsItsColumns) {
  EXPECT_EQ(table_of({{"nbytes", "4", "5", false}, {"left open, unreported", "0 descriptors", "0 descriptors", true}}),
            "                         expected       actual\n"
            "* nbytes                 4              5\n"
            "  left open, unreported  0 descriptors  0 descriptors\n");
}

}  // namespace
}  // namespace recvinto::kit
