// Files with scenarios: what they look like, and that hostile ones are refused before they cost anything.

#include "kit/values/scenario_file.h"
#include "kit/host/saved_scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "kit/host/files.h"
#include "kit/host/temporary_directory.h"
#include "kit/values/steps/step_form.h"

namespace recvinto::kit {
namespace {

using nlohmann::json;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
using valijson::adapters::NlohmannJsonAdapter;

const ScenarioFile& example() {
  static const ScenarioFile kExample{.scenario = {.kind = kUnixSeqpacket, .steps = every_step()},
                                     .law = "NothingIsLost",
                                     .seed = ~std::uint64_t{0},
                                     .case_number = 17,
                                     .note = "\"found\" by night\n"};
  return kExample;
}

std::string complaint_of(std::string_view text) {
  try {
    scenario_file_from(text);
  } catch (const UnreadableScenario& error) {
    return error.what();
  }
  return "no complaint";
}

/// valijson takes numbers beyond that for negative ones.
json within_64_bits_and_sign(const ScenarioFile& file) {
  std::string text = text_of(file);
  const std::string largest = "18446744073709551615";
  for (std::size_t at = 0; (at = text.find(largest, at)) != std::string::npos;) {
    text.replace(at, largest.size(), "9223372036854775807");
  }
  return json::parse(text);
}

bool is_by_the_schema(const json& document) {
  static const json text = [] {
    std::ifstream file(SCENARIO_SCHEMA);
    return json::parse(file);
  }();
  valijson::Schema schema;
  valijson::SchemaParser().populateSchema(NlohmannJsonAdapter(text), schema);
  return valijson::Validator().validate(schema, NlohmannJsonAdapter(document), nullptr);
}

/// A file with one step.
json with_step(const json& step) {
  return {{"schema", 1}, {"scenario", {{"kind", "udp4"}, {"steps", {step}}}}};
}

TEST(ScenarioFile, KeepsEverything) {
  EXPECT_EQ(scenario_file_from(text_of(example())), example());
  const ScenarioFile bare{.scenario = {.kind = kUdp4, .steps = {}}};
  EXPECT_EQ(scenario_file_from(text_of(bare)), bare);
}

TEST(ScenarioFile, HasAStepALine) {
  const ScenarioFile file{
      .scenario = {.kind = kUdp4,
                   .steps = {step::Send{.data = "abc"}, step::Start{{.buffers = rooms(1, 4)}}, step::Finish{}}},
      .seed = 7,
      .note = "n"};
  EXPECT_EQ(text_of(file),
            "{\n"
            " \"schema\": 1,\n"
            " \"note\": \"n\",\n"
            " \"seed\": 7,\n"
            " \"scenario\": {\n"
            "  \"kind\": \"udp4\",\n"
            "  \"steps\": [\n"
            "   {\"step\":\"send\",\"data\":\"616263\"},\n"
            "   {\"step\":\"start\",\"call\":{\"buffers\":[{\"size\":4}]}},\n"
            "   {\"step\":\"finish\"}\n"
            "  ]\n"
            " }\n"
            "}\n");
}

TEST(ScenarioFile, IsWrittenAndRead) {
  const TemporaryDirectory directory;
  write_scenario_file(directory.path() + "/a.json", example());
  EXPECT_EQ(read_scenario_file(directory.path() + "/a.json"), example());
}

TEST(ScenarioFile, IsWhatItsSchemaSays) {
  EXPECT_TRUE(is_by_the_schema(within_64_bits_and_sign(example())));
  for (const Step& step : every_step()) {
    const ScenarioFile file{.scenario = {.kind = kUdp4, .steps = {step}}};
    EXPECT_TRUE(is_by_the_schema(within_64_bits_and_sign(file))) << text_of(file);
  }
  for (const SocketKind& kind : kEveryNamedKind) {
    EXPECT_TRUE(is_by_the_schema(json::parse(text_of({.scenario = {.kind = kind, .steps = {}}})))) << kind.name;
  }
}

// What one of the two refuses, the other refuses as well.
TEST(ScenarioFile, BreaksItsSchemaWhereItIsUnreadable) {
  const std::vector<json> broken{
      with_step({{"step", "sned"}}),
      with_step({{"step", "send"}}),
      with_step({{"step", "send"}, {"data", "abc"}}),
      with_step({{"step", "send"}, {"data", ""}, {"filse", 1}}),
      with_step({{"step", "finish"}, {"data", ""}}),
      with_step({{"step", "shut_down"}, {"how", 3}}),
      with_step({{"step", "add_sender"}, {"name", {{"kind", "odd"}}}}),
      with_step({{"step", "start"}, {"call", {{"buffers", {{{"from", 1}}}}}}}),
      with_step({{"step", "start"}, {"call", {{"buffers", {{{"storage", 0}, {"size", 1}}}}}}}),
      with_step({{"step", "play"}, {"script", {{"steps", {{{"answer", {{"kind", "failure"}}}}}}}}}),
      {{"schema", 2}, {"scenario", {{"kind", "udp4"}, {"steps", json::array()}}}},
      {{"schema", 1}, {"scenario", {{"kind", "udp5"}, {"steps", json::array()}}}},
      {{"schema", 1}, {"sed", 1}, {"scenario", {{"kind", "udp4"}, {"steps", json::array()}}}},
      {{"schema", 1}},
  };
  for (const json& document : broken) {
    EXPECT_FALSE(is_by_the_schema(document)) << document;
    EXPECT_NE(complaint_of(document.dump()), "no complaint") << document;
  }
}

TEST(UnreadableScenarioFile, SaysWhereItIsWrong) {
  EXPECT_THAT(complaint_of("{\"schema\": 1,\n \"scenario\": oops}"),
              StartsWith("the document is not JSON: parse error at line 2, column 14"));
  EXPECT_EQ(complaint_of(R"({"schema": 2, "new": {}})"),
            "/schema: is 2; what is allowed is 1: the only one that this version of the suite reads");
  EXPECT_EQ(complaint_of("{}"), "the document: has no field \"schema\"");
  EXPECT_EQ(complaint_of("[]"), "the document: is an array; what is allowed is an object");
  EXPECT_THAT(complaint_of(with_step({{"step", "send"}}).dump()), StartsWith("/scenario/steps/0: "));
  EXPECT_THAT(complaint_of(R"({"schema":1,"seed":-1,"scenario":{"kind":"udp4","steps":[]}})"),
              StartsWith("/seed: is -1; what is allowed is an integer from 0 to "));
  EXPECT_EQ(complaint_of(R"({"schema":1,"schema":1,"scenario":{"kind":"udp4","steps":[]}})"),
            "the field \"schema\" is there twice in one object");
}

TEST(UnreadableScenarioFile, IsNested) {
  EXPECT_EQ(complaint_of(std::string(1'000'000, '[')), "the document is nested deeper than 32");
}

TEST(UnreadableScenarioFile, IsNamed) {
  const TemporaryDirectory directory;
  const std::filesystem::path file = directory.path() + "/a.json";
  write_whole(file, "{}");
  const auto read = [&] { read_scenario_file(file); };
  EXPECT_THAT(read,
              testing::ThrowsMessage<UnreadableScenario>(file.string() + ": the document: has no field \"schema\""));
  std::filesystem::resize_file(file, std::uintmax_t{257} << 20U);  // sparse
  EXPECT_THAT(read, testing::ThrowsMessage<UnreadableScenario>(EndsWith("bytes; what is allowed is 268435456")));
  EXPECT_THROW(read_scenario_file(directory.path() + "/none.json"), std::system_error);
  EXPECT_THROW(read_scenario_file(directory.path()), std::system_error);
}

}  // namespace
}  // namespace recvinto::kit
