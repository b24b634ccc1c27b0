#include "kit/scripted_kernel/filter.h"

#include <linux/seccomp.h>

#include <cerrno>
#include <cstddef>

#include "kit/scripted_kernel/system_calls.h"

namespace recvinto::kit {
namespace {

/// BPF with the jumps of what we need: tests that fall through where they do not hold.
class Program {
 public:
  void load(std::size_t offset) { add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset))); }
  void load_number() { load(offsetof(seccomp_data, nr)); }
  /// The low half of an argument: the high one of an int's register is not defined. Little endian, as all of ours.
  void load_argument(std::size_t index) { load(offsetof(seccomp_data, args) + index * sizeof(std::uint64_t)); }
  void answer(std::uint32_t action) { add(BPF_STMT(BPF_RET | BPF_K, action)); }
  void answer_if_equal(std::uint32_t value, std::uint32_t action) {
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
    answer(action);
  }
  void answer_if_any_bit(std::uint32_t bits, std::uint32_t action) {
    add(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1));
    answer(action);
  }
  /// What `body` adds is skipped where the loaded value is another one.
  template <typename Body>
  void if_equal(std::uint32_t value, Body body) {
    const std::size_t jump = instructions_.size();
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 0));
    body();
    instructions_[jump].jf = static_cast<std::uint8_t>(instructions_.size() - jump - 1);
  }
  void answer_if_in_range(std::uint32_t first, std::uint32_t last, std::uint32_t action) {
    add(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, first, 0, 2));
    add(BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, last, 1, 0));
    answer(action);
  }

  std::vector<sock_filter> take() { return std::move(instructions_); }

 private:
  void add(sock_filter instruction) { instructions_.push_back(instruction); }

  std::vector<sock_filter> instructions_;
};

constexpr std::uint32_t kNoSuchCall = SECCOMP_RET_ERRNO | ENOSYS;

void add_architecture(Program& program, const Architecture& architecture, const WatchedNumbers& watched) {
  program.load_number();
  if (architecture.audit == AUDIT_ARCH_X86_64) program.answer_if_any_bit(kX32Bit, kNoSuchCall);
  program.answer_if_equal(architecture.recvmsg, SECCOMP_RET_USER_NOTIF);
  program.answer_if_equal(kIoUringSetup, kNoSuchCall);
  if (architecture.socketcall) {
    program.if_equal(*architecture.socketcall, [&] {
      program.load_argument(0);
      program.answer_if_equal(kSocketcallRecvmsg, SECCOMP_RET_USER_NOTIF);
      program.answer(SECCOMP_RET_ALLOW);
    });
  }
  if (watched.last >= watched.first) {
    for (const ReadinessCall& call : architecture.readiness_calls) {
      program.answer_if_equal(call.number, SECCOMP_RET_USER_NOTIF);
    }
  }
  for (const NamedCall& call : architecture.others) {
    program.if_equal(call.number, [&] {
      program.load_argument(0);
      if (watched.last >= watched.first) {
        program.answer_if_in_range(static_cast<std::uint32_t>(watched.first), static_cast<std::uint32_t>(watched.last),
                                   SECCOMP_RET_USER_NOTIF);
      }
      program.answer(SECCOMP_RET_ALLOW);
    });
  }
  program.answer(SECCOMP_RET_ALLOW);
}

}  // namespace

std::vector<sock_filter> supervision_filter(const WatchedNumbers& watched) {
  Program program;
  for (const Architecture& architecture : architectures()) {
    program.load(offsetof(seccomp_data, arch));
    program.if_equal(architecture.audit, [&] { add_architecture(program, architecture, watched); });
  }
  program.answer(SECCOMP_RET_ALLOW);
  return program.take();
}

}  // namespace recvinto::kit
