// Control data that are right, but odder than a real kernel gives them here: other systems do (RFC 3542, cmsg(3)).

#include <sys/socket.h>

#include <climits>

#include "conformance/framework/check.h"
#include "conformance/scripted/messages.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using enum kit::Oddity;
using kit::Bytes;
using kit::gives;
using kit::room;
using kit::ScriptedMessage;

CLAIM(ControlData, EmptyControlDataGivesNoItems, cites("control-data-may-be-empty"), on(kit::kScriptedKinds),
      scripted(kOrdinary), needs(kAncillary)) {
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()}, {gives("abcd")}),
         {.data = "abcd", .ancdata = Items{}, .receives = 1});
}

CLAIM(ControlData, ItemsOfTheSameTypeAreAllReturned, cites("ancdata-items-of-one-kind"), on(kit::kScriptedKinds),
      scripted(kOdd), needs(kAncillary, kAllItems)) {
  const std::vector<ScriptedMessage> messages{item("one"), item("two"), item("one")};
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()}, {gives({.data = "abcd", .control = messages})}),
         {.data = "abcd", .ancdata = items_of(messages), .receives = 1});
}

CLAIM(ControlData, ItemsOfUnknownTypesAreReturnedUnchanged, cites("ancdata-unknown-items"), on(kit::kScriptedKinds),
      scripted(kOdd), needs(kAncillary, kAllItems)) {
  const std::vector<ScriptedMessage> messages{{.level = -1, .type = -2, .data = "a"},
                                              {.level = 65'535, .type = INT_MAX, .data = "b"},
                                              {.level = INT_MAX, .type = INT_MIN, .data = "c"}};
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()}, {gives({.data = "abcd", .control = messages})}),
         {.data = "abcd", .ancdata = items_of(messages), .receives = 1});
}

CLAIM(ControlData, ItemsWithoutDataAreReturned, cites("ancdata-items-without-data"), on(kit::kScriptedKinds),
      scripted(kOdd), needs(kAncillary, kAllItems)) {
  for (const std::vector<ScriptedMessage>& messages :
       {std::vector{item("")}, {item(""), item("b")}, {item("a"), item(""), item("")}}) {
    expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()}, {gives({.data = "abcd", .control = messages})}),
           {.data = "abcd", .ancdata = items_of(messages), .receives = 1});
  }
}

CLAIM(ControlData, ItemsAfterOddLengthsAreFound, cites({"items-begin-aligned", "ancdata-items-are-complete"}),
      on(kit::kScriptedKinds), scripted(kOdd), needs(kAncillary, kAllItems)) {
  for (std::size_t length = 0; length <= 17; ++length) {
    const std::vector<ScriptedMessage> messages{item(Bytes(length, 'x')), item(Bytes(length + 1, 'y')), item("z")};
    expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()}, {gives({.data = "abcd", .control = messages})}),
           {.data = "abcd", .ancdata = items_of(messages), .receives = 1});
  }
}

CLAIM(ControlData, LastItemMayLackPadding, cites("last-item-without-padding"), on(kit::kScriptedKinds), scripted(kOdd),
      needs(kAncillary, kAllItems)) {
  for (std::size_t length = 0; length <= 9; ++length) {
    const std::vector<ScriptedMessage> messages{item("first"), item(Bytes(length, 'x'))};
    expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()},
                   {gives({.data = "abcd", .control = messages, .pad_the_last = false})}),
           {.data = "abcd", .ancdata = items_of(messages), .receives = 1});
  }
}

CLAIM(ControlData, LastItemWithoutPaddingIssuesNoWarning, cites("last-item-without-padding"), on(kit::kScriptedKinds),
      scripted(kOdd), needs(kAncillary, kAllItems, kWarnings)) {
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()},
                 {gives({.data = "abcd", .control = {item("x")}, .pad_the_last = false})}),
         {.data = "abcd", .ancdata = Items{{kLevel, kType, "x"}}, .warnings = std::vector<std::string>{}});
}

CLAIM(ControlData, PaddingBytesAreNotReturned, cites("padding-is-no-data"), on(kit::kScriptedKinds), scripted(kOdd),
      needs(kAncillary, kAllItems)) {
  const std::vector<ScriptedMessage> messages{item("x"), item("yyyyy"), item("zz")};
  for (const char padding : {'\0', '\xff', '\x10'}) {
    expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()},
                   {gives({.data = "abcd", .control = messages, .padding = padding})}),
           {.data = "abcd", .ancdata = items_of(messages), .receives = 1});
  }
}

CLAIM(ControlData, RemainderShorterThanAHeaderIsNoItem, cites("remainder-is-no-item"), on(kit::kScriptedKinds),
      scripted(kOdd), needs(kAncillary, kAllItems)) {
  for (std::size_t length = 1; length < kit::kAbi32.header(); ++length) {
    expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()},
                   {gives({.data = "abcd", .control = {item("x")}, .raw_control = Bytes(length, '\x20')})}),
           {.data = "abcd", .ancdata = Items{{kLevel, kType, "x"}}, .receives = 1});
  }
}

CLAIM(ControlData, HundredsOfItemsAreReturned, cites("ancdata-however-much"), on(kit::kScriptedKinds), scripted(kOdd),
      needs(kAncillary, kAllItems, kAncbufsize)) {
  std::vector<ScriptedMessage> messages;
  for (std::size_t i = 0; i < 500; ++i) messages.push_back(item(Bytes(i % 4, 'x'), static_cast<int>(i)));
  expect(receive({.buffers = {room(8)}, .ancbufsize = 16'384}, {gives({.data = "abcd", .control = messages})}),
         {.data = "abcd", .ancdata = items_of(messages), .receives = 1});
}

CLAIM(ControlData, ItemOf60KilobytesIsReturned, cites("ancdata-however-much"), on(kit::kScriptedKinds), scripted(kOdd),
      needs(kAncillary, kAllItems, kAncbufsize)) {
  Bytes large;
  for (std::size_t i = 0; i < 60'000; ++i) large.push_back(static_cast<char>(i % 251));
  const std::vector<ScriptedMessage> messages{item(large), item("behind")};
  expect(receive({.buffers = {room(8)}, .ancbufsize = 65'536}, {gives({.data = "abcd", .control = messages})}),
         {.data = "abcd", .ancdata = items_of(messages), .receives = 1});
}

CLAIM(ControlData, DescriptorsInSeveralItemsAreReturned,
      cites({"ancdata-rights-in-order", "descriptors-none-left-open"}), on(kit::kScriptedKinds), scripted(kOdd),
      needs(kAncillary, kRights)) {
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()},
                 {gives({.data = "abcd", .control = {rights(2), rights(1), rights(3)}})}),
         {.data = "abcd", .files = Files{0, 1, 2, 3, 4, 5}, .receives = 1});
}

CLAIM(ControlData, DescriptorsBetweenOtherItemsAreReturned,
      cites({"ancdata-rights-in-order", "ancdata-items-are-complete"}), on(kit::kScriptedKinds), scripted(kOdd),
      needs(kAncillary, kRights, kAllItems)) {
  const Answer answer = receive({.buffers = {room(8)}, .ancbufsize = plenty()},
                                {gives({.data = "abcd", .control = {item("before"), rights(3), item("behind")}})});
  expect(answer, {.data = "abcd", .files = Files{0, 1, 2}, .receives = 1});
  const Items& items = answer.seen.ancdata.value_or(Items{});
  expect_equal("number of items", std::size_t{3}, items.size());
  if (items.size() != 3) return;
  expect_equal("first item", Bytes("before"), items[0].data);
  expect_equal("third item", Bytes("behind"), items[2].data);
}

CLAIM(ControlData, RightsItemWithoutDescriptorsIsReturned,
      cites({"ancdata-items-without-data", "ancdata-rights-in-order"}), on(kit::kScriptedKinds), scripted(kOdd),
      needs(kAncillary, kRights, kAllItems)) {
  const Answer answer = receive({.buffers = {room(8)}, .ancbufsize = plenty()},
                                {gives({.data = "abcd", .control = {rights(0), rights(1)}})});
  expect(answer, {.data = "abcd", .files = Files{0}, .receives = 1});
  expect_equal("number of items", std::size_t{2}, answer.seen.ancdata.value_or(Items{}).size());
}

}  // namespace
}  // namespace recvinto::conformance
