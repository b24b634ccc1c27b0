#include "kit/subjects/protocol_json.h"

namespace recvinto::kit {

using nlohmann::json;

json parsed(const std::string& line) {
  json object = json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (object.is_discarded() || !object.is_object()) {
    throw NoReply(fmt::format("the line is not a JSON object: {}", readable(line)));
  }
  return object;
}

}  // namespace recvinto::kit
