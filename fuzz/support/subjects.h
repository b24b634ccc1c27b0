#pragma once

#include <filesystem>
#include <string>

namespace recvinto::fuzz {

/// The implementations under test, as SPECs of the command line.
struct Subjects {
  std::string implementation = "reference";
  std::string against = "model";        ///< or a SPEC: then both must answer alike
  std::filesystem::path exported = {};  ///< where the simplest scenario of a finding is written; empty: nowhere
  std::filesystem::path outcome = {};   ///< where the outcome of the last input is written, as JSON; empty: nowhere
  std::filesystem::path findings = {};  ///< the folder where findings are kept (findings.h); empty: the first ends all

  /// Takes --implementation=SPEC, --against=SPEC, --export=FILE, --outcome=FILE and --findings=FOLDER out of the
  /// arguments of a program, since engines do not know them. Defaults are the variables RECVINTO_FUZZ_IMPLEMENTATION,
  /// _AGAINST, _EXPORT, _OUTCOME and _FINDINGS. These are set, too: engines start further processes.
  static Subjects from(int* argc, char*** argv);
  static Subjects from_environment();
};

}  // namespace recvinto::fuzz
