#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "runner/results.h"

namespace recvinto::runner {

/// The results as JUnit reads them: one test suite a topic. GoogleTest's own file would not know baselines, nor whose
/// failure one is. Failures are all unexpected failures, and XPASS; XFAIL is skipped, with the reason.
std::string to_junit(const Results& results);

/// One test case of it.
std::string to_junit(const Result& result);

/// Text as XML takes it, in attributes too: what XML has no letters for becomes \xNN.
std::string escaped_for_xml(std::string_view text);

/// Writes junit.xml in one go. Throws std::system_error.
void write_junit(const Results& results, const std::filesystem::path& directory);

}  // namespace recvinto::runner
