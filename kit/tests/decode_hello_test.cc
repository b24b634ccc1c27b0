// What an adapter says of itself, with each rule of adapters/PROTOCOL.md broken once.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
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
                       .unnamed_address_is_empty = true};
  const Handshake understood = decode_hello(encode_hello_reply(3, said), 3);
  EXPECT_EQ(std::tie(understood.name, understood.version, understood.language),
            std::tie(said.name, said.version, said.language));
  EXPECT_EQ(understood.capabilities, said.capabilities);
  EXPECT_TRUE(understood.unnamed_address_is_empty);
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
