#pragma once

#include <filesystem>
#include <string>

namespace recvinto::fuzz {

/// The implementations under test, as SPECs of the command line.
struct Subjects {
  std::string implementation = "reference";
  std::string against = "model";        ///< or a SPEC: then both must answer alike
  std::filesystem::path exported = {};  ///< where the simplest scenario of a finding is written; empty: nowhere

  /// Takes --implementation=SPEC, --against=SPEC and --export=FILE out of the arguments of a program, since engines do
  /// not know them; the rest of them, and what is not given, is looked for in RECVINTO_FUZZ_IMPLEMENTATION,
  /// RECVINTO_FUZZ_AGAINST and RECVINTO_FUZZ_EXPORT. These are set, too: engines start further processes.
  static Subjects from(int* argc, char*** argv);
  static Subjects from_environment();
};

}  // namespace recvinto::fuzz
