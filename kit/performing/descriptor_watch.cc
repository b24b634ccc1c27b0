#include "kit/performing/descriptor_watch.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "kit/host/fail.h"
#include "kit/host/process_facts.h"
#include "kit/subjects/socket_pool.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

/// Files are distinguished by their offsets, too; what is no regular file has none.
constexpr std::uint64_t kFirstOffset = 1000;

UniqueFd out_of_the_way(const UniqueFd& file) {
  UniqueFd high(fcntl(file.get(), F_DUPFD_CLOEXEC, kOutOfTheWay));
  if (!high) fail("fcntl F_DUPFD_CLOEXEC");
  return high;
}

template <typename Element>
bool contains(const std::vector<Element>& elements, const Element& element) {
  return std::ranges::find(elements, element) != elements.end();
}

/// All but the sockets of the pool, which are most: what receives has the lowest number that is free. Unless it is
/// reported to be at such a number.
Wanted outside_the_pool(const std::vector<int>& reported) {
  return [&reported, pool = SocketPool::numbers()](int number) {
    return number < pool.first || number > pool.last || contains(reported, number);
  };
}

/// All up to `highest` but those of the stage itself, and those reported.
Wanted not_among(const std::vector<int>& ours, int highest, const std::vector<int>& reported) {
  return [&ours, highest, &reported](int number) {
    return (number <= highest || contains(reported, number)) && number < kOutOfTheWay && !contains(ours, number);
  };
}

}  // namespace

std::vector<int> DescriptorWatch::make_files(std::size_t count) {
  std::vector<int> descriptors;
  for (std::size_t i = 0; i < count; ++i) {
    if (!spare_files_.empty()) {
      files_.push_back(std::move(spare_files_.back()));
      spare_files_.pop_back();
      descriptors.push_back(files_.back().fd.get());
      continue;
    }
    UniqueFd file(memfd_create("recvinto", MFD_CLOEXEC));
    if (!file) fail("memfd_create");
    if (process_.shares_descriptors()) file = out_of_the_way(file);
    const std::uint64_t offset = kFirstOffset + files_made_++;
    if (lseek(file.get(), static_cast<off_t>(offset), SEEK_SET) < 0) fail("lseek");
    descriptors.push_back(add_file(std::move(file), offset));
  }
  return descriptors;
}

int DescriptorWatch::add_file(UniqueFd fd, std::uint64_t offset) {
  struct stat status{};
  if (fstat(fd.get(), &status) != 0) fail("fstat");
  files_.push_back({.fd = std::move(fd), .device = status.st_dev, .inode = status.st_ino, .offset = offset});
  return files_.back().fd.get();
}

void DescriptorWatch::close_files() {
  for (File& file : files_) file.fd.reset();
}

int DescriptorWatch::add_socket(UniqueFd socket) {
  return add_file(std::move(socket), 0);
}

void DescriptorWatch::before_call(const OwnDescriptors& own) {
  if (pidfds_arrive_) open_before_ = open_descriptors({}, own);
}

void DescriptorWatch::begin_scenario() {
  std::ranges::copy_if(std::make_move_iterator(files_.begin()), std::make_move_iterator(files_.end()),
                       std::back_inserter(spare_files_), [](const File& file) { return file.fd && file.offset != 0; });
  files_.clear();
  pidfds_arrive_ = false;
  open_before_.clear();
}

std::optional<std::size_t> DescriptorWatch::file_behind(dev_t device, ino_t inode) const {
  const auto found =
      std::ranges::find_if(files_, [&](const File& file) { return file.device == device && file.inode == inode; });
  if (found == files_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - files_.begin());
}

std::vector<OpenDescriptor> DescriptorWatch::open_descriptors(const std::vector<int>& reported,
                                                              const OwnDescriptors& own) const {
  if (!process_.shares_descriptors()) return process_.open_descriptors(outside_the_pool(reported), 0);
  // Each new descriptor has the lowest number that was free, so none is further above the highest of ours than there
  // are files, and one pidfd.
  std::vector<int> ours = own();
  for (const File& file : files_) {
    if (file.fd.get() < kOutOfTheWay) ours.push_back(file.fd.get());  // a socket
  }
  const int highest = *std::ranges::max_element(ours) + static_cast<int>(files_.size()) + 1;
  const int highest_reported = reported.empty() ? 0 : std::min(*std::ranges::max_element(reported), kOutOfTheWay);
  return process_.open_descriptors(not_among(ours, highest, reported), std::max(highest, highest_reported));
}

void DescriptorWatch::inspect(Observation& observation, const OwnDescriptors& own) {
  std::vector<int> reported;
  if (observation.ancdata) {
    for (const int number : reported_descriptors(*observation.ancdata)) {
      observation.descriptors.push_back({.number = number, .file = {}});
      reported.push_back(number);
    }
    for (const int number : reported_pidfds(*observation.ancdata)) {
      if (!pidfds_arrive_) break;
      observation.pidfds.push_back({.number = number});
      reported.push_back(number);
    }
  }
  if (files_.empty() && reported.empty() && !pidfds_arrive_) return;
  const std::vector<OpenDescriptor> open = open_descriptors(reported, own);
  if (pidfds_arrive_) inspect_pidfds(observation, open);
  inspect_files(observation, open);
}

void DescriptorWatch::inspect_pidfds(Observation& observation, const std::vector<OpenDescriptor>& open) {
  std::vector<int> arrived;
  for (const OpenDescriptor& one : open) {
    // The implementation may have pidfds of its own. Before Linux 6.9 all have one inode, so what it reports may stand
    // where another was.
    const auto is_this = [&one](const ReceivedPidfd& pidfd) { return pidfd.number == one.number; };
    const bool is_reported = std::ranges::any_of(observation.pidfds, is_this);
    if (file_behind(one.device, one.inode) || (!is_reported && contains(open_before_, one))) continue;
    const auto facts = kit::descriptor_facts(process_.pid(), one.number).value_or(DescriptorFacts{});
    if (!facts.process) continue;
    arrived.push_back(one.number);
    if (!is_reported) ++observation.stray_descriptors;
    for (ReceivedPidfd& pidfd : observation.pidfds) {
      if (is_this(pidfd)) pidfd = {one.number, facts.process, facts.close_on_exec};
    }
  }
  const auto is_missing = [&arrived](const ReceivedPidfd& pidfd) { return !contains(arrived, pidfd.number); };
  if (std::ranges::any_of(observation.pidfds, is_missing)) process_.throw_if_ended();
  if (!arrived.empty()) sockets_.close_descriptors(arrived);
}

void DescriptorWatch::inspect_files(Observation& observation, const std::vector<OpenDescriptor>& open) {
  std::set<int> ours;  // truly open on a file that was sent
  for (const OpenDescriptor& one : open) {
    const auto file = file_behind(one.device, one.inode);
    if (!file || sockets_.has_pending_close(one.number)) continue;
    bool is_reported = false;
    for (ReceivedDescriptor& descriptor : observation.descriptors) {
      if (descriptor.number != one.number) continue;
      const auto facts = process_.descriptor_facts(one.number);
      if (!facts) {
        process_.throw_if_ended();
        if (open_descriptor(process_.pid(), one.number)) {
          throw EnvironmentLacks("what stands behind a descriptor cannot be seen in /proc/PID/fdinfo");
        }
      }
      descriptor.file = file;
      descriptor.close_on_exec = facts && facts->close_on_exec;
      descriptor.shares_offset = facts && (!facts->offset || facts->offset == files_[*file].offset);
      is_reported = true;
    }
    if (!is_reported) ++observation.stray_descriptors;
    ours.insert(one.number);  // closed, so that it is counted once
  }
  const auto is_missing = [](const ReceivedDescriptor& descriptor) { return !descriptor.file; };
  if (std::ranges::any_of(observation.descriptors, is_missing)) process_.throw_if_ended();
  if (!ours.empty()) sockets_.close_descriptors({ours.begin(), ours.end()});
}

}  // namespace recvinto::kit
