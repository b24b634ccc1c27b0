#include "kit/subjects/line_channel.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "kit/host/interruption.h"
#include "kit/host/lacking.h"

namespace recvinto::kit {
namespace {

constexpr std::size_t kLongestStderrTail = std::size_t{16} * 1024;
constexpr int kMostReadsOfStderr = 64;  // at a time: more than a pipe holds, and an end where it is written without end

/// From a line that is no reply to the end of the process, if the line belongs to its end.
constexpr std::chrono::milliseconds kGraceAfterOutput{500};

int milliseconds_until(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<decltype(left)>(left, 0, 3'600'000));
}

/// Reads what is there, at most 64 KiB. Returns the number of bytes; 0: end of file; -1: nothing there.
template <typename Into>
ssize_t read_some(const UniqueFd& from, Into& into) {
  std::array<char, 64 * 1024> chunk;
  const ssize_t count = read(from.get(), chunk.data(), chunk.size());
  if (count > 0) into.append(std::string_view(chunk.data(), static_cast<std::size_t>(count)));
  return count;
}

}  // namespace

void LineChannel::write_line(const std::string& line, Clock::time_point deadline) {
  std::string rest = line + "\n";
  while (!rest.empty()) {
    const ssize_t count = write(child_.input().get(), rest.data(), rest.size());
    if (count > 0) {
      rest.erase(0, static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      if (child_.end()) fail_ended();
      wait(Until::kWritable, deadline);
    } else if (errno != EINTR) {
      fail_ended();
    }
  }
}

std::string LineChannel::read_line(Clock::time_point deadline) {
  while (!line_is_there()) wait(Until::kSomethingCame, deadline);
  try {
    if (std::optional<std::string> line = received_.take()) return *std::move(line);
  } catch (const ProtocolError& error) {
    fail_after_output(error.what());
  }
  fail_ended();
}

bool LineChannel::line_is_there() {
  if (received_.has_line()) return true;
  pump();
  return received_.has_line() || output_closed_;
}

bool LineChannel::input_is_drained() const {
  int unread = 0;
  if (ioctl(child_.input().get(), FIONREAD, &unread) == 0) return unread == 0;
  if (errno == EPERM || errno == ENOSYS) lack("whether a request was read cannot be seen: ioctl FIONREAD");
  return false;
}

std::string LineChannel::take_stderr() {
  for (int reads = 0; reads < kMostReadsOfStderr && drain_stderr(); ++reads) {
  }
  return std::exchange(stderr_tail_, {});
}

void LineChannel::expect_silence() {
  pump();
  if (received_.bytes().empty()) return;
  fail_after_output(fmt::format("output that no request asked for: {}", readable(received_.bytes())));
}

bool LineChannel::takes_output() const {
  return !output_closed_ && !received_.is_full();
}

void LineChannel::pump() {
  if (takes_output()) {
    const ssize_t count = read_some(child_.output(), received_);
    if (count == 0) output_closed_ = true;
    // A grandchild may hold the pipe without end: the child's own end counts, after its last words were read.
    if (count < 0 && child_.end()) output_closed_ = read_some(child_.output(), received_) <= 0;
  }
  drain_stderr();
}

bool LineChannel::drain_stderr() {
  if (stderr_closed_) return false;
  const ssize_t count = read_some(child_.error(), stderr_tail_);
  stderr_closed_ = count == 0;
  if (stderr_tail_.size() > kLongestStderrTail) stderr_tail_.erase(0, stderr_tail_.size() - kLongestStderrTail);
  return count > 0;
}

void LineChannel::wait(Until until, Clock::time_point deadline) {
  throw_if_interrupted();
  if (Clock::now() >= deadline) throw ImplementationFailure(Verdict::kHang, "no answer within the deadline");
  poll_child(until, deadline);
  pump();
}

void LineChannel::poll_child(Until until, Clock::time_point deadline) {
  std::array<pollfd, 4> watched{{
      {.fd = takes_output() ? child_.output().get() : -1, .events = POLLIN, .revents = 0},
      {.fd = stderr_closed_ ? -1 : child_.error().get(), .events = POLLIN, .revents = 0},
      {.fd = child_.ended().get(), .events = POLLIN, .revents = 0},
      {.fd = until == Until::kWritable ? child_.input().get() : -1, .events = POLLOUT, .revents = 0},
  }};
  poll(watched.data(), watched.size(), milliseconds_until(deadline));
}

void LineChannel::fail_after_output(const std::string& what) {
  const auto latest = Clock::now() + kGraceAfterOutput;
  while (!child_.end() && Clock::now() < latest) {
    throw_if_interrupted();
    received_ = LineBuffer();  // read on: a report may be longer than a pipe holds
    pump();
    if (!child_.end()) poll_child(Until::kSomethingCame, latest);
  }
  if (const auto end = child_.end()) {
    throw ImplementationFailure(Verdict::kCrash, fmt::format("the process {}; before, {}", *end, what));
  }
  throw ImplementationFailure(Verdict::kProtocol, what);
}

void LineChannel::fail_ended() const {
  // Between the closing of its output and its end a moment may pass.
  pollfd ended{.fd = child_.ended().get(), .events = POLLIN, .revents = 0};
  poll(&ended, 1, 1000);
  if (const auto end = child_.end()) throw ImplementationFailure(Verdict::kCrash, "the process " + *end);
  throw ImplementationFailure(Verdict::kProtocol, "the process closed its standard output");
}

}  // namespace recvinto::kit
