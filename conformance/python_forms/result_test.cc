// Python: what the result is made of, and that it is the siblings' result.

#include <sys/socket.h>

#include "kit/scripted_kernel/effects.h"

#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;

CLAIM(PythonResult, ResultIsATupleOfFour, cites("result-is-a-tuple"), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter, kAncillary, kMsgFlags, kAddress)) {
  send("abcd");
  const Answer answer = receive({.buffers = rooms(2, 2), .form = "result_types"});
  const char* address = answer.seen.address ? R"("int list int tuple")" : R"("int list int NoneType")";
  expect(answer, {.data = "abcd", .facts = {{"result", R"("tuple")"}, {"members", address}, {"items", R"("")"}}});
}

CLAIM(PythonResult, AncillaryItemsAreTuplesOfThree, cites("result-is-a-tuple"), on(kit::kUnixStream),
      needs(kPythonForms, kScatter, kAncillary, kRights, kAncbufsize)) {
  send("abcd", /*files=*/1);
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = 64, .form = "result_types"}),
         {.data = "abcd", .files = Files{0}, .facts = {{"items", R"("tuple int int bytes")"}}});
}

CLAIM(PythonResult, InternetAddressIsATupleOfItsParts, cites("address-has-the-types-of-its-family"), on(kit::kUdpKinds),
      needs(kPythonForms, kAddress)) {
  send("abcd");
  const char* types = kind().family == AF_INET ? R"("tuple str int")" : R"("tuple str int int int")";
  expect(receive({.buffers = {room(8)}, .form = "result_types"}), {.data = "abcd", .facts = {{"address", types}}});
}

CLAIM(PythonResult, PathnameIsAStringAndAbstractNameIsBytes, cites("address-has-the-types-of-its-family"),
      on(kit::kUnixDatagram), needs(kPythonForms, kAddress)) {
  const std::size_t pathname = stage().add_sender({kit::BoundName::Kind::kPathname});
  const std::size_t abstract = stage().add_sender({kit::BoundName::Kind::kAutobound});
  stage().send("abcd", 0, pathname);
  expect(receive({.buffers = {room(8)}, .form = "result_types"}), {.data = "abcd", .facts = {{"address", R"("str")"}}});
  stage().send("efgh", 0, abstract);
  expect(receive({.buffers = {room(8)}, .form = "result_types"}),
         {.data = "efgh", .facts = {{"address", R"("bytes")"}}});
}

CLAIM(PythonResult, NetlinkAddressIsAPairOfInts, cites("address-has-the-types-of-its-family"), on(kit::kNetlinkRoute),
      needs(kPythonForms, kAddress)) {
  stage().ask_for_interfaces();
  expect(receive({.buffers = {room(65'536)}, .form = "result_types"}), {.facts = {{"address", R"("tuple int int")"}}});
}

CLAIM(PythonResult, PacketAddressNamesItsInterface, cites("address-has-the-types-of-its-family"), on(kit::kPacket),
      needs(kPythonForms, kAddress)) {
  send("abcd");
  expect(receive({.buffers = {room(256)}, .form = "result_types"}),
         {.facts = {{"address", R"("tuple str int int int bytes")"}, {"interface", R"("lo")"}}});
}

CLAIM(PythonResult, EachResultHasItsOwnList, cites("ancdata-list-is-fresh"), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter, kAncillary)) {
  send("abcd");
  send("abcd");
  expect(receive({.buffers = rooms(2, 1), .form = "twice"}),
         {.nbytes = 2, .ancdata = Items{}, .facts = {{"lists_are_distinct", "true"}}});
}

// Each message has another time.
CLAIM(PythonResult, ResultIsNotChangedByALaterCall, cites({"ancdata-is-a-copy", "ancdata-list-is-fresh"}),
      on(kit::kDatagramKinds), needs(kPythonForms, kScatter, kAncillary, kAllItems, kAncbufsize)) {
  stage().set_option(SOL_SOCKET, SO_TIMESTAMPNS, 1);
  send("abcd");
  send("efgh");
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = 64, .form = "twice"}),
         {.data = "efgh", .facts = {{"first_is_unchanged", "true"}, {"lists_are_distinct", "true"}}});
}

CLAIM(PythonResult, ResultMatchesSocketRecvmsg, cites("agrees-with-recvmsg"), on(kit::kEveryKind),
      needs(kPythonForms, kScatter, kAncillary, kAncbufsize, kFlags, kMsgFlags, kAddress)) {
  send("abcd");
  for (const std::size_t space : {1U, 2U, 5U}) {
    const std::vector<kit::Buffer> buffers = rooms(2, space);
    const Answer sibling = receive({.buffers = buffers, .ancbufsize = 64, .flags = MSG_PEEK, .form = "recvmsg"});
    expect(receive({.buffers = buffers, .ancbufsize = 64, .flags = MSG_PEEK}), {.storages = sibling.seen.storages,
                                                                                .nbytes = sibling.seen.nbytes,
                                                                                .msg_flags = sibling.seen.msg_flags,
                                                                                .ancdata = sibling.seen.ancdata,
                                                                                .address = sibling.seen.address});
  }
}

CLAIM(PythonResult, ResultMatchesSocketRecvfromInto, cites("agrees-with-recvmsg"), on(kit::kEveryKind),
      needs(kPythonForms, kAncbufsize, kFlags, kAddress)) {
  send("abcd");
  for (const std::size_t space : {2U, 4U, 9U}) {
    const Answer sibling =
        receive({.buffers = {room(space)}, .ancbufsize = 0, .flags = MSG_PEEK, .form = "recvfrom_into"});
    expect(receive({.buffers = {room(space)}, .ancbufsize = 0, .flags = MSG_PEEK}),
           {.storages = sibling.seen.storages, .nbytes = sibling.seen.nbytes, .address = sibling.seen.address});
  }
}

}  // namespace
}  // namespace recvinto::conformance
