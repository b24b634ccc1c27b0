// Where each byte goes: socket.recvmsg_into fills the buffers "with successive chunks of the non-ancillary data".

#include <algorithm>
#include <string>

#include "conformance/distinct_bytes.h"
#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::part_of;
using kit::room;
using kit::rooms;
using kit::slice;

/// Two parts of one storage, so that list order and memory order can differ.
std::vector<kit::Buffer> parts_of_one(std::size_t size, std::size_t from, std::size_t to, const kit::Buffer& second) {
  return {{.size = size, .from = from, .to = to}, second};
}

CLAIM(FillOrder, DocumentedExampleFillsTheBuffers,
      cites({"fill-documented-example", "fill-in-order", "nbytes-is-the-total"}), on(kit::kEveryKind),
      needs(kScatter)) {
  send("Mary had a little lamb");
  expect(receive({.buffers = {room(4, "----"), slice(10, 2, 9, "0123456789"), room(14, "-")}}),
         {.storages = Storages{"Mary", "01 had a 9", "little lamb---"}, .nbytes = 22});
}

CLAIM(FillOrder, DocumentedExampleReturnsTheWholeResult,
      cites({"fill-documented-example", "ancdata-is-empty-without-items", "msg-flags-of-an-ordinary-message"}),
      on(kit::kUnixStream), needs(kScatter, kAncillary, kMsgFlags, kAddress)) {
  send("Mary had a little lamb");
  expect(receive({.buffers = {room(4, "----"), slice(10, 2, 9, "0123456789"), room(14, "-")}}),
         {.storages = Storages{"Mary", "01 had a 9", "little lamb---"},
          .nbytes = 22,
          .msg_flags = 0,
          .ancdata = Items{},
          .address = kNoAddress});
}

CLAIM(FillOrder, EachBufferIsFilledBeforeTheNext, cites({"fill-in-order"}), on(kit::kEveryKind), needs(kScatter)) {
  send("abcdefgh");
  expect(receive({.buffers = {room(3), room(1), room(5)}}), {.data = "abcdefgh"});
}

CLAIM(FillOrder, NbytesCountsAllBuffers, cites("nbytes-is-the-total"), on(kit::kEveryKind), needs(kScatter)) {
  send("abcdefgh");
  expect(receive({.buffers = rooms(3, 3)}), {.nbytes = 8});
}

CLAIM(FillOrder, ManyOneByteBuffersAreAllFilled, cites("fill-in-order"), on(kit::kEveryKind), needs(kScatter)) {
  const kit::Bytes message = distinct_bytes(768);
  send(message);
  expect(receive({.buffers = rooms(768, 1)}), {.data = message});
}

CLAIM(FillOrder, HundredsOfIrregularBuffersAreFilledInOrder, cites({"fill-in-order", "fill-empty-buffers-skipped"}),
      on(kit::kOneOfEachSort), needs(kScatter, kEmptyBuffers)) {
  const kit::Bytes message = distinct_bytes(60'000);
  std::vector<kit::Buffer> buffers;
  for (std::size_t i = 0; i < 300; ++i) buffers.push_back(room(37 * i % 501));
  send(message);
  expect(receive({.buffers = buffers}), {.data = message});
}

CLAIM(FillOrder, ListOrderDecidesOverMemoryOrder, cites("fill-list-order-decides"), on(kit::kEveryKind),
      needs(kScatter, kOverlap)) {
  send("abcdefgh");
  expect(receive({.buffers = parts_of_one(8, 4, 8, part_of(0, 0, 4))}),
         {.storages = Storages{"efghabcd", ""}, .nbytes = 8});
}

CLAIM(FillOrder, OverlappingBufferOverwritesTheEarlierOne, cites("overlap-last-write-wins"), on(kit::kEveryKind),
      needs(kScatter, kOverlap)) {
  send("abcdefgh");
  expect(receive({.buffers = parts_of_one(8, 0, 4, part_of(0, 2, 6))}),
         {.storages = Storages{"abefgh\xee\xee", ""}, .nbytes = 8});
}

CLAIM(FillOrder, BufferListedTwiceKeepsTheLastChunk, cites("overlap-last-write-wins"), on(kit::kEveryKind),
      needs(kScatter, kOverlap)) {
  send("abcdefgh");
  expect(receive({.buffers = parts_of_one(4, 0, 4, part_of(0, 0, 4))}),
         {.storages = Storages{"efgh", ""}, .nbytes = 8});
}

// Every way to cut 5 bytes of room into buffers, empty ones left out: 16 partitions for messages of each length.
CLAIM(FillOrder, EveryPartitionOfFiveBytesIsFilledInOrder, cites({"fill-in-order", "fill-leaves-the-rest"}),
      on(kit::kOneOfEachSort), needs(kScatter)) {
  constexpr std::size_t kRoom = 5;
  for (std::size_t length = 1; length <= kRoom; ++length) {
    for (const std::vector<kit::Buffer>& buffers : kit::partitions(kRoom)) {
      const kit::Bytes message = distinct_bytes(length);
      send(message);
      expect(receive({.buffers = buffers}), {.data = message});
    }
  }
}

}  // namespace
}  // namespace recvinto::conformance
