#include "kit/subjects/process_watch.h"

namespace recvinto::kit {

std::vector<OpenDescriptor> ProcessWatch::open_descriptors(const Wanted& wanted, int /*highest*/) const {
  return kit::open_descriptors(pid(), wanted);
}

std::optional<DescriptorFacts> ProcessWatch::descriptor_facts(int number) const {
  return kit::descriptor_facts(pid(), number);
}

}  // namespace recvinto::kit
