#include "kit/host/proc_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "recvinto/unique_fd.h"

namespace recvinto::kit {

FileContent read_file(const std::string& path) {
  FileContent content;
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return {.text = {}, .error = errno};
  for (std::array<char, 4096> chunk;;) {
    const ssize_t count = read(file.get(), chunk.data(), chunk.size());
    if (count > 0) {
      content.text.append(chunk.data(), static_cast<std::size_t>(count));
    } else if (count == 0 || errno != EINTR) {
      content.error = count == 0 ? 0 : errno;
      return content;
    }
  }
}

std::string_view value_of(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + key.size());
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return text.substr(0, text.find('\n'));
}

}  // namespace recvinto::kit
