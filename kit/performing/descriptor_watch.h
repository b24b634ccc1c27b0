#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "kit/subjects/implementation.h"
#include "kit/values/observation.h"
#include "recvinto/unique_fd.h"

namespace recvinto::kit {

/// The files that a scenario sends, and which descriptors of the implementation's process are open on them after a
/// call.
class DescriptorWatch {
 public:
  /// Returns the stage's own descriptors.
  using OwnDescriptors = std::function<std::vector<int>()>;

  explicit DescriptorWatch(Implementation& implementation)
      : sockets_(implementation.sockets()), process_(implementation.process()) {}

  /// Descriptors of new files, which count from 0 over the scenario.
  std::vector<int> make_files(std::size_t count);
  /// Adds a socket that is sent like a file. Returns its descriptor.
  int add_socket(UniqueFd socket);
  /// Closes the senders' descriptors.
  void close_files();

  /// Pidfds arrive with the messages (SO_PASSPIDFD).
  void expect_pidfds() { pidfds_arrive_ = true; }
  /// Call before each call.
  void before_call(const OwnDescriptors& own);
  /// Completes the observation of a call with descriptors, pidfds and stray descriptors; closes what was received.
  void inspect(Observation& observation, const OwnDescriptors& own);

  /// Another scenario begins.
  void begin_scenario();

 private:
  struct File {
    UniqueFd fd;  // held open, so that no other file gets its inode number meanwhile; else in the queue or received
    dev_t device = 0;
    ino_t inode = 0;
    std::uint64_t offset = 0;  // unique, so that an open file differs from another one of the same file
  };

  int add_file(UniqueFd fd, std::uint64_t offset);
  [[nodiscard]] std::optional<std::size_t> file_behind(dev_t device, ino_t inode) const;
  [[nodiscard]] std::vector<OpenDescriptor> open_descriptors(const std::vector<int>& reported,
                                                             const OwnDescriptors& own) const;
  void inspect_pidfds(Observation& observation, const std::vector<OpenDescriptor>& open);
  void inspect_files(Observation& observation, const std::vector<OpenDescriptor>& open);

  SocketSupply& sockets_;
  ProcessWatch& process_;
  std::vector<File> files_;
  std::vector<File> spare_files_;  // of earlier scenarios
  std::uint64_t files_made_ = 0;
  bool pidfds_arrive_ = false;
  std::vector<OpenDescriptor> open_before_;  // where pidfds arrive: when the call began
};

}  // namespace recvinto::kit
