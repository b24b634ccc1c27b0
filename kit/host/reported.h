#pragma once

#include <optional>

#include "kit/values/observation.h"
#include "recvinto/socket_address.h"

namespace recvinto::kit {

/// A decoded address of the library in the terms of an observation; nothing for none.
std::optional<Address> reported(const recvinto::Address& address);

/// The error of a system call that failed with `number`, named by the class that PEP 3151 has for it.
Error system_error(int number);

}  // namespace recvinto::kit
