#include "kit/tests/scripted_kernel/random_case.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <span>
#include <utility>

#include "kit/tests/scripted_kernel/results.h"

namespace recvinto::kit {
namespace {

/// Sanitizers look at the caller's memory as far as the lengths say that came back, and complain of those that lie.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMayExceedTheRoom = false;
#else
constexpr bool kMayExceedTheRoom = true;
#endif

class Chooser {
 public:
  Chooser(std::mt19937_64& random, Oddity oddity) : random_(random), oddity_(oddity) {}

  RandomCase whole_case() {
    RandomCase made;
    made.call = call();
    room_ = static_cast<std::size_t>(made.call.ancbufsize.value_or(0));
    std::vector<ScriptStep>& steps = made.script.steps;
    steps.assign(below(4), one_in(2) ? interrupted_by(SIGUSR1) : fails(EINTR));
    if (oddity_ >= Oddity::kOdd && one_in(4)) steps.push_back(fails(EINTR, result()));
    if (made.call.timeout && one_in(2)) steps.push_back(fails(EAGAIN));
    if (one_in(10)) return made;  // one receive too many
    if (one_in(8)) {
      steps.push_back(fails(one_of(std::array{ENOMEM, ECONNREFUSED, EAGAIN, ENOTCONN, EIO, 4095})));
    } else {
      ScriptStep step = gives(result());
      if (one_in(10)) step.signum = SIGUSR1;
      steps.push_back(std::move(step));
      made.script.last_repeats = one_in(10);
    }
    if (one_in(10)) steps.push_back(gives("too much"));
    return made;
  }

 private:
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  bool one_in(std::uint64_t count) { return below(count) == 0; }
  template <typename Value, std::size_t count>
  Value one_of(const std::array<Value, count>& values) {
    return values.at(below(count));
  }
  Bytes bytes(std::size_t size) {
    Bytes made(size, '\0');
    for (char& byte : made) byte = static_cast<char>(below(256));
    return made;
  }

  Call call() {
    Call made;
    const std::size_t count = one_in(50) ? 1025 : below(5);
    for (std::size_t i = 0; i < count; ++i) made.buffers.push_back(room(below(30)));
    if (!one_in(4)) made.ancbufsize = one_of(std::array{0, 8, 16, 17, 20, 24, 40, 64, 256});
    if (one_in(3)) made.flags = one_of(std::array<int, 4>{0, MSG_PEEK, MSG_DONTWAIT, MSG_CMSG_CLOEXEC});
    if (one_in(3)) made.timeout = std::chrono::milliseconds(one_in(3) ? 0 : 60'000);
    made.warnings_are_errors = one_in(5);
    return made;
  }

  ScriptedMessage message() {
    // Never SOL_SOCKET: there are no descriptors behind these bytes.
    ScriptedMessage made{.level = one_of(std::array<int, 3>{IPPROTO_IP, IPPROTO_IPV6, 273}),
                         .type = static_cast<int>(below(40)),
                         .data = bytes(below(20))};
    if (oddity_ >= Oddity::kMalformed && one_in(2)) {
      made.claimed_length =
          one_of(std::array<std::uint64_t, 10>{0, 1, 8, 12, 15, 17, 31, 1000, 0x7fff'ffff, UINT64_MAX});
    }
    return made;
  }

  Bytes address() {
    sockaddr_in inet{.sin_family = AF_INET, .sin_port = htons(4711), .sin_addr = {htonl(0x7f000001)}, .sin_zero = {}};
    sockaddr_in6 inet6{};
    inet6.sin6_family = AF_INET6;
    inet6.sin6_port = htons(53);
    inet6.sin6_flowinfo = htonl(7);
    inet6.sin6_addr.s6_addr[0] = 0xfe;
    inet6.sin6_addr.s6_addr[1] = 0x80;
    inet6.sin6_scope_id = 3;
    const auto family = [](int number) { return bytes_of(static_cast<sa_family_t>(number)); };
    switch (below(8)) {
      case 0:
        return bytes_of(inet);
      case 1:
        return bytes_of(inet6);
      case 2:
        return family(AF_UNIX) + "/some/path" + Bytes(1, '\0');
      case 3:
        return family(AF_UNIX) + Bytes(1, '\0') + bytes(5);
      case 4:
        return family(AF_UNIX);
      case 5:
        return family(one_of(std::array{AF_INET, AF_INET6})) + bytes(below(6));
      case 6:
        return family(one_of(std::array{AF_PACKET, AF_NETLINK, 1000})) + bytes(below(110));
      default:
        return bytes(below(2));
    }
  }

  answer::Result result() {
    answer::Result made;
    made.data = bytes(below(80));
    for (std::uint64_t i = below(4); i > 0; --i) made.control.push_back(message());
    if (!one_in(3)) made.address = address();
    made.msg_flags = one_of(std::array<int, 5>{0, 0, MSG_EOR, MSG_TRUNC | MSG_CTRUNC, MSG_ERRQUEUE});
    if (oddity_ >= Oddity::kOdd) {
      made.pad_the_last = one_in(2);
      made.padding = static_cast<char>(below(256));
      if (one_in(4)) made.msg_flags = static_cast<int>(below(0x8000'0000));
    }
    if (oddity_ >= Oddity::kMalformed && one_in(3)) made.raw_control = bytes(below(40));
    if (oddity_ == Oddity::kImpossible) lie(made);
    return made;
  }

  void lie(answer::Result& made) {
    const auto odd_length = [this](std::uint64_t room) {
      return kMayExceedTheRoom && one_in(2) ? room + one_of(std::array<std::uint64_t, 4>{1, 16, 1000, 0x7fff'0000})
                                            : below(room + 1);
    };
    if (one_in(3)) made.returned = static_cast<std::int64_t>(odd_length(100));
    if (one_in(2)) {
      made.raw_control += Bytes(room_, '\x20');
      made.msg_controllen = odd_length(room_);
    }
    if (one_in(2)) {
      made.address.emplace(address()).resize(sizeof(sockaddr_storage), '\x21');
      made.msg_namelen = static_cast<std::uint32_t>(odd_length(sizeof(sockaddr_storage)));
    }
  }

  std::mt19937_64& random_;
  Oddity oddity_;
  std::size_t room_ = 0;  // for control data, in bytes
};

}  // namespace

RandomCase random_case(std::mt19937_64& random, Oddity oddity) {
  return Chooser(random, oddity).whole_case();
}

}  // namespace recvinto::kit
