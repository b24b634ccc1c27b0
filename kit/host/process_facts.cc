#include "kit/host/process_facts.h"

#include <dirent.h>
#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/audit.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>

#include "kit/host/proc_file.h"
#include "kit/scripted_kernel/system_calls.h"
#include "recvinto/unique_fd.h"

namespace recvinto::kit {
namespace {

/// The beginning of the program that a process runs; all zero where it cannot be read.
Elf64_Ehdr elf_header_of(pid_t pid) {
  const std::string path = fmt::format("/proc/{}/exe", pid);
  Elf64_Ehdr header{};
  const UniqueFd program(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!program || pread(program.get(), &header, sizeof header, 0) < static_cast<ssize_t>(sizeof header) ||
      std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) {
    return {};
  }
  return header;
}

/// The numbers in /proc/PID/fd, but for runs of numbers that are not wanted: naming hundreds of descriptors costs the
/// kernel more than everything else that is asked of it. It names them in order, and where a number is in the
/// directory follows from the number (proc_readfd_common in fs/proc/fd.c); that is seen before it is relied upon.
class Numbers {
 public:
  Numbers(int directory, const Wanted& wanted) : directory_(directory), wanted_(wanted) {}

  template <typename Use>
  void each(Use use) {
    std::array<int, kChunk / kLeastEntry> numbers;
    while (const std::size_t count = next(numbers)) {
      for (std::size_t i = 0; i < count; ++i) {
        if (!wanted_ || wanted_(numbers[i])) use(numbers[i]);
      }
      pass_over(numbers[count - 1]);
    }
  }

 private:
  static constexpr std::size_t kChunk = 512;      // bytes
  static constexpr std::size_t kLeastEntry = 24;  // bytes: its header, a digit and the zero behind it, aligned
  static constexpr int kFirstPlace = 2;           // behind "." and ".."
  static constexpr int kFarthest = 4096;          // numbers that are passed over at once

  /// The next of them, and how many; 0: none is left.
  std::size_t next(std::span<int> numbers) {
    static_assert(sizeof(dirent::d_off) == sizeof(std::int64_t));  // it is what the call stores
    alignas(dirent) std::array<char, kChunk> chunk;
    for (;;) {
      const ssize_t length = syscall(SYS_getdents64, directory_, chunk.data(), chunk.size());
      if (length <= 0) return 0;
      std::size_t count = 0;
      std::int64_t place = -1;  // of the entry to come, as the one before it says
      for (std::size_t at = 0; at < static_cast<std::size_t>(length);) {
        const auto* entry = reinterpret_cast<const dirent*>(chunk.data() + at);
        at += entry->d_reclen;
        if (entry->d_name[0] != '.') {
          numbers[count++] = static_cast<int>(number_in(entry->d_name, 10));
          if (place >= 0) knows_places_ = place == numbers[count - 1] + kFirstPlace;
        }
        place = entry->d_off;
      }
      if (count != 0) return count;
    }
  }

  void pass_over(int last) {
    if (!wanted_ || !knows_places_ || wanted_(last + 1)) return;
    int next = last + 1;
    while (next - last < kFarthest && !wanted_(next)) ++next;
    lseek(directory_, next + kFirstPlace, SEEK_SET);
  }

  int directory_;
  const Wanted& wanted_;
  bool knows_places_ = false;
};

/// Calls `look` for each open descriptor that is wanted: with a descriptor of /proc/PID/fd, the name in it, the number.
/// Relative to the directory looks cost half of what whole paths do.
template <typename Look>
void for_each_descriptor(pid_t pid, const Wanted& wanted, Look look) {
  const UniqueFd directory(open(fmt::format("/proc/{}/fd", pid).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return;
  const int own = pid == getpid() ? directory.get() : -1;  // only open for this look
  Numbers(directory.get(), wanted).each([&](int number) {
    if (number != own) look(directory.get(), fmt::format_int(number).c_str(), number);
  });
}

}  // namespace

std::vector<OpenDescriptor> open_descriptors(pid_t pid, const Wanted& wanted) {
  std::vector<OpenDescriptor> found;
  for_each_descriptor(pid, wanted, [&](int directory, const char* name, int number) {
    struct stat status{};
    if (fstatat(directory, name, &status, 0) == 0) found.push_back({number, status.st_dev, status.st_ino});
  });
  std::ranges::sort(found, {}, &OpenDescriptor::number);
  return found;
}

std::size_t count_open_descriptors(pid_t pid) {
  std::size_t count = 0;
  for_each_number(fmt::format("/proc/{}/fd", pid), [&count](std::string_view) {
    ++count;
    return true;
  });
  return count;
}

std::optional<OpenDescriptor> open_descriptor(pid_t pid, int number) {
  struct stat status{};
  if (stat(fmt::format("/proc/{}/fd/{}", pid, number).c_str(), &status) != 0) return std::nullopt;
  return OpenDescriptor{number, status.st_dev, status.st_ino};
}

std::optional<DescriptorFacts> descriptor_facts(pid_t pid, int number) {
  const std::string info = content_of(fmt::format("/proc/{}/fdinfo/{}", pid, number));
  if (info.empty()) return std::nullopt;
  DescriptorFacts facts{.close_on_exec = (number_in(value_of(info, "flags:"), 8) & O_CLOEXEC) != 0};
  const std::string_view offset = value_of(info, "pos:");
  if (!offset.empty()) facts.offset = number_in(offset);
  const std::string_view process = value_of(info, "\nPid:");
  if (!process.empty()) facts.process = number_in<pid_t>(process);
  return facts;
}

bool shares_ids_with(pid_t pid) {
  for (const char* of : {"pid", "user"}) {
    std::error_code unknown;
    const bool same = std::filesystem::equivalent(fmt::format("/proc/{}/ns/{}", pid, of),
                                                  fmt::format("/proc/self/ns/{}", of), unknown);
    if (!same && !unknown) return false;
  }
  return true;
}

bool is_close_on_exec(pid_t pid, int number) {
  const std::optional<DescriptorFacts> facts = descriptor_facts(pid, number);
  return facts && facts->close_on_exec;
}

Abi abi_of(pid_t pid) {
  switch (elf_header_of(pid).e_ident[EI_CLASS]) {
    case ELFCLASS32:
      return kAbi32;
    case ELFCLASS64:
      return kAbi64;
    default:
      return kNativeAbi;
  }
}

bool has_address_sanitizer(pid_t pid) {
  const std::string maps = content_of(fmt::format("/proc/{}/maps", pid));
  // The runtime as a library, or the upper shadow of a statically linked one where x86-64 has it.
  return maps.find("libasan") != std::string::npos || maps.find("libclang_rt.asan") != std::string::npos ||
         maps.find("\n2008fff7000-10007fff8000 ") != std::string::npos;
}

bool believes_kernel_lengths(pid_t pid) {
  std::error_code ignored;
  const bool is_this_program = std::filesystem::equivalent(fmt::format("/proc/{}/exe", pid), "/proc/self/exe", ignored);
  return !is_this_program && has_address_sanitizer(pid);
}

std::size_t private_memory(pid_t pid) {
  std::istringstream pages(content_of(fmt::format("/proc/{}/statm", pid)));  // proc(5): size resident shared ...
  std::size_t size = 0;
  std::size_t resident = 0;
  std::size_t shared = 0;
  if (!(pages >> size >> resident >> shared)) return 0;
  return (resident - std::min(resident, shared)) * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

const Architecture* architecture_of_process(pid_t pid) {
  // e_machine lies at the same place in both classes, and AUDIT_ARCH_... is made of nothing else.
  const Elf64_Ehdr header = elf_header_of(pid);
  const std::uint32_t audit = header.e_machine | (header.e_ident[EI_CLASS] == ELFCLASS64 ? __AUDIT_ARCH_64BIT : 0U) |
                              (header.e_ident[EI_DATA] == ELFDATA2LSB ? __AUDIT_ARCH_LE : 0U);
  if (const Architecture* known = architecture_of(audit)) return known;
  return architectures().empty() ? nullptr : architectures().data();
}

ExitState exit_state_of(pid_t pid) {
  const FileContent stat = read_file(fmt::format("/proc/{}/stat", pid));
  const std::size_t name_end = stat.text.rfind(')');
  if (name_end == std::string::npos) {
    const bool is_gone = stat.error == ENOENT || stat.error == ESRCH;
    return is_gone && kill(pid, 0) != 0 && errno == ESRCH ? ExitState::kExited : ExitState::kRuns;
  }
  std::istringstream fields(stat.text.substr(name_end + 1));  // proc_pid_stat(5), from field 3 on
  char state = ' ';
  std::string passed_over;
  unsigned long flags = 0;
  fields >> state;
  for (int field = 4; field < 9; ++field) fields >> passed_over;
  fields >> flags;
  for (int field = 10; field < 20; ++field) fields >> passed_over;
  long threads = 0;
  fields >> threads;
  constexpr unsigned long kExiting = 0x4;  // PF_EXITING of linux/sched.h
  if ((state == 'Z' || state == 'X') && threads <= 1) return ExitState::kExited;
  return (flags & kExiting) != 0 ? ExitState::kExiting : ExitState::kRuns;
}

bool has_pending_signal(pid_t pid, int signum) {
  const unsigned long long bit = 1ULL << static_cast<unsigned>(signum - 1);
  bool pending = false;
  for_each_thread(pid, [&](const std::string& thread) {
    const std::string status = content_of(thread + "/status");
    pending = ((number_in(value_of(status, "SigPnd:"), 16) | number_in(value_of(status, "ShdPnd:"), 16)) & bit) != 0;
    return !pending;
  });
  return pending;
}

bool is_stopped(pid_t pid) {
  const std::string status = content_of(fmt::format("/proc/{}/status", pid));
  return value_of(status, "State:").starts_with('T');
}

}  // namespace recvinto::kit
