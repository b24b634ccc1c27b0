// That the suite catches each of them, ci/kill-matrix proves; here only that they are what the suite takes them for.

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string_view>
#include <vector>

#include "fixtures/faults/decorators.h"
#include "fixtures/faults/fault.h"
#include "kit/subjects/catalogue.h"

namespace recvinto::kit {
namespace {

TEST(PlantedFaults, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const Fault& fault : every_fault()) EXPECT_TRUE(names.insert(fault.name).second) << fault.name;
}

TEST(PlantedFaults, HaveNamesThatNeedNoQuotes) {
  for (const Fault& fault : every_fault()) {
    EXPECT_EQ(fault.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"), std::string_view::npos)
        << fault.name;
  }
}

TEST(PlantedFaults, SayWhatTheyDoAndWhatTheyBreak) {
  for (const Fault& fault : every_fault()) {
    EXPECT_FALSE(fault.description.empty()) << fault.name;
    EXPECT_FALSE(fault.breaks.empty()) << fault.name;
    EXPECT_EQ(std::set(fault.breaks.begin(), fault.breaks.end()).size(), fault.breaks.size()) << fault.name;
  }
}

// What a fault does not declare would be skipped instead of caught.
TEST(PlantedFaults, DeclareWhatTheReferenceDeclares) {
  const Capabilities declared = make_reference_receiver()->handshake().capabilities;
  for (const Fault& fault : every_fault()) {
    if (fault.is_of_python()) continue;
    EXPECT_EQ(fault.make()->handshake().capabilities, declared) << fault.name;
  }
}

TEST(PlantedFaults, AreFoundByTheirSpecification) {
  const Catalogue catalogue("this program", named_faults());
  for (const Fault& fault : every_fault()) {
    const std::string spec = "fault:" + std::string(fault.name);
    if (fault.is_of_python()) {
      EXPECT_EQ(catalogue.adapter_command(spec), python_command(fault));
      EXPECT_THROW(static_cast<void>(catalogue.make_receiver(spec)), UnknownSpecification);
    } else {
      EXPECT_NE(catalogue.make_receiver(spec), nullptr) << fault.name;
    }
  }
}

std::vector<std::size_t> lengths(const std::vector<iovec>& buffers) {
  std::vector<std::size_t> lengths;
  for (const iovec& buffer : buffers) lengths.push_back(buffer.iov_len);
  return lengths;
}

TEST(Buffers, AreCutInTwoAtAnyByte) {
  std::array<char, 5> memory{};
  const std::vector<iovec> buffers{{.iov_base = memory.data(), .iov_len = 2},
                                   {.iov_base = memory.data(), .iov_len = 0},
                                   {.iov_base = memory.data() + 2, .iov_len = 3}};
  for (std::size_t at = 0; at <= memory.size(); ++at) {
    EXPECT_EQ(capacity(in_front(buffers, at)), at);
    EXPECT_EQ(capacity(behind(buffers, at)), memory.size() - at);
  }
  EXPECT_EQ(lengths(in_front(buffers, 3)), (std::vector<std::size_t>{2, 0, 1}));
  EXPECT_EQ(lengths(behind(buffers, 3)), (std::vector<std::size_t>{0, 0, 2}));
  EXPECT_EQ(behind(buffers, 3)[2].iov_base, memory.data() + 3);
}

}  // namespace
}  // namespace recvinto::kit
