#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <stdexcept>

namespace recvinto::runner {

/// A file that is no results.json of this schema. what() names it, in one line.
class UnusableResults : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The page_data() of results.json, or of the one in a directory. Its checks may be those of another version of the
/// suite. Throws UnusableResults.
nlohmann::json read_results(const std::filesystem::path& path);

}  // namespace recvinto::runner
