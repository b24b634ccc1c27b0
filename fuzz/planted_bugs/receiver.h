#pragma once

// A small receiver that has the reference's interface as far as the targets use it, is right, and is wrong in one way
// once a bug is planted: what proves that a target finds what it is there to find.

#include "fuzz/planted_bugs/address.h"
#include "fuzz/planted_bugs/call.h"
#include "fuzz/planted_bugs/descriptors.h"
#include "fuzz/planted_bugs/sizes.h"
#include "fuzz/planted_bugs/walk.h"
