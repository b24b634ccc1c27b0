#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "kit/subjects/choices.h"
#include "kit/subjects/protocol.h"
#include "kit/subjects/protocol_json.h"

namespace recvinto::kit {
namespace {

using nlohmann::json;

/// Each word of a list, as `known` understands it.
template <typename Word>
std::vector<Word> words_of(const Fields& reply, const char* field, std::string_view what,
                           std::optional<Word> (*known)(std::string_view)) {
  std::vector<Word> meant;
  for (const json& word : reply.array(field)) {
    if (!word.is_string()) reply.complain(fmt::format("declares a {} that is not a string", what));
    const std::optional<Word> one = known(word.get_ref<const std::string&>());
    if (!one) reply.complain(fmt::format("declares the unknown {} {}", what, word.dump()));
    meant.push_back(*one);
  }
  return meant;
}

/// "a|b" for a list of words.
std::string text_of(const Fields& choices, const std::string& name, const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return value.dump();
  if (!value.is_array()) choices.complain(fmt::format("field \"{}\" is neither a word, a number nor a list", name));
  std::string words;
  for (const json& word : value) {
    if (!word.is_string()) choices.complain(fmt::format("field \"{}\" is a list of other things than words", name));
    words += (words.empty() ? "" : "|") + word.get<std::string>();
  }
  return words;
}

void decode_choices(const Fields& choices, const json& object, Handshake& handshake) {
  for (const auto& [name, value] : object.items()) {
    if (value.is_null() || !is_choice(name)) continue;
    try {
      choose(handshake, name, text_of(choices, name, value));
    } catch (const std::invalid_argument& error) {
      choices.complain(error.what());
    }
  }
}

void decode_layout(const Fields& reply, Handshake& handshake) {
  if (reply.has("byte_order")) {
    const std::string order = reply.text("byte_order");
    if (order != "little" && order != "big") reply.complain("has a byte_order that is neither \"little\" nor \"big\"");
    handshake.byte_order = order == "big" ? std::endian::big : std::endian::little;
  }
  if (reply.has("word_size")) {
    const int bits = reply.integer<int>("word_size");
    if (bits != 32 && bits != 64) reply.complain("has a word_size that is neither 32 nor 64");
    handshake.abi = bits == 32 ? kAbi32 : kAbi64;
  }
}

}  // namespace

Handshake decode_hello(const std::string& line, int id) {
  const json object = parsed(line);
  const Fields reply(object, "the reply to hello");
  check_id(reply, id);
  if (const int protocol = reply.integer<int>("protocol"); protocol != kProtocolVersion) {
    reply.complain(fmt::format("speaks protocol {}, but this suite speaks {}", protocol, kProtocolVersion));
  }
  Handshake handshake{.name = reply.text("name"), .version = reply.text("version"), .language = {}, .capabilities = {}};
  if (reply.has("language")) handshake.language = reply.text("language");
  const auto capabilities = words_of(reply, "capabilities", "capability", capability_named);
  handshake.capabilities = Capabilities(capabilities.begin(), capabilities.end());
  if (reply.has("sockets")) handshake.sockets = words_of(reply, "sockets", "kind of socket", kind_named);
  if (reply.has("items")) handshake.items = words_of(reply, "items", "kind of item", item_kind_named);
  decode_layout(reply, handshake);
  if (reply.has("pid")) handshake.pid = reply.integer<pid_t>("pid");
  if (reply.has("choices")) {
    const Fields choices(reply.at("choices"), "the choices of the reply to hello");
    decode_choices(choices, reply.at("choices"), handshake);
  }
  return handshake;
}

std::string encode_hello_reply(int id, const Handshake& handshake) {
  json words = json::array();
  for (const Capability capability : handshake.capabilities) words.push_back(name(capability));
  json choices = json::object();
  for (const auto& [name, value] : choices_of(handshake)) choices[name] = value;
  json reply{{"protocol", kProtocolVersion},   {"name", handshake.name},           {"version", handshake.version},
             {"language", handshake.language}, {"capabilities", std::move(words)}, {"choices", std::move(choices)}};
  if (handshake.sockets) {
    reply["sockets"] = json::array();
    for (const SocketKind& kind : *handshake.sockets) reply["sockets"].push_back(kind.name);
  }
  if (!handshake.items.empty()) {
    for (const ItemKind kind : handshake.items) reply["items"].push_back(word_of(kind));
  }
  if (handshake.byte_order) reply["byte_order"] = *handshake.byte_order == std::endian::big ? "big" : "little";
  if (handshake.abi) reply["word_size"] = 8 * handshake.abi->word;
  return line_of(std::move(reply), id);
}

}  // namespace recvinto::kit
