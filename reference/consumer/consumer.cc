#include <recvinto/message.h>
#include <sys/socket.h>

#include <array>
#include <cstdio>

int main() {
  std::array<int, 2> ends{};
  std::array<char, 5> hello{};
  std::array<char, 16> rest{};
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0 || send(ends[0], "hello world", 11, 0) != 11) return 1;
  const std::array<iovec, 2> buffers{{{hello.data(), hello.size()}, {rest.data(), rest.size()}}};
  const recvinto::Message message = recvinto::recvmsg_into(ends[1], buffers);
  std::printf("%zu bytes:%.*s\n", message.nbytes, 6, rest.data());
  return message.nbytes == 11 ? 0 : 1;
}
