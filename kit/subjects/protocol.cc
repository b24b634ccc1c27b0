#include "kit/subjects/protocol.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <bit>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "kit/subjects/protocol_json.h"
#include "kit/values/call_json.h"
#include "kit/values/item_byte_order.h"
#include "kit/values/observation_json.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

using nlohmann::json;

void check_unsupported(const Fields& reply) {
  if (reply.has("unsupported")) throw Unsupported(reply.text("unsupported"));
}

/// Of what a form needs, a runtime may have too little.
void check_lacks(const Fields& reply, const Call& call) {
  if (!reply.has("lacks")) return;
  if (call.form.empty()) reply.complain("lacks something for a call that is in no form");
  throw Ended(Cause::kNotDeclared, reply.text("lacks"));
}

Facts decode_facts(const Fields& reply) {
  const json& object = reply.at("facts");
  if (!object.is_object()) reply.complain("field \"facts\" is not an object");
  Facts facts;
  for (const auto& [name, value] : object.items()) {
    facts[name] = value.dump(-1, ' ', false, json::error_handler_t::replace);
  }
  return facts;
}

std::vector<std::optional<std::int64_t>> decode_sizes(const Fields& reply, const char* field, std::size_t count) {
  std::vector<std::optional<std::int64_t>> sizes;
  for (const json& value : reply.array(field)) {
    sizes.push_back(value.is_null() ? std::nullopt : std::optional(reply.as_integer<std::int64_t>(value, field)));
  }
  if (sizes.size() != count) reply.complain(fmt::format("has {} sizes, but {} were asked for", sizes.size(), count));
  return sizes;
}

json sizes_json(const std::vector<std::optional<std::int64_t>>& sizes) {
  json values = json::array();
  for (const auto& size : sizes) values.push_back(size ? json(*size) : json(nullptr));
  return values;
}

Address decode_address(const json& value) {
  const Fields fields(value, "the address");
  Address address{.family = fields.integer<int>("family"), .path = {}, .host = {}, .raw = {}};
  std::set<std::string_view> foreign{"path", "host", "port", "flowinfo", "scope_id", "raw"};
  const auto has = [&](const char* field) {
    foreign.erase(field);
    return fields.has(field);
  };
  const auto hex = [&](const char* field) {
    foreign.erase(field);
    return fields.hex(fields.at(field), field);
  };
  switch (address.family) {
    case AF_UNIX:
      address.path = hex("path");
      break;
    case AF_INET6:
      if (has("flowinfo")) address.flowinfo = fields.integer<std::uint32_t>("flowinfo");
      if (has("scope_id")) address.scope_id = fields.integer<std::uint32_t>("scope_id");
      [[fallthrough]];
    case AF_INET:
      foreign.erase("host");
      foreign.erase("port");
      address.host = fields.text("host");
      address.port = fields.integer<std::uint32_t>("port");
      break;
    default:
      address.raw = hex("raw");
  }
  for (const std::string_view field : foreign) {
    if (!fields.has(std::string(field).c_str())) continue;
    fields.complain(fmt::format("has a field \"{}\", which addresses of its family have not", field));
  }
  return address;
}

std::vector<AncillaryItem> decode_ancdata(const Fields& reply, const Handshake& handshake) {
  const bool is_turned_round = handshake.byte_order.value_or(std::endian::native) != std::endian::native;
  std::vector<AncillaryItem> ancdata;
  for (const json& item : reply.array("ancdata")) {
    if (!item.is_array() || item.size() != 3) reply.complain("has an ancillary item that is not [level, type, data]");
    ancdata.push_back({reply.as_integer<int>(item[0], "ancdata level"), reply.as_integer<int>(item[1], "ancdata type"),
                       reply.hex(item[2], "ancdata data")});
    if (is_turned_round) turn_round(ancdata.back(), handshake.abi.value_or(kNativeAbi));
  }
  return ancdata;
}

std::vector<Bytes> decode_storages(const Fields& reply, const Call& call) {
  const json& given = reply.array("buffers");
  const std::vector<Bytes> before = storages_before(call.buffers);
  if (given.size() != before.size()) {
    reply.complain(fmt::format("returns {} storages, but {} were asked for", given.size(), before.size()));
  }
  std::vector<Bytes> storages;
  storages.reserve(given.size());
  for (std::size_t i = 0; i < given.size(); ++i) {
    storages.push_back(reply.hex(given[i], "buffers"));
    if (storages[i].size() != before[i].size()) {
      reply.complain(
          fmt::format("returns {} bytes for storage {}, which has {}", storages[i].size(), i, before[i].size()));
    }
  }
  return storages;
}

/// Of an interface that returns the data: how many bytes, or which. Those are put into the buffers here where the reply
/// has no buffers: then true.
bool decode_returned(const Fields& reply, const Call& call, Observation& observation) {
  if (!reply.has("returned")) return false;
  const json& returned = reply.at("returned");
  if (returned.is_number()) {
    observation.returned = reply.as_integer<std::uint32_t>(returned, "returned");
    return false;
  }
  const Bytes data = reply.hex(returned, "returned");
  const std::size_t room = std::min(capacity(call.buffers), data.size());
  observation.returned = data.size();
  observation.returned_beyond = data.substr(room);
  if (reply.has("buffers")) return false;
  observation.storages = scattered(call.buffers, data.substr(0, room));
  return true;
}

Error decode_error(const json& value) {
  const Fields fields(value, "the error");
  Error error{.type = fields.text("class"), .number = {}, .message = {}};
  if (fields.has("errno")) error.number = fields.integer<int>("errno");
  if (fields.has("message")) error.message = fields.text("message");
  return error;
}

Call decode_call(const Fields& request) {
  Call call;
  for (const json& value : request.array("buffers")) {
    const Fields entry(value, "the buffer");
    Buffer buffer;
    if (entry.has("storage")) {
      buffer.storage = entry.integer<std::size_t>("storage");
    } else {
      buffer.size = entry.integer<std::size_t>("size");
    }
    if (entry.has("from")) buffer.from = entry.integer<std::size_t>("from");
    if (entry.has("to")) buffer.to = entry.integer<std::size_t>("to");
    if (entry.has("memory")) {
      const std::optional<Memory> memory = memory_named(entry.text("memory"));
      if (!memory) entry.complain("names no memory that there is");
      buffer.memory = *memory;
    }
    if (has_border(buffer.memory)) {
      buffer.border = entry.integer<std::size_t>("border");
      if (buffer.border == 0 || buffer.border > buffer.size) entry.complain("has a border outside its storage");
    }
    if (entry.has("fill")) buffer.fill = entry.hex(entry.at("fill"), "fill");
    if (buffer.fill.empty()) entry.complain("has a \"fill\" of no bytes");
    call.buffers.push_back(std::move(buffer));
  }
  if (request.has("ancbufsize")) call.ancbufsize = request.integer<std::int64_t>("ancbufsize");
  if (request.has("flags")) call.flags = request.integer<std::int64_t>("flags");
  if (request.has("timeout_ms")) call.timeout = std::chrono::milliseconds(request.integer<std::int64_t>("timeout_ms"));
  if (request.has("warnings")) call.warnings_are_errors = request.text("warnings") == "error";
  if (request.has("form")) call.form = request.text("form");
  call.concurrent = request.has("concurrent") && request.at("concurrent") == json(true);
  return call;
}

}  // namespace

std::string encode_hello(int id) {
  return line_of({{"op", "hello"}, {"protocol", kProtocolVersion}}, id);
}

std::string encode_call(int id, const SocketName& socket, const Call& call) {
  json request = to_json(call);
  request["op"] = "recvmsg_into";
  request["fd"] = socket.number;
  request["family"] = socket.family;
  request["type"] = socket.type;
  return line_of(std::move(request), id);
}

std::string encode_close(int id, const std::vector<int>& numbers) {
  return line_of({{"op", "close"}, {"fds", numbers}}, id);
}

std::string encode_signal(int id, int signum, HandlerAction action) {
  return line_of({{"op", "signal"}, {"signum", signum}, {"handler", name(action)}}, id);
}

std::string encode_cmsg_sizes(int id, const std::vector<std::int64_t>& lengths) {
  return line_of({{"op", "cmsg_sizes"}, {"lengths", lengths}}, id);
}

std::string encode_bye(int id) {
  return line_of({{"op", "bye"}}, id);
}

std::optional<int> id_in(const std::string& line) {
  try {
    const json object = parsed(line);
    return Fields(object, "the reply").integer<int>("id");
  } catch (const ProtocolError&) {
    return std::nullopt;  // of what is said where it is decoded
  }
}

Observation decode_result(const std::string& line, int id, const Call& call, const Handshake& handshake) {
  const Capabilities capabilities = handshake.capabilities;
  const json object = parsed(line);
  const Fields reply(object, "the reply");
  check_id(reply, id);
  check_unsupported(reply);
  check_lacks(reply, call);
  Observation observation;
  bool are_filled = false;
  if (reply.has("error")) {
    observation.error = decode_error(reply.at("error"));
  } else {
    are_filled = decode_returned(reply, call, observation);
    observation.nbytes = observation.returned && !reply.has("nbytes") ? static_cast<std::int64_t>(*observation.returned)
                                                                      : reply.integer<std::int64_t>("nbytes");
    if (observation.nbytes < 0) reply.complain("counts a negative number of bytes");
    if (capabilities.contains(Capability::kAncillary)) observation.ancdata = decode_ancdata(reply, handshake);
    if (capabilities.contains(Capability::kMsgFlags)) observation.msg_flags = reply.integer<int>("msg_flags");
    observation.known_msg_flags = handshake.known_msg_flags;
    if (capabilities.contains(Capability::kAddress) && !reply.at("address").is_null()) {
      observation.address = decode_address(reply.at("address"));
    }
  }
  if (!are_filled) observation.storages = decode_storages(reply, call);
  if (reply.has("warnings")) {
    for (const json& warning : reply.array("warnings")) {
      if (!warning.is_string()) reply.complain("has a warning that is not a string");
      observation.warnings.push_back(warning.get<std::string>());
    }
  }
  if (reply.has("signals")) observation.signals = reply.integer<int>("signals");
  if (reply.has("facts")) observation.facts = decode_facts(reply);
  return observation;
}

CmsgSizes decode_cmsg_sizes(const std::string& line, int id, std::size_t lengths) {
  const json object = parsed(line);
  const Fields reply(object, "the reply");
  check_id(reply, id);
  check_unsupported(reply);
  return {.len = decode_sizes(reply, "len", lengths), .space = decode_sizes(reply, "space", lengths)};
}

void decode_acknowledgement(const std::string& line, int id) {
  const json object = parsed(line);
  const Fields reply(object, "the reply");
  check_id(reply, id);
  check_unsupported(reply);
  if (reply.has("error")) reply.complain("is an error");
}

Request decode_request(const std::string& line) {
  const json object = parsed(line);
  const Fields fields(object, "the request");
  Request request;
  request.id = fields.integer<int>("id");
  request.op = fields.text("op");
  if (request.op == "recvmsg_into") {
    request.socket = {fields.integer<int>("fd"), fields.integer<int>("family"), fields.integer<int>("type")};
    request.call = decode_call(fields);
  } else if (request.op == "close") {
    for (const json& number : fields.array("fds")) request.numbers.push_back(fields.as_integer<int>(number, "fds"));
  } else if (request.op == "signal") {
    request.signum = fields.integer<int>("signum");
    request.action = handler_action_named(fields.text("handler"));
  } else if (request.op == "cmsg_sizes") {
    for (const json& length : fields.array("lengths")) {
      request.lengths.push_back(fields.as_integer<std::int64_t>(length, "lengths"));
    }
  }
  return request;
}

std::string encode_result(int id, const Observation& observation) {
  return line_of(reply_json(observation), id);
}
std::string encode_cmsg_sizes_reply(int id, const CmsgSizes& sizes) {
  return line_of({{"len", sizes_json(sizes.len)}, {"space", sizes_json(sizes.space)}}, id);
}
std::string encode_acknowledgement(int id) {
  return line_of(json::object(), id);
}
std::string encode_unsupported(int id, std::string_view what) {
  return line_of({{"unsupported", what}}, id);
}

}  // namespace recvinto::kit
