#pragma once

#include <string>
#include <vector>

#include "runner/baseline.h"
#include "runner/results.h"

namespace recvinto::runner {

// Which check is it that ends a process? Damaged memory may end it only in a later check, by chance in this one or in
// that one. A check that a process ended in behind others is judged once more alone, in a process of its own. That
// costs a start for each of them, and nothing where no process ended.

/// The checks in which a process ended that had performed others, not as the baseline lists them; the first 32.
std::vector<std::string> crashed_behind_others(const Results& results);

/// Notes what the check alone ended with. Where its process does not end alone, and had performed a check of which the
/// baseline says that it damages the process (Known::damages_process), that one has ended it: the result is then that
/// of the check alone.
void note_alone(Result& result, Result alone, const Baseline& baseline);

}  // namespace recvinto::runner
