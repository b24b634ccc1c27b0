#pragma once

#include <iosfwd>

namespace recvinto::conformance {

/// All checks, one a line, or as JSON with requirement, level, citation and needed capabilities.
void list_checks(std::ostream& out, bool json);
/// All planted faults with the requirements that each breaks.
void list_faults(std::ostream& out, bool json);

}  // namespace recvinto::conformance
