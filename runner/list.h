#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace recvinto::runner {

/// All checks, one a line, or as JSON with requirement, level, citation and needed capabilities.
void list_checks(std::ostream& out, bool json);
/// All planted faults with the requirements that each breaks.
void list_faults(std::ostream& out, bool json);

/// The ids of all checks: of every claim, on each of its kinds of socket.
std::vector<std::string> every_check_id();

}  // namespace recvinto::runner
