// Python: ancbufsize and flags as objects, and calls with more or fewer arguments.

#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <limits>

#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;

CLAIM(PythonArguments, WrongNumberOfArgumentsIsRejected,
      cites({"arguments-are-one-to-three", "refused-calls-consume-nothing"}), on(kit::kScriptedKinds),
      needs(kPythonForms)) {
  for (const char* form : {"with_no_arguments", "with_four_arguments", "with_unknown_keyword"}) {
    send("abcd");
    expect(receive({.buffers = {room(4)}, .form = form}), {.failure = raises({"TypeError"})});
    expect_queue({{"abcd", 0}});
  }
}

CLAIM(PythonArguments, KeywordArgumentsAreRejected, cites("arguments-have-no-keywords"), on(kit::kScriptedKinds),
      needs(kPythonForms)) {
  for (const char* form : {"with_keyword_buffers", "with_keyword_ancbufsize", "with_keyword_flags"}) {
    send("abcd");
    expect(receive({.buffers = {room(4)}, .form = form}), {.failure = raises({"TypeError"})});
    expect_queue({{"abcd", 0}});
  }
}

CLAIM(PythonArguments, NonIntegerArgumentsAreRejected,
      cites({"arguments-must-be-integers", "refused-calls-consume-nothing"}), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter, kAncbufsize, kFlags)) {
  for (const char* form : {"ancbufsize_float", "ancbufsize_none", "ancbufsize_str", "ancbufsize_object", "flags_float",
                           "flags_none", "flags_str", "flags_object"}) {
    send("abcd");
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = 64, .flags = 0, .form = form}),
           {.failure = raises({"TypeError"})});
    expect_queue({{"abcd", 0}});
  }
}

CLAIM(PythonArguments, ObjectsWithIndexAreAccepted, cites("arguments-may-have-an-index"), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter, kAncbufsize, kFlags)) {
  for (const char* form :
       {"ancbufsize_index", "ancbufsize_subclass", "flags_index", "flags_subclass", "flags_msg_flag"}) {
    send("abcd");
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = 64, .flags = MSG_PEEK, .form = form}), {.data = "abcd"});
    expect_queue({{"abcd", 0}});
  }
}

// One byte has no room for anything, but it is room: only with it does the system cut instead of drop.
CLAIM(PythonArguments, BooleansAreAcceptedAsIntegers, cites("arguments-may-have-an-index"), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter, kAncbufsize, kFlags)) {
  for (const char* form : {"ancbufsize_bool", "flags_bool"}) {
    send("abcd");
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = 1, .flags = 0, .form = form}), {.data = "abcd"});
  }
}

// Cut to 64 bits they are what they were.
CLAIM(PythonArguments, AncbufsizeBeyond64BitsIsRejected,
      cites({"ancbufsize-impossible-is-refused", "refused-calls-consume-nothing"}), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter, kAncbufsize, kFlags)) {
  for (const char* form : {"ancbufsize_plus_2_to_64", "ancbufsize_minus_2_to_64"}) {
    send("abcd");
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = 64, .flags = 0, .form = form}),
           {.failure = raises({"OverflowError", "ValueError"})});
    expect_queue({{"abcd", 0}});
  }
}

CLAIM(PythonArguments, FlagsBeyond64BitsAreRejected,
      cites({"flags-impossible-are-refused", "refused-calls-consume-nothing"}), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter, kAncbufsize, kFlags)) {
  for (const char* form : {"flags_plus_2_to_64", "flags_minus_2_to_64"}) {
    send("abcd");
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = 64, .flags = 0, .form = form}),
           {.failure = raises({"OverflowError", "ValueError"})});
    expect_queue({{"abcd", 0}});
  }
}

constexpr std::int64_t kIntMax = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kIntMin = std::numeric_limits<std::int32_t>::min();

CLAIM(PythonArguments, AncbufsizeOfIntMaxIsAccepted, cites("ancbufsize-may-be-large"), on(kit::kUnixStream),
      needs(kPythonForms, kAncillary, kRights, kAncbufsize)) {
  require_words_of_64_bits();
  std::size_t sent = 0;
  for (const std::int64_t size : {kIntMax - 1, kIntMax}) {
    send("abcd", /*files=*/1);
    const Answer answer = receive({.buffers = {room(8)}, .ancbufsize = size});
    if (answer.seen.error) {
      expect(answer, {.failure = raises({"MemoryError"})});
      stage().drain();
    } else {
      expect(answer, {.data = "abcd", .files = Files{sent}});
    }
    ++sent;
  }
}

CLAIM(PythonArguments, NegativeAncbufsizeIsAValueError, cites("arguments-out-of-range-have-a-class"),
      on(kit::kScriptedKinds), needs(kPythonForms, kScatter, kAncbufsize, kArguments)) {
  for (const std::int64_t size : {std::int64_t{-1}, kIntMin, kIntMin - 1, std::numeric_limits<std::int64_t>::min()}) {
    send("abcd");
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = size}), {.failure = raises({"ValueError"})});
    expect_queue({{"abcd", 0}});
  }
}

CLAIM(PythonArguments, AncbufsizeBeyondIntMaxIsAValueError, cites("arguments-out-of-range-have-a-class"),
      on(kit::kScriptedKinds), needs(kPythonForms, kScatter, kAncbufsize, kArguments)) {
  require_words_of_64_bits();
  for (const std::int64_t size : {kIntMax + 1, std::int64_t{1} << 32, std::numeric_limits<std::int64_t>::max()}) {
    send("abcd");
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = size}), {.failure = raises({"ValueError"})});
    expect_queue({{"abcd", 0}});
  }
}

CLAIM(PythonArguments, FlagsBeyondIntAreAnOverflowError, cites("arguments-out-of-range-have-a-class"),
      on(kit::kScriptedKinds), needs(kPythonForms, kScatter, kFlags, kArguments)) {
  for (const std::int64_t flags : {kIntMax + 1, kIntMin - 1, std::int64_t{1} << 32}) {
    send("abcd");
    expect(receive({.buffers = rooms(2, 2), .flags = flags}), {.failure = raises({"OverflowError"})});
    expect_queue({{"abcd", 0}});
  }
}

// The smallest int has the bit of Linux's MSG_CMSG_COMPAT alone, which the system refuses: so it has seen it.
CLAIM(PythonArguments, FlagsOfIntMinReachTheSystem, cites({"flags-reach-the-system", "errno-is-handed-on"}),
      on(kit::kScriptedKinds), needs(kPythonForms, kScatter, kFlags)) {
  require_words_of_64_bits();
  send("abcd");
  expect(receive({.buffers = rooms(2, 2), .flags = kIntMin}), {.failure = os_error(EINVAL)});
  expect_queue({{"abcd", 0}});
}

}  // namespace
}  // namespace recvinto::conformance
