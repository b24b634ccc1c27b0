// Makes a given number of receives, to be counted by callgrind: see bench/compare.
//
//   recvinto_instructions bare|reference BUFFERS CONTROL_MESSAGES CALLS

#include <charconv>
#include <cstddef>
#include <cstdio>
#include <span>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "workload.h"

namespace {

std::size_t number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) throw std::invalid_argument("not a number");
  return value;
}

void run(std::string_view subject, std::size_t buffer_count, std::size_t control_count, std::size_t call_count) {
  recvinto::bench::Workload workload(buffer_count, control_count);
  const std::size_t expected = workload.check();
  for (std::size_t call = 0; call < call_count; ++call) {
    const std::size_t received = subject == "bare" ? workload.receive_bare() : workload.receive_by_reference();
    if (received != expected) throw std::logic_error("a receive differs from the first");
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
  try {
    if (arguments.size() != 5) throw std::invalid_argument("expected: bare|reference BUFFERS CONTROL_MESSAGES CALLS");
    run(arguments[1], number(arguments[2]), number(arguments[3]), number(arguments[4]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
