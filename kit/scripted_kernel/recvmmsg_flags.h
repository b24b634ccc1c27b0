#pragma once

#include <sys/socket.h>

#include <ctime>

namespace recvinto::kit {

template <typename Flags>
Flags flags_of(int (*)(int, mmsghdr*, unsigned, Flags, timespec*));

/// What recvmmsg(2) takes its flags as: an int in the GNU C library, unsigned in musl.
using RecvmmsgFlags = decltype(flags_of(recvmmsg));

}  // namespace recvinto::kit
