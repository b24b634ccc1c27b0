#include "kit/host/child_sender.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <exception>
#include <system_error>

#include "kit/host/fail.h"

namespace recvinto::kit {
namespace {

struct Pipe {
  UniqueFd reading;
  UniqueFd writing;
};

Pipe open_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe2");
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

/// The child: never returns. Tells 0 or errno, gives up all descriptors but the one that it lives by, and waits.
[[noreturn]] void act_and_wait(const std::function<void()>& act, int told, int life) {
  int number = 0;
  try {
    act();
  } catch (const std::system_error& error) {
    number = error.code().value();
  } catch (const std::exception&) {
    number = ECANCELED;
  }
  [[maybe_unused]] const ssize_t ignored = write(told, &number, sizeof number);
  dup2(life, 0);
  close_range(1, UINT_MAX, 0);
  char byte = 0;
  while (read(0, &byte, 1) < 0 && errno == EINTR) continue;
  _exit(0);
}

}  // namespace

ChildSender::ChildSender(const std::function<void()>& act) {
  Pipe told = open_pipe();
  Pipe life = open_pipe();
  pid_ = fork();
  if (pid_ < 0) fail("fork");
  if (pid_ == 0) {
    close(life.writing.get());
    act_and_wait(act, told.writing.get(), life.reading.get());
  }
  life_ = std::move(life.writing);
  told.writing.reset();
  int number = ECANCELED;
  while (read(told.reading.get(), &number, sizeof number) < 0 && errno == EINTR) continue;
  if (number == 0) return;
  life_.reset();
  waitpid(pid_, nullptr, 0);
  throw std::system_error(number, std::system_category(), "in a child that was to send");
}

ChildSender::~ChildSender() {
  life_.reset();
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
}

}  // namespace recvinto::kit
