// Malformed and improperly cut control data, item by item as Python's documentation has it: a RuntimeWarning, and what
// there is. Linux never gives them; macOS, emulators and sandboxes do.

#include <sys/socket.h>

#include <cstring>
#include <limits>

#include "conformance/framework/check.h"
#include "conformance/scripted/messages.h"
#include "conformance/waiting.h"
#include "kit/scripted_kernel/effects.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using enum kit::Oddity;
using kit::Bytes;
using kit::gives;
using kit::room;
using kit::ScriptedMessage;
using kit::answer::Result;

constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();

const std::vector<std::string> kOneWarning{"RuntimeWarning"};

/// Promises `bytes` bytes of data, whatever it has.
ScriptedMessage claiming(std::uint64_t bytes, ScriptedMessage message) {
  message.claimed_data = bytes;
  return message;
}
ScriptedMessage of_length(std::uint64_t cmsg_len, ScriptedMessage message) {
  message.claimed_length = cmsg_len;
  return message;
}
/// A descriptor's number as bytes.
Bytes number(int descriptor) {
  Bytes bytes(sizeof descriptor, '\0');
  std::memcpy(bytes.data(), &descriptor, sizeof descriptor);
  return bytes;
}
Items reported(std::initializer_list<Bytes> data) {
  Items items;
  for (const Bytes& bytes : data) items.push_back({kLevel, kType, bytes});
  return items;
}

CLAIM(MalformedControlData, WarningPointsToTheLineOfTheCall, cites("warning-names-the-caller"), on(kit::kUnixStream),
      scripted(kMalformed), needs(kPythonForms, kAncillary, kAllItems, kWarnings)) {
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty(), .form = "warning_place"},
                 {gives({.data = "abcd", .control = {claiming(60, item("sixteen bytes!!!"))}})}),
         {.data = "abcd", .facts = {{"categories", R"("RuntimeWarning")"}, {"at_the_call", "true"}}});
}

CLAIM(MalformedControlData, ItemBeyondTheEndIsCut, cites("malformed-item-is-cut"), on(kit::kScriptedKinds),
      scripted(kMalformed), needs(kAncillary, kAllItems, kWarnings)) {
  for (const std::uint64_t claimed : {17U, 24U, 60U, 4096U}) {
    expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()},
                   {gives({.data = "abcd", .control = {claiming(claimed, item("sixteen bytes!!!"))}})}),
           {.data = "abcd", .ancdata = reported({"sixteen bytes!!!"}), .warnings = kOneWarning, .receives = 1});
  }
}

CLAIM(MalformedControlData, ItemCutAfterItsHeaderIsEmpty, cites("malformed-item-cut-at-its-data"),
      on(kit::kScriptedKinds), scripted(kMalformed), needs(kAncillary, kAllItems, kWarnings)) {
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()},
                 {gives({.data = "abcd", .control = {claiming(16, item(""))}})}),
         {.data = "abcd", .ancdata = reported({""}), .warnings = kOneWarning, .receives = 1});
}

CLAIM(MalformedControlData, ItemCutInItsHeaderIsDropped, cites("malformed-item-cut-in-its-header"),
      on(kit::kScriptedKinds), scripted(kMalformed), needs(kAncillary, kAllItems)) {
  for (std::uint64_t length = 1; length < kit::kAbi32.header(); ++length) {
    expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()},
                   {gives({.data = "abcd", .control = {item("data")}, .msg_controllen = length})}),
           {.data = "abcd", .ancdata = Items{}, .receives = 1});
  }
}

CLAIM(MalformedControlData, CmsgLenBelowTheHeaderEndsTheItems, cites("malformed-item-shorter-than-its-header"),
      on(kit::kScriptedKinds), scripted(kMalformed), needs(kAncillary, kAllItems, kWarnings)) {
  for (std::uint64_t length = 0; length < kit::kAbi32.header(); ++length) {
    expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()},
                   {gives({.data = "abcd", .control = {of_length(length, item("data"))}})}),
           {.data = "abcd", .ancdata = Items{}, .warnings = kOneWarning, .receives = 1});
  }
}

CLAIM(MalformedControlData, MalformedItemKeepsEarlierItems,
      cites({"malformed-items-keep-those-before", "malformed-item-is-cut", "malformed-item-shorter-than-its-header"}),
      on(kit::kScriptedKinds), scripted(kMalformed), needs(kAncillary, kAllItems, kWarnings)) {
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()},
                 {gives({.data = "abcd", .control = {item("good"), item("5 by."), claiming(60, item("cut item"))}})}),
         {.data = "abcd", .ancdata = reported({"good", "5 by.", "cut item"}), .warnings = kOneWarning, .receives = 1});
  for (const std::uint64_t length : {0U, 1U, 8U, 11U}) {
    expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()},
                   {gives({.data = "abcd", .control = {item("good"), of_length(length, item("tiny"))}})}),
           {.data = "abcd", .ancdata = reported({"good"}), .warnings = kOneWarning, .receives = 1});
  }
}

CLAIM(MalformedControlData, HugeCmsgLenDoesNotWrap, cites("malformed-lengths-do-not-wrap"), on(kit::kScriptedKinds),
      scripted(kMalformed), needs(kAncillary, kAllItems, kWarnings)) {
  require_words_of_64_bits();
  constexpr std::uint64_t kHalf = std::uint64_t{1} << 63;
  for (const std::uint64_t length : {kLargest, kLargest - 7, kLargest - 15, kLargest - 16, kHalf, kHalf - 1, kHalf + 20,
                                     std::uint64_t{1} << 32, (std::uint64_t{1} << 32) + 20, std::uint64_t{1} << 31}) {
    expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()},
                   {gives({.data = "abcd", .control = {item("good"), of_length(length, item("8 bytes."))}})}),
           {.data = "abcd", .ancdata = reported({"good", "8 bytes."}), .warnings = kOneWarning, .receives = 1});
  }
}

// The bytes behind an item that reaches beyond the end are its data, whatever they look like.
CLAIM(MalformedControlData, BytesAfterACutItemAreItsData, cites("malformed-items-hide-what-follows"),
      on(kit::kScriptedKinds), scripted(kMalformed), needs(kAncillary, kAllItems, kWarnings)) {
  const Result result{.data = "abcd", .control = {claiming(4096, item("8 bytes.")), item("hidden..")}};
  const Bytes all = kit::control_bytes(result, abi(), {});
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()}, {gives(result)}),
         {.data = "abcd", .ancdata = reported({all.substr(abi().header())}), .warnings = kOneWarning, .receives = 1});
}

CLAIM(MalformedControlData, CutRightsItemKeepsItsBytes,
      cites({"malformed-descriptors-stay-data", "malformed-item-is-cut", "malformed-data-is-survived"}),
      on(kit::kScriptedKinds), scripted(kMalformed), needs(kAncillary, kRights, kAllItems, kWarnings)) {
  // Two descriptors, and half of a third.
  const Answer answer =
      receive({.buffers = {room(8)}, .ancbufsize = plenty()},
              {gives({.data = "abcd", .control = {claiming(12, rights(2))}, .raw_control = number(1).substr(0, 2)})});
  expect(answer, {.data = "abcd", .files = Files{0, 1}, .warnings = kOneWarning, .receives = 1});
  const Items& items = answer.seen.ancdata.value_or(Items{});
  expect_equal("number of items", std::size_t{1}, items.size());
  if (items.size() == 1) expect_equal("bytes of data", std::size_t{10}, items[0].data.size());
}

CLAIM(MalformedControlData, WarningAsErrorIsRaised, cites({"malformed-item-is-cut", "malformed-warning-can-be-raised"}),
      on(kit::kScriptedKinds), scripted(kMalformed), needs(kAncillary, kWarnings, kWarningsAsErrors)) {
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty(), .warnings_are_errors = true},
                 {gives({.control = {claiming(60, item("8 bytes."))}})}),
         {.failure = raised_warning(), .receives = 1});
}

// What was received before the interruption is nothing; what comes after it is the message.
CLAIM(MalformedControlData, MalformedItemAfterEintrIsReported, cites({"malformed-item-is-cut", "eintr-is-retried"}),
      on(kit::kScriptedKinds), scripted(kMalformed), needs(kAncillary, kAllItems, kWarnings, kSignals)) {
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()},
                 {kit::fails(EINTR), gives({.data = "abcd", .control = {claiming(60, item("8 bytes."))}})}),
         {.data = "abcd", .ancdata = reported({"8 bytes."}), .warnings = kOneWarning, .receives = 2});
}

CLAIM(MalformedControlData, WarningAsErrorClosesEarlierDescriptors, cites("exception-closes-descriptors"),
      on(kit::kScriptedKinds), scripted(kMalformed), needs(kAncillary, kRights, kWarnings, kWarningsAsErrors)) {
  for (const std::vector<ScriptedMessage>& before :
       {std::vector{rights(3)}, {rights(2), rights(1)}, {item("other"), rights(3), item("other")}}) {
    std::vector<ScriptedMessage> messages = before;
    messages.push_back(of_length(4, item("tiny")));
    expect_closed({.control = messages});
  }
}

CLAIM(MalformedControlData, WarningAsErrorAtAPeekClosesDescriptors, cites("exception-closes-descriptors"),
      on(kit::kScriptedKinds), scripted(kMalformed), needs(kAncillary, kRights, kWarnings, kWarningsAsErrors, kFlags)) {
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty(), .flags = MSG_PEEK, .warnings_are_errors = true},
                 {gives({.control = {rights(2), of_length(4, item("tiny"))}})}),
         {.failure = raised_warning(), .receives = 1});
}

CLAIM(MalformedControlData, WarningAsErrorClosesDescriptorsOfACutItem, cites("exception-closes-cut-descriptors"),
      on(kit::kScriptedKinds), scripted(kMalformed), needs(kAncillary, kRights, kWarnings, kWarningsAsErrors)) {
  expect_closed({.control = {claiming(12, rights(2))}, .raw_control = number(1).substr(0, 2)});
}

// The number in it is the implementation's standard output: without it there is no reply any more.
CLAIM(MalformedControlData, WarningAsErrorClosesNothingElse, cites("exception-closes-nothing-else"),
      on(kit::kScriptedKinds), scripted(kMalformed),
      needs(kAncillary, kRights, kAllItems, kWarnings, kWarningsAsErrors)) {
  const ScriptedMessage of_another_level{.level = 41, .type = SCM_RIGHTS, .data = number(1)};
  const ScriptedMessage of_another_type{.level = SOL_SOCKET, .type = SCM_RIGHTS + 50, .data = number(1)};
  expect_closed({.control = {of_another_level, of_another_type, of_length(4, item("tiny"))}});
  expect(receive({.buffers = {room(8)}}, {gives("abcd")}), {.data = "abcd"});
}

// MSG_CTRUNC says that control data were cut: an item that claims more than there is is no less wrong for that.
CLAIM(MalformedControlData, OutputFlagsDoNotSuppressTheWarning,
      cites({"malformed-item-is-cut", "malformed-items-keep-those-before"}), on(kit::kUdp6), scripted(kMalformed),
      needs(kAncillary, kAllItems, kWarnings, kMsgFlags)) {
  for (const int flags : std::initializer_list<int>{MSG_CTRUNC, MSG_TRUNC, MSG_TRUNC | MSG_CTRUNC}) {
    expect(
        receive(
            {.buffers = {room(4)}, .ancbufsize = plenty()},
            {gives({.data = "abcd", .control = {item("good"), claiming(60, item("8 bytes."))}, .msg_flags = flags})}),
        {.data = "abcd",
         .msg_flags = flags,
         .ancdata = reported({"good", "8 bytes."}),
         .warnings = kOneWarning,
         .receives = 1});
  }
}

CLAIM(MalformedControlData, MalformedItemOfAnEmptyMessageIsCut,
      cites({"malformed-item-is-cut", "malformed-items-keep-those-before"}), on(kit::kUdp6), scripted(kMalformed),
      needs(kAncillary, kAllItems, kWarnings)) {
  expect(receive({.buffers = {room(4)}, .ancbufsize = plenty()},
                 {gives({.data = "", .control = {item("good"), claiming(60, item("8 bytes."))}})}),
         {.data = "", .ancdata = reported({"good", "8 bytes."}), .warnings = kOneWarning, .receives = 1});
}

CLAIM(MalformedControlData, MalformedItemAtAPeekIsCut, cites({"malformed-item-is-cut", "peek-leaves-the-data"}),
      on(kit::kScriptedKinds), scripted(kMalformed), needs(kAncillary, kAllItems, kWarnings, kFlags)) {
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty(), .flags = MSG_PEEK},
                 {gives({.data = "abcd", .control = {item("good"), claiming(60, item("8 bytes."))}})}),
         {.data = "abcd", .ancdata = reported({"good", "8 bytes."}), .warnings = kOneWarning, .receives = 1});
}

CLAIM(MalformedControlData, MalformedItemInTimeoutModeIsCut,
      cites({"malformed-item-is-cut", "malformed-items-keep-those-before"}), on(kit::kScriptedKinds),
      scripted(kMalformed), needs(kAncillary, kAllItems, kWarnings, kTimeout)) {
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty(), .timeout = kLong},
                 {gives({.data = "abcd", .control = {item("good"), claiming(60, item("8 bytes."))}})}),
         {.data = "abcd", .ancdata = reported({"good", "8 bytes."}), .warnings = kOneWarning, .receives = 1});
}

CLAIM(MalformedControlData, MsgCmsgCloexecLosesNoDescriptors, cites("malformed-data-is-survived"),
      on(kit::kScriptedKinds), scripted(kMalformed), needs(kAncillary, kRights, kFlags)) {
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty(), .flags = MSG_CMSG_CLOEXEC},
                 {gives({.data = "abcd", .control = {rights(2), of_length(4, item("tiny"))}})}),
         {.data = "abcd", .any_outcome = true, .receives = 1});
}

/// A message of each sort of malformation, with descriptors that arrived whole in front.
std::vector<Result> malformed_results() {
  std::vector<Result> results;
  for (const std::uint64_t length :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{4}, std::uint64_t{11}, std::uint64_t{15}, kLargest,
        kLargest - 7, kLargest / 2, kLargest / 2 + 1, std::uint64_t{1} << 31, (std::uint64_t{1} << 32) - 1}) {
    results.push_back({.data = "abcd", .control = {of_length(length, item("8 bytes."))}});
    results.push_back({.data = "abcd", .control = {rights(2), of_length(length, item("8 bytes."))}});
    results.push_back({.data = "abcd", .control = {of_length(length, item("8 bytes.")), item("behind")}});
    results.push_back({.data = "abcd", .control = {rights(1), of_length(length, {.type = SCM_RIGHTS})}});
  }
  for (const std::uint64_t claimed : {9U, 12U, 60U, 1000U, 5000U}) {
    results.push_back({.data = "abcd", .control = {claiming(claimed, rights(2))}});
    results.push_back({.data = "abcd", .control = {rights(1), claiming(claimed, item("8 bytes."))}});
    results.push_back({.data = "abcd", .control = {claiming(claimed, {.type = SCM_CREDENTIALS, .data = "8 bytes."})}});
  }
  for (std::uint64_t length = 1; length < kit::kAbi32.header(); ++length) {
    results.push_back({.data = "abcd", .control = {item("data")}, .msg_controllen = length});
  }
  return results;
}

CLAIM(MalformedControlData, MalformedControlDataIsHandledSafely, cites("malformed-data-is-survived"),
      on(kit::kScriptedKinds), scripted(kMalformed), needs(kAncillary)) {
  for (const Result& result : malformed_results()) expect_survived(result);
  expect(receive({.buffers = {room(8)}}, {gives("abcd")}), {.data = "abcd"});
}

}  // namespace
}  // namespace recvinto::conformance
