#include "kit/values/sent_control.h"

#include <fmt/format.h>

namespace recvinto::kit {
namespace {

template <typename Id>
std::string own_or(const std::optional<Id>& id) {
  return id ? fmt::format("{}", *id) : "its own";
}

struct ControlDescriber {
  std::string operator()(const sent::Rights& rights) const {
    const std::string text = fmt::format("SCM_RIGHTS of {} files", rights.files);
    return rights.more.empty() ? text : fmt::format("{} and the bytes {}", text, readable(rights.more));
  }
  std::string operator()(const sent::OwnSocket&) const { return "SCM_RIGHTS of its own socket"; }
  std::string operator()(const sent::Credentials& credentials) const {
    return fmt::format("SCM_CREDENTIALS (pid {}, uid {}, gid {})", own_or(credentials.pid), own_or(credentials.uid),
                       own_or(credentials.gid));
  }
};

}  // namespace

std::size_t files_in(const SentControl& control) {
  if (const auto* rights = std::get_if<sent::Rights>(&control)) return rights->files;
  return std::holds_alternative<sent::OwnSocket>(control) ? 1 : 0;
}

std::string describe(const SentControl& control) {
  return std::visit(ControlDescriber{}, control);
}

}  // namespace recvinto::kit
