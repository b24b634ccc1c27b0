#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "kit/values/abi.h"
#include "kit/values/call_log.h"
#include "kit/values/script.h"

namespace recvinto::kit {

/// Bytes that belong at an address of the receiving program. Borrows them.
struct Patch {
  std::uint64_t address = 0;
  std::span<const char> bytes;
};

/// What a result does to the caller's memory and header. Nothing is ever put outside the room that the caller offered,
/// whatever the lengths say that the script tells it.
struct Effects {
  std::vector<Patch> patches;  ///< data, then control data, then the address; of the result and of `control`
  std::int64_t returned = 0;
  std::uint64_t controllen = 0;
  std::uint32_t namelen = 0;
  int msg_flags = 0;
  std::uint64_t control_stored = 0;  ///< bytes of the control room that are patched
  std::span<const char> name;        ///< what is stored of the address
};

/// The control bytes of a result in the layout of `abi`, with `planted` as the numbers of its descriptors.
Bytes control_bytes(const answer::Result& result, const Abi& abi, std::span<const int> planted);

/// How many of the result's descriptors that call's control buffer has room for. As the kernel does, an executor plants
/// no others: nothing could know of them.
std::size_t files_with_room(const answer::Result& result, const SeenCall& call, const Abi& abi);

/// The result on that call. `control` is what control_bytes() made of it; both must outlive the effects.
Effects effects_of(const answer::Result& result, const SeenCall& call, const Bytes& control);

/// The errno with which recvmsg(2) refuses these arguments before it looks into the socket's queue; 0: it does not.
int refusal_of(const SeenCall& call, const Abi& abi);

/// SeenCall::has_receive_timeout of a receive on this socket.
bool has_receive_timeout(int socket);

/// Its SO_RCVTIMEO; `nullopt` without one.
std::optional<std::chrono::nanoseconds> receive_timeout(int socket);

/// Its SO_DOMAIN.
int family_of(int socket);

}  // namespace recvinto::kit
