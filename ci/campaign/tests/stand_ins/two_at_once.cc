// A target whose first two runs meet: while the first one ends without an input, the second one has just written its
// own.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

void say(const char* what) {
  std::fprintf(stderr, "%s:%d: found: %s\n", __FILE__, __LINE__, what);
}

bool make(const std::string& path) {
  const int file = open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY, 0644);
  return file >= 0 && close(file) == 0;
}

/// Two processes meet at a named pipe: each waits for the other one to open it.
void meet(const char* path, int mode) {
  mkfifo(path, 0644);  // the other one may have been first
  close(open(path, mode));
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* count, char*** words) {
  constexpr const char* prefix = "-artifact_prefix=";
  std::string artifacts;
  for (int index = 1; index < *count; ++index) {
    const char* word = (*words)[index];
    if (std::strncmp(word, prefix, std::strlen(prefix)) == 0) artifacts = word + std::strlen(prefix);
  }
  if (artifacts.empty()) return 0;  // single inputs
  if (make("first has begun")) {
    meet("second has written", O_RDONLY);
    say("first");
    _exit(1);
  }
  if (make("second has begun")) {
    FILE* input = std::fopen((artifacts + "crash-second").c_str(), "w");
    std::fputs("se", input);
    std::fclose(input);
    meet("second has written", O_WRONLY);
    meet("third has begun", O_RDONLY);  // after what the first has left was read
    say("second");
    _exit(1);
  }
  if (make("third is there")) meet("third has begun", O_WRONLY);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size >= 2 && std::memcmp(data, "se", 2) == 0) {
    say("second");
    std::abort();
  }
  return 0;
}
