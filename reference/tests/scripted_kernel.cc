#include "scripted_kernel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace recvinto::testing {
namespace {

int fail(int error) {
  errno = error;
  return -1;
}

void store(msghdr& header, const Delivery& delivery) {
  std::string_view rest = delivery.data;
  for (const iovec& buffer : std::span(header.msg_iov, header.msg_iovlen)) {
    const std::string_view part = rest.substr(0, buffer.iov_len);
    std::copy(part.begin(), part.end(), static_cast<char*>(buffer.iov_base));
    rest.remove_prefix(part.size());
  }
  const std::span<const std::byte> control = delivery.control.bytes();
  std::copy_n(control.begin(), std::min<std::size_t>(control.size(), header.msg_controllen),
              static_cast<std::byte*>(header.msg_control));
  std::copy_n(delivery.address.begin(), std::min<std::size_t>(delivery.address.size(), header.msg_namelen),
              static_cast<char*>(header.msg_name));
  header.msg_controllen = delivery.controllen.value_or(std::min<std::size_t>(control.size(), header.msg_controllen));
  header.msg_namelen = delivery.namelen.value_or(static_cast<socklen_t>(delivery.address.size()));
  header.msg_flags = delivery.flags;
}

}  // namespace

ScriptedKernel::~ScriptedKernel() {
  EXPECT_EQ(script_.size(), 0u) << "calls that were foreseen and not made";
}

ScriptedKernel& ScriptedKernel::recvmsg_delivers(Delivery delivery) {
  script_.push_back({.recvmsg =
                         [delivery = std::move(delivery)](msghdr& header) {
                           store(header, delivery);
                           return delivery.result;
                         },
                     .poll = {}});
  return *this;
}

ScriptedKernel& ScriptedKernel::recvmsg_fails(int error, Duration takes) {
  script_.push_back({.recvmsg =
                         [this, error, takes](msghdr&) {
                           advance(takes);
                           return fail(error);
                         },
                     .poll = {}});
  return *this;
}

ScriptedKernel& ScriptedKernel::recvmsg_fails_and_scribbles(int error, Delivery delivery) {
  script_.push_back({.recvmsg =
                         [error, delivery = std::move(delivery)](msghdr& header) {
                           store(header, delivery);
                           return fail(error);
                         },
                     .poll = {}});
  return *this;
}

ScriptedKernel& ScriptedKernel::poll_says_ready(Duration takes) {
  script_.push_back({.recvmsg = {}, .poll = [this, takes](pollfd& entry, Duration) {
                       advance(takes);
                       entry.revents = POLLIN;
                       return 1;
                     }});
  return *this;
}

ScriptedKernel& ScriptedKernel::poll_expires() {
  script_.push_back({.recvmsg = {}, .poll = [this](pollfd&, Duration timeout) {
                       advance(timeout);
                       return 0;
                     }});
  return *this;
}

ScriptedKernel& ScriptedKernel::poll_returns_early(Duration takes) {
  script_.push_back({.recvmsg = {}, .poll = [this, takes](pollfd&, Duration) {
                       advance(takes);
                       return 0;
                     }});
  return *this;
}

ScriptedKernel& ScriptedKernel::poll_fails(int error, Duration takes) {
  script_.push_back({.recvmsg = {}, .poll = [this, error, takes](pollfd&, Duration) {
                       advance(takes);
                       return fail(error);
                     }});
  return *this;
}

ScriptedKernel::Step ScriptedKernel::next(const char* call) {
  if (script_.empty()) {
    ADD_FAILURE() << call << " was called after the script's end";
    return {};
  }
  Step step = std::move(script_.front());
  script_.pop_front();
  return step;
}

ssize_t ScriptedKernel::recvmsg(int fd, msghdr& message, int flags) noexcept {
  calls_.push_back({fd, message, flags});
  const Step step = next("recvmsg");
  if (step.recvmsg) return step.recvmsg(message);
  ADD_FAILURE() << "recvmsg was called out of turn";
  return fail(EIO);
}

int ScriptedKernel::poll(pollfd& entry, std::chrono::nanoseconds timeout) noexcept {
  polls_.push_back({entry.fd, entry.events, timeout});
  const Step step = next("poll");
  if (step.poll) return step.poll(entry, timeout);
  ADD_FAILURE() << "poll was called out of turn";
  return fail(EIO);
}

}  // namespace recvinto::testing
