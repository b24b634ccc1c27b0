#pragma once

#include <sys/types.h>

#include <optional>
#include <vector>

#include "kit/host/process_facts.h"

namespace recvinto::kit {

/// If the implementation shares the suite's descriptors, files that a stage sends have numbers from here on, so that
/// few of the lower numbers, which received descriptors get, need to be inspected.
inline constexpr int kOutOfTheWay = 600;

/// The implementation's process, observed from outside.
class ProcessWatch {
 public:
  virtual ~ProcessWatch() = default;

  /// The process whose descriptors are the implementation's.
  [[nodiscard]] virtual pid_t pid() const = 0;
  /// True if that is this process.
  [[nodiscard]] virtual bool shares_descriptors() const { return false; }
  /// Its wanted descriptors. With shares_descriptors(), none above `highest`.
  [[nodiscard]] virtual std::vector<OpenDescriptor> open_descriptors(const Wanted& wanted, int highest) const;
  /// `nullopt` if the descriptor is not open.
  [[nodiscard]] virtual std::optional<DescriptorFacts> descriptor_facts(int number) const;
  /// Call after an inspection of the process failed or was incomplete: throws the CRASH if it has ended.
  virtual void throw_if_ended() {}
};

}  // namespace recvinto::kit
