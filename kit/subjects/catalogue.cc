#include "kit/subjects/catalogue.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

#include "kit/host/child_process.h"
#include "kit/host/installation.h"
#include "kit/subjects/kernel_entry.h"
#include "kit/subjects/plugin.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

constexpr std::string_view kExec = "exec:";
constexpr std::string_view kFault = "fault:";
constexpr std::string_view kPlugin = "plugin:";
constexpr std::string_view kRaw32 = "raw32";

struct BuiltIn {
  std::string_view spec;
  std::unique_ptr<Receiver> (*make)();
};

constexpr std::array kBuiltIn{BuiltIn{"reference", [] { return make_reference_receiver(); }},
                              BuiltIn{"raw", make_raw_receiver},
                              BuiltIn{"recvmmsg", make_recvmmsg_receiver},
                              BuiltIn{"recvmmsg_batch", make_recvmmsg_batch_receiver},
                              BuiltIn{"io_uring", make_io_uring_receiver},
                              BuiltIn{"io_uring_multishot", make_io_uring_multishot_receiver}};

/// "reference, raw, ..."
std::string names_of_the_built_in() {
  std::string names;
  for (const BuiltIn& one : kBuiltIn) names.append(one.spec).append(", ");
  return names;
}

/// Beside the program that judges, as the build has it.
std::vector<std::string> command_of_32_bits(const std::string& this_program) {
  const std::filesystem::path program =
      std::filesystem::path(this_program).parent_path() / "adapters" / "raw32-adapter";
  if (access(program.c_str(), X_OK) != 0) {
    throw CannotStart(fmt::format(
        "raw32: there is no {}: it is built where the compiler makes 32-bit programs (on Debian, install gcc-multilib)",
        program.string()));
  }
  return {program};
}

constexpr std::string_view kPython = "python";

bool is_python(std::string_view spec) {
  return spec == kPython || (spec.starts_with(kPython) && spec[kPython.size()] == ':');
}

/// The adapter of Python, and who runs it: the first word after "python:" unless that is an option of the adapter, else
/// what the environment names, as the command of a wheel does, else python3.
std::vector<std::string> python_command(std::string_view spec) {
  std::vector<std::string> words;
  if (spec != kPython) words = split_command_line(std::string(spec.substr(kPython.size() + 1)));
  if (words.empty() || words[0].starts_with('-')) {
    const char* const named = std::getenv("RECVMSG_CONFORMANCE_PYTHON");
    words.insert(words.begin(), named != nullptr && *named != '\0' ? named : "python3");
  }
  const std::vector<std::string> adapter{"-B", companion_file("adapters/python/adapter.py")};
  words.insert(words.begin() + 1, adapter.begin(), adapter.end());
  return words;
}

}  // namespace

bool is_plugin(std::string_view spec) {
  if (spec == kPlugin) throw UnknownSpecification("plugin: needs the path of a shared library, as in plugin:PATH.so");
  return spec.starts_with(kPlugin);
}

const NamedImplementation& Catalogue::fault(std::string_view spec) const {
  const std::string_view name = spec.substr(kFault.size());
  const auto found = std::ranges::find(faults_, name, &NamedImplementation::name);
  if (found == faults_.end()) {
    throw UnknownSpecification(fmt::format("there is no planted fault '{}'; 'list --faults' names them", name));
  }
  return *found;
}

std::unique_ptr<Receiver> Catalogue::make_receiver(std::string_view spec) const {
  if (const auto* const found = std::ranges::find(kBuiltIn, spec, &BuiltIn::spec); found != kBuiltIn.end())
    return found->make();
  if (spec.starts_with(kFault)) {
    const NamedImplementation& named = fault(spec);
    if (!named.make) throw UnknownSpecification(fmt::format("{} is a program of its own", spec));
    return named.make();
  }
  if (is_plugin(spec)) return load_plugin(spec.substr(kPlugin.size()));
  if (spec == kRaw32) throw UnknownSpecification("raw32 is a program of its own");
  throw UnknownSpecification(
      fmt::format("'{}' names no implementation; a SPEC is one of: {}raw32, python[:INTERPRETER], plugin:PATH.so, "
                  "exec:COMMAND LINE, fault:NAME",
                  spec, names_of_the_built_in()));
}

std::vector<std::string> Catalogue::adapter_command(std::string_view spec) const {
  if (spec.starts_with(kExec)) return split_command_line(std::string(spec.substr(kExec.size())));
  if (is_python(spec)) return python_command(spec);
  if (spec.starts_with(kFault) && !fault(spec).make) return fault(spec).command;
  if (spec == kRaw32) return command_of_32_bits(this_program_);
  // An unknown SPEC is an error of this process, not of its child. A plug-in is loaded by the child alone.
  if (!is_plugin(spec)) static_cast<void>(make_receiver(spec));
  return {this_program_, "serve", std::string(spec)};
}

bool Catalogue::is_in_this_program(std::string_view spec) const {
  if (spec.starts_with(kExec) || spec == kRaw32 || is_python(spec)) return false;
  return !spec.starts_with(kFault) || fault(spec).make != nullptr;
}

}  // namespace recvinto::kit
