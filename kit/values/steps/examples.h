#pragma once

#include <sys/socket.h>

#include <chrono>
#include <csignal>

#include "kit/values/call.h"
#include "kit/values/script.h"

namespace recvinto::kit {

/// A call of which every field is set, with a storage of every memory.
inline Call example_call() {
  return {.buffers = {room(4, "ab"), slice(10, 2, 9), part_of(0, 1, 3), sparse(1U << 30U), inaccessible(7),
                      Buffer{.size = 5, .from = 1}, inaccessible_from(2, 6), in_two_mappings(3, 8)},
          .ancbufsize = -1,
          .flags = std::int64_t{1} << 40U,
          .timeout = std::chrono::milliseconds(250),
          .warnings_are_errors = true,
          .form = "keyword_flags",
          .concurrent = true};
}

/// A script with every answer, of which every field is set.
inline Script example_script() {
  const answer::Result result{.data = "abc",
                              .control = {{.level = SOL_SOCKET,
                                           .type = SCM_RIGHTS,
                                           .data = Bytes("\0\xff", 2),
                                           .files = 2,
                                           .claimed_data = 1U << 20U,
                                           .claimed_length = ~std::uint64_t{0}},
                                          {.level = -1, .type = 7}},
                              .raw_control = "raw",
                              .pad_the_last = false,
                              .padding = '\xaa',
                              .address = Bytes(),
                              .msg_flags = MSG_CTRUNC,
                              .returned = -2,
                              .msg_controllen = 1,
                              .msg_namelen = 110};
  ScriptStep interrupted = fails(EINTR, result);
  interrupted.signum = SIGUSR1;
  return {.steps = {pass(), proxy(), gives(result), interrupted, hold()},
          .last_repeats = true,
          .readable = false,
          .waits = {wait_is_ready(), wait_times_out(), wait_is_interrupted(std::chrono::milliseconds(3))}};
}

}  // namespace recvinto::kit
