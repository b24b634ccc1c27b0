// One adapter and its lives.

#include "kit/subjects/adapter_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "kit/host/process_facts.h"
#include "kit/host/temporary_directory.h"
#include "kit/tests/deadlines.h"
#include "kit/tests/failure_of.h"
#include "kit/tests/sanitized.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr milliseconds kShort{50};

const std::vector<std::string> kReference{CONFORMANCE_RUNNER, "serve", "reference"};

/// An adapter that answers hello with these fields, and every request after it with the reply of the same number.
std::vector<std::string> scripted(const std::string& hello_fields, const std::string& replies = "") {
  const std::string hello =
      R"({"id":0,"protocol":1,"name":"n","version":"v","capabilities":["scatter"])" + hello_fields + "}";
  return {"sh", "-c", "read hello; echo '" + hello + "'; " + replies};
}

class AdapterProcessTest : public testing::Test {
 protected:
  AdapterProcessTest() { std::signal(SIGPIPE, SIG_IGN); }

  static std::string refusal_of(const std::vector<std::string>& command,
                                milliseconds patience = AdapterProcess::kPatienceAtStart) {
    try {
      const AdapterProcess adapter(command, std::min(kLong, patience), KernelMode::kHost, patience);
    } catch (const CannotStart& refusal) {
      return refusal.what();
    }
    return "started";
  }

  static std::string call_fails(AdapterProcess& adapter) {
    return failure_of([&] {
      const Supplied socket = adapter.supply(kUnixStream, Form::kPair);
      adapter.start(socket.name, {.buffers = {room(1)}});
      adapter.finish();
    });
  }
  static Observation receives_a_byte(AdapterProcess& adapter) {
    const Supplied socket = adapter.supply(kUnixStream, Form::kPair);
    EXPECT_EQ(send(socket.peer.get(), "a", 1, 0), 1);
    adapter.start(socket.name, {.buffers = {room(2)}});
    return adapter.finish();
  }
};

TEST_F(AdapterProcessTest, KnowsWhatItsAdapterSaysOfItself) {
  const AdapterProcess adapter(kReference, kLong);
  EXPECT_EQ(adapter.handshake().name, "recvinto");
  EXPECT_EQ(adapter.handshake().capabilities.size(), kEveryCapability.size() - 1) << "all but forms of Python";
}

TEST_F(AdapterProcessTest, PassesACallOnAndItsAnswerBack) {
  AdapterProcess adapter(kReference, kLong);
  const Observation observation = receives_a_byte(adapter);
  EXPECT_EQ(observation.nbytes, 1);
  EXPECT_THAT(observation.storages, ElementsAre("a\xee"));
}

TEST_F(AdapterProcessTest, CannotStartWhatIsNoProgram) {
  EXPECT_THAT(refusal_of({"/no/such/program"}), StartsWith("cannot execute '/no/such/program'"));
}

TEST_F(AdapterProcessTest, CannotStartWhatIsNoAdapter) {
  EXPECT_EQ(refusal_of({"true"}), "no adapter: on hello, the process exited with status 0");
  EXPECT_THAT(refusal_of({"cat"}), HasSubstr("no adapter: on hello, the reply to hello has no field \"name\""));
  EXPECT_EQ(refusal_of({"sleep", "1000"}, kShort), "no adapter: on hello, no answer within the deadline");
}

TEST_F(AdapterProcessTest, ShowsTheStandardErrorOfWhatCannotStart) {
  EXPECT_EQ(refusal_of({"sh", "-c", "echo no such module >&2; exit 1"}),
            "no adapter: on hello, the process exited with status 1; its standard error:\nno such module\n");
}

TEST_F(AdapterProcessTest, SignalsTheProcessThatItsAdapterNames) {
  EXPECT_EQ(refusal_of({"sh", "-c",
                        "read hello; sleep 1000 & echo '{\"id\":0,\"protocol\":1,\"name\":\"n\",\"version\":"
                        "\"v\",\"capabilities\":[],\"pid\":'$!'}'; cat"}),
            "started");
}

TEST_F(AdapterProcessTest, BelievesInNoProcessOutsideOfTheAdaptersGroup) {
  EXPECT_THAT(refusal_of(scripted(R"(,"pid":1)", "cat")), HasSubstr("names process 1, which is not of its group"));
  EXPECT_THAT(refusal_of(scripted(R"(,"pid":0)", "cat")), HasSubstr("names process 0, which is not of its group"));
}

TEST_F(AdapterProcessTest, TakesALateAnswerForAHang) {
  AdapterProcess adapter(scripted("", "exec sleep 1000"), kShort);
  EXPECT_EQ(call_fails(adapter), "HANG: no answer within the deadline");
}

TEST_F(AdapterProcessTest, GivesTheStartMoreTimeThanAnAnswer) {
  std::vector<std::string> slow = scripted("", "cat");
  slow.back() = "sleep 0.3; " + slow.back();
  const AdapterProcess adapter(slow, kShort);
  EXPECT_EQ(adapter.handshake().name, "n");
}

TEST_F(AdapterProcessTest, TakesAnEndForACrash) {
  AdapterProcess adapter(scripted("", "read call; kill -SEGV $$"), kLong);
  EXPECT_EQ(call_fails(adapter), "CRASH: the process was ended by SIGSEGV");
}

// Some runtimes print how they ended to standard output.
TEST_F(AdapterProcessTest, TakesAReportOfACrashForACrash) {
  AdapterProcess adapter(scripted("", "read call; echo '# A fatal error'; sleep 0.1; kill -ABRT $$"), kLong);
  EXPECT_EQ(call_fails(adapter),
            "CRASH: the process was ended by SIGABRT; before, the line is not a JSON object: \"# A fatal error\"");
}

TEST_F(AdapterProcessTest, TakesALongReportOfACrashForACrash) {
  AdapterProcess adapter(scripted("", "read call; head -c 500000 /dev/zero; echo; echo end; exit 9"), kLong);
  EXPECT_THAT(call_fails(adapter), StartsWith("CRASH: the process exited with status 9; before, the line is not"));
}

TEST_F(AdapterProcessTest, TakesALineThatIsNoReplyForABreachOfTheProtocolWhereTheProcessLivesOn) {
  AdapterProcess adapter(scripted("", "read call; echo rubbish; cat"), kLong);
  EXPECT_EQ(call_fails(adapter), "PROTOCOL: the line is not a JSON object: \"rubbish\"");
}

TEST_F(AdapterProcessTest, TakesAnEndBehindTheLastAnswerForACrashOfThatCheck) {
  for (int times = 0; times < 20; ++times) {
    AdapterProcess adapter(scripted("", R"(read call; echo '{"id":1,"nbytes":0,"buffers":["ee"]}'; exit 3)"), kLong);
    adapter.prepare();
    EXPECT_EQ(call_fails(adapter), "no failure");
    EXPECT_EQ(failure_of([&] { adapter.conclude(); }), "CRASH: the process exited with status 3");
    adapter.mark_untrusted();
    EXPECT_EQ(failure_of([&] { adapter.prepare(); }), "no failure");
  }
}

TEST_F(AdapterProcessTest, FindsNothingWrongWithOneThatGoesOn) {
  AdapterProcess adapter(kReference, kLong);
  const pid_t first = adapter.pid();
  for (int check = 0; check < 3; ++check) {
    adapter.prepare();
    EXPECT_EQ(receives_a_byte(adapter).nbytes, 1);
    adapter.conclude();
  }
  EXPECT_EQ(adapter.pid(), first);
}

// A check that is left before its end cannot be blamed any more, and the next one has no part in it.
TEST_F(AdapterProcessTest, BlamesNoCheckForAnEndBeforeIt) {
  AdapterProcess adapter(scripted("", R"(read call; echo '{"id":1,"nbytes":0,"buffers":["ee"]}'; exit 3)"), kLong);
  EXPECT_EQ(call_fails(adapter), "no failure");
  EXPECT_EQ(failure_of([&] { adapter.prepare(); }), "no failure");
}

TEST_F(AdapterProcessTest, SaysOfALookThatFailedThatTheProcessHasEnded) {
  AdapterProcess adapter(scripted("", R"(read call; echo '{"id":1,"nbytes":0,"buffers":["ee"]}'; exit 3)"), kLong);
  EXPECT_EQ(failure_of([&] { adapter.throw_if_ended(); }), "no failure");
  EXPECT_EQ(call_fails(adapter), "no failure");
  std::string failure = "no failure";
  while (failure == "no failure") failure = failure_of([&] { adapter.throw_if_ended(); });
  EXPECT_EQ(failure, "CRASH: the process exited with status 3");
  EXPECT_EQ(failure_of([&] { adapter.stop_and_continue(); }), "CRASH: the process exited with status 3");
}

TEST_F(AdapterProcessTest, SaysThatTheProcessThatAnswersHasEnded) {
  AdapterProcess adapter({"sh", "-c",
                          "read hello; sleep 1000 & echo '{\"id\":0,\"protocol\":1,\"name\":\"n\",\"version\":"
                          "\"v\",\"capabilities\":[],\"pid\":'$!'}'; wait; cat"},
                         kLong);
  EXPECT_EQ(failure_of([&] { adapter.throw_if_ended(); }), "no failure");
  kill(adapter.pid(), SIGKILL);
  std::string failure = "no failure";
  while (failure == "no failure") failure = failure_of([&] { adapter.throw_if_ended(); });
  EXPECT_EQ(failure, "CRASH: process " + std::to_string(adapter.pid()) + ", which answers, has ended");
}

TEST_F(AdapterProcessTest, TakesAWrongAnswerForABreachOfTheProtocol) {
  AdapterProcess adapter(scripted("", "read call; echo '{\"id\":99}'; cat"), kLong);
  EXPECT_THAT(call_fails(adapter), StartsWith("PROTOCOL: the reply has id 99, but the request's was 1"));
}

TEST_F(AdapterProcessTest, TakesASecondAnswerForABreachOfTheProtocol) {
  AdapterProcess adapter(scripted("", R"(read call; printf '{"id":1,"nbytes":0,"buffers":["ee"]}\nmore\n'; cat)"),
                         kLong);
  EXPECT_EQ(call_fails(adapter), "PROTOCOL: output that no request asked for: \"more\\x0a\"");
}

TEST_F(AdapterProcessTest, TellsARefusalFromAFailure) {
  AdapterProcess adapter(scripted("", R"(read call; echo '{"id":1,"unsupported":"flags"}'; cat)"), kLong);
  EXPECT_THROW(call_fails(adapter), Unsupported);
}

TEST_F(AdapterProcessTest, IsStartedAnewWhenItIsGivenUp) {
  AdapterProcess adapter(kReference, kLong);
  const pid_t first = adapter.pid();
  adapter.mark_untrusted();
  adapter.prepare();
  EXPECT_NE(adapter.pid(), first);
  EXPECT_EQ(kill(first, 0), -1) << "the old one still runs";
  EXPECT_EQ(receives_a_byte(adapter).nbytes, 1);
}

TEST_F(AdapterProcessTest, IsStartedAnewWhereACallIsUnderWay) {
  AdapterProcess adapter(kReference, kLong);
  const pid_t first = adapter.pid();
  const Supplied socket = adapter.supply(kUnixStream, Form::kPair);
  adapter.start(socket.name, {.buffers = {room(1)}});
  adapter.prepare();
  EXPECT_NE(adapter.pid(), first);
}

TEST_F(AdapterProcessTest, IsStartedAnewWhenItsSocketsRunLow) {
  AdapterProcess adapter(kReference, kLong);
  const pid_t first = adapter.pid();
  adapter.prepare();
  EXPECT_EQ(adapter.pid(), first) << "without a need";
  while (adapter.pid() == first) {
    adapter.supply(kUdp6, Form::kBlank);  // throws when there is none left
    adapter.prepare();
  }
  EXPECT_EQ(receives_a_byte(adapter).nbytes, 1);
}

TEST_F(AdapterProcessTest, ComplainsOfChatterWithTheCheckThatItFollows) {
  AdapterProcess adapter(scripted("", R"(read call; printf '{"id":1,"nbytes":0,"buffers":["ee"]}\n'; echo more; cat)"),
                         kLong);
  std::string complaint = call_fails(adapter);  // the chatter comes before or after the answer was judged
  if (complaint == "no failure") complaint = failure_of([&] { adapter.conclude(); });
  EXPECT_THAT(complaint, testing::AnyOf("PROTOCOL: output that no request asked for: \"more\\x0a\"",
                                        "PROTOCOL: the line is not a JSON object: \"more\""));
}

TEST_F(AdapterProcessTest, KeepsTheLastWordsOfALifeThatEnded) {
  AdapterProcess adapter(scripted("", "read call; echo dying >&2; exit 1"), kLong);
  EXPECT_EQ(call_fails(adapter), "CRASH: the process exited with status 1");
  EXPECT_EQ(adapter.take_stderr(), "dying\n");
}

TEST_F(AdapterProcessTest, IsStartedAnewHoweverOftenItFails) {
  AdapterProcess adapter(scripted("", "exec sleep 1000"), milliseconds(5));
  for (int failure = 0; failure < 15; ++failure) {
    ASSERT_EQ(failure_of([&] { adapter.prepare(); }), "no failure") << "after " << failure;
    ASSERT_EQ(call_fails(adapter), "HANG: no answer within the deadline");
    adapter.mark_untrusted();
  }
}

TEST_F(AdapterProcessTest, IsGivenUpForGoodAfterTenFailedStartsInARow) {
  const TemporaryDirectory directory;
  const std::string mark = directory.path() + "/started";
  std::vector<std::string> once = scripted("", "cat");
  once.back() = "test -e " + mark + " && exit 3; touch " + mark + "; " + once.back();
  AdapterProcess adapter(once, kLong);
  adapter.mark_untrusted();
  for (int start = 0; start < 9; ++start) {
    EXPECT_EQ(failure_of([&] { adapter.prepare(); }), "CRASH: the process exited with status 3") << "start " << start;
    adapter.mark_untrusted();
  }
  std::filesystem::remove(mark);
  EXPECT_EQ(failure_of([&] { adapter.prepare(); }), "no failure");  // they are no longer in a row
  adapter.mark_untrusted();
  for (int start = 0; start < 10; ++start) {
    EXPECT_EQ(failure_of([&] { adapter.prepare(); }), "CRASH: the process exited with status 3") << "start " << start;
    adapter.mark_untrusted();
  }
  for (int check = 0; check < 3; ++check) {
    EXPECT_EQ(failure_of([&] { adapter.prepare(); }), "NOTRUN: given up after 10 failed starts in a row");
    adapter.mark_untrusted();  // as a check does after any failure
  }
}

/// An adapter that acknowledges a request, and does `before` first.
std::vector<std::string> closing(const std::string& before) {
  return {
      "python3", "-c",
      "import json, os, sys\n"
      "for line in sys.stdin:\n"
      "  request = json.loads(line)\n"
      "  if request['op'] == 'close':\n"
      "    for fd in request['fds']: " +
          before +
          "\n"
          "  print(json.dumps({'id': request['id'], 'protocol': 1, 'name': 'n', 'version': 'v', 'capabilities': []}),"
          " flush=True)\n"};
}

TEST_F(AdapterProcessTest, SaysOfACloseThatItDidNotClose) {
  AdapterProcess adapter(closing("pass"), kLong);
  const Supplied socket = adapter.supply(kUnixStream, Form::kPair);
  EXPECT_EQ(failure_of([&] { adapter.close_descriptors({socket.name.number}); }),
            "PROTOCOL: after the reply to close, descriptor " + std::to_string(socket.name.number) +
                " is still open on the same file");
}

TEST_F(AdapterProcessTest, HasNothingAgainstANumberThatIsUsedAnew) {
  AdapterProcess adapter(closing("os.close(fd), os.dup2(os.open('/dev/null', 0), fd)"), kLong);
  const Supplied socket = adapter.supply(kUnixStream, Form::kPair);
  EXPECT_EQ(failure_of([&] { adapter.close_descriptors({socket.name.number}); }), "no failure");
}

TEST_F(AdapterProcessTest, CannotTellWhetherASleepInFutexIsAWaitForTheSocket) {
  AdapterProcess adapter({"python3", "-c",
                          "import _thread, sys\n"
                          "sys.stdin.readline()\n"
                          "print('{\"id\":0,\"protocol\":1,\"name\":\"n\",\"version\":\"v\",\"capabilities\":[]}',"
                          " flush=True)\n"
                          "sys.stdin.readline()\n"
                          "lock = _thread.allocate_lock()\n"
                          "lock.acquire()\n"
                          "lock.acquire()\n"},
                         milliseconds(500));
  const Supplied socket = adapter.supply(kUnixStream, Form::kPair);
  adapter.start(socket.name, {.buffers = {room(1)}});
  try {
    adapter.wait_until_asleep(socket.name.number);
    ADD_FAILURE() << "a wait was seen";
  } catch (const EnvironmentLacks& lack) {
    EXPECT_THAT(lack.what(), HasSubstr("threads sleep in futex"));
  }
}

TEST_F(AdapterProcessTest, TakesASleepThatIsNoWaitForTheSocketForAHang) {
  AdapterProcess adapter(scripted("", "read call; exec sleep 1000"), milliseconds(500));
  const Supplied socket = adapter.supply(kUnixStream, Form::kPair);
  adapter.start(socket.name, {.buffers = {room(1)}});
  EXPECT_EQ(failure_of([&] { adapter.wait_until_asleep(socket.name.number); }),
            "HANG: the implementation neither waits for its socket nor answers within the deadline");
}

TEST_F(AdapterProcessTest, SaysWhetherAnAnswerCameInTime) {
  AdapterProcess adapter(kReference, kLong);
  const Supplied socket = adapter.supply(kUnixStream, Form::kPair);
  adapter.start(socket.name, {.buffers = {room(1)}});
  EXPECT_FALSE(adapter.wait_for_answer(milliseconds(10)));
  EXPECT_EQ(send(socket.peer.get(), "a", 1, 0), 1);
  EXPECT_TRUE(adapter.wait_for_answer(kLong));
  EXPECT_EQ(adapter.finish().nbytes, 1);
}

TEST_F(AdapterProcessTest, ReadsAnswersOfConcurrentCallsInAnyOrder) {
  AdapterProcess adapter(kReference, kLong);
  const Supplied one = adapter.supply(kUnixStream, Form::kPair);
  const Supplied other = adapter.supply(kUnixStream, Form::kPair);
  const int first = adapter.start(one.name, {.buffers = {room(2)}, .concurrent = true});
  const int second = adapter.start(other.name, {.buffers = {room(2)}, .concurrent = true});
  EXPECT_EQ(send(other.peer.get(), "b", 1, 0), 1);
  EXPECT_EQ(adapter.first_answered(), second);
  EXPECT_EQ(send(one.peer.get(), "a", 1, 0), 1);
  EXPECT_THAT(adapter.finish(first).storages, ElementsAre("a\xee"));
  EXPECT_THAT(adapter.finish(second).storages, ElementsAre("b\xee"));
}

TEST_F(AdapterProcessTest, ClosesDescriptorsThere) {
  AdapterProcess adapter(kReference, kLong);
  const Supplied socket = adapter.supply(kUnixStream, Form::kPair);
  adapter.close_descriptors({socket.name.number});
  adapter.start(socket.name, {.buffers = {room(1)}});
  const Observation observation = adapter.finish();
  ASSERT_TRUE(observation.error);
  EXPECT_EQ(observation.error->number, EBADF);
}

TEST_F(AdapterProcessTest, ClosesADescriptorOnWhichAConcurrentCallWaits) {
  AdapterProcess adapter(kReference, kLong);
  const Supplied socket = adapter.supply(kUnixStream, Form::kPair);
  const int call = adapter.start(socket.name, {.buffers = {room(1)}, .concurrent = true});
  ASSERT_TRUE(adapter.wait_until_asleep(socket.name.number));
  adapter.close_at_once(socket.name.number);
  EXPECT_FALSE(open_descriptor(adapter.pid(), socket.name.number));
  EXPECT_EQ(send(socket.peer.get(), "a", 1, 0), 1);
  EXPECT_THAT(adapter.finish(call).storages, ElementsAre("a"));
}

TEST_F(AdapterProcessTest, KeepsTheAnswerThatComesBeforeAnAcknowledgement) {
  AdapterProcess adapter(kReference, kLong);
  const Supplied socket = adapter.supply(kUnixStream, Form::kPair);
  const int call = adapter.start(socket.name, {.buffers = {room(1)}, .concurrent = true});
  EXPECT_EQ(send(socket.peer.get(), "a", 1, 0), 1);
  ASSERT_TRUE(adapter.wait_for_answer(kLong));
  adapter.close_at_once(socket.name.number);
  EXPECT_FALSE(adapter.wait_until_asleep(socket.name.number));
  EXPECT_THAT(adapter.finish(call).storages, ElementsAre("a"));
}

TEST_F(AdapterProcessTest, BelievesKernelLengthsUnderAddressSanitizerOnly) {
  const AdapterProcess adapter(kReference, kLong);
  EXPECT_EQ(believes_kernel_lengths(adapter.pid()), kSanitized);
  EXPECT_FALSE(believes_kernel_lengths(getpid())) << "this very program";
}

}  // namespace
}  // namespace recvinto::kit
