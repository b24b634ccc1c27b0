// Any text is read as a baseline, and as a file of requirements, or is refused with the number of the line; entries of
// a baseline lie where they say.

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/framework/requirement.h"
#include "fuzz/support/baseline_place.h"
#include "fuzz/support/check.h"
#include "fuzz/support/complaint.h"
#include "fuzz/support/planted.h"

using namespace recvinto;

/// Those that are compiled into the runner are none of this program's.
std::vector<conformance::RequirementFile> recvinto::conformance::requirement_files() {
  return {};
}

namespace {

constexpr std::string_view kName = "input.toml";

void check_baseline(std::string_view text) {
  try {
    for (const runner::Known& entry : runner::parse_baseline(text, std::string(kName))) {
      FUZZ_CHECK(!entry.check.empty() && !entry.reason.empty(), "an entry lacks what it needs");
      fuzz::check_place(entry, text);
    }
  } catch (const runner::UnusableBaseline& error) {
    fuzz::check_complaint(error.what(), kName, text);
  }
}

void check_requirements(std::string_view text) {
  try {
    for (const conformance::Requirement& one : conformance::parse_requirements({.name = kName, .text = text})) {
      FUZZ_CHECK(!one.slug.empty() && !one.sentence.empty() && !one.citation.empty(),
                 "a requirement lacks what it needs");
    }
  } catch (const std::runtime_error& error) {
    const std::string_view what = error.what();
    fuzz::check_complaint(fuzz::has_planted("lines_are_not_told") ? what.substr(0, kName.size()) : what, kName, text);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  check_baseline(text);
  check_requirements(text);
  return 0;
}
