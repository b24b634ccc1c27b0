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

void check_id(const Fields& reply, int id) {
  const auto replied = reply.integer<std::int64_t>("id");
  if (replied != id) reply.complain(fmt::format("has id {}, but the request's was {}", replied, id));
}

std::string line_of(json object, int id) {
  object["id"] = id;
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace recvinto::kit
