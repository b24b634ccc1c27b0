// json_schema_check SCHEMA FILE...: says what in a JSON file is not as the schema has it. Exit status 1 where something
// is.

#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace {

using nlohmann::json;
using valijson::adapters::NlohmannJsonAdapter;

json read(const std::string& file) {
  std::ifstream stream(file);
  return json::parse(stream);
}

/// "<root>[checks][3]"
std::string place_of(const valijson::ValidationResults::Error& error) {
  std::string place;
  for (const std::string& part : error.context) place += part;
  return place;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: json_schema_check SCHEMA FILE...\n";
    return 64;
  }
  try {
    const json text = read(argv[1]);
    valijson::Schema schema;
    valijson::SchemaParser().populateSchema(NlohmannJsonAdapter(text), schema);
    bool agrees = true;
    for (int i = 2; i < argc; ++i) {
      const json document = read(argv[i]);
      valijson::ValidationResults results;
      if (valijson::Validator().validate(schema, NlohmannJsonAdapter(document), &results)) continue;
      agrees = false;
      for (valijson::ValidationResults::Error error; results.popError(error);) {
        std::cout << argv[i] << ": " << place_of(error) << ": " << error.description << '\n';
      }
    }
    return agrees ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "json_schema_check: " << error.what() << '\n';
    return 70;
  }
}
