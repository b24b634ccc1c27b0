// Which bytes of a call's rooms are filled with what was never sent, and which are left alone.

#include "kit/scripted_kernel/unfilled.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "kit/tests/scripted_kernel/results.h"
#include "kit/tests/scripted_kernel/supervised_child.h"
#include "kit/values/never_sent.h"

namespace recvinto::kit {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr std::uint64_t kControl = 1000;
constexpr std::uint64_t kName = 5000;

SeenCall call_with(std::uint64_t controllen, std::uint32_t namelen) {
  SeenCall call;
  call.buffers = {{100, 8}};
  if (controllen != 0) call.control = kControl;
  call.controllen = controllen;
  if (namelen != 0) call.name = kName;
  call.namelen = namelen;
  return call;
}

/// Begin and end of each.
std::vector<std::pair<std::uint64_t, std::uint64_t>> extents(const std::vector<Patch>& patches) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> all;
  for (const Patch& patch : patches) all.emplace_back(patch.address, patch.address + patch.bytes.size());
  return all;
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> filled(const answer::Result& result, const SeenCall& call,
                                                            const Bytes& name_before = {}) {
  const Bytes control = control_bytes(result, kAbi64, {});
  return extents(unfilled_by(effects_of(result, call, control), call, kAbi64, name_before));
}

answer::Result with_address(int family, std::size_t size, std::optional<std::uint32_t> told = {}) {
  answer::Result result = with_control("", {});
  result.address = bytes_of(static_cast<sa_family_t>(family)).append(size - sizeof(sa_family_t), 'a');
  result.msg_namelen = told;
  return result;
}

TEST(Unfilled, ControlRoomIsFilledFromTheEndOfTheControlData) {
  EXPECT_THAT(filled(with_control("", {}), call_with(64, 0)), ElementsAre(Pair(1000, 1064)));
  const std::vector<ScriptedMessage> one{{.level = 41, .type = 7, .data = "12345678"}};
  EXPECT_THAT(filled(with_control("", one), call_with(64, 0)), ElementsAre(Pair(1024, 1064)));
  EXPECT_THAT(filled(with_control("", one), call_with(24, 0)), IsEmpty());
  EXPECT_THAT(filled(with_control("", one), call_with(0, 0)), IsEmpty());
}

TEST(Unfilled, ControlRoomUpToTheNextItemIsPlain) {
  answer::Result result = with_control("", {{.level = 41, .type = 7, .data = "123"}});
  result.pad_the_last = false;
  EXPECT_THAT(filled(result, call_with(64, 0)), ElementsAre(Pair(1019, 1024), Pair(1024, 1064)));
  EXPECT_THAT(filled(result, call_with(21, 0)), ElementsAre(Pair(1019, 1021)));
}

TEST(Unfilled, RoomThatALengthPromisesIsCleared) {
  answer::Result result = with_control("", {});
  result.msg_controllen = 16;
  EXPECT_THAT(filled(result, call_with(64, 0)), ElementsAre(Pair(1000, 1016), Pair(1016, 1064)));
  result.msg_controllen = 100;
  const SeenCall call = call_with(64, 128);
  const std::vector<Patch> patches = unfilled_by(effects_of(result, call, {}), call, kAbi64, Bytes(128, '\0'));
  ASSERT_THAT(extents(patches), ElementsAre(Pair(1000, 1064)));
  EXPECT_EQ(Bytes(patches[0].bytes.begin(), patches[0].bytes.end()), Bytes(64, '\0'));
  EXPECT_THAT(filled(with_address(AF_UNIX, 9, 200), call_with(0, 128)), ElementsAre(Pair(5009, 5128)));
}

TEST(Unfilled, ControlRoomHoldsMessages) {
  const SeenCall call = call_with(512, 0);
  const answer::Result result = with_control("", {});
  for (const Abi& abi : {kAbi64, kAbi32}) {
    const std::vector<Patch> patches = unfilled_by(effects_of(result, call, {}), call, abi, {});
    ASSERT_EQ(patches.size(), 1U);
    std::size_t length = 0;
    std::memcpy(&length, patches[0].bytes.data(), abi.word);
    EXPECT_EQ(length, abi.cmsg_len(8));
    EXPECT_TRUE(has_never_sent(Bytes(patches[0].bytes.begin(), patches[0].bytes.end())));
  }
}

TEST(Unfilled, NamesOfAFixedSizeAreFilledBehindWhateverLayThere) {
  EXPECT_THAT(filled(with_address(AF_INET, sizeof(sockaddr_in)), call_with(0, 128)), ElementsAre(Pair(5016, 5128)));
  EXPECT_THAT(filled(with_address(AF_INET6, sizeof(sockaddr_in6)), call_with(0, 128)), ElementsAre(Pair(5028, 5128)));
  EXPECT_THAT(filled(with_address(AF_NETLINK, sizeof(sockaddr_nl)), call_with(0, 12)), IsEmpty());
  EXPECT_THAT(filled(with_address(AF_INET, 8), call_with(0, 128), Bytes(128, 'x')), IsEmpty());
  EXPECT_THAT(filled(with_address(1000, 16), call_with(0, 128), Bytes(128, 'x')), IsEmpty());
}

TEST(Unfilled, UnixNamesAreFilledBehindOnlyWhereTheRoomWasNotClear) {
  const Bytes clear(128, '\0');
  const Bytes used = Bytes(127, '\0') + 'x';
  EXPECT_THAT(filled(with_address(AF_UNIX, 5), call_with(0, 128), clear), IsEmpty());
  EXPECT_THAT(filled(with_address(AF_UNIX, 5), call_with(0, 128), used), ElementsAre(Pair(5005, 5128)));
  EXPECT_THAT(filled(with_address(AF_UNIX, 5), call_with(0, 128), ""), IsEmpty()) << "could not be read";
  EXPECT_THAT(filled(with_address(AF_UNIX, 9, 5), call_with(0, 128), used), ElementsAre(Pair(5009, 5128)));
}

TEST(Unfilled, ACallerThatClearedFamilyOrPathFindsThemClear) {
  const Bytes used = Bytes(127, '\0') + 'x';
  const Bytes with_path = Bytes(2, '\0') + Bytes(126, 'x');
  EXPECT_THAT(filled(with_control("", {}), call_with(0, 128), used), IsEmpty());
  EXPECT_THAT(filled(with_control("", {}), call_with(0, 128), with_path), ElementsAre(Pair(5002, 5128)));
  EXPECT_THAT(filled(with_address(AF_UNIX, 2), call_with(0, 128), used), IsEmpty());
  EXPECT_THAT(filled(with_address(AF_UNIX, 2), call_with(0, 128), with_path), ElementsAre(Pair(5002, 5128)));
}

TEST(Unfilled, RoomsOfACallThatGoesOnToTheKernelAreFilledBefore) {
  const SeenCall call = call_with(64, 128);
  EXPECT_THAT(extents(unfilled_before(call, AF_INET6, {})), ElementsAre(Pair(1000, 1064), Pair(5028, 5128)));
  EXPECT_THAT(extents(unfilled_before(call, AF_UNIX, Bytes(128, '\0'))), ElementsAre(Pair(1000, 1064)));
  EXPECT_THAT(extents(unfilled_before(call, AF_UNIX, Bytes(128, 'x'))),
              ElementsAre(Pair(1000, 1064), Pair(5002, 5128)));
  EXPECT_THAT(extents(unfilled_before(call_with(0, 16), AF_INET, {})), IsEmpty());
}

/// In another process, behind what a script or the kernel gave.
class UnfilledThereTest : public testing::Test {
 protected:
  void play(SupervisedChild& child, const Script& script) {
    child.supervisor().watch(pair_.one.get());
    child.supervisor().play(script, {}, -1);
    child.begin();
    EXPECT_TRUE(child.ends_well());
    EXPECT_THAT(child.supervisor().finish().troubles, IsEmpty());
  }
  [[nodiscard]] std::string_view control() const { return {receipt_->control.data(), receipt_->control.size()}; }
  [[nodiscard]] std::string_view name() const {
    return {reinterpret_cast<const char*>(&receipt_->name), sizeof receipt_->name};
  }

  kit::Pair pair_ = make_pair(SOCK_DGRAM);
  Shared<Receipt> receipt_;
};

TEST_F(UnfilledThereTest, AResultIsFollowedByIt) {
  receipt_->name.ss_family = AF_UNIX;
  answer::Result result = with_control("a", {{.level = 41, .type = 7, .data = "item"}});
  result.address = bytes_of(sa_family_t{AF_UNIX}) + "path";
  SupervisedChild child([&] { receipt_->receive(pair_.one.get()); });
  play(child, {.steps = {gives(result)}});
  EXPECT_EQ(control().substr(CMSG_LEN(4), 4), "~NoT");
  EXPECT_TRUE(has_never_sent(control().substr(CMSG_SPACE(4))));
  EXPECT_EQ(name().substr(2), "path" + never_sent(sizeof(sockaddr_storage) - 6));
}

TEST_F(UnfilledThereTest, AClearNameRoomStaysClearWhenDescriptorsComeWithTheName) {
  answer::Result result = with_control("a", {});
  result.address = bytes_of(sa_family_t{AF_UNIX}) + "path";
  result.control = {rights(1)};
  const UniqueFd file(dup(pair_.other.get()));
  const std::array files{file.get()};
  SupervisedChild child([&] { receipt_->receive(pair_.one.get()); });
  child.supervisor().watch(pair_.one.get());
  const Script script{.steps = {gives(result)}};
  child.supervisor().play(script, files, -1);
  child.begin();
  EXPECT_TRUE(child.ends_well());
  child.supervisor().finish();
  EXPECT_EQ(name().substr(2), "path" + Bytes(sizeof(sockaddr_storage) - 6, '\0'));
}

TEST_F(UnfilledThereTest, WhatTheKernelLeavesOfAPassedCallIsIt) {
  EXPECT_EQ(send(pair_.other.get(), "abc", 3, 0), 3);
  SupervisedChild child([&] { receipt_->receive(pair_.one.get()); });
  play(child, {.steps = {pass()}});
  EXPECT_EQ(receipt_->count, 3);
  EXPECT_EQ(receipt_->header.msg_controllen, 0U);
  EXPECT_EQ(control(), never_sent(128));
}

TEST_F(UnfilledThereTest, WithoutAScriptItIsTheSame) {
  EXPECT_EQ(send(pair_.other.get(), "abc", 3, 0), 3);
  SupervisedChild child([&] { receipt_->receive(pair_.one.get()); });
  child.supervisor().watch(pair_.one.get());
  child.begin();
  EXPECT_TRUE(child.ends_well());
  EXPECT_EQ(receipt_->count, 3);
  EXPECT_EQ(control(), never_sent(128));
}

TEST_F(UnfilledThereTest, RoomThatCannotBeWrittenIsNoFailure) {
  const long page = sysconf(_SC_PAGESIZE);
  void* const wall = mmap(nullptr, static_cast<std::size_t>(page), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(wall, MAP_FAILED);
  const auto receive = [&] {
    iovec buffer{.iov_base = receipt_->data.data(), .iov_len = receipt_->data.size()};
    msghdr header{};
    header.msg_iov = &buffer;
    header.msg_iovlen = 1;
    header.msg_control = wall;
    header.msg_controllen = 64;
    receipt_->receive(pair_.one.get(), &header, 0);
  };
  SupervisedChild child(receive);
  play(child, {.steps = {gives("abc")}});
  munmap(wall, static_cast<std::size_t>(page));
  EXPECT_EQ(receipt_->count, 3);
  EXPECT_EQ(receipt_->data_bytes().substr(0, 3), "abc");
}

}  // namespace
}  // namespace recvinto::kit
