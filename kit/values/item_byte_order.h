#pragma once

#include "kit/values/abi.h"
#include "kit/values/observation.h"

namespace recvinto::kit {

/// Turns the numbers in the item's data round, those that are in host byte order and of a layout that is known here:
/// from the order of a program in an emulator to that of this host. Numbers that the item has in part stay as they are.
void turn_round(AncillaryItem& item, const Abi& abi);

}  // namespace recvinto::kit
