// Many bytes, in one call and over one connection: sizes around those of pages, and of 64 KiB.

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "conformance/distinct_bytes.h"
#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;

std::vector<kit::Buffer> rooms_of(const std::vector<std::size_t>& sizes) {
  std::vector<kit::Buffer> buffers;
  for (const std::size_t size : sizes) buffers.push_back(room(size));
  return buffers;
}

std::size_t total(const std::vector<std::size_t>& sizes) {
  std::size_t sum = 0;
  for (const std::size_t size : sizes) sum += size;
  return sum;
}

CLAIM(LargeTransfers, BuffersAroundPageSizesAreFilled, cites({"fill-in-order", "nbytes-is-the-total"}),
      on(kit::kEveryKind), needs(kScatter)) {
  for (const std::vector<std::size_t>& sizes : std::vector<std::vector<std::size_t>>{{4095, 2},
                                                                                     {4096, 2},
                                                                                     {4097, 2},
                                                                                     {2, 4097, 2},
                                                                                     {255, 256, 257},
                                                                                     {8191, 8193, 8192},
                                                                                     {1, 20'000, 1, 30'000}}) {
    const kit::Bytes message = distinct_bytes(total(sizes));
    send(message);
    expect(receive({.buffers = rooms_of(sizes)}), {.data = message});
    expect_queue({});
  }
}

// Neither MSG_TRUNC nor a length of 16 bits is in the way.
CLAIM(LargeTransfers, CallReceivesBeyond64Kilobytes, cites({"fill-in-order", "nbytes-is-the-total"}),
      on(kit::kUnixKinds), needs()) {
  for (const std::vector<std::size_t>& sizes : std::vector<std::vector<std::size_t>>{
           {65'535}, {65'536}, {65'537}, {65'536, 1}, {100'000}, {1, 99'999}, {33, 50'000, 50'000}}) {
    const kit::Bytes message = distinct_bytes(total(sizes));
    send(message);
    expect(receive({.buffers = rooms_of(sizes)}), {.data = message});
    expect_queue({});
  }
}

// Room that is larger than 16 bits say, and just as large.
CLAIM(LargeTransfers, RoomForAncillaryDataBeyond64KilobytesIsRoom,
      cites({"ctrunc-is-reported", "ctrunc-costs-no-data"}), on(kit::kUnixKinds),
      needs(kAncillary, kRights, kAncbufsize, kMsgFlags)) {
  std::size_t file = 0;
  for (const std::int64_t ancbufsize : {4095, 4096, 4097, 65'535, 65'536, 65'537, 131'072}) {
    send("abcd", /*files=*/1);
    expect(receive({.buffers = {room(8)}, .ancbufsize = ancbufsize}),
           {.data = "abcd", .msg_flags = 0, .files = Files{file++}});
  }
}

CLAIM(LargeTransfers, StreamOf320KilobytesArrivesInOddPieces,
      cites({"stream-discards-nothing", "stream-ignores-boundaries", "peek-leaves-the-data"}), on(kit::kStreamKinds),
      needs(kFlags)) {
  const std::vector<std::vector<std::size_t>> pieces{{7001}, {1}, {255, 257}, {4097, 4096, 4096}, {1, 4095}, {16'201}};
  kit::Bytes round;
  for (const std::vector<std::size_t>& piece : pieces) round.resize(round.size() + total(piece));
  round = distinct_bytes(round.size());
  for (int i = 0; i < 8; ++i) {
    const std::size_t half = round.size() / 2 + static_cast<std::size_t>(i);
    send(round.substr(0, half));
    send(round.substr(half));
    std::size_t at = 0;
    for (const std::vector<std::size_t>& piece : pieces) {
      const kit::Bytes data = round.substr(at, total(piece));
      expect(receive({.buffers = rooms_of(piece), .flags = MSG_PEEK}), {.data = data});
      expect(receive({.buffers = rooms_of(piece)}), {.data = data});
      at += data.size();
    }
    expect_queue({});
  }
}

}  // namespace
}  // namespace recvinto::conformance
