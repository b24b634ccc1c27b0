#pragma once

#include <filesystem>
#include <string>

namespace recvinto::fuzz {

/// Who is compared with whom: SPECs, as everywhere.
struct Contest {
  std::string implementation = "reference";
  std::string against = "model";        ///< or a SPEC: then both are to come to the same
  std::filesystem::path exported = {};  ///< where the simplest scenario of a finding is written; empty: nowhere

  /// Takes --implementation=SPEC, --against=SPEC and --export=FILE out of the arguments of a program, since engines do
  /// not know them; the rest of them, and what is not given, is looked for in RECVINTO_FUZZ_IMPLEMENTATION,
  /// RECVINTO_FUZZ_AGAINST and RECVINTO_FUZZ_EXPORT. These are set, too: engines start further processes.
  static Contest from(int* argc, char*** argv);
  static Contest from_environment();
};

}  // namespace recvinto::fuzz
