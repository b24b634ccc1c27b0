#include "kit/subjects/storages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <sstream>
#include <string_view>

#include "kit/host/files.h"
#include "kit/host/pipe.h"
#include "recvinto/unique_fd.h"

namespace recvinto::kit {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Puts bytes there as a system call does; what came of it.
std::error_code written_by_the_kernel(const iovec& part, std::string_view bytes) {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe(ends.data()), 0);
  const UniqueFd from(ends[0]);
  const UniqueFd to(ends[1]);
  EXPECT_EQ(write(to.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  if (read(from.get(), part.iov_base, bytes.size()) < 0) return {errno, std::system_category()};
  return {};
}

TEST(Storages, AreFilledAndHandedOutByTheirParts) {
  const std::vector<Buffer> buffers{room(3, "ab"), slice(6, 2, 4), part_of(0, 1, 3)};
  Storages storages(buffers);
  const std::vector<iovec> parts = storages.parts();
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(std::memcmp(parts[0].iov_base, "aba", 3), 0);
  EXPECT_EQ(parts[1].iov_len, 2U);
  EXPECT_EQ(parts[2].iov_base, static_cast<char*>(parts[0].iov_base) + 1);
  std::memcpy(parts[1].iov_base, "XY", 2);
  EXPECT_THAT(storages.take(), ElementsAre("aba", "\xee\xeeXY\xee\xee", ""));
}

TEST(Storages, ThatAreSparseTakeBytesAtTheirBeginningAndAtTheirEnd) {
  constexpr std::size_t kSize = (std::size_t{1} << 32) + 4;
  const std::vector<Buffer> buffers{sparse(kSize)};
  Storages storages(buffers);
  const iovec part = storages.parts().at(0);
  EXPECT_EQ(part.iov_len, kSize);
  EXPECT_FALSE(written_by_the_kernel(part, "abc"));
  EXPECT_FALSE(written_by_the_kernel({.iov_base = static_cast<char*>(part.iov_base) + kSize - 1, .iov_len = 1}, "z"));
  EXPECT_THAT(storages.take(), ElementsAre("abc" + Bytes(kSparseShown - 3, '\0')));
}

TEST(Storages, ThatAreSparseAndSmallAreShownWhole) {
  const std::vector<Buffer> buffers{sparse(5)};
  EXPECT_THAT(Storages(buffers).take(), ElementsAre(Bytes(5, '\0')));
}

TEST(Storages, ThatAreInaccessibleCannotBeWritten) {
  const std::vector<Buffer> buffers{inaccessible(4)};
  Storages storages(buffers);
  EXPECT_EQ(storages.parts().at(0).iov_len, 4U);
  EXPECT_EQ(written_by_the_kernel(storages.parts().at(0), "abcd"), std::error_code(EFAULT, std::system_category()));
  EXPECT_THAT(storages.take(), ElementsAre(""));
}

std::string_view bytes_at(const iovec& part, std::size_t from, std::size_t length) {
  return {static_cast<const char*>(part.iov_base) + from, length};
}

TEST(Storages, ThatFollowOthersHaveTheirOwnBorders) {
  const std::vector<Buffer> tail{inaccessible_from(3, 8)};
  const std::vector<Buffer> both{in_two_mappings(3, 8)};
  for (int i = 0; i < 3; ++i) {
    Storages first(tail);
    const iovec part = first.parts().at(0);
    EXPECT_EQ(written_by_the_kernel({.iov_base = static_cast<char*>(part.iov_base) + 3, .iov_len = 1}, "x"),
              std::error_code(EFAULT, std::system_category()));
    EXPECT_FALSE(written_by_the_kernel(part, "abc"));
    Storages second(both);
    EXPECT_FALSE(written_by_the_kernel(second.parts().at(0), "abcdefgh"));
    EXPECT_THAT(second.take(), ElementsAre("abcdefgh"));
    EXPECT_THAT(first.take().at(0).substr(0, 3), "abc");
  }
  EXPECT_THAT(Storages(both).take(), ElementsAre(Bytes(8, '\xee')));
}

TEST(Storages, OfAChildProcessAreNotItsParents) {
  std::vector<Buffer> buffers{in_two_mappings(3, 8)};
  static_cast<void>(Storages(buffers).take());  // which leaves its memory for the next one
  const Pipe cue = make_pipe();
  const pid_t child = fork();
  if (child == 0) {
    char byte = 0;
    if (read(cue.read_end.get(), &byte, 1) != 1) _exit(1);
    buffers[0].fill = "c";
    const Storages own(buffers);
    _exit(0);
  }
  Storages storages(buffers);
  EXPECT_EQ(write(cue.write_end.get(), "x", 1), 1);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_THAT(storages.take(), ElementsAre(Bytes(8, '\xee')));
}

TEST(Storages, WithAnInaccessibleTailCanBeWrittenUpToTheirBorder) {
  for (const std::size_t border : {std::size_t{1}, std::size_t{3}, std::size_t{8}, std::size_t{4096}}) {
    const std::vector<Buffer> buffers{inaccessible_from(border, border + 5)};
    Storages storages(buffers);
    const iovec part = storages.parts().at(0);
    EXPECT_EQ(part.iov_len, border + 5);
    EXPECT_EQ(bytes_at(part, 0, border), Bytes(border, '\xee'));
    EXPECT_FALSE(written_by_the_kernel(part, Bytes(border, 'a')));
    const iovec behind{.iov_base = static_cast<char*>(part.iov_base) + border, .iov_len = 1};
    EXPECT_EQ(written_by_the_kernel(behind, "b"), std::error_code(EFAULT, std::system_category()));
    EXPECT_THAT(storages.take(), ElementsAre(Bytes(border, 'a')));
  }
}

TEST(Storages, WhoseBorderIsTheirEndHaveNoByteBehindThem) {
  const std::vector<Buffer> buffers{inaccessible_from(4, 4)};
  Storages storages(buffers);
  const iovec behind{.iov_base = static_cast<char*>(storages.parts().at(0).iov_base) + 4, .iov_len = 1};
  EXPECT_EQ(written_by_the_kernel(behind, "b"), std::error_code(EFAULT, std::system_category()));
}

TEST(Storages, InTwoMappingsAreFilledAndWrittenAcrossTheirBorder) {
  Buffer buffer = in_two_mappings(5, 9000);
  buffer.fill = "ab";
  const std::vector<Buffer> buffers{buffer};
  Storages storages(buffers);
  const iovec part = storages.parts().at(0);
  EXPECT_EQ(bytes_at(part, 0, 8), "abababab");
  EXPECT_EQ((reinterpret_cast<std::uintptr_t>(part.iov_base) + 5) % 4096, 0U);
  std::ostringstream border;
  border << '\n' << std::hex << reinterpret_cast<std::uintptr_t>(part.iov_base) + 5 << '-';
  EXPECT_THAT(text_of_file("/proc/self/maps"), HasSubstr(border.str())) << "a mapping begins there";
  EXPECT_FALSE(written_by_the_kernel(part, "ABCDEFGH"));
  EXPECT_EQ(storages.take().at(0).substr(0, 10), "ABCDEFGHab");
}

}  // namespace
}  // namespace recvinto::kit
