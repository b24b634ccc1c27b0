// Any line that an adapter writes, or is sent, is decoded to a value or refused by ProtocolError; what was decoded,
// encoded again, is a line that is decoded to the same.
//
// The input is two lines: a request, and a reply to it.

#include <string>
#include <string_view>

#include "fuzz/support/fixed_point.h"
#include "fuzz/support/planted.h"

using namespace recvinto;

static constexpr int kId = 7;  // of the requests that replies are to

/// The call that the request asks for, if it does, and if its buffers are of a size that a reply can fill.
static kit::Call try_request(const std::string& line) {
  kit::Call call{.buffers = {kit::room(4), kit::room(8)}, .ancbufsize = 64};
  fuzz::or_refused([&] {
    const kit::Request request = kit::decode_request(line);
    if (request.op != "recvmsg_into") return;
    std::size_t bytes = 0;
    for (const kit::Buffer& buffer : request.call.buffers) {
      if (buffer.size > 4096 || (bytes += buffer.size) > 4096) return;
    }
    call = request.call;
    const auto encode = [](const kit::Request& one) { return kit::encode_call(one.id, one.socket, one.call); };
    fuzz::check_fixed_point(encode, kit::decode_request, line);
  });
  return call;
}

static kit::Observation decode_result(const std::string& line, const kit::Call& call) {
  kit::Handshake everything;
  everything.capabilities = {kit::kEveryCapability.begin(), kit::kEveryCapability.end()};
  kit::Observation seen = kit::decode_result(line, kId, call, everything);
  if (fuzz::has_planted("last_item_is_lost") && seen.ancdata && !seen.ancdata->empty()) seen.ancdata->pop_back();
  if (fuzz::has_planted("error_number_is_assumed") && seen.error) seen.nbytes = seen.error->number.value();
  return seen;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = input.find('\n');
  const kit::Call call = try_request(std::string(input.substr(0, end)));
  const std::string reply(end == std::string_view::npos ? std::string_view() : input.substr(end + 1));
  const auto try_reply = [&reply](const auto& encode, const auto& decode) {
    fuzz::or_refused([&] { fuzz::check_fixed_point(encode, decode, reply); });
  };
  try_reply([](const kit::Observation& seen) { return kit::encode_result(kId, seen); },
            [&](const std::string& line) { return decode_result(line, call); });
  try_reply([](const kit::Handshake& hello) { return kit::encode_hello_reply(kId, hello); },
            [](const std::string& line) { return kit::decode_hello(line, kId); });
  try_reply([](const kit::CmsgSizes& sizes) { return kit::encode_cmsg_sizes_reply(kId, sizes); },
            [](const std::string& line) { return kit::decode_cmsg_sizes(line, kId, 3); });
  fuzz::or_refused([&] { kit::decode_acknowledgement(reply, kId); });
  return 0;
}
