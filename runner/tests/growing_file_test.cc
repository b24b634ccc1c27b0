// A file that is whole at every moment.

#include "runner/growing_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <string>
#include <system_error>

#include "kit/host/files.h"
#include "kit/host/temporary_directory.h"

namespace recvinto::runner {
namespace {

class GrowingFileTest : public testing::Test {
 protected:
  [[nodiscard]] std::string text() const { return kit::text_of_file(path_); }

  kit::TemporaryDirectory directory_;
  std::filesystem::path path_ = std::filesystem::path(directory_.path()) / "file";
};

TEST_F(GrowingFileTest, IsWholeAfterEachAddition) {
  GrowingFile file(path_, "[", "] 0");
  EXPECT_EQ(text(), "[] 0");
  file.add("a", "] 1");
  EXPECT_EQ(text(), "[a] 1");
  file.add(", b", "] 2, longer");
  EXPECT_EQ(text(), "[a, b] 2, longer");
  file.add("", "]");
  EXPECT_EQ(text(), "[a, b]") << "a tail may be shorter";
}

TEST_F(GrowingFileTest, StaysAsItIsWhereThereIsNoRoom) {
  GrowingFile file(path_, "[", "]");
  file.add("first", "]");
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 10, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  EXPECT_THROW(file.add(", the second one", "]"), std::system_error);
  EXPECT_EQ(text(), "[first]");
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  file.add(", third", "]");
  EXPECT_EQ(text(), "[first, third]") << "there is room again";
}

}  // namespace
}  // namespace recvinto::runner
