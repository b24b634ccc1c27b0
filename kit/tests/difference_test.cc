// What two observations differ in, and what no two runs have in common.

#include "kit/oracle/difference.h"
#include "kit/tests/every_capability.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <string>
#include <vector>

namespace recvinto::kit {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Observation one() {
  return {.error = {},
          .nbytes = 3,
          .ancdata = {{}},
          .msg_flags = 0,
          .address = Address{.family = AF_INET, .path = {}, .host = "127.0.0.1", .port = 1000, .raw = {}},
          .storages = {"abc", "\xee"},
          .warnings = {},
          .facts = {},
          .descriptors = {{.number = 7, .file = 0, .close_on_exec = true, .shares_offset = true}},
          .pidfds = {},
          .kernel = {}};
}

/// The fields in which the two differ.
std::vector<std::string> differences(const Observation& expected, const Observation& actual,
                                     Capabilities both = kAllCapabilities, const SocketKind& kind = kUdp4) {
  std::vector<std::string> fields;
  for (const Comparison& row : compare(kind, expected, actual, both)) {
    if (!row.agrees) fields.push_back(row.field);
  }
  return fields;
}

/// one() after `change`.
template <typename Change>
Observation changed(Change change) {
  Observation observation = one();
  change(observation);
  return observation;
}

std::vector<std::string> differences_by(void (*change)(Observation&)) {
  return differences(one(), changed(change));
}

Address of_path(Bytes path) {
  return {.family = AF_UNIX, .path = std::move(path), .host = {}, .raw = {}};
}

TEST(Difference, IsNoneBetweenEquals) {
  EXPECT_THAT(differences(one(), one()), IsEmpty());
}

TEST(Difference, IsInTheFieldThatDiffers) {
  EXPECT_THAT(differences_by([](Observation& o) { o.error = Error{"OSError", EAGAIN, ""}; }), ElementsAre("error"));
  EXPECT_THAT(differences_by([](Observation& o) { o.nbytes = 4; }), ElementsAre("nbytes"));
  EXPECT_THAT(differences_by([](Observation& o) { o.storages[1] = "x"; }), ElementsAre("buffer 1"));
  EXPECT_THAT(differences_by([](Observation& o) { o.storages.pop_back(); }), ElementsAre("buffers"));
  EXPECT_THAT(differences_by([](Observation& o) { o.ancdata = {{1, 2, "x"}}; }), ElementsAre("ancdata"));
  EXPECT_THAT(differences_by([](Observation& o) { o.msg_flags = MSG_TRUNC; }), ElementsAre("msg_flags"));
  EXPECT_THAT(differences_by([](Observation& o) { o.address->host = "127.0.0.2"; }), ElementsAre("address"));
  EXPECT_THAT(differences_by([](Observation& o) { o.address.reset(); }), ElementsAre("address"));
  EXPECT_THAT(differences_by([](Observation& o) { o.descriptors[0].file = 1; }), ElementsAre("descriptors"));
  EXPECT_THAT(differences_by([](Observation& o) { o.descriptors[0].close_on_exec = false; }),
              ElementsAre("descriptors"));
  EXPECT_THAT(differences_by([](Observation& o) { o.warnings = {"w"}; }), ElementsAre("warnings"));
  EXPECT_THAT(differences_by([](Observation& o) { o.signals = 1; }), ElementsAre("handler ran"));
  EXPECT_THAT(differences_by([](Observation& o) { o.facts["a"] = "1"; }), ElementsAre("facts"));
  EXPECT_THAT(differences_by([](Observation& o) { o.stray_descriptors = 1; }), ElementsAre("left open, unreported"));
}

TEST(Difference, IsNotInWhatNoRunRepeats) {
  EXPECT_THAT(differences_by([](Observation& o) { o.descriptors[0].number = 9; }), IsEmpty());
  EXPECT_THAT(differences_by([](Observation& o) { o.address->port = 9; }), IsEmpty());
  EXPECT_THAT(differences_by([](Observation& o) { o.elapsed = std::chrono::seconds(1); }), IsEmpty());
  EXPECT_THAT(differences_by([](Observation& o) { o.msg_flags = MSG_CMSG_CLOEXEC; }), IsEmpty());
}

TEST(Difference, IsNotInTheTimesAndNumbersOfItems) {
  const auto with = [](int level, int type, Bytes data) {
    return changed([&](Observation& o) { o.ancdata = {{level, type, std::move(data)}}; });
  };
  for (const int type : {int{SCM_RIGHTS}, SO_TIMESTAMP, SO_TIMESTAMPNS, SO_TIMESTAMPING}) {
    EXPECT_THAT(differences(with(SOL_SOCKET, type, "abcd"), with(SOL_SOCKET, type, "efgh")), IsEmpty());
    EXPECT_THAT(differences(with(SOL_SOCKET, type, "abcd"), with(SOL_SOCKET, type, "abc")), ElementsAre("ancdata"));
  }
  // A pid, then the uid and the gid.
  EXPECT_THAT(
      differences(with(SOL_SOCKET, SCM_CREDENTIALS, "1111uuuugggg"), with(SOL_SOCKET, SCM_CREDENTIALS, "2222uuuugggg")),
      IsEmpty());
  EXPECT_THAT(
      differences(with(SOL_SOCKET, SCM_CREDENTIALS, "1111uuuugggg"), with(SOL_SOCKET, SCM_CREDENTIALS, "1111uuuugggG")),
      ElementsAre("ancdata"));
  EXPECT_THAT(differences(with(IPPROTO_IP, IP_TTL, "a"), with(IPPROTO_IP, IP_TTL, "b")), ElementsAre("ancdata"));
}

TEST(Difference, IsNotInNamesOfTheSystemsChoice) {
  const auto of = [](const Bytes& first, const Bytes& second) {
    return differences(changed([&](Observation& o) { o.address = of_path(first); }),
                       changed([&](Observation& o) { o.address = of_path(second); }));
  };
  EXPECT_THAT(of("/tmp/a-XX/s0", "/tmp/a-YY/s0"), IsEmpty());
  EXPECT_THAT(of("/tmp/a-XX/s0", "/tmp/a-XX/s1"), ElementsAre("address"));
  EXPECT_THAT(of(Bytes("\0"
                       "0a1b2",
                       6),
                 Bytes("\0"
                       "fffff",
                       6)),
              IsEmpty());
  EXPECT_THAT(of(Bytes("\0"
                       "0a1b2",
                       6),
                 Bytes("\0"
                       "zzzzz",
                       6)),
              ElementsAre("address"));
  EXPECT_THAT(differences(changed([](Observation& o) { o.address = of_path(""); }),
                          changed([](Observation& o) { o.address.reset(); })),
              IsEmpty());
}

TEST(Difference, IsNotInWhatOneCannotReport) {
  EXPECT_THAT(differences_by([](Observation& o) { o.ancdata.reset(); }), IsEmpty());
  EXPECT_THAT(differences_by([](Observation& o) { o.msg_flags.reset(); }), IsEmpty());
  const Observation other = changed([](Observation& o) {
    o.address.reset();
    o.descriptors.clear();
    o.warnings = {"w"};
    o.signals = 1;
  });
  EXPECT_THAT(differences(one(), other, {}), IsEmpty());
  EXPECT_THAT(differences(one(), other), ElementsAre("descriptors", "address", "warnings", "handler ran"));
}

// A packet has an id of its own, and a message of netlink the port of who asked.
TEST(Difference, IsNotInDataThatTheKernelWrites) {
  const Observation other = changed([](Observation& o) { o.storages[0] = "xyz"; });
  EXPECT_THAT(differences(one(), other, kAllCapabilities, kNetlinkRoute), IsEmpty());
  EXPECT_THAT(differences(one(), other, kAllCapabilities, kPacket), IsEmpty());
  EXPECT_THAT(differences(one(), other, kAllCapabilities, kRaw4), IsEmpty());
  EXPECT_THAT(differences(one(), other, kAllCapabilities, kTcp6), ElementsAre("buffer 0"));
}

// Languages have words of their own for what the system refuses.
TEST(Difference, OfErrorsIsInTheirNumbers) {
  const auto with = [](const Error& error) { return changed([&](Observation& o) { o.error = error; }); };
  EXPECT_THAT(differences(with({"BlockingIOError", EAGAIN, "a"}), with({"OSError", EAGAIN, "b"})), IsEmpty());
  EXPECT_THAT(differences(with({"OSError", EAGAIN, ""}), with({"OSError", EBADF, ""})), ElementsAre("error"));
  EXPECT_THAT(differences(with({"ValueError", {}, "a"}), with({"ValueError", {}, "b"})), IsEmpty());
  EXPECT_THAT(differences(with({"ValueError", {}, ""}), with({"TypeError", {}, ""})), ElementsAre("error"));
}

}  // namespace
}  // namespace recvinto::kit
