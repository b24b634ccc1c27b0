#pragma once

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kit/subjects/receiver.h"

namespace recvinto::kit {

/// A SPEC that names no implementation; what() lists what a SPEC can be.
class UnknownSpecification : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An implementation that a program adds to those of every Catalogue: a planted fault, as fault:NAME.
struct NamedImplementation {
  std::string_view name;
  std::function<std::unique_ptr<Receiver>()> make;  ///< empty: it is a program of its own, `command`
  std::vector<std::string> command;
};

/// The implementations that the SPECs of a command line name: reference, raw and the kernel's other entries (raw32,
/// recvmmsg, recvmmsg_batch, io_uring, io_uring_multishot), python[:INTERPRETER], plugin:PATH.so, exec:COMMAND LINE,
/// and fault:NAME for those that the program adds.
class Catalogue {
 public:
  /// `this_program`: the path of a program whose command "serve SPEC" is the adapter of what runs in a process of its
  /// own; empty: none is started.
  explicit Catalogue(std::string this_program = {}, std::vector<NamedImplementation> faults = {})
      : this_program_(std::move(this_program)), faults_(std::move(faults)) {}

  /// The implementation that `spec` names, inside this program. Throws UnknownSpecification, also for a SPEC that names
  /// a program of its own, and CannotStart of a plug-in, and of what this host does not have.
  [[nodiscard]] std::unique_ptr<Receiver> make_receiver(std::string_view spec) const;

  /// The command that starts the adapter of `spec`: exec:COMMAND LINE itself, the adapter of Python, or "serve" of this
  /// program. A plug-in is not loaded. Throws UnknownSpecification, and CannotStart of what this host does not have.
  [[nodiscard]] std::vector<std::string> adapter_command(std::string_view spec) const;

  /// Whether adapter_command() starts what is inside this program.
  [[nodiscard]] bool serves() const { return !this_program_.empty(); }

  /// Whether make_receiver() makes one of it, or loads it.
  [[nodiscard]] bool is_in_this_program(std::string_view spec) const;

 private:
  [[nodiscard]] const NamedImplementation& fault(std::string_view spec) const;

  std::string this_program_;
  std::vector<NamedImplementation> faults_;
};

/// Whether `spec` names a plug-in. Its code can end the process that loads it. Throws UnknownSpecification where the
/// path is missing.
bool is_plugin(std::string_view spec);

}  // namespace recvinto::kit
