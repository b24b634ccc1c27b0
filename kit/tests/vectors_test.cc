// The vectors of control data: that they are what their schema says, and that model and reference find in them what
// they say is in them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "fixtures/vectors/control_vectors.h"
#include "kit/oracle/control_messages.h"
#include "recvinto/control_message.h"

namespace recvinto::kit {
namespace {

using nlohmann::json;
using valijson::adapters::NlohmannJsonAdapter;

std::string complaints_of_the_schema(const json& document) {
  std::ifstream file(CONTROL_VECTORS_SCHEMA);
  const json schema_text = json::parse(file);
  valijson::Schema schema;
  valijson::SchemaParser().populateSchema(NlohmannJsonAdapter(schema_text), schema);
  valijson::ValidationResults results;
  valijson::Validator().validate(schema, NlohmannJsonAdapter(document), &results);
  std::string complaints;
  for (valijson::ValidationResults::Error error; results.popError(error);) complaints += error.description + '\n';
  return complaints;
}

json file_of_vectors() {
  return json::parse(control_vectors_text());
}

TEST(ControlVectors, AreWhatTheirSchemaSays) {
  EXPECT_EQ(complaints_of_the_schema(file_of_vectors()), "");
}

TEST(ControlVectors, ThatBreakTheirSchemaAreSeen) {
  json odd_digits = file_of_vectors();
  odd_digits["vectors"][3]["control"] = "abc";
  EXPECT_NE(complaints_of_the_schema(odd_digits), "");
  json no_items = file_of_vectors();
  no_items["vectors"][3].erase("items");
  EXPECT_NE(complaints_of_the_schema(no_items), "");
  json wide_level = file_of_vectors();
  wide_level["vectors"][4]["items"] = {{std::int64_t{1} << 31, 0, ""}};
  EXPECT_NE(complaints_of_the_schema(wide_level), "");
}

TEST(ControlVectors, HaveNamesOfTheirOwnAndEveryLayout) {
  std::set<std::string> titles;
  std::set<std::pair<std::size_t, std::endian>> layouts;
  for (const ControlVector& vector : every_control_vector()) {
    EXPECT_TRUE(titles.insert(vector.title()).second) << vector.title();
    layouts.insert({vector.layout.abi.word, vector.layout.byte_order});
  }
  EXPECT_EQ(layouts.size(), 4U);
}

TEST(ControlModel, FindsWhatEveryVectorSays) {
  for (const ControlVector& vector : every_control_vector()) {
    const ControlItems found = model_of_control(vector.control, vector.layout);
    EXPECT_EQ(found.items, vector.found.items) << vector.title();
    EXPECT_EQ(found.malformed, vector.found.malformed) << vector.title();
  }
}

TEST(ControlModel, ReadsAForeignLayoutDifferently) {
  const Bytes big_endian = Bytes("\0\0\0\0\0\0\0\x11\0\0\0\1\0\0\0\2!", 17);
  EXPECT_EQ(model_of_control(big_endian, {kAbi64, std::endian::big}), (ControlItems{{{1, 2, "!"}}, false}));
  EXPECT_TRUE(model_of_control(big_endian, {kAbi64, std::endian::little}).malformed);
}

// The bytes lie in memory of exactly their size, so that a sanitizer sees a look behind them.
TEST(ControlMessages, FindWhatEveryVectorOfThisLayoutSays) {
  std::size_t tried = 0;
  for (const ControlVector& vector : every_control_vector()) {
    if (vector.layout != ControlLayout{}) continue;
    ++tried;
    const auto bytes = std::make_unique<std::byte[]>(vector.control.size());
    std::memcpy(bytes.get(), vector.control.data(), vector.control.size());
    const ControlMessages messages(std::span<const std::byte>(bytes.get(), vector.control.size()));
    ControlItems found{.items = {}, .malformed = messages.malformed()};
    for (const ControlMessage& message : messages) {
      found.items.push_back({message.level, message.type, Bytes(message.data.size(), '\0')});
      if (!message.data.empty()) {
        std::memcpy(found.items.back().data.data(), message.data.data(), message.data.size());
      }
    }
    EXPECT_EQ(found.items, vector.found.items) << vector.title();
    EXPECT_EQ(found.malformed, vector.found.malformed) << vector.title();
  }
  EXPECT_GT(tried, 60U);
}

}  // namespace
}  // namespace recvinto::kit
