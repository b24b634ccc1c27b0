// The reply to a call, with each rule of adapters/PROTOCOL.md broken once.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "kit/subjects/protocol.h"
#include "kit/tests/every_capability.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kId = 7;
Handshake declaring(Capabilities capabilities) {
  Handshake handshake;
  handshake.capabilities = capabilities;
  return handshake;
}
const Handshake kAll = declaring(kAllCapabilities);

Call asked() {
  return {.buffers = {room(2), room(3)}};
}

json good_reply() {
  return {{"id", kId},
          {"nbytes", 3},
          {"ancdata", {{1, 1, "05000000"}}},
          {"msg_flags", 8},
          {"address", {{"family", 2}, {"host", "127.0.0.1"}, {"port", 53}}},
          {"buffers", {"6162", "63eeee"}},
          {"warnings", {"RuntimeWarning"}},
          {"signals", 2}};
}

json good_failure() {
  return {{"id", kId},
          {"error", {{"class", "BlockingIOError"}, {"errno", EAGAIN}, {"message", "nothing there"}}},
          {"buffers", {"eeee", "eeeeee"}}};
}

Observation decoded(const json& reply, const Handshake& handshake = kAll) {
  return decode_result(reply.dump(), kId, asked(), handshake);
}
Observation decoded(const json& reply, Capabilities capabilities) {
  return decoded(reply, declaring(capabilities));
}

/// The complaint about `reply` with `patch` (null takes a field away).
std::string complaint_about(json reply, const json& patch) {
  reply.merge_patch(patch);
  try {
    decoded(reply);
  } catch (const ProtocolError& error) {
    return error.what();
  }
  return "no complaint";
}

TEST(Result, IsUnderstoodWhole) {
  const Observation observation = decoded(good_reply());
  EXPECT_FALSE(observation.error);
  EXPECT_EQ(observation.nbytes, 3);
  EXPECT_EQ(observation.ancdata, (std::vector<AncillaryItem>{{1, 1, Bytes("\5\0\0\0", 4)}}));
  EXPECT_EQ(observation.msg_flags, 8);
  ASSERT_TRUE(observation.address);
  EXPECT_EQ(observation.address->family, 2);
  EXPECT_EQ(observation.address->host, "127.0.0.1");
  EXPECT_EQ(observation.address->port, 53U);
  EXPECT_THAT(observation.storages, ElementsAre("ab", "c\xee\xee"));
  EXPECT_THAT(observation.warnings, ElementsAre("RuntimeWarning"));
  EXPECT_EQ(observation.signals, 2);
}

TEST(Result, OfAFailedCallIsUnderstoodWhole) {
  const Observation observation = decoded(good_failure());
  EXPECT_EQ(observation.error, (Error{"BlockingIOError", EAGAIN, "nothing there"}));
  EXPECT_THAT(observation.storages, ElementsAre("\xee\xee", "\xee\xee\xee"));
}

TEST(Result, OfAFailureWithoutANumberHasNone) {
  json reply = good_failure();
  reply["error"] = {{"class", "TimeoutError"}, {"errno", nullptr}};
  EXPECT_EQ(decoded(reply).error, (Error{"TimeoutError", {}, ""}));
}

TEST(Result, MayLeaveWarningsAndSignalsOut) {
  json reply = good_reply();
  reply.erase("warnings");
  reply.erase("signals");
  EXPECT_THAT(decoded(reply).warnings, IsEmpty());
  EXPECT_EQ(decoded(reply).signals, 0);
}

TEST(Result, MaySayMoreThanIsKnown) {
  json reply = good_reply();
  reply["weather"] = nullptr;
  EXPECT_NO_THROW(decoded(reply));
}

TEST(Result, MayHaveTheDataInPlaceOfBuffers) {
  json reply = good_reply();
  reply.erase("nbytes");
  reply.erase("buffers");
  reply["returned"] = "616263";
  const Observation observation = decoded(reply);
  EXPECT_EQ(observation.nbytes, 3);
  EXPECT_EQ(observation.returned, 3U);
  EXPECT_THAT(observation.storages, ElementsAre("ab", "c\xee\xee"));
  EXPECT_EQ(observation.returned_beyond, "");
}

TEST(Result, MayHaveMoreDataThanThereIsRoom) {
  json reply = good_reply();
  reply.erase("buffers");
  reply["returned"] = "61626364656667";
  const Observation observation = decoded(reply);
  EXPECT_EQ(observation.nbytes, 3) << "as the reply says";
  EXPECT_EQ(observation.returned, 7U);
  EXPECT_THAT(observation.storages, ElementsAre("ab", "cde"));
  EXPECT_EQ(observation.returned_beyond, "fg");
}

TEST(Result, MayHaveTheNumberOfBytesReturnedBesideBuffers) {
  json reply = good_reply();
  reply["returned"] = 9;
  EXPECT_EQ(decoded(reply).returned, 9U);
  EXPECT_THAT(decoded(reply).storages, ElementsAre("ab", "c\xee\xee"));
  reply.erase("buffers");
  EXPECT_THAT(complaint_about(reply, json::object()), HasSubstr("has no field \"buffers\""));
}

TEST(Result, ThatReturnsNoBytesIsRefused) {
  for (const json& returned : {json(-1), json("6"), json("xy"), json::array(), json(1.5)}) {
    json reply = good_reply();
    reply["returned"] = returned;
    EXPECT_THROW(decoded(reply), ProtocolError) << returned;
  }
}

TEST(Result, OfAProgramOfAnotherByteOrderIsTurnedRound) {
  Handshake handshake = kAll;
  handshake.byte_order = std::endian::native == std::endian::little ? std::endian::big : std::endian::little;
  const Observation observation = decoded(good_reply(), handshake);
  EXPECT_EQ(observation.ancdata, (std::vector<AncillaryItem>{{1, 1, Bytes("\0\0\0\5", 4)}}));
}

TEST(Result, KnowsTheFlagsThatCanBeReported) {
  Handshake handshake = kAll;
  handshake.known_msg_flags = 8;
  EXPECT_EQ(decoded(good_reply(), handshake).known_msg_flags, 8);
}

TEST(Result, MayHaveNoAddress) {
  json reply = good_reply();
  reply["address"] = nullptr;
  EXPECT_EQ(decoded(reply).address, std::nullopt);
}

TEST(Result, UnderstandsAddressesOfEachFamily) {
  const auto address_in = [](const json& value) {
    json reply = good_reply();
    reply["address"] = value;
    return decoded(reply).address.value();
  };
  EXPECT_EQ(address_in({{"family", 1}, {"path", "002f78"}}).path, Bytes("\0/x", 3));
  const Address inet6 =
      address_in({{"family", 10}, {"host", "fe80::1"}, {"port", 65535}, {"flowinfo", 1048575}, {"scope_id", 2}});
  EXPECT_EQ(inet6.host, "fe80::1");
  EXPECT_EQ(inet6.port, 65535U);
  EXPECT_EQ(inet6.flowinfo, 1048575U);
  EXPECT_EQ(inet6.scope_id, 2U);
  EXPECT_EQ(address_in({{"family", 16}, {"raw", "0102"}}).raw, "\1\2");
}

TEST(Result, OfAFormHasFacts) {
  json reply = good_reply();
  reply["facts"] = {{"resizable", true}, {"pulled", 3}, {"members", "int list"}};
  EXPECT_EQ(decoded(reply).facts, (Facts{{"members", R"("int list")"}, {"pulled", "3"}, {"resizable", "true"}}));
  reply = good_failure();
  reply["facts"] = {{"resizable", false}};
  EXPECT_EQ(decoded(reply).facts, (Facts{{"resizable", "false"}}));
}

TEST(Result, OfAFormMayLackSomething) {
  const std::string line = json{{"id", kId}, {"lacks", "no such thing here"}}.dump();
  Call call = asked();
  EXPECT_THROW(decode_result(line, kId, call, kAll), ProtocolError) << "it was not asked for in a form";
  call.form = "as_tuple";
  try {
    decode_result(line, kId, call, kAll);
    FAIL() << "taken for a result";
  } catch (const Ended& end) {
    EXPECT_EQ(end.cause(), Cause::kNotDeclared);
    EXPECT_STREQ(end.what(), "no such thing here");
  }
}

TEST(CmsgSizes, AreReadAsTheyWereWritten) {
  const CmsgSizes sizes{.len = {16, std::nullopt}, .space = {24, std::nullopt}};
  const CmsgSizes read = decode_cmsg_sizes(encode_cmsg_sizes_reply(kId, sizes), kId, 2);
  EXPECT_EQ(read.len, sizes.len);
  EXPECT_EQ(read.space, sizes.space);
  EXPECT_THROW(decode_cmsg_sizes(encode_cmsg_sizes_reply(kId, sizes), kId, 3), ProtocolError) << "one is missing";
  EXPECT_THROW(decode_cmsg_sizes(R"({"id":7,"len":["16"],"space":[16]})", kId, 1), ProtocolError);
}

TEST(Result, UnsupportedIsNoResult) {
  try {
    decoded({{"id", kId}, {"unsupported", "flags"}});
    FAIL() << "taken for a result";
  } catch (const Unsupported& refusal) {
    EXPECT_STREQ(refusal.what(), "flags");
  }
}

// A field is needed, and read, where the capability is declared; elsewhere it does not matter what stands there.
TEST(Result, WithoutTheCapabilityNeedsNoFieldForIt) {
  json reply = good_reply();
  for (const char* field : {"ancdata", "msg_flags", "address"}) reply.erase(field);
  EXPECT_NO_THROW(decoded(reply, Capabilities{}));
}

TEST(Result, WithoutTheCapabilityIsNotAskedForIt) {
  json reply = good_reply();
  for (const char* field : {"ancdata", "msg_flags", "address"}) reply[field] = "rubbish";
  const Observation observation = decoded(reply, {Capability::kScatter});
  EXPECT_EQ(observation.ancdata, std::nullopt);
  EXPECT_EQ(observation.msg_flags, std::nullopt);
  EXPECT_EQ(observation.address, std::nullopt);
}

TEST(Result, WithTheCapabilityNeedsTheFieldForIt) {
  const auto complaint_without = [](const char* field, Capability capability) {
    json reply = good_reply();
    reply.erase(field);
    try {
      decoded(reply, {capability});
    } catch (const ProtocolError& error) {
      return std::string(error.what());
    }
    return std::string("no complaint");
  };
  EXPECT_THAT(complaint_without("ancdata", Capability::kAncillary), HasSubstr("has no field \"ancdata\""));
  EXPECT_THAT(complaint_without("msg_flags", Capability::kMsgFlags), HasSubstr("has no field \"msg_flags\""));
  EXPECT_THAT(complaint_without("address", Capability::kAddress), HasSubstr("has no field \"address\""));
}

struct BrokenResult {
  const char* name;
  json patch;
  const char* complaint;
};

class ResultIsRefused : public testing::TestWithParam<BrokenResult> {};

TEST_P(ResultIsRefused, WithACause) {
  EXPECT_THAT(complaint_about(good_reply(), GetParam().patch), HasSubstr(GetParam().complaint));
}

json address(const json& patch) {
  return {{"address", patch}};
}

/// An address of that family and these fields only: those of good_reply() are gone.
json only_address(int family, const json& fields) {
  json whole{{"family", family}, {"host", nullptr}, {"port", nullptr}};
  whole.update(fields);
  return address(whole);
}
json unix_address_json(const json& fields) {
  return only_address(1, fields);
}
json other_address(const json& fields) {
  return only_address(16, fields);
}
json inet6_address(const json& fields) {
  json whole{{"host", "::1"}, {"port", 53}};
  whole.update(fields);
  return only_address(10, whole);
}

INSTANTIATE_TEST_SUITE_P(
    Result, ResultIsRefused,
    testing::ValuesIn(std::vector<BrokenResult>{
        {"ForAnotherId", {{"id", 8}}, "has id 8, but the request's was 7"},
        {"ForAnIdBeyondAllIntegers", {{"id", 1e300}}, "\"id\" is not an integer"},
        {"WithoutAnId", {{"id", nullptr}}, "has no field \"id\""},
        {"WithoutNbytes", {{"nbytes", nullptr}}, "has no field \"nbytes\""},
        {"WithNbytesThatIsAString", {{"nbytes", "3"}}, "\"nbytes\" is not an integer"},
        {"WithNbytesThatIsAFraction", {{"nbytes", 3.0}}, "\"nbytes\" is not an integer"},
        {"WithNbytesThatIsTrue", {{"nbytes", true}}, "\"nbytes\" is not an integer"},
        {"WithNegativeNbytes", {{"nbytes", -1}}, "counts a negative number of bytes"},
        {"WithNbytesOutOfRange",
         {{"nbytes", std::numeric_limits<std::uint64_t>::max()}},
         "\"nbytes\" is out of range: 18446744073709551615"},
        {"WithMsgFlagsThatIsAString", {{"msg_flags", "0"}}, "\"msg_flags\" is not an integer"},
        {"WithMsgFlagsAboveAnInt", {{"msg_flags", 1LL << 31}}, "\"msg_flags\" is out of range: 2147483648"},
        {"WithMsgFlagsBelowAnInt", {{"msg_flags", -(1LL << 31) - 1}}, "\"msg_flags\" is out of range: -2147483649"},
        {"WithFactsThatAreAnArray", {{"facts", {1}}}, "\"facts\" is not an object"},
        {"WithAncdataThatIsAnObject", {{"ancdata", {{"level", 1}}}}, "\"ancdata\" is not an array"},
        {"WithAnItemOfTwo", {{"ancdata", {{1, 1}}}}, "has an ancillary item that is not [level, type, data]"},
        {"WithAnItemThatIsANumber", {{"ancdata", {1}}}, "has an ancillary item that is not [level, type, data]"},
        {"WithALevelThatIsAString", {{"ancdata", {{"1", 1, ""}}}}, "\"ancdata level\" is not an integer"},
        {"WithATypeOutOfRange", {{"ancdata", {{1, 1LL << 31, ""}}}}, "\"ancdata type\" is out of range"},
        {"WithItemDataThatIsNoHex", {{"ancdata", {{1, 1, "5"}}}}, "\"ancdata data\" is not a hexadecimal string"},
        {"WithoutAnAddress", {{"address", nullptr}}, "has no field \"address\""},
        {"WithAnAddressThatIsAString", {{"address", "127.0.0.1"}}, "the address is not an object"},
        {"WithAnAddressWithoutAFamily", address({{"family", nullptr}}), "the address has no field \"family\""},
        {"WithAHostThatIsANumber", address({{"host", 1}}), "the address field \"host\" is not a string"},
        {"WithANegativePort", address({{"port", -1}}), "the address field \"port\" is out of range: -1"},
        {"WithAPathThatIsNoHex", unix_address_json({{"path", "/x"}}),
         "the address field \"path\" is not a hexadecimal string"},
        {"WithAUnixAddressThatIsRaw", unix_address_json({{"raw", "2f"}}), "the address has no field \"path\""},
        {"WithAUnixAddressThatIsRawToo", unix_address_json({{"path", "2f"}, {"raw", "2f"}}),
         "the address has a field \"raw\", which addresses of its family have not"},
        {"WithAPathOfTheInternet", address({{"path", "2f"}}),
         "the address has a field \"path\", which addresses of its family have not"},
        {"WithoutAHost", address({{"host", nullptr}}), "the address has no field \"host\""},
        {"WithoutAPort", address({{"port", nullptr}}), "the address has no field \"port\""},
        {"WithRawThatIsNoHex", other_address({{"raw", 1}}), "the address field \"raw\" is not a hexadecimal string"},
        {"WithoutTheBytesOfAnotherFamily", other_address({{"path", "2f"}}), "the address has no field \"raw\""},
        {"WithFlowinfoOutOfRange", inet6_address({{"flowinfo", 1LL << 32}}),
         "the address field \"flowinfo\" is out of range"},
        {"WithAScopeThatIsAString", inet6_address({{"scope_id", "2"}}),
         "the address field \"scope_id\" is not an integer"},
        {"WithoutBuffers", {{"buffers", nullptr}}, "has no field \"buffers\""},
        {"WithBuffersThatAreAString", {{"buffers", "6162"}}, "\"buffers\" is not an array"},
        {"WithAStorageTooFew", {{"buffers", {"6162"}}}, "returns 1 storages, but 2 were asked for"},
        {"WithAStorageTooMany", {{"buffers", {"6162", "63eeee", ""}}}, "returns 3 storages, but 2 were asked for"},
        {"WithAStorageTooShort", {{"buffers", {"6162", "63ee"}}}, "returns 2 bytes for storage 1, which has 3"},
        {"WithAStorageTooLong", {{"buffers", {"616263", "63eeee"}}}, "returns 3 bytes for storage 0, which has 2"},
        {"WithAStorageThatIsNoHex", {{"buffers", {"6162", "zzeeee"}}}, "\"buffers\" is not a hexadecimal string"},
        {"WithAStorageThatIsANumber", {{"buffers", {6162, "63eeee"}}}, "\"buffers\" is not a hexadecimal string"},
        {"WithWarningsThatAreAString", {{"warnings", "W"}}, "\"warnings\" is not an array"},
        {"WithAWarningThatIsANumber", {{"warnings", {1}}}, "has a warning that is not a string"},
        {"WithSignalsThatAreAList", {{"signals", json::array()}}, "\"signals\" is not an integer"},
        {"WithUnsupportedThatIsANumber", {{"unsupported", 1}}, "\"unsupported\" is not a string"},
        {"WithAnErrorThatIsAString", {{"error", "EIO"}}, "the error is not an object"},
    }),
    [](const auto& test) { return test.param.name; });

class FailureIsRefused : public testing::TestWithParam<BrokenResult> {};

TEST_P(FailureIsRefused, WithACause) {
  EXPECT_THAT(complaint_about(good_failure(), GetParam().patch), HasSubstr(GetParam().complaint));
}

INSTANTIATE_TEST_SUITE_P(
    Result, FailureIsRefused,
    testing::ValuesIn(std::vector<BrokenResult>{
        {"WithoutAClass", {{"error", {{"class", nullptr}}}}, "the error has no field \"class\""},
        {"WithAClassThatIsANumber", {{"error", {{"class", 1}}}}, "the error field \"class\" is not a string"},
        {"WithAnErrnoThatIsAString", {{"error", {{"errno", "EIO"}}}}, "the error field \"errno\" is not an integer"},
        {"WithAnErrnoOutOfRange", {{"error", {{"errno", 1LL << 31}}}}, "the error field \"errno\" is out of range"},
        {"WithAMessageThatIsAList", {{"error", {{"message", {"a"}}}}}, "the error field \"message\" is not a string"},
        {"WithoutBuffers", {{"buffers", nullptr}}, "has no field \"buffers\""},
    }),
    [](const auto& test) { return test.param.name; });

TEST(Result, ThatIsNoJsonObjectIsRefused) {
  for (const char* line : {"", "rubbish", "[]", "7", "{", "{\"id\":7} {}", "\xff\xfe"}) {
    EXPECT_THROW(decode_result(line, kId, asked(), kAll), ProtocolError) << line;
  }
}

TEST(Result, ThatIsRefusedIsShownFromItsBeginningOnly) {
  json reply = good_reply();
  reply["nbytes"] = Bytes(100'000, 'x');
  EXPECT_LT(complaint_about(reply, json::object()).size(), 500U);
}

TEST(Acknowledgement, IsAnyReplyOfTheSameId) {
  EXPECT_NO_THROW(decode_acknowledgement(R"({"id":7})", 7));
  EXPECT_NO_THROW(decode_acknowledgement(R"({"id":7,"more":[]})", 7));
}

TEST(Acknowledgement, IsNeitherAnErrorNorForAnotherRequest) {
  EXPECT_THROW(decode_acknowledgement(R"({"id":8})", 7), ProtocolError);
  EXPECT_THROW(decode_acknowledgement(R"({"id":7,"error":{}})", 7), ProtocolError);
  EXPECT_THROW(decode_acknowledgement("ok", 7), ProtocolError);
}

TEST(Acknowledgement, UnsupportedIsNone) {
  EXPECT_THROW(decode_acknowledgement(encode_unsupported(7, "signals"), 7), Unsupported);
}

// What the adapter of our own encodes, the suite understands.
TEST(Result, IsReadBackWhole) {
  Observation told;
  told.nbytes = 3;
  told.ancdata = std::vector<AncillaryItem>{{1, 1, Bytes("\5\0\0\0", 4)}, {41, 50, ""}};
  told.msg_flags = 8;
  told.storages = {"ab", "c\xee\xee"};
  told.warnings = {"RuntimeWarning"};
  told.signals = 2;
  for (const int family : {1, 2, 10, 16}) {
    Address address;
    address.family = family;
    if (family == 1) address.path = Bytes("\0x", 2);
    if (family == 2 || family == 10) address.host = "::1", address.port = 53;
    if (family == 10) address.flowinfo = 7, address.scope_id = 2;
    if (family == 16) address.raw = "\1\2";
    told.address = address;
    const Observation understood = decode_result(encode_result(kId, told), kId, asked(), kAll);
    EXPECT_EQ(understood.nbytes, told.nbytes);
    EXPECT_EQ(understood.ancdata, told.ancdata);
    EXPECT_EQ(understood.msg_flags, told.msg_flags);
    EXPECT_EQ(understood.address, told.address) << "family " << family;
    EXPECT_EQ(understood.storages, told.storages);
    EXPECT_EQ(understood.warnings, told.warnings);
    EXPECT_EQ(understood.signals, told.signals);
  }
}

TEST(Result, OfAFailureIsReadBackWhole) {
  Observation told;
  told.error = Error{"OSError", EIO, "gone"};
  told.storages = {"\xee\xee", "\xee\xee\xee"};
  const Observation understood = decode_result(encode_result(kId, told), kId, asked(), kAll);
  EXPECT_EQ(understood.error, told.error);
  EXPECT_EQ(understood.storages, told.storages);
}

}  // namespace
}  // namespace recvinto::kit
