#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "kit/values/sent_control.h"

namespace recvinto::kit {

/// Control messages laid out one after the other as sendmsg(2) takes them from this program (cmsg(3)).
class ControlBytes {
 public:
  void add(int level, int type, std::string_view data);
  /// One message of SCM_RIGHTS, with `more` bytes behind the descriptors.
  void add_rights(std::span<const int> descriptors, std::string_view more = {});
  /// `descriptors`: as many as files_in(control). Credentials that are not set are those of the calling process.
  void add(const SentControl& control, std::span<const int> descriptors);

  [[nodiscard]] void* data() { return words_.empty() ? nullptr : words_.data(); }
  [[nodiscard]] std::size_t size() const { return words_.size() * sizeof(std::size_t); }

 private:
  std::vector<std::size_t> words_;  // words: aligned for cmsghdr
};

}  // namespace recvinto::kit
