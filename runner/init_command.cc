#include "runner/init_command.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <system_error>

#include "kit/host/files.h"
#include "kit/host/installation.h"

namespace recvinto::runner {
namespace {

namespace fs = std::filesystem;

/// Files of a template by their names in it, and where each comes from.
using Files = std::map<fs::path, fs::path>;

[[noreturn]] void complain(const std::string& what) {
  fmt::print(stderr, "recvmsg-conformance: init: {}\n", what);
  throw EarlyEnd{kExitUsage};
}

fs::path templates() {
  return kit::companion_file("adapters/templates");
}

Files files_of(const std::string& language) {
  Files files;
  for (const auto& entry : fs::recursive_directory_iterator(templates() / language)) {
    if (entry.is_regular_file()) files[entry.path().lexically_relative(templates() / language)] = entry.path();
  }
  if (language == "c") {
    files["plugin.c"] = kit::companion_file("adapters/plugin_template/plugin.c");
    files["recvinto/plugin.h"] = kit::companion_file("adapters/include/recvinto/plugin.h");
  }
  return files;
}

void require_language(const std::string& language) {
  std::set<std::string> languages;
  for (const auto& entry : fs::directory_iterator(templates())) languages.insert(entry.path().filename());
  if (!languages.contains(language))
    complain(fmt::format("there is no template in '{}'; there are: {}", language, fmt::join(languages, ", ")));
}

}  // namespace

int write_template(const Options& options) {
  require_language(options.language);
  const fs::path& folder = options.written;
  const Files files = files_of(options.language);
  try {
    fs::create_directories(folder);
    if (!fs::is_empty(folder)) complain(fmt::format("{} is not empty", folder.string()));
    for (const auto& [name, source] : files) {
      fs::create_directories((folder / name).parent_path());
      kit::write_whole(folder / name, kit::text_of_file(source));
    }
  } catch (const std::system_error& error) {
    complain(fmt::format("cannot write {}: {}", folder.string(), error.code().message()));
  }
  for (const auto& [name, source] : files) fmt::print("written: {}\n", (folder / name).string());
  fmt::print("the contract   {}\n", kit::companion_file("adapters/PROTOCOL.md").string());
  fmt::print("what next      {}\n", (folder / "README.md").string());
  return kExitAsExpected;
}

}  // namespace recvinto::runner
