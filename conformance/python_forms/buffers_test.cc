// Python: which objects are buffers, and which are not.

#include <string>

#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;

CLAIM(PythonBuffers, EveryBufferExporterIsFilled, cites({"buffers-any-exporter", "fill-in-order"}),
      on(kit::kScriptedKinds), needs(kPythonForms, kScatter)) {
  for (const char* form : {"into_bytearray", "into_memoryview", "into_mmap", "into_bytesio", "into_array_of_bytes",
                           "into_ctypes_array", "into_ctypes_structure"}) {
    send("abcdefghijkl");
    expect(receive({.buffers = rooms(2, 8), .form = form}), {.data = "abcdefghijkl"});
  }
}

CLAIM(PythonBuffers, MixedBufferExportersAreFilledByOneCall, cites({"buffers-any-exporter", "fill-in-order"}),
      on(kit::kScriptedKinds), needs(kPythonForms, kScatter)) {
  const std::string data = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghij";
  send(data);
  expect(receive({.buffers = rooms(11, 8), .form = "into_every_exporter"}), {.data = data});
}

// Of eleven bytes the last three fill a part of an item.
CLAIM(PythonBuffers, MultiByteItemBuffersAreFilledByteByByte, cites("buffers-are-bytes"), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter)) {
  for (const char* form : {"into_array_of_ints", "into_array_of_doubles", "into_view_of_ints"}) {
    send("abcdefghijk");
    expect(receive({.buffers = rooms(2, 8), .form = form}), {.data = "abcdefghijk"});
  }
}

CLAIM(PythonBuffers, TwoDimensionalBuffersAreFilledInMemoryOrder, cites("buffers-of-several-dimensions"),
      on(kit::kScriptedKinds), needs(kPythonForms, kScatter)) {
  send("abcdefghijk");
  expect(receive({.buffers = rooms(2, 8), .form = "into_view_of_2_rows"}), {.data = "abcdefghijk"});
}

CLAIM(PythonBuffers, NonBufferElementsAreRejected,
      cites({"buffers-elements-must-be-buffers", "refused-calls-consume-nothing", "refused-calls-write-nothing"}),
      on(kit::kScriptedKinds), needs(kPythonForms, kScatter)) {
  for (const char* form : {"then_none", "then_int", "then_str", "then_object", "then_list"}) {
    send("abcdef");
    expect(receive({.buffers = rooms(2, 2), .form = form}), {.failure = raises({"TypeError"})});
    expect_queue({{"abcdef", 0}});
  }
}

CLAIM(PythonBuffers, ReadOnlyBuffersAreRejected,
      cites({"buffers-must-be-writable", "refused-calls-consume-nothing", "refused-calls-write-nothing"}),
      on(kit::kScriptedKinds), needs(kPythonForms, kScatter)) {
  for (const char* form : {"then_bytes", "then_read_only_view"}) {
    send("abcdef");
    expect(receive({.buffers = rooms(2, 2), .form = form}), {.failure = raises({"TypeError", "BufferError"})});
    expect_queue({{"abcdef", 0}});
  }
}

CLAIM(PythonBuffers, NonContiguousBuffersAreRejected,
      cites({"buffers-must-be-contiguous", "refused-calls-consume-nothing"}), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter)) {
  for (const char* form : {"then_stepped_view", "then_reversed_view"}) {
    send("abcdef");
    expect(receive({.buffers = rooms(2, 2), .form = form}), {.failure = raises({"TypeError", "BufferError"})});
    expect_queue({{"abcdef", 0}});
  }
}

CLAIM(PythonBuffers, ReleasedViewsAreRejected,
      cites({"buffers-released-views-are-refused", "refused-calls-consume-nothing"}), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter)) {
  send("abcdef");
  expect(receive({.buffers = rooms(2, 2), .form = "then_released_view"}),
         {.failure = raises({"ValueError", "TypeError", "BufferError"})});
  expect_queue({{"abcdef", 0}});
}

const Facts kResizable{{"resizable", "true"}};

// The later bytes lie over the earlier ones.
CLAIM(PythonBuffers, SameObjectTwiceIsFilledAsTwoBuffers,
      cites({"buffers-may-be-the-same-object", "buffers-are-released"}), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter)) {
  send("abcdef");
  expect(receive({.buffers = {room(4)}, .form = "same_object_twice"}),
         {.storages = Storages{"efcd"}, .nbytes = 6, .facts = kResizable});
  send("abcdefghij");
  expect(receive({.buffers = rooms(2, 3), .form = "same_object_twice"}),
         {.storages = Storages{"def", "jhi"}, .nbytes = 10, .facts = kResizable});
}

CLAIM(PythonBuffers, ExportersThatAreClosedAreRejected,
      cites({"buffers-closed-exporters-are-refused", "refused-calls-consume-nothing", "refused-calls-write-nothing"}),
      on(kit::kScriptedKinds), needs(kPythonForms, kScatter)) {
  for (const char* form : {"then_closed_mmap", "then_released_pickle_buffer"}) {
    send("abcdef");
    expect(receive({.buffers = rooms(2, 2), .form = form}),
           {.failure = raises({"ValueError", "TypeError", "BufferError"})});
    expect_queue({{"abcdef", 0}});
  }
}

// CPython makes a TypeError of it, as of everything that is no buffer that can be written.
CLAIM(PythonBuffers, ExporterThatRaisesEndsTheCall,
      cites({"buffers-exporter-may-raise", "refused-calls-consume-nothing", "buffers-are-released"}),
      on(kit::kScriptedKinds), needs(kPythonForms, kScatter)) {
  send("abcdef");
  expect(receive({.buffers = rooms(3, 2), .form = "exporter_raises"}),
         {.failure = raises({"KeyError", "TypeError", "BufferError"}), .facts = kResizable});
  expect_queue({{"abcdef", 0}});
}

// By then the message has left the queue.
CLAIM(PythonBuffers, ExporterThatRaisesOnReleaseCostsNoResult, cites("buffers-release-may-raise"),
      on(kit::kScriptedKinds), needs(kPythonForms, kScatter)) {
  send("abcdef");
  expect(receive({.buffers = rooms(3, 2), .form = "exporter_raises_on_release"}),
         {.data = "abcdef", .facts = kResizable});
}

}  // namespace
}  // namespace recvinto::conformance
