#include "kit/host/files.h"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

namespace recvinto::kit {

std::string text_of_file(const std::filesystem::path& file) {
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  const int why = std::filesystem::is_directory(file) ? EISDIR : errno;  // a directory opens, and cannot be read
  if (!stream || why == EISDIR) throw std::system_error(why, std::system_category(), "cannot read " + file.string());
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write_whole(const std::filesystem::path& file, std::string_view text) {
  const std::filesystem::path unfinished = file.string() + ".unfinished";
  errno = 0;
  std::ofstream stream(unfinished, std::ios::binary);
  stream << text;
  stream.close();
  if (!stream) throw std::system_error(errno, std::system_category(), "cannot write " + unfinished.string());
  std::filesystem::rename(unfinished, file);
}

}  // namespace recvinto::kit
