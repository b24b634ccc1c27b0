#include "kit/host/child_sender.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <exception>
#include <system_error>

#include "kit/host/lacking.h"
#include "kit/host/pipe.h"

namespace recvinto::kit {
namespace {

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
  syscall(SYS_close_range, 1U, UINT_MAX, 0U);
  char byte = 0;
  while (read(0, &byte, 1) < 0 && errno == EINTR) continue;
  _exit(0);
}

}  // namespace

ChildSender::ChildSender(const std::function<void()>& act) {
  Pipe told = make_pipe();
  Pipe life = make_pipe();
  pid_ = fork();
  if (pid_ < 0) lack("fork");
  if (pid_ == 0) {
    close(life.write_end.get());
    act_and_wait(act, told.write_end.get(), life.read_end.get());
  }
  life_ = std::move(life.write_end);
  told.write_end.reset();
  int number = ECANCELED;
  while (read(told.read_end.get(), &number, sizeof number) < 0 && errno == EINTR) continue;
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
