#pragma once

#include <random>

#include "kit/values/call.h"
#include "kit/values/script.h"

namespace recvinto::kit {

/// A call, and what the kernel does with it.
struct RandomCase {
  Call call;
  Script script;
};

/// Any call, and any script as odd as that. Scripts neither plant nor pass on; SIGUSR1 is their only signal. Where they
/// wait for readiness, a socket that is always readable lets them end. Lies are such that what they promise has been
/// stored, as far as there is room: otherwise implementations show whatever was in their memory before.
RandomCase random_case(std::mt19937_64& random, Oddity oddity);

}  // namespace recvinto::kit
