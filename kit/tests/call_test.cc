#include "kit/values/call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace recvinto::kit {
namespace {

using testing::ElementsAre;

TEST(Capacity, IsTheSumOfTheParts) {
  EXPECT_EQ(capacity({room(4), slice(10, 2, 9), room(0), room(14)}), 25U);
}

TEST(Capacity, OfNoBuffersIsZero) {
  EXPECT_EQ(capacity({}), 0U);
}

TEST(Capacity, CountsSharedBytesOnceForEachEntry) {
  EXPECT_EQ(capacity({room(8), part_of(0, 2, 6)}), 12U);
}

TEST(Resolved, EndsAtTheEndOfTheStorageWhereNothingElseIsSaid) {
  const Part part = resolved({{.size = 10, .from = 3}}, 0);
  EXPECT_EQ(part.owner, 0U);
  EXPECT_EQ(part.from, 3U);
  EXPECT_EQ(part.to, 10U);
}

TEST(Resolved, FindsTheStorageThatAnEarlierEntryMade) {
  const Part part = resolved({room(1), room(8), part_of(1, 2, 6)}, 2);
  EXPECT_EQ(part.owner, 1U);
  EXPECT_EQ(part.from, 2U);
  EXPECT_EQ(part.to, 6U);
}

TEST(Resolved, RefusesAStorageThatIsNotMadeEarlier) {
  EXPECT_THROW(resolved({part_of(0, 0, 0)}, 0), std::invalid_argument);
  EXPECT_THROW(resolved({part_of(1, 0, 1), room(4)}, 0), std::invalid_argument);
  EXPECT_THROW(resolved({room(4), part_of(7, 0, 1)}, 1), std::invalid_argument);
}

TEST(Resolved, RefusesAPartOfAPart) {
  EXPECT_THROW(resolved({room(4), part_of(0, 0, 2), part_of(1, 0, 0)}, 2), std::invalid_argument);
}

TEST(Resolved, RefusesAPartThatReachesBeyondItsStorage) {
  EXPECT_THROW(resolved({slice(4, 0, 5)}, 0), std::invalid_argument);
  EXPECT_THROW(resolved({room(4), part_of(0, 0, 5)}, 1), std::invalid_argument);
}

TEST(Resolved, RefusesAPartThatEndsBeforeItBegins) {
  EXPECT_THROW(resolved({slice(4, 3, 2)}, 0), std::invalid_argument);
  EXPECT_THROW(resolved({{.size = 4, .from = 5}}, 0), std::invalid_argument);
}

TEST(Rooms, AreAsManyAsAskedForAndAlike) {
  EXPECT_EQ(rooms(3, 5), (std::vector<Buffer>{room(5), room(5), room(5)}));
}

TEST(Partitions, AreEveryWayToCutARoom) {
  EXPECT_THAT(partitions(3), testing::UnorderedElementsAre(rooms(1, 3), std::vector<Buffer>{room(1), room(2)},
                                                           std::vector<Buffer>{room(2), room(1)}, rooms(3, 1)));
  EXPECT_THAT(partitions(1), ElementsAre(rooms(1, 1)));
}

TEST(StoragesBefore, RepeatTheFillAndCutItsLastRepetition) {
  EXPECT_THAT(storages_before({room(7, "abc"), room(2, "abc"), room(3)}), ElementsAre("abcabca", "ab", "\xee\xee\xee"));
}

TEST(StoragesBefore, AreEmptyForAnEntryThatSharesAnothers) {
  EXPECT_THAT(storages_before({room(2, "-"), part_of(0, 0, 2)}), ElementsAre("--", ""));
}

TEST(StoragesBefore, RefuseAnEmptyFill) {
  EXPECT_THROW(storages_before({room(1, "")}), std::invalid_argument);
}

TEST(Scattered, FillsEachBufferBeforeTheNext) {
  EXPECT_THAT(scattered({room(4, "-"), slice(10, 2, 9, "0123456789"), room(14, "-")}, "Mary had a little lamb"),
              ElementsAre("Mary", "01 had a 9", "little lamb---"));
}

TEST(Scattered, LeavesWhatTheDataDoesNotReach) {
  EXPECT_THAT(scattered({room(3, "-"), room(3, "-"), room(3, "-")}, "abcd"), ElementsAre("abc", "d--", "---"));
}

TEST(Scattered, HasNoPlaceForDataBeyondTheCapacity) {
  EXPECT_THAT(scattered({room(2, "-"), slice(4, 1, 2, "-")}, "abcdef"), ElementsAre("ab", "-c--"));
}

TEST(Scattered, ShowsOfASparseBufferNoMoreThanItsBeginning) {
  const Bytes data(kSparseShown + 10, 'x');
  EXPECT_THAT(scattered({room(2), sparse(std::size_t{1} << 32), room(2)}, data),
              ElementsAre("xx", Bytes(kSparseShown, 'x'), "\xee\xee"));
}

TEST(Scattered, PassesOverEmptyBuffers) {
  EXPECT_THAT(scattered({room(0), room(2, "-"), slice(2, 1, 1, "-"), room(2, "-")}, "abc"),
              ElementsAre("", "ab", "--", "c-"));
}

TEST(Scattered, WritesAStorageThatIsSharedInTheOrderOfTheList) {
  EXPECT_THAT(scattered({room(4), part_of(0, 1, 3)}, "abcdef"), ElementsAre("aefd", ""));
}

TEST(Scattered, IntoNoBuffersIsNothing) {
  EXPECT_TRUE(scattered({}, "abc").empty());
}

}  // namespace
}  // namespace recvinto::kit
