#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "kit/host/fail.h"
#include "recvinto/unique_fd.h"

namespace recvinto::kit {

/// The two ends of a pipe, both with FD_CLOEXEC.
struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

/// pipe(7). Throws std::system_error.
inline Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe2");
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

}  // namespace recvinto::kit
