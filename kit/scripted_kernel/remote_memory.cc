#include "kit/scripted_kernel/remote_memory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <vector>

#include "recvinto/unique_fd.h"

namespace recvinto::kit {
namespace {

UniqueFd open_memory(pid_t tid, int mode) {
  return UniqueFd(open(fmt::format("/proc/{}/mem", tid).c_str(), mode | O_CLOEXEC));
}

iovec here(const Patch& patch) {
  return {.iov_base = const_cast<char*>(patch.bytes.data()), .iov_len = patch.bytes.size()};
}

iovec there(std::uint64_t address, std::size_t length) {
  return {.iov_base = reinterpret_cast<void*>(address), .iov_len = length};
}

}  // namespace

bool RemoteMemory::read(std::uint64_t address, std::span<std::byte> into) const {
  if (into.empty()) return true;
  if (way_ == Way::kProcMem) {
    const UniqueFd memory = open_memory(tid_, O_RDONLY);
    return memory && pread(memory.get(), into.data(), into.size(), static_cast<off_t>(address)) ==
                         static_cast<ssize_t>(into.size());
  }
  const iovec local{.iov_base = into.data(), .iov_len = into.size()};
  const iovec remote = there(address, into.size());
  return process_vm_readv(tid_, &local, 1, &remote, 1, 0) == static_cast<ssize_t>(into.size());
}

std::size_t RemoteMemory::read_both(std::uint64_t first, std::span<std::byte> into_first, std::uint64_t second,
                                    std::span<std::byte> into_second) const {
  if (way_ == Way::kProcMem) {
    if (!read(first, into_first)) return 0;
    return into_first.size() + (read(second, into_second) ? into_second.size() : 0);
  }
  const std::array local{iovec{.iov_base = into_first.data(), .iov_len = into_first.size()},
                         iovec{.iov_base = into_second.data(), .iov_len = into_second.size()}};
  const std::array remote{there(first, into_first.size()), there(second, into_second.size())};
  const ssize_t count = process_vm_readv(tid_, local.data(), local.size(), remote.data(), remote.size(), 0);
  return static_cast<std::size_t>(std::max<ssize_t>(count, 0));
}

bool RemoteMemory::write(std::span<const Patch> patches) const {
  if (way_ == Way::kProcMem) return write_through_proc(patches);
  std::array<iovec, 16> few_local;
  std::array<iovec, 16> few_remote;
  std::vector<iovec> many_local;
  std::vector<iovec> many_remote;
  while (!patches.empty()) {
    const std::size_t count = std::min<std::size_t>(patches.size(), IOV_MAX);
    std::span<iovec> local(few_local);
    std::span<iovec> remote(few_remote);
    if (count > few_local.size()) {
      many_local.resize(count);
      many_remote.resize(count);
      local = many_local;
      remote = many_remote;
    }
    ssize_t total = 0;
    for (std::size_t i = 0; i < count; ++i) {
      local[i] = here(patches[i]);
      remote[i] = there(patches[i].address, patches[i].bytes.size());
      total += static_cast<ssize_t>(patches[i].bytes.size());
    }
    if (process_vm_writev(tid_, local.data(), count, remote.data(), count, 0) != total) return false;
    patches = patches.subspan(count);
  }
  return true;
}

bool RemoteMemory::write_through_proc(std::span<const Patch> patches) const {
  const UniqueFd memory = open_memory(tid_, O_WRONLY);
  if (!memory) return patches.empty();
  return std::ranges::all_of(patches, [&memory](const Patch& patch) {
    return pwrite(memory.get(), patch.bytes.data(), patch.bytes.size(), static_cast<off_t>(patch.address)) ==
           static_cast<ssize_t>(patch.bytes.size());
  });
}

}  // namespace recvinto::kit
