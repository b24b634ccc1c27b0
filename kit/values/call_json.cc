#include "kit/values/call_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace recvinto::kit {
namespace {

using nlohmann::json;

Memory read_memory(const JsonValue& value) {
  const std::optional<Memory> memory = memory_named(value.text());
  if (!memory) value.complain_of_kind(R"("sparse", "inaccessible", "inaccessible_tail" or "two_mappings")");
  return *memory;
}

/// A storage with a border says where, and no other does.
void read_border(const JsonValue& value, JsonObject& object, Buffer& buffer) {
  if (!has_border(buffer.memory)) return;
  buffer.border = object.at("border").integer<std::size_t>();
  if (buffer.border == 0 || buffer.border > buffer.size) value.complain("the border lies outside the storage");
}

Buffer read_buffer(const JsonValue& value) {
  JsonObject object(value);
  Buffer buffer;
  const auto storage = object.find("storage");
  const auto size = object.find("size");
  if (storage) {
    if (size) size->complain("a part of an earlier storage has no size of its own");
    buffer.storage = storage->integer<std::size_t>();
  } else {
    buffer.size = object.at("size").integer<std::size_t>();
  }
  if (const auto from = object.find("from")) buffer.from = from->integer<std::size_t>();
  if (const auto to = object.find("to")) buffer.to = to->integer<std::size_t>();
  if (const auto fill = object.find("fill")) {
    if (storage) fill->complain("a part of an earlier storage is not filled");
    buffer.fill = fill->bytes();
    if (buffer.fill.empty()) fill->complain("is empty; what is allowed is at least one byte");
  }
  if (const auto memory = object.find("memory")) {
    if (storage) memory->complain("a part of an earlier storage has that storage's memory");
    buffer.memory = read_memory(*memory);
    if (buffer.memory == Memory::kSparse && buffer.size == 0) value.complain("a sparse storage has at least one byte");
    read_border(value, object, buffer);
  }
  object.refuse_others();
  return buffer;
}

std::vector<Buffer> read_buffers(const JsonValue& list) {
  const std::vector<JsonValue> elements = list.elements();
  std::vector<Buffer> buffers;
  std::size_t ordinary = 0;
  for (const JsonValue& element : elements) {
    const Buffer& buffer = buffers.emplace_back(read_buffer(element));
    try {
      resolved(buffers, buffers.size() - 1);
    } catch (const std::invalid_argument& error) {
      element.complain(error.what());
    }
    if (buffer.storage || buffer.memory == Memory::kSparse || buffer.memory == Memory::kInaccessible) continue;
    if (buffer.size > kMostOrdinaryBytes - ordinary) {
      element.part(element.get().at("size"))
          .complain(fmt::format("is {}, and {} bytes before it; what is allowed is {} bytes in all storages of a call "
                                "that are neither sparse nor inaccessible",
                                buffer.size, ordinary, kMostOrdinaryBytes));
    }
    ordinary += buffer.size;
  }
  return buffers;
}

}  // namespace

json to_json(const Call& call) {
  json buffers = json::array();
  for (const Buffer& buffer : call.buffers) {
    json entry = json::object();
    if (buffer.storage) {
      entry["storage"] = *buffer.storage;
    } else {
      entry["size"] = buffer.size;
      if (buffer.fill != "\xee") entry["fill"] = to_hex(buffer.fill);
    }
    if (buffer.memory != Memory::kOrdinary) entry["memory"] = name(buffer.memory);
    if (has_border(buffer.memory)) entry["border"] = buffer.border;
    if (buffer.from != 0) entry["from"] = buffer.from;
    if (buffer.to) entry["to"] = *buffer.to;
    buffers.push_back(std::move(entry));
  }
  json fields{{"buffers", std::move(buffers)}};
  if (call.ancbufsize) fields["ancbufsize"] = *call.ancbufsize;
  if (call.flags) fields["flags"] = *call.flags;
  fields["timeout_ms"] = call.timeout ? json(call.timeout->count()) : json(nullptr);
  if (call.warnings_are_errors) fields["warnings"] = "error";
  if (!call.form.empty()) fields["form"] = call.form;
  if (call.concurrent) fields["concurrent"] = true;
  return fields;
}

json written(const Call& call) {
  json fields = to_json(call);
  if (fields["timeout_ms"].is_null()) fields.erase("timeout_ms");
  return fields;
}

Call read_call(const JsonValue& value) {
  JsonObject object(value);
  Call call;
  call.buffers = read_buffers(object.at("buffers"));
  if (const auto size = object.find("ancbufsize")) call.ancbufsize = size->integer<std::int64_t>();
  if (const auto flags = object.find("flags")) call.flags = flags->integer<std::int64_t>();
  if (const auto timeout = object.find("timeout_ms")) {
    call.timeout = std::chrono::milliseconds(timeout->integer<std::int64_t>());
  }
  if (const auto warnings = object.find("warnings")) {
    if (warnings->text() != "error") warnings->complain_of_kind(R"("error")");
    call.warnings_are_errors = true;
  }
  if (const auto form = object.find("form")) call.form = form->text();
  if (const auto concurrent = object.find("concurrent")) call.concurrent = concurrent->boolean();
  object.refuse_others();
  return call;
}

}  // namespace recvinto::kit
