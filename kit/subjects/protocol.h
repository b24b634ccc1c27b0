#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "kit/values/call.h"
#include "kit/values/cmsg_sizes.h"
#include "kit/values/handler_action.h"
#include "kit/values/handshake.h"
#include "kit/values/observation.h"
#include "kit/values/socket_name.h"

// adapters/PROTOCOL.md in code, both directions: the suite encodes requests and decodes replies; `serve` (an adapter of
// our own) decodes requests and encodes replies.

namespace recvinto::kit {

inline constexpr int kProtocolVersion = 1;
inline constexpr std::size_t kLongestLine = std::size_t{4} * 1024 * 1024;  ///< bytes, without the newline

/// A line that breaks the protocol; what() says which rule, and shows the line's beginning.
class ProtocolError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A line that is no JSON object at all: perhaps nothing that the adapter wrote, but what its runtime says of a crash.
class NoReply : public ProtocolError {
 public:
  using ProtocolError::ProtocolError;
};

// The suite's side. Each returns one line without its newline; ids are chosen by the caller.
std::string encode_hello(int id);
std::string encode_call(int id, const SocketName& socket, const Call& call);
std::string encode_close(int id, const std::vector<int>& numbers);
std::string encode_signal(int id, int signum, HandlerAction action);
std::string encode_cmsg_sizes(int id, const std::vector<std::int64_t>& lengths);
std::string encode_bye(int id);

/// The id of a reply, if it has one.
std::optional<int> id_in(const std::string& line);
Handshake decode_hello(const std::string& line, int id);
/// The part of an observation that the implementation itself reported. Throws Unsupported, EnvironmentLacks, or
/// ProtocolError.
Observation decode_result(const std::string& line, int id, const Call& call, const Handshake& handshake);
/// As many as lengths were asked for. Throws Unsupported, or ProtocolError.
CmsgSizes decode_cmsg_sizes(const std::string& line, int id, std::size_t lengths);
/// The reply to close, signal or bye. Throws Unsupported, or ProtocolError.
void decode_acknowledgement(const std::string& line, int id);

// The adapter's side.
struct Request {
  int id = 0;
  std::string op;
  SocketName socket;                    // recvmsg_into
  Call call;                            // recvmsg_into
  std::vector<int> numbers;             // close
  int signum = 0;                       // signal
  std::optional<HandlerAction> action;  // signal; nullopt: a word that is none
  std::vector<std::int64_t> lengths;    // cmsg_sizes
};

Request decode_request(const std::string& line);
std::string encode_hello_reply(int id, const Handshake& handshake);
std::string encode_result(int id, const Observation& observation);
std::string encode_cmsg_sizes_reply(int id, const CmsgSizes& sizes);
std::string encode_acknowledgement(int id);
std::string encode_unsupported(int id, std::string_view what);

}  // namespace recvinto::kit
