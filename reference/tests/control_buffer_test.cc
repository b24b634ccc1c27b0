#include "recvinto/control_buffer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <vector>

#include "allocation_census.h"
#include "control_bytes.h"
#include "sockets.h"

namespace recvinto {
namespace {

using testing::AllocationFailure;
using testing::ControlBytes;
using ::testing::Each;
using ::testing::ElementsAreArray;
using testing::is_open;
using ::testing::Not;
using testing::open_nulls;
using ::testing::Truly;

const auto IsOpen = Truly(is_open);

// A control buffer that has just received: the descriptors are real, as the kernel's would be.
class ReceivedControl {
 public:
  ReceivedControl() = default;
  explicit ReceivedControl(const ControlBytes& control) { receive(control); }

  void receive(const ControlBytes& control) {
    buffer_.clear();
    std::copy(control.bytes().begin(), control.bytes().end(), storage_.bytes().begin());
    buffer_.adopt(control.size());
  }

  ControlBuffer* operator->() { return &buffer_; }

 private:
  ControlStorage<256> storage_;
  ControlBuffer buffer_{storage_};
};

TEST(ControlBuffer, TakesDescriptorsInOrderOfArrival) {
  const std::vector<int> sent = open_nulls(3);
  ReceivedControl control(
      ControlBytes{}.rights({sent[2], sent[0]}).numbers(SOL_SOCKET, SCM_CREDENTIALS, {1, 2, 3}).rights({sent[1]}));
  std::vector<int> taken;
  while (const UniqueFd fd = control->take_descriptor()) taken.push_back(fd.get());
  EXPECT_THAT(taken, ElementsAreArray({sent[2], sent[0], sent[1]}));
}

TEST(ControlBuffer, HandsOverWhatIsTaken) {
  const std::vector<int> sent = open_nulls(2);
  UniqueFd taken;
  {
    ReceivedControl control(ControlBytes{}.rights(sent));
    taken = control->take_descriptor();
  }
  EXPECT_TRUE(is_open(taken.get()));
  EXPECT_FALSE(is_open(sent[1]));
}

TEST(ControlBuffer, ClosesWhatNobodyTookAtItsEnd) {
  const std::vector<int> sent = open_nulls(3);
  {
    const ReceivedControl control(ControlBytes{}.rights({sent[0], sent[1]}).rights({sent[2]}));
  }
  EXPECT_THAT(sent, Each(Not(IsOpen)));
}

TEST(ControlBuffer, ClosesWhatNobodyTookBeforeItReceivesAgain) {
  const std::vector<int> first = open_nulls(2);
  const std::vector<int> second = open_nulls(2);
  ReceivedControl control(ControlBytes{}.rights(first));
  control.receive(ControlBytes{}.rights(second));
  EXPECT_THAT(first, Each(Not(IsOpen)));
  EXPECT_THAT(second, Each(IsOpen));
}

TEST(ControlBuffer, TellsHowManyItClosed) {
  ReceivedControl control(ControlBytes{}.rights(open_nulls(3)));
  const UniqueFd taken = control->take_descriptor();
  EXPECT_EQ(control->close_descriptors(), 2u);
  EXPECT_EQ(control->close_descriptors(), 0u);
}

TEST(ControlBuffer, ReleasesAllThatIsNotTaken) {
  const std::vector<int> sent = open_nulls(3);
  ReceivedControl control(ControlBytes{}.rights({sent[0]}).rights({sent[1], sent[2]}));
  const UniqueFd first = control->take_descriptor();
  std::vector<int> released;
  for (UniqueFd& fd : control->release_descriptors()) released.push_back(fd.get());
  EXPECT_THAT(released, ElementsAreArray({sent[1], sent[2]}));
  EXPECT_FALSE(control->take_descriptor());
}

TEST(ControlBuffer, StillOwnsAllWhereTheirListCannotBeAllocated) {
  const std::vector<int> sent = open_nulls(2);
  {
    ReceivedControl control(ControlBytes{}.rights(sent));
    {
      const AllocationFailure failure(0);
      EXPECT_THROW(static_cast<void>(control->release_descriptors()), std::bad_alloc);
    }
    EXPECT_THAT(sent, Each(IsOpen));
  }
  EXPECT_THAT(sent, Each(Not(IsOpen)));
}

TEST(ControlBuffer, LeavesTheBytesAsReceived) {
  const ControlBytes sent = ControlBytes{}.rights(open_nulls(2));
  ReceivedControl control(sent);
  control->close_descriptors();
  EXPECT_THAT(control->bytes(), ElementsAreArray(sent.bytes()));
}

TEST(ControlBuffer, OwnsTheWholeDescriptorsOfAMessageCutShort) {
  for (std::size_t data_size = 0; data_size <= 3 * sizeof(int); ++data_size) {
    const std::vector<int> sent = open_nulls(3);
    ReceivedControl control(ControlBytes{}.rights(sent).cut_to(*cmsg_len(data_size)));
    EXPECT_EQ(control->malformed(), data_size < 3 * sizeof(int));
    EXPECT_EQ(control->close_descriptors(), data_size / sizeof(int)) << data_size;
    for (const int fd : sent) ::close(fd);
  }
}

TEST(ControlBuffer, OwnsDescriptorsBeforeAMalformedMessage) {
  const std::vector<int> sent = open_nulls(2);
  {
    const ReceivedControl control(ControlBytes{}.rights(sent).message(1, 2, {}).declare_length(3));
  }
  EXPECT_THAT(sent, Each(Not(IsOpen)));
}

TEST(ControlBuffer, PassesOverNegativeNumbers) {
  const std::vector<int> sent = open_nulls(1);
  ReceivedControl control(ControlBytes{}.rights({-1, sent[0], -9}));
  EXPECT_EQ(control->take_descriptor().get(), sent[0]);
  EXPECT_FALSE(control->take_descriptor());
}

TEST(ControlBuffer, OwnsDescriptorZeroLikeAnyOther) {
  const UniqueFd saved(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
  ::close(STDIN_FILENO);
  ASSERT_EQ(testing::open_null().release(), STDIN_FILENO);
  {
    const ReceivedControl control(ControlBytes{}.rights({STDIN_FILENO}));
  }
  const bool closed = !is_open(STDIN_FILENO);
  if (saved) ::dup2(saved.get(), STDIN_FILENO);
  EXPECT_TRUE(closed);
}

TEST(ControlBuffer, OwnsNoNumbersButThoseOfRightsAndPidfds) {
  const std::vector<int> kept = open_nulls(3);
  const std::vector<int> owned = open_nulls(2);
  {
    ReceivedControl control;
    control.receive(ControlBytes{}
                        .numbers(IPPROTO_IPV6, SCM_RIGHTS, {kept[0]})
                        .numbers(SOL_SOCKET, SCM_CREDENTIALS, {kept[1], kept[2]})
                        .numbers(SOL_SOCKET, 4 /* SCM_PIDFD */, {owned[0]})
                        .rights({owned[1]}));
  }
  EXPECT_THAT(kept, Each(IsOpen));
  EXPECT_THAT(owned, Each(Not(IsOpen)));
  for (const int fd : kept) ::close(fd);
}

TEST(ControlBuffer, CutsALengthBeyondItsRoom) {
  ControlStorage<24> storage;
  std::fill(storage.bytes().begin(), storage.bytes().end(), std::byte{0});
  ControlBuffer control(storage);
  control.adopt(4096);
  EXPECT_EQ(control.bytes().size(), 24u);
}

TEST(ControlBuffer, ForgetsWhatItReceivedWhenCleared) {
  ReceivedControl control(ControlBytes{}.message(1, 2, {}).declare_length(1));
  ASSERT_TRUE(control->malformed());
  control->clear();
  EXPECT_FALSE(control->malformed());
  EXPECT_TRUE(control->bytes().empty());
}

TEST(ControlBuffer, KnowsWhetherItsRoomIsAligned) {
  ControlStorage<64> storage;
  for (std::size_t offset = 0; offset < 2 * alignof(cmsghdr); ++offset) {
    const ControlBuffer control(storage.bytes().subspan(offset, 20));
    EXPECT_EQ(control.aligned(), offset % alignof(cmsghdr) == 0) << offset;
  }
}

TEST(ControlBuffer, WithoutRoomIsAlignedWhereverItIs) {
  ControlStorage<64> storage;
  EXPECT_TRUE(ControlBuffer().aligned());
  EXPECT_TRUE(ControlBuffer(storage.bytes().subspan(1, 0)).aligned());
}

TEST(ControlStorage, OffersExactlyItsSizeAndIsAligned) {
  struct {
    char misaligning = 0;
    ControlStorage<21> storage;
  } odd;
  EXPECT_EQ(odd.storage.bytes().size(), 21u);
  EXPECT_TRUE(ControlBuffer(odd.storage).aligned());
}

}  // namespace
}  // namespace recvinto
