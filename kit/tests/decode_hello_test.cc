// What an adapter says of itself, with each rule of adapters/PROTOCOL.md broken once.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <bit>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "kit/subjects/protocol.h"

namespace recvinto::kit {
namespace {

using nlohmann::json;
using testing::HasSubstr;

json good_hello() {
  return {{"id", 0},
          {"protocol", 1},
          {"name", "CPython"},
          {"version", "3.11.2"},
          {"language", "Python"},
          {"capabilities", {"scatter", "flags"}},
          {"choices", {{"unnamed_address", "empty"}}},
          {"pid", 4711}};
}

/// The complaint about a hello that is good but for `patch` (null takes a field away).
std::string complaint_about(const json& patch) {
  json hello = good_hello();
  hello.merge_patch(patch);
  try {
    decode_hello(hello.dump(), 0);
  } catch (const ProtocolError& error) {
    return error.what();
  }
  return "no complaint";
}

TEST(Hello, IsUnderstoodWhole) {
  const Handshake handshake = decode_hello(good_hello().dump(), 0);
  EXPECT_EQ(handshake.name, "CPython");
  EXPECT_EQ(handshake.version, "3.11.2");
  EXPECT_EQ(handshake.language, "Python");
  EXPECT_EQ(handshake.capabilities, (Capabilities{Capability::kScatter, Capability::kFlags}));
  EXPECT_TRUE(handshake.unnamed_address_is_empty);
  EXPECT_EQ(handshake.pid, 4711);
}

TEST(Hello, MayLeaveOutWhatHasADefault) {
  json hello = good_hello();
  for (const char* field : {"language", "choices", "pid"}) hello.erase(field);
  const Handshake handshake = decode_hello(hello.dump(), 0);
  EXPECT_EQ(handshake.language, "");
  EXPECT_FALSE(handshake.unnamed_address_is_empty);
  EXPECT_EQ(handshake.pid, std::nullopt);
}

TEST(Hello, MayMakeNoChoice) {
  json hello = good_hello();
  hello["choices"] = json::object();
  EXPECT_FALSE(decode_hello(hello.dump(), 0).unnamed_address_is_empty);
}

TEST(Hello, MaySayMoreThanIsKnown) {
  json hello = good_hello();
  hello["weather"] = {"fine"};
  hello["choices"]["colour"] = "red";
  EXPECT_NO_THROW(decode_hello(hello.dump(), 0));
}

TEST(Hello, MayDeclareNothing) {
  json hello = good_hello();
  hello["capabilities"] = json::array();
  EXPECT_EQ(decode_hello(hello.dump(), 0).capabilities, Capabilities{});
}

TEST(Hello, OfTheAdapterSideIsUnderstoodByTheOther) {
  const Handshake said{.name = "n",
                       .version = "v",
                       .language = "l",
                       .capabilities = {kEveryCapability.begin(), kEveryCapability.end()},
                       .unnamed_address_is_empty = true,
                       .sockets = std::vector{kTcp6},
                       .byte_order = std::endian::little,
                       .abi = kAbi64,
                       .items = {{SOL_SOCKET, SCM_CREDENTIALS}},
                       .default_ancbufsize = std::optional<std::size_t>(0),
                       .timeout_resolution = std::chrono::milliseconds(10),
                       .is_timed_by_the_system = true,
                       .known_msg_flags = MSG_EOR | MSG_OOB};
  const Handshake understood = decode_hello(encode_hello_reply(3, said), 3);
  EXPECT_EQ(std::tie(understood.name, understood.version, understood.language),
            std::tie(said.name, said.version, said.language));
  EXPECT_EQ(understood.capabilities, said.capabilities);
  EXPECT_TRUE(understood.unnamed_address_is_empty);
  EXPECT_EQ(understood.sockets, said.sockets);
  EXPECT_EQ(std::tie(understood.byte_order, understood.abi), std::tie(said.byte_order, said.abi));
  EXPECT_EQ(understood.items, said.items);
  EXPECT_EQ(understood.default_ancbufsize, said.default_ancbufsize);
  EXPECT_EQ(understood.timeout_resolution, said.timeout_resolution);
  EXPECT_TRUE(understood.is_timed_by_the_system);
  EXPECT_EQ(understood.known_msg_flags, said.known_msg_flags);
}

TEST(Hello, MaySayWhichSocketsAndItemsThereAre) {
  json hello = good_hello();
  EXPECT_EQ(decode_hello(hello.dump(), 0).sockets, std::nullopt);
  hello["sockets"] = {"udp4", "unix_stream"};
  hello["items"] = {"rights", "ip_pktinfo", "udp_gro"};
  const Handshake handshake = decode_hello(hello.dump(), 0);
  EXPECT_EQ(handshake.sockets, (std::vector{kUdp4, kUnixStream}));
  EXPECT_EQ(handshake.items, (ItemKinds{{SOL_SOCKET, SCM_RIGHTS}, {IPPROTO_IP, IP_PKTINFO}, {IPPROTO_UDP, UDP_GRO}}));
  EXPECT_TRUE(handshake.takes(kUdp4));
  EXPECT_FALSE(handshake.takes(kUdp6));
}

TEST(Hello, MaySayHowItsProgramLaysOutNumbers) {
  json hello = good_hello();
  hello["byte_order"] = "big";
  hello["word_size"] = 32;
  const Handshake handshake = decode_hello(hello.dump(), 0);
  EXPECT_EQ(handshake.byte_order, std::endian::big);
  EXPECT_EQ(handshake.abi, kAbi32);
}

TEST(Hello, MakesChoicesInWordsNumbersAndLists) {
  json hello = good_hello();
  hello["choices"] = {{"default_ancbufsize", 4096},
                      {"timeout", "system"},
                      {"timeout_resolution_ms", 1000},
                      {"msg_flags_known", {"MSG_TRUNC", "MSG_CTRUNC"}}};
  const Handshake handshake = decode_hello(hello.dump(), 0);
  EXPECT_EQ(handshake.default_ancbufsize, std::optional<std::size_t>(4096));
  EXPECT_TRUE(handshake.is_timed_by_the_system);
  EXPECT_EQ(handshake.timeout_resolution, std::chrono::milliseconds(1000));
  EXPECT_EQ(handshake.known_msg_flags, MSG_TRUNC | MSG_CTRUNC);
  hello["choices"] = {{"default_ancbufsize", "own"}, {"msg_flags_known", json::array()}};
  const auto room = decode_hello(hello.dump(), 0).default_ancbufsize;
  EXPECT_TRUE(room && !*room) << "of its own";
  EXPECT_EQ(decode_hello(hello.dump(), 0).known_msg_flags, 0);
}

TEST(Handshake, RoundsATimeoutUpToWhatItHas) {
  using std::chrono::milliseconds;
  const auto timeout = [](int resolution, int least) {
    Handshake handshake;
    handshake.timeout_resolution = milliseconds(resolution);
    return handshake.timeout_of(milliseconds(least)).count();
  };
  EXPECT_EQ(timeout(1, 40), 40);
  EXPECT_EQ(timeout(1000, 0), 0) << "not to wait";
  EXPECT_EQ(timeout(1000, 1), 1000);
  EXPECT_EQ(timeout(1000, 1000), 1000);
  EXPECT_EQ(timeout(1000, 1001), 2000);
}

TEST(Handshake, ReportsTheItemsThatItSays) {
  const ItemKind credentials{SOL_SOCKET, SCM_CREDENTIALS};
  Handshake handshake;
  handshake.items = {credentials};
  EXPECT_FALSE(handshake.reports(credentials)) << "without ancillary data";
  handshake.capabilities = {Capability::kAncillary};
  EXPECT_TRUE(handshake.reports(credentials));
  EXPECT_FALSE(handshake.reports({SOL_SOCKET, SCM_RIGHTS}));
  handshake.capabilities = {Capability::kAncillary, Capability::kRights};
  EXPECT_TRUE(handshake.reports({SOL_SOCKET, SCM_RIGHTS}));
  EXPECT_FALSE(handshake.reports({IPPROTO_IP, IP_TTL}));
  handshake.capabilities = {Capability::kAncillary, Capability::kAllItems};
  EXPECT_TRUE(handshake.reports({IPPROTO_IP, IP_TTL}));
}

struct BrokenHello {
  const char* name;
  json patch;
  const char* complaint;
};

class HelloIsRefused : public testing::TestWithParam<BrokenHello> {};

TEST_P(HelloIsRefused, WithACause) {
  EXPECT_THAT(complaint_about(GetParam().patch), HasSubstr(GetParam().complaint));
}

INSTANTIATE_TEST_SUITE_P(
    Hello, HelloIsRefused,
    testing::ValuesIn(std::vector<BrokenHello>{
        {"ForAnotherId", {{"id", 1}}, "has id 1, but the request's was 0"},
        {"WithoutAnId", {{"id", nullptr}}, "has no field \"id\""},
        {"WithAnIdThatIsAString", {{"id", "0"}}, "\"id\" is not an integer"},
        {"OfAnotherProtocol", {{"protocol", 2}}, "speaks protocol 2, but this suite speaks 1"},
        {"WithoutAProtocol", {{"protocol", nullptr}}, "has no field \"protocol\""},
        {"WithoutAName", {{"name", nullptr}}, "has no field \"name\""},
        {"WithANameThatIsANumber", {{"name", 3}}, "\"name\" is not a string"},
        {"WithoutAVersion", {{"version", nullptr}}, "has no field \"version\""},
        {"WithAVersionThatIsANumber", {{"version", 3.11}}, "\"version\" is not a string"},
        {"WithALanguageThatIsAList", {{"language", {"C"}}}, "\"language\" is not a string"},
        {"WithoutCapabilities", {{"capabilities", nullptr}}, "has no field \"capabilities\""},
        {"WithCapabilitiesThatAreAString", {{"capabilities", "scatter"}}, "\"capabilities\" is not an array"},
        {"WithAnUnknownCapability", {{"capabilities", {"scater"}}}, "declares the unknown capability \"scater\""},
        {"WithACapabilityThatIsANumber", {{"capabilities", {7}}}, "declares a capability that is not a string"},
        {"WithChoicesThatAreAList",
         {{"choices", json::array({1})}},
         "the choices of the reply to hello is not an object"},
        {"WithAnUnknownChoice",
         {{"choices", {{"unnamed_address", "none"}}}},
         "unnamed_address is neither \"null\" nor \"empty\""},
        {"WithAnUnknownKindOfSocket", {{"sockets", {"udp5"}}}, "declares the unknown kind of socket \"udp5\""},
        {"WithSocketsThatAreAWord", {{"sockets", "udp4"}}, "\"sockets\" is not an array"},
        {"WithAnUnknownKindOfItem", {{"items", {"SCM_RIGHTS"}}}, "declares the unknown kind of item \"SCM_RIGHTS\""},
        {"WithAnItemThatIsANumber", {{"items", {1}}}, "declares a kind of item that is not a string"},
        {"WithAnUnknownByteOrder", {{"byte_order", "middle"}}, "byte_order that is neither \"little\" nor \"big\""},
        {"WithAnUnknownWordSize", {{"word_size", 16}}, "word_size that is neither 32 nor 64"},
        {"WithANegativeDefaultRoom",
         {{"choices", {{"default_ancbufsize", -1}}}},
         "default_ancbufsize is neither \"own\" nor a number of bytes"},
        {"WithATimeoutByLuck", {{"choices", {{"timeout", "luck"}}}}, "timeout is neither \"poll\" nor \"system\""},
        {"WithAResolutionOfNothing",
         {{"choices", {{"timeout_resolution_ms", 0}}}},
         "timeout_resolution_ms is no number from 1 to 1000"},
        {"WithAnUnknownFlag",
         {{"choices", {{"msg_flags_known", {"MSG_TRUNC", "TRUNC"}}}}},
         "msg_flags_known is no list of names such as MSG_TRUNC: there is no \"TRUNC\""},
        {"WithAChoiceThatIsAnObject",
         {{"choices", {{"timeout", {{"by", "poll"}}}}}},
         "\"timeout\" is neither a word, a number nor a list"},
        {"WithAPidThatIsAString", {{"pid", "1"}}, "\"pid\" is not an integer"},
        {"WithAPidOutOfRange", {{"pid", 1LL << 40}}, "\"pid\" is out of range: 1099511627776"},
    }),
    [](const auto& test) { return test.param.name; });

TEST(Hello, ThatIsNoJsonObjectIsRefused) {
  for (const char* line : {"", "hello", "[]", "0", "null", "{", "{\"id\":0}}", "{\"id\":0"}) {
    EXPECT_THROW(decode_hello(line, 0), ProtocolError) << line;
  }
}

}  // namespace
}  // namespace recvinto::kit
