// What generated control data may claim: a law that asks for the impossible accuses the innocent.

#include "property/generators/control.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <limits>

namespace recvinto::property {
namespace {

using kit::answer::Result;

Result with_descriptors(std::uint64_t msg_controllen) {
  return {.control = {{.type = SCM_RIGHTS, .files = 3}, {.type = SCM_CREDENTIALS, .data = kit::Bytes(12, 'c')}},
          .msg_controllen = msg_controllen};
}

TEST(ScriptedControl, TellsOfItsDescriptorsWhereMsgControllenReachesBehindThem) {
  const std::size_t end = CMSG_SPACE(3 * sizeof(int));
  EXPECT_FALSE(tells_of_all_descriptors(with_descriptors(0)));
  EXPECT_FALSE(tells_of_all_descriptors(with_descriptors(end - 1)));
  EXPECT_TRUE(tells_of_all_descriptors(with_descriptors(end)));
  EXPECT_TRUE(tells_of_all_descriptors(with_descriptors(std::numeric_limits<std::uint64_t>::max())));
}

TEST(ScriptedControl, TellsOfAllDescriptorsWhereThereAreNone) {
  Result result = with_descriptors(0);
  result.control[0].files = 0;
  EXPECT_TRUE(tells_of_all_descriptors(result));
}

TEST(ScriptedControl, TellsOfAllDescriptorsWhereItTellsTheTruth) {
  Result result = with_descriptors(0);
  result.msg_controllen.reset();
  EXPECT_TRUE(tells_of_all_descriptors(result));
}

}  // namespace
}  // namespace recvinto::property
