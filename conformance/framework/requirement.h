#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace recvinto::conformance {

/// How binding a requirement is.
enum class Level {
  kRequired,     ///< promised by Python's documentation, a PEP, POSIX or an RFC
  kPlatform,     ///< a documented property of this operating system that a thin wrapper lets through
  kRecommended,  ///< quality of implementation: reported, but only --strict makes it count
};

std::string_view name(Level level);

/// One documented sentence, in our own words.
struct Requirement {
  std::string slug;  ///< stable: never reused, never renumbered
  Level level = Level::kRequired;
  std::string sentence;
  std::string citation;  ///< document and section
  std::string url;
  std::string excluded;  ///< why no check can observe it; empty where checks exist
};

/// All requirements, in the order of conformance/requirements/*.toml, which are compiled in. What is wrong in a file
/// throws std::runtime_error that names it and the line.
const std::vector<Requirement>& every_requirement();

/// Throws std::out_of_range for a slug that no file has.
const Requirement& requirement_named(std::string_view slug);

/// One compiled-in file; see conformance/CMakeLists.txt.
struct RequirementFile {
  std::string_view name;
  std::string_view text;
};
std::vector<RequirementFile> requirement_files();

// What every_requirement() is made of, for its tests.

/// Reads one file's text.
std::vector<Requirement> parse_requirements(const RequirementFile& file);
/// All files in order. A slug that is there twice throws too.
std::vector<Requirement> parse_requirements(const std::vector<RequirementFile>& files);

}  // namespace recvinto::conformance
