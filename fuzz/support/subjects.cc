#include "fuzz/support/subjects.h"

#include <array>
#include <cstdlib>
#include <string_view>

namespace recvinto::fuzz {
namespace {

struct Option {
  std::string_view flag;
  const char* variable;
};
constexpr std::array<Option, 5> kOptions{{{"--implementation=", "RECVINTO_FUZZ_IMPLEMENTATION"},
                                          {"--against=", "RECVINTO_FUZZ_AGAINST"},
                                          {"--export=", "RECVINTO_FUZZ_EXPORT"},
                                          {"--outcome=", "RECVINTO_FUZZ_OUTCOME"},
                                          {"--findings=", "RECVINTO_FUZZ_FINDINGS"}}};

bool take(const char* argument) {
  for (const Option& option : kOptions) {
    if (!std::string_view(argument).starts_with(option.flag)) continue;
    setenv(option.variable, argument + option.flag.size(), 1);
    return true;
  }
  return false;
}

template <typename Value>
void set(Value& value, const char* variable) {
  const char* text = std::getenv(variable);
  if (text != nullptr && *text != '\0') value = text;
}

}  // namespace

Subjects Subjects::from(int* argc, char*** argv) {
  int kept = 0;
  for (int i = 0; i < *argc; ++i) {
    if (i == 0 || !take((*argv)[i])) (*argv)[kept++] = (*argv)[i];
  }
  *argc = kept;
  (*argv)[kept] = nullptr;
  return from_environment();
}

Subjects Subjects::from_environment() {
  Subjects subjects;
  set(subjects.implementation, kOptions[0].variable);
  set(subjects.against, kOptions[1].variable);
  set(subjects.exported, kOptions[2].variable);
  set(subjects.outcome, kOptions[3].variable);
  set(subjects.findings, kOptions[4].variable);
  return subjects;
}

}  // namespace recvinto::fuzz
