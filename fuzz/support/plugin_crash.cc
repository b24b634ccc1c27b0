#include "fuzz/support/plugin_crash.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>

#include "kit/subjects/catalogue.h"

namespace recvinto::fuzz {
namespace {

std::vector<std::string>& plugins() {
  static std::vector<std::string> files;
  return files;
}

bool is_plugin_file(const char* file) {
  for (const std::string& plugin : plugins()) {
    if (plugin == file) return true;
  }
  return false;
}

/// Runs in a process that is about to end, on whatever stack is left: it allocates nothing.
void tell() {
  if (plugins().empty()) return;
  static bool is_told = false;  // by a signal, and then by the sanitizer's report of that signal
  if (std::exchange(is_told, true)) return;
  std::array<void*, 128> frames{};
  const int count = backtrace(frames.data(), static_cast<int>(frames.size()));
  for (int i = 0; i < count; ++i) {
    Dl_info place{};
    if (dladdr(frames[static_cast<std::size_t>(i)], &place) == 0 || place.dli_fname == nullptr) continue;
    const bool is_plugin = is_plugin_file(place.dli_fname);
    if (!is_plugin && place.dli_sname != nullptr && std::string_view(place.dli_sname) == "recvmsg") return;
    if (!is_plugin) continue;
    const auto offset = static_cast<char*>(frames[static_cast<std::size_t>(i)]) - static_cast<char*>(place.dli_fbase);
    std::array<char, 512> line{};
    const int length =
        std::snprintf(line.data(), line.size(), "the crash is in plugin:%s, in frame %s (%s+0x%tx)\n", place.dli_fname,
                      place.dli_sname != nullptr ? place.dli_sname : "of no name", place.dli_fname, offset);
    if (length > 0) static_cast<void>(!write(STDERR_FILENO, line.data(), std::strlen(line.data())));
    return;
  }
}

constexpr std::array kSignals{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP};
std::array<struct sigaction, kSignals.size()> actions_before;

constexpr std::size_t kSignalStackBytes = 1U << 20U;

/// A sanitizer writes its report of a signal in the handler, and names frames there. g++'s puts the parts of each name
/// on the stack, of which names of variants of many types have hundreds, and what it took for signals (four times
/// SIGSTKSZ) ends amid them. Its own are pages of mmap(2), which it may unmap in a thread that ends: so are these.
void take_a_long_signal_stack() {
  void* pages =
      mmap(nullptr, kSignalStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (pages == MAP_FAILED) return;  // what was there serves most
  const stack_t stack{.ss_sp = pages, .ss_flags = 0, .ss_size = kSignalStackBytes};
  sigaltstack(&stack, nullptr);
}

/// Says it, and leaves the rest to the handler that was there before: an engine keeps the input, a sanitizer writes its
/// report.
void tell_and_hand_on(int signum, siginfo_t* information, void* /*context*/) {
  tell();
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    if (kSignals[i] == signum) sigaction(signum, &actions_before[i], nullptr);
  }
  // An instruction that faults does so again when this returns. What was sent does not come again: abort() ends all.
  if (information->si_code <= 0) raise(signum);
}

}  // namespace

void tell_plugin_crashes(const std::vector<std::string>& specifications) {
  constexpr std::string_view kPlugin = "plugin:";
  for (const std::string& specification : specifications) {
    if (!kit::is_plugin(specification)) continue;
    plugins().push_back(std::filesystem::absolute(specification.substr(kPlugin.size())));
  }
  if (plugins().empty()) return;
  void* first = nullptr;
  backtrace(&first, 1);  // which loads what it needs: now, not in a crash
  take_a_long_signal_stack();
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    struct sigaction action{};
    action.sa_sigaction = tell_and_hand_on;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    sigaction(kSignals[i], &action, &actions_before[i]);
  }
}

}  // namespace recvinto::fuzz

// What sanitizers call when they have something to report, which need not come of a signal.
extern "C" void __asan_on_error() {
  recvinto::fuzz::tell();
}
extern "C" void __ubsan_on_report() {
  recvinto::fuzz::tell();
}
