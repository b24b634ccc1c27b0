// Boost.Asio's synchronous receive of generic sockets as a plug-in: receive_from of datagrams, receive of streams, and
// receive of sequenced packets, which alone tells the flags that came back. Built with -DKIND=0, 1 or 2. There is no
// ancillary data.
#include <fcntl.h>
#include <recvinto/plugin.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio.hpp>
#include <boost/version.hpp>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

namespace {

namespace asio = boost::asio;

constexpr bool kOfDatagrams = KIND == 0, kOfStreams = KIND == 1;

// A synchronous call polls where the system would block, even with MSG_DONTWAIT (system_wait); and a stream's call
// without room for a byte is, as documented, none (no_buffers, empty_buffers).
const char* const kOfAStream[] = {
    "scatter",      "overlap", "flags", "nonblocking", "sparse_buffers", "inaccessible_buffers", "inaccessible_tails",
    "two_mappings", "recvmsg", nullptr};
const char* const kCapabilities[] = {"scatter",
                                     "overlap",
                                     "flags",
                                     "nonblocking",
                                     "sparse_buffers",
                                     "inaccessible_buffers",
                                     "inaccessible_tails",
                                     "two_mappings",
                                     "recvmsg",
                                     "no_buffers",
                                     "empty_buffers",
                                     kOfDatagrams ? "address" : "msg_flags",
                                     nullptr};
const char* const kDatagrams[] = {"unix_datagram", "udp4", "udp6", "netlink_route", "raw4", "packet", nullptr};
const char* const kStreams[] = {"unix_stream", "tcp4", "tcp6", nullptr};
const char* const kPackets[] = {"unix_seqpacket", nullptr};

const recvinto_hello* hello() {
  static const std::string version =
      std::to_string(BOOST_VERSION / 100000) + "." + std::to_string(BOOST_VERSION / 100 % 1000);
  static const recvinto_hello made = {sizeof made,
                                      "Boost.Asio",
                                      version.c_str(),
                                      "C++",
                                      kOfStreams ? kOfAStream : kCapabilities,
                                      nullptr,
                                      kOfDatagrams ? kDatagrams
                                      : kOfStreams ? kStreams
                                                   : kPackets,
                                      nullptr};
  return &made;
}

int failed(const boost::system::error_code& error, recvinto_answer& answer) {
  const bool is_systems = error.category() == boost::system::system_category();
  answer.error_number = is_systems ? error.value() : 0;
  std::snprintf(answer.error_class, sizeof answer.error_class, "%s", is_systems ? "system" : error.category().name());
  std::snprintf(answer.message, sizeof answer.message, "%s", error.message().c_str());
  return RECVINTO_FAILED;
}

#if KIND == 0
// A raw socket is received from as a datagram socket is.
using Protocol = asio::generic::datagram_protocol;

std::size_t receive(Protocol::socket& socket, const std::vector<asio::mutable_buffer>& buffers, int flags,
                    boost::system::error_code& error, recvinto_answer& answer) {
  Protocol::endpoint sender;
  const std::size_t nbytes = socket.receive_from(buffers, sender, flags, error);
  answer.address.form = sender.size() == 0 ? RECVINTO_NO_ADDRESS : RECVINTO_SOCKADDR;
  answer.address.bytes_size = std::min(sender.size(), sizeof answer.address.bytes);
  std::memcpy(answer.address.bytes, sender.data(), answer.address.bytes_size);
  return nbytes;
}
#elif KIND == 1
using Protocol = asio::generic::stream_protocol;

std::size_t receive(Protocol::socket& socket, const std::vector<asio::mutable_buffer>& buffers, int flags,
                    boost::system::error_code& error, recvinto_answer&) {
  return socket.receive(buffers, flags, error);
}
#else
using Protocol = asio::generic::seq_packet_protocol;

std::size_t receive(Protocol::socket& socket, const std::vector<asio::mutable_buffer>& buffers, int flags,
                    boost::system::error_code& error, recvinto_answer& answer) {
  return socket.receive(buffers, flags, answer.msg_flags, error);
}
#endif

int option_of(int fd, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  return getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : 0;
}

int call_receive(const recvinto_call* call, recvinto_answer* answer) noexcept {
  static asio::io_context context;
  const int status = fcntl(call->fd, F_GETFL);
  if (status >= 0) fcntl(call->fd, F_SETFL, status & ~O_NONBLOCK);
  boost::system::error_code error;
  Protocol::socket socket(context);
  socket.assign(Protocol(option_of(call->fd, SO_DOMAIN), option_of(call->fd, SO_PROTOCOL)), call->fd, error);
  if (error) return failed(error, *answer);
  socket.non_blocking(call->timeout_ms != nullptr, error);
  std::vector<asio::mutable_buffer> buffers;
  for (std::size_t i = 0; i < call->buffer_count; ++i)
    buffers.emplace_back(call->buffers[i].iov_base, call->buffers[i].iov_len);
  const int flags = call->flags != nullptr ? static_cast<int>(*call->flags) : 0;
  bool has_thrown = false;
  try {
    answer->nbytes = static_cast<int64_t>(receive(socket, buffers, flags, error, *answer));
  } catch (const boost::system::system_error& thrown) {
    has_thrown = true;
    std::snprintf(answer->message, sizeof answer->message, "%s", thrown.what());
  }
  boost::system::error_code unused;
  socket.release(unused);  // the descriptor is the suite's
  if (has_thrown) {
    std::snprintf(answer->error_class, sizeof answer->error_class, "system_error");
    return RECVINTO_FAILED;
  }
  if (error && error != asio::error::eof) return failed(error, *answer);
  return RECVINTO_RECEIVED;
}

}  // namespace

const recvinto_plugin* recvinto_plugin_v1() {
  static const recvinto_plugin made = {sizeof made, RECVINTO_PLUGIN_VERSION, hello, call_receive, nullptr};
  return &made;
}
