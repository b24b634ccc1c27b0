// What sizes generated scenarios have: every class of them, and the long ones seldom.

#include "property/generators/statistics.h"

#include <gtest/gtest.h>

#include "property/generators/scenarios.h"
#include "property/tests/everything.h"

namespace recvinto::property {
namespace {

using Quantity = Statistics::Quantity;

constexpr std::uint64_t kCases = 3000;  // of each law

const Statistics& of_every_law() {
  static const Statistics kStatistics = [] {
    std::vector<const Law*> laws;
    for (const Law& law : every_law()) laws.push_back(&law);
    return statistics_of(laws, 1, kCases, everything());
  }();
  return kStatistics;
}

// Each is one test of all quantities: their statistics are counted once a process.

TEST(Distributions, HaveEveryEdge) {
  for (const Quantity quantity : Statistics::kQuantities) {
    SCOPED_TRACE(name(quantity));
    if (quantity == Quantity::kBuffers) {
      for (std::size_t i = 0; i < kCountClasses.size(); ++i) {
        EXPECT_GE(of_every_law().count(quantity, i), 10U) << kCountClasses[i].name;
      }
    } else {
      for (const std::size_t edge : {0U, 1U, 256U, 4096U, 65'536U, 131'072U}) {
        EXPECT_GE(of_every_law().count(quantity, class_of_size(edge)), 5U) << edge;
      }
    }
  }
}

TEST(Distributions, HaveALongTail) {
  for (const Quantity quantity : Statistics::kQuantities) {
    SCOPED_TRACE(name(quantity));
    const bool is_a_count = quantity == Quantity::kBuffers;
    std::uint64_t large = 0;
    for (std::size_t i = is_a_count ? class_of_count(65) : class_of_size(4095); i < kSizeClasses.size(); ++i) {
      large += of_every_law().count(quantity, i);
    }
    const double share = static_cast<double>(large) / static_cast<double>(of_every_law().total(quantity));
    EXPECT_GT(share, 0.0005);
    EXPECT_LT(share, quantity == Quantity::kRoomForItems ? 0.6 : 0.05) << "they take their time";
  }
}

TEST(SizeClasses, HaveNoGap) {
  for (std::size_t i = 1; i < kSizeClasses.size(); ++i) EXPECT_EQ(kSizeClasses[i].least, kSizeClasses[i - 1].most + 1);
  for (std::size_t i = 1; i < kCountClasses.size(); ++i) {
    EXPECT_EQ(kCountClasses[i].least, kCountClasses[i - 1].most + 1);
  }
  EXPECT_EQ(kSizeClasses[class_of_size(65'536)].name, "65535 to 65537");
  EXPECT_EQ(kSizeClasses[class_of_size(~std::size_t{0})].name, "131072 and more");
  EXPECT_EQ(kCountClasses[class_of_count(1025)].name, "1025 and more");
}

TEST(Edges, AreNeverBeyondTheMost) {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    Source source(seed);
    for (const std::size_t most : {std::size_t{0}, std::size_t{1}, std::size_t{300}, kLongest}) {
      EXPECT_LE(size_at_an_edge(source, most), most);
      EXPECT_LE(any_data(source, most).size(), most);
    }
    const std::size_t count = many_buffers(source);
    EXPECT_TRUE(count >= 9 && count <= kit::kIovMax) << count;
  }
}

/// Beyond it, a send may wait for a receive, or be refused.
TEST(QueuedData, FitIntoTheQueueOfEachKind) {
  std::size_t most = 0;
  for (const Law& law : every_law()) {
    for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
      Source source(seed);
      const kit::Scenario scenario = law.generate(source, everything());
      std::size_t sent = 0;  // without what was received between
      for (const kit::Step& step : scenario.steps) {
        const auto* send = std::get_if<kit::step::Send>(&step);
        if (send == nullptr) continue;
        EXPECT_LE(send->data.size(), longest_message(scenario.kind)) << law.name;
        sent = std::max(sent, send->data.size());
      }
      most = std::max(most, sent);
    }
  }
  EXPECT_EQ(most, kLongest);
}

}  // namespace
}  // namespace recvinto::property
