#include "runner/growing_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "kit/host/files.h"

namespace recvinto::runner {
namespace {

[[noreturn]] void fail(int error, const std::filesystem::path& path) {
  throw std::system_error(error, std::system_category(), "cannot write " + path.string());
}

}  // namespace

GrowingFile::GrowingFile(std::filesystem::path path, std::string_view head, std::string_view tail)
    : path_(std::move(path)), tail_begins_(static_cast<off_t>(head.size())), tail_(tail) {
  kit::write_whole(path_, fmt::format("{}{}", head, tail));
  file_ = UniqueFd(open(path_.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file_) fail(errno, path_);
}

void GrowingFile::add(std::string_view text, std::string_view tail) {
  const std::string whole = fmt::format("{}{}", text, tail);
  ssize_t count = pwrite(file_.get(), whole.data(), whole.size(), tail_begins_);
  while (count < 0 && errno == EINTR) count = pwrite(file_.get(), whole.data(), whole.size(), tail_begins_);
  if (count == static_cast<ssize_t>(whole.size())) {
    tail_begins_ += static_cast<off_t>(text.size());
    tail_ = tail;
    // A tail may be shorter than the one before it.
    if (ftruncate(file_.get(), tail_begins_ + static_cast<off_t>(tail.size())) != 0) fail(errno, path_);
    return;
  }
  const int error = count < 0 ? errno : ENOSPC;
  // What was overwritten has its room already.
  if (pwrite(file_.get(), tail_.data(), tail_.size(), tail_begins_) != static_cast<ssize_t>(tail_.size()) ||
      ftruncate(file_.get(), tail_begins_ + static_cast<off_t>(tail_.size())) != 0) {
    fail(errno, path_);
  }
  fail(error, path_);
}

}  // namespace recvinto::runner
