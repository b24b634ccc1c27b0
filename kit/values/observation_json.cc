#include "kit/values/observation_json.h"

#include <sys/socket.h>

#include <nlohmann/json.hpp>

#include "kit/values/call_json.h"
#include "kit/values/call_log.h"

namespace recvinto::kit {
namespace {

using nlohmann::json;

json error_json(const Error& error) {
  return {
      {"class", error.type}, {"errno", error.number ? json(*error.number) : json(nullptr)}, {"message", error.message}};
}

}  // namespace

json to_json(const Address& address) {
  switch (address.family) {
    case AF_UNIX:
      return {{"family", address.family}, {"path", to_hex(address.path)}};
    case AF_INET:
      return {{"family", address.family}, {"host", address.host}, {"port", address.port}};
    case AF_INET6:
      return {{"family", address.family},
              {"host", address.host},
              {"port", address.port},
              {"flowinfo", address.flowinfo},
              {"scope_id", address.scope_id}};
    default:
      return {{"family", address.family}, {"raw", to_hex(address.raw)}};
  }
}

json reply_json(const Observation& observation) {
  json fields = json::object();
  if (observation.error) {
    fields["error"] = error_json(*observation.error);
  } else {
    fields["nbytes"] = observation.nbytes;
    if (observation.ancdata) {
      json& ancdata = fields["ancdata"] = json::array();
      for (const AncillaryItem& item : *observation.ancdata) {
        ancdata.push_back({item.level, item.type, to_hex(item.data)});
      }
    }
    if (observation.msg_flags) fields["msg_flags"] = *observation.msg_flags;
    fields["address"] = observation.address ? to_json(*observation.address) : json(nullptr);
  }
  json& buffers = fields["buffers"] = json::array();
  for (const Bytes& storage : observation.storages) buffers.push_back(to_hex(storage));
  fields["warnings"] = observation.warnings;
  fields["signals"] = observation.signals;
  if (!observation.facts.empty()) {
    json& facts = fields["facts"] = json::object();
    for (const auto& [name, value] : observation.facts) facts[name] = json::parse(value);
  }
  return fields;
}

json to_json(const CallLog& log) {
  json calls = json::array();
  for (const SeenCall& call : log.calls) {
    json buffers = json::array();
    for (const SeenCall::Extent& buffer : call.buffers) buffers.push_back({buffer.base, buffer.length});
    calls.push_back({{"call", describe(call)},
                     {"system_call", call.system_call},
                     {"flags", call.flags},
                     {"buffers", std::move(buffers)},
                     {"name", call.name},
                     {"namelen", call.namelen},
                     {"control", call.control},
                     {"controllen", call.controllen},
                     {"msg_flags", call.msg_flags}});
  }
  json waits = json::array();
  for (const SeenWait& wait : log.waits) waits.push_back(describe(wait));
  return {{"calls", std::move(calls)},        {"waits", std::move(waits)},    {"further_calls", log.further_calls},
          {"unused_steps", log.unused_steps}, {"unscripted", log.unscripted}, {"troubles", log.troubles}};
}

json to_json(const Step& step) {
  json object{{"step", describe(step)}};
  if (const auto* start = std::get_if<step::Start>(&step)) object["call"] = to_json(start->call);
  return object;
}

json to_json(const Observation& observation) {
  json facts = reply_json(observation);
  if (observation.returned) facts["returned"] = *observation.returned;
  facts["elapsed_us"] = observation.elapsed.count();
  json& descriptors = facts["descriptors"] = json::array();
  for (const ReceivedDescriptor& descriptor : observation.descriptors) {
    descriptors.push_back({{"number", descriptor.number},
                           {"file", descriptor.file ? json(*descriptor.file) : json(nullptr)},
                           {"close_on_exec", descriptor.close_on_exec},
                           {"shares_offset", descriptor.shares_offset}});
  }
  json& pidfds = facts["pidfds"] = json::array();
  for (const ReceivedPidfd& pidfd : observation.pidfds) {
    pidfds.push_back({{"number", pidfd.number},
                      {"process", pidfd.process ? json(*pidfd.process) : json(nullptr)},
                      {"close_on_exec", pidfd.close_on_exec}});
  }
  facts["stray_descriptors"] = observation.stray_descriptors;
  if (observation.kernel) facts["kernel"] = to_json(*observation.kernel);
  return facts;
}

}  // namespace recvinto::kit
