// Requests, as the suite writes them and an adapter of our own reads them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>
#include <csignal>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "kit/subjects/protocol.h"

namespace recvinto::kit {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

const SocketName kSocket{203, AF_UNIX, SOCK_STREAM};

Call read_back(const Call& call) {
  return decode_request(encode_call(7, kSocket, call)).call;
}

TEST(Request, NamesTheSocket) {
  const Request request = decode_request(encode_call(7, kSocket, {.buffers = {room(1)}}));
  EXPECT_EQ(request.id, 7);
  EXPECT_EQ(request.op, "recvmsg_into");
  EXPECT_EQ(request.socket.number, 203);
  EXPECT_EQ(request.socket.family, AF_UNIX);
  EXPECT_EQ(request.socket.type, SOCK_STREAM);
}

TEST(Request, KeepsEveryFieldOfACall) {
  const std::vector<Call> calls{
      {.buffers = {}},
      {.buffers = {room(4)}},
      {.buffers = {room(4, "abc"), slice(10, 2, 9), slice(10, 3, 3, Bytes("\0", 1)), room(0)}},
      {.buffers = {room(8), part_of(0, 0, 0), part_of(0, 2, 6)}},
      {.buffers = {sparse((std::size_t{1} << 32) + 4), room(2), inaccessible(std::size_t{1} << 61)}},
      {.buffers = {room(1)}, .ancbufsize = 0},
      {.buffers = {room(1)}, .ancbufsize = -1},
      {.buffers = {room(1)}, .ancbufsize = std::numeric_limits<std::int64_t>::max()},
      {.buffers = {room(1)}, .flags = 0},
      {.buffers = {room(1)}, .flags = MSG_PEEK | MSG_TRUNC},
      {.buffers = {room(1)}, .timeout = milliseconds(0)},
      {.buffers = {room(1)}, .timeout = milliseconds(30'000)},
      {.buffers = rooms(2000, 3), .ancbufsize = 64, .flags = MSG_DONTWAIT, .timeout = milliseconds(1)},
      {.buffers = {room(1)}, .form = "repeated:1000"},
      {.buffers = {inaccessible_from(3, 9), in_two_mappings(4097, 9000)}},
      {.buffers = {room(1)}, .concurrent = true},
  };
  for (const Call& call : calls) EXPECT_EQ(read_back(call), call) << encode_call(7, kSocket, call);
}

// An adapter tells an argument that is left out from one that is given as its default.
TEST(Request, LeavesOutTheArgumentsThatTheCallLeavesOut) {
  const json request = json::parse(encode_call(7, kSocket, {.buffers = {room(4)}}));
  EXPECT_FALSE(request.contains("ancbufsize"));
  EXPECT_FALSE(request.contains("flags"));
  EXPECT_EQ(request.at("buffers"), json::array({{{"size", 4}}}));
}

TEST(Request, IsOneLineWithoutItsNewline) {
  EXPECT_EQ(encode_call(7, kSocket, {.buffers = {room(4, "\n")}}).find('\n'), std::string::npos);
}

TEST(Request, ToCloseNamesTheDescriptors) {
  const Request request = decode_request(encode_close(8, {5, 6}));
  EXPECT_EQ(request.id, 8);
  EXPECT_EQ(request.op, "close");
  EXPECT_THAT(request.numbers, ElementsAre(5, 6));
}

TEST(Request, ForAHandlerNamesSignalAndKind) {
  const Request request = decode_request(encode_signal(9, SIGUSR1, HandlerAction::kRaise));
  EXPECT_EQ(request.op, "signal");
  EXPECT_EQ(request.signum, SIGUSR1);
  EXPECT_EQ(request.action, HandlerAction::kRaise);
}

TEST(Request, ForCmsgSizesHasTheLengths) {
  const Request request = decode_request(encode_cmsg_sizes(9, {0, -1, std::numeric_limits<std::int64_t>::max()}));
  EXPECT_EQ(request.op, "cmsg_sizes");
  EXPECT_THAT(request.lengths, ElementsAre(0, -1, std::numeric_limits<std::int64_t>::max()));
}

TEST(Request, OfAnotherOpIsReadForAnAnswer) {
  EXPECT_EQ(decode_request(encode_hello(0)).op, "hello");
  EXPECT_EQ(decode_request(encode_bye(3)).op, "bye");
  EXPECT_EQ(decode_request(R"({"id":3,"op":"dance"})").op, "dance");
}

TEST(Request, SaysWhichProtocolIsSpoken) {
  EXPECT_EQ(json::parse(encode_hello(0)), (json{{"id", 0}, {"op", "hello"}, {"protocol", 1}}));
}

TEST(Request, ThatLacksAFieldIsRefusedByItsName) {
  const json whole = json::parse(encode_call(7, kSocket, {.buffers = {room(1)}}));
  for (const char* field : {"id", "op", "fd", "family", "type", "buffers"}) {
    json request = whole;
    request.erase(field);
    try {
      decode_request(request.dump());
      FAIL() << "understood without " << field;
    } catch (const ProtocolError& error) {
      EXPECT_THAT(error.what(), HasSubstr(std::string("has no field \"") + field + '"'));
    }
  }
}

TEST(Request, WithAFillOfNoBytesIsRefused) {
  EXPECT_THROW(decode_request(encode_call(7, kSocket, {.buffers = {room(1, "")}})), ProtocolError);
}

TEST(Request, OfMemoryThatThereIsNotIsRefused) {
  EXPECT_THROW(decode_request(R"({"id":1,"op":"recvmsg_into","fd":3,"family":1,"type":1,)"
                              R"("buffers":[{"size":1,"memory":"core"}]})"),
               ProtocolError);
}

TEST(Request, WithASizeBelowZeroIsRefused) {
  EXPECT_THROW(decode_request(R"({"id":1,"op":"recvmsg_into","fd":1,"family":1,"type":1,"buffers":[{"size":-1}]})"),
               ProtocolError);
}

}  // namespace
}  // namespace recvinto::kit
