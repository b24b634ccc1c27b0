// Lists the bugs that can be planted: label, name, target and what they are, a line each, between tabs.

#include <cstdio>

#include "fuzz/planted_bugs/bug.h"

int main() {
  for (const auto& bug : recvinto::fuzz::planted::every_bug()) {
    std::printf("%s\t%s\t%s\t%s\n", bug.label.data(), bug.name.data(), bug.target.data(), bug.what.data());
  }
}
