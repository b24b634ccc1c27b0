// Steps of the doctor: calls on sockets of each kind.

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>

#include "kit/values/names.h"
#include "runner/doctor/steps.h"

namespace recvinto::runner {
namespace {

using enum kit::Capability;
using kit::Bytes;

constexpr std::string_view kCalls = "See PROTOCOL.md, Sockets and recvmsg_into.";
constexpr std::string_view kWhose =
    "Make the same call in the implementation's own language: if it is right there, the adapter reports it wrongly "
    "(PROTOCOL.md, recvmsg_into).";

Finding failed(const kit::Observation& seen) {
  return wrong("the call failed: " + kit::describe(*seen.error), kWhose);
}

Finding buffers(ExaminedAdapter& examined) {
  return examined.perform(kit::kUnixStream, kCalls, [&](kit::Stage& stage) {
    kit::Call call{.buffers = {kit::slice(7, 1, 4, "\xaa\xbb")}};
    if (examined.declares(kScatter)) call.buffers.push_back(kit::slice(6, 2, 5));
    const Bytes data = Bytes("abcdef").substr(0, kit::capacity(call.buffers));
    stage.send(data);
    const kit::Observation seen = stage.receive(call);
    if (seen.error) return failed(seen);
    if (seen.nbytes != static_cast<std::int64_t>(data.size())) {
      return wrong(fmt::format("nbytes is {}; {} bytes were sent, for which there is room", seen.nbytes, data.size()),
                   kWhose);
    }
    const std::vector<Bytes> expected = kit::scattered(call.buffers, data);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (seen.storages[i] == expected[i]) continue;
      return wrong(
          fmt::format("buffer {} is {}; it must be {}: the part from byte {} on has data, and what is outside it keeps "
                      "its fill",
                      i, kit::to_hex(seen.storages[i]), kit::to_hex(expected[i]), call.buffers[i].from),
          "Make a storage of `size` bytes filled with `fill`, hand over the part from `from` to `to`, and report the "
          "whole storage (PROTOCOL.md, recvmsg_into).");
    }
    return right(fmt::format("parts of {} of {} bytes came back whole, with their fill",
                             call.buffers.size() == 1 ? "a storage" : "two storages",
                             call.buffers.size() == 1 ? "7" : "7 and 6"));
  });
}

/// Brings something into the queue. Returns what it ends with.
Bytes send_something(kit::Stage& stage, const Bytes& text) {
  if (stage.kind() == kit::kNetlinkRoute) {
    stage.ask_for_interfaces();
    return {};
  }
  // Of a raw socket an echo reply, which is not answered.
  const Bytes header = stage.kind() == kit::kRaw4 ? Bytes("\0\0\0\0\x12\x34\0\0", 8) : Bytes();
  stage.send(header + text);
  return text;
}

Finding one_socket(ExaminedAdapter& examined, const kit::SocketKind& kind) {
  if (!examined.handshake().takes(kind)) return left_out("not among the sockets of its reply to hello");
  constexpr std::string_view kNext =
      "Adopt the descriptor as a socket of the family and the type that the request has, and let go of it without "
      "closing it "
      "(PROTOCOL.md, Sockets).";
  return examined.perform(kind, kCalls, [&](kit::Stage& stage) {
    for (const Bytes data : {"first", "second"}) {
      const Bytes end = send_something(stage, data);
      const kit::Observation seen = stage.receive({.buffers = {kit::room(512)}});
      if (kind == kit::kPacket && seen.error && seen.error->number == EINVAL) {
        return left_out("the implementation adds a flag that packet sockets refuse: EINVAL (packet(7))");
      }
      if (seen.error) return wrong(fmt::format("the {} call failed: {}", data, kit::describe(*seen.error)), kNext);
      const Bytes& storage = seen.storages[0];
      const auto nbytes = static_cast<std::size_t>(std::max<std::int64_t>(seen.nbytes, 0));
      if (nbytes == 0 || nbytes > storage.size() || !Bytes(storage, 0, nbytes).ends_with(end)) {
        return wrong(
            fmt::format("the {} call reports {} bytes, which do not end with what was sent", data, seen.nbytes),
            kWhose);
      }
      if (kind == kit::kNetlinkRoute) break;
    }
    return right("adopted, and still open after a call");
  });
}

Finding descriptors(ExaminedAdapter& examined) {
  if (!examined.declares(kAncillary) || !examined.declares(kRights))
    return left_out("ancillary and rights are not declared");
  constexpr std::string_view kNext =
      "Report the items as the system has them, descriptors as native ints, and leave the descriptors open until the "
      "request close (PROTOCOL.md, Sockets and close).";
  return examined.perform(kit::kUnixStream, kNext, [&](kit::Stage& stage) {
    constexpr std::int64_t kRoom = 64;
    kit::Call call{.buffers = {kit::room(8)}};
    if (examined.declares(kAncbufsize)) call.ancbufsize = kRoom;
    stage.send("x", 2);
    const kit::Observation seen = stage.receive(call);
    if (seen.error) return failed(seen);
    const auto is_sent = [](const kit::ReceivedDescriptor& one) { return one.file.has_value(); };
    if (seen.descriptors.size() != 2 || !std::ranges::all_of(seen.descriptors, is_sent)) {
      return wrong(
          fmt::format("two descriptors were sent; {} were reported, of which {} are open on a file that was sent",
                      seen.descriptors.size(), std::ranges::count_if(seen.descriptors, is_sent)),
          kNext);
    }
    if (seen.stray_descriptors != 0) {
      return wrong(
          fmt::format("{} descriptors are open on files that were sent, and not reported", seen.stray_descriptors),
          "Keep no duplicate of what was received: each would be a leak (PROTOCOL.md, Sockets).");
    }
    return right("two descriptors arrived, and were closed on request");
  });
}

Finding closing(ExaminedAdapter& examined) {
  constexpr std::string_view kNext = "Close what `fds` names, by close(2) (PROTOCOL.md, close).";
  return examined.perform(kit::kUnixStream, kNext, [&](kit::Stage& stage) {
    stage.close_receiver();
    const kit::Observation seen = stage.receive({.buffers = {kit::room(4)}});
    if (!seen.error) return wrong("a call on a descriptor that was closed on request succeeded", kNext);
    if (seen.error->number != EBADF) {
      return wrong(fmt::format("a call on a closed descriptor ended in {}, not in EBADF", kit::describe(*seen.error)),
                   "Report what the operating system refuses with its errno (PROTOCOL.md, Errors).");
    }
    return right("a call on a descriptor that was closed on request is EBADF");
  });
}

}  // namespace

std::vector<DoctorStep> steps_of_calls() {
  std::vector<DoctorStep> steps{{"buffers", buffers}};
  for (const kit::SocketKind& kind : kit::kEveryNamedKind) {
    steps.push_back({fmt::format("socket {}", kind.name),
                     [kind](ExaminedAdapter& examined) { return one_socket(examined, kind); }});
  }
  steps.push_back({"descriptors", descriptors});
  steps.push_back({"closing", closing});
  return steps;
}

}  // namespace recvinto::runner
