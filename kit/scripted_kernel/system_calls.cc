#include "kit/scripted_kernel/system_calls.h"

#include <algorithm>
#include <array>

namespace recvinto::kit {
namespace {

// What waits: poll, ppoll, select, pselect6, epoll_wait, epoll_pwait, epoll_pwait2, as far as there are such, and with
// 64-bit times; and restart_syscall, which is what a poll goes on as after SIGSTOP. What pauses: nanosleep,
// clock_nanosleep and pause.

using Set = ReadinessCall::Set;
using Time = ReadinessCall::Time;

#if defined(__x86_64__)
constexpr std::array kReadinessCallsOfX86_64{ReadinessCall{7, "poll", Set::kPoll, Time::kMilliseconds},
                                             ReadinessCall{271, "ppoll", Set::kPoll, Time::kTimespec},
                                             ReadinessCall{23, "select", Set::kSelect, Time::kTimeval},
                                             ReadinessCall{270, "pselect6", Set::kSelect, Time::kTimespec},
                                             ReadinessCall{232, "epoll_wait", Set::kEpoll, Time::kMilliseconds},
                                             ReadinessCall{281, "epoll_pwait", Set::kEpoll, Time::kMilliseconds},
                                             ReadinessCall{441, "epoll_pwait2", Set::kEpoll, Time::kTimespec}};
constexpr std::array kReadinessCallsOfI386{ReadinessCall{168, "poll", Set::kPoll, Time::kMilliseconds},
                                           ReadinessCall{309, "ppoll", Set::kPoll, Time::kTimespec, 4},
                                           ReadinessCall{414, "ppoll_time64", Set::kPoll, Time::kTimespec},
                                           ReadinessCall{142, "_newselect", Set::kSelect, Time::kTimeval, 4},
                                           ReadinessCall{308, "pselect6", Set::kSelect, Time::kTimespec, 4},
                                           ReadinessCall{413, "pselect6_time64", Set::kSelect, Time::kTimespec},
                                           ReadinessCall{256, "epoll_wait", Set::kEpoll, Time::kMilliseconds},
                                           ReadinessCall{319, "epoll_pwait", Set::kEpoll, Time::kMilliseconds},
                                           ReadinessCall{441, "epoll_pwait2", Set::kEpoll, Time::kTimespec}};
constexpr std::array kOthersOfX86_64{NamedCall{0, "read"}, NamedCall{19, "readv"}, NamedCall{45, "recvfrom"},
                                     NamedCall{299, "recvmmsg"}};
constexpr std::array<std::uint32_t, 8> kWaitsOfX86_64{7, 271, 23, 270, 232, 281, 441, 219};
constexpr std::array kOthersOfI386{NamedCall{3, "read"}, NamedCall{145, "readv"}, NamedCall{371, "recvfrom"},
                                   NamedCall{337, "recvmmsg"}, NamedCall{417, "recvmmsg_time64"}};
constexpr std::array<std::uint32_t, 11> kWaitsOfI386{168, 309, 414, 82, 142, 308, 413, 256, 319, 441, 0};
constexpr std::array<std::uint32_t, 3> kPausesOfX86_64{35, 230, 34};
constexpr std::array<std::uint32_t, 4> kPausesOfI386{162, 267, 407, 29};
constexpr std::array kSleepsOfX86_64{NamedCall{202, "futex"},         NamedCall{61, "wait4"},
                                     NamedCall{247, "waitid"},        NamedCall{128, "rt_sigtimedwait"},
                                     NamedCall{130, "rt_sigsuspend"}, NamedCall{16, "ioctl"}};
constexpr std::array kSleepsOfI386{
    NamedCall{240, "futex"},  NamedCall{422, "futex"},           NamedCall{114, "wait4"},
    NamedCall{284, "waitid"}, NamedCall{177, "rt_sigtimedwait"}, NamedCall{179, "rt_sigsuspend"},
    NamedCall{54, "ioctl"}};
constexpr std::array kArchitectures{
    Architecture{.audit = AUDIT_ARCH_X86_64,
                 .abi = kAbi64,
                 .recvmsg = 47,
                 .socketcall = {},
                 .others = kOthersOfX86_64,
                 .waits = kWaitsOfX86_64,
                 .readiness_calls = kReadinessCallsOfX86_64,
                 .pauses = kPausesOfX86_64,
                 .sleeps = kSleepsOfX86_64},
    Architecture{.audit = AUDIT_ARCH_I386,
                 .abi = kAbi32,
                 .recvmsg = 372,
                 .socketcall = 102,
                 .others = kOthersOfI386,
                 .waits = kWaitsOfI386,
                 .readiness_calls = kReadinessCallsOfI386,
                 .pauses = kPausesOfI386,
                 .sleeps = kSleepsOfI386},
};
#elif defined(__aarch64__) || (defined(__riscv) && __riscv_xlen == 64)
// The numbers of every 64-bit architecture since aarch64.
constexpr std::array kReadinessCallsOfGeneric64{ReadinessCall{73, "ppoll", Set::kPoll, Time::kTimespec},
                                                ReadinessCall{72, "pselect6", Set::kSelect, Time::kTimespec},
                                                ReadinessCall{22, "epoll_pwait", Set::kEpoll, Time::kMilliseconds},
                                                ReadinessCall{441, "epoll_pwait2", Set::kEpoll, Time::kTimespec}};
constexpr std::array kOthersOfGeneric64{NamedCall{63, "read"}, NamedCall{65, "readv"}, NamedCall{207, "recvfrom"},
                                        NamedCall{243, "recvmmsg"}};
constexpr std::array<std::uint32_t, 5> kWaitsOfGeneric64{73, 72, 22, 441, 128};
constexpr std::array<std::uint32_t, 2> kPausesOfGeneric64{101, 115};
constexpr std::array kSleepsOfGeneric64{NamedCall{98, "futex"},          NamedCall{260, "wait4"},
                                        NamedCall{95, "waitid"},         NamedCall{137, "rt_sigtimedwait"},
                                        NamedCall{133, "rt_sigsuspend"}, NamedCall{29, "ioctl"}};
constexpr Architecture generic64(std::uint32_t audit) {
  return {.audit = audit,
          .abi = kAbi64,
          .recvmsg = 212,
          .socketcall = {},
          .others = kOthersOfGeneric64,
          .waits = kWaitsOfGeneric64,
          .readiness_calls = kReadinessCallsOfGeneric64,
          .pauses = kPausesOfGeneric64,
          .sleeps = kSleepsOfGeneric64};
}
#if defined(__aarch64__)
constexpr std::array kReadinessCallsOfArm{ReadinessCall{168, "poll", Set::kPoll, Time::kMilliseconds},
                                          ReadinessCall{336, "ppoll", Set::kPoll, Time::kTimespec, 4},
                                          ReadinessCall{414, "ppoll_time64", Set::kPoll, Time::kTimespec},
                                          ReadinessCall{142, "_newselect", Set::kSelect, Time::kTimeval, 4},
                                          ReadinessCall{335, "pselect6", Set::kSelect, Time::kTimespec, 4},
                                          ReadinessCall{413, "pselect6_time64", Set::kSelect, Time::kTimespec},
                                          ReadinessCall{252, "epoll_wait", Set::kEpoll, Time::kMilliseconds},
                                          ReadinessCall{346, "epoll_pwait", Set::kEpoll, Time::kMilliseconds},
                                          ReadinessCall{441, "epoll_pwait2", Set::kEpoll, Time::kTimespec}};
constexpr std::array kOthersOfArm{NamedCall{3, "read"},       NamedCall{145, "readv"},
                                  NamedCall{291, "recv"},     NamedCall{292, "recvfrom"},
                                  NamedCall{365, "recvmmsg"}, NamedCall{417, "recvmmsg_time64"}};
constexpr std::array<std::uint32_t, 10> kWaitsOfArm{168, 336, 414, 142, 335, 413, 252, 346, 441, 0};
constexpr std::array<std::uint32_t, 4> kPausesOfArm{162, 265, 407, 29};
constexpr std::array kSleepsOfArm{
    NamedCall{240, "futex"},  NamedCall{422, "futex"},           NamedCall{114, "wait4"},
    NamedCall{280, "waitid"}, NamedCall{177, "rt_sigtimedwait"}, NamedCall{179, "rt_sigsuspend"},
    NamedCall{54, "ioctl"}};
constexpr std::array kArchitectures{
    generic64(AUDIT_ARCH_AARCH64),
    Architecture{.audit = AUDIT_ARCH_ARM,
                 .abi = kAbi32,
                 .recvmsg = 297,
                 .socketcall = {},
                 .others = kOthersOfArm,
                 .waits = kWaitsOfArm,
                 .readiness_calls = kReadinessCallsOfArm,
                 .pauses = kPausesOfArm,
                 .sleeps = kSleepsOfArm},
};
#else
constexpr std::array kArchitectures{generic64(AUDIT_ARCH_RISCV64)};
#endif
#else
constexpr std::array<Architecture, 0> kArchitectures{};
#endif

}  // namespace

std::span<const Architecture> architectures() {
  return kArchitectures;
}

const Architecture* architecture_of(std::uint32_t audit) {
  const auto found = std::ranges::find(kArchitectures, audit, &Architecture::audit);
  return found == kArchitectures.end() ? nullptr : &*found;
}

}  // namespace recvinto::kit
