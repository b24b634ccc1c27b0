#include "kit/values/item_kind.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "kit/values/item_byte_order.h"
#include "kit/values/names.h"

namespace recvinto::kit {
namespace {

TEST(ItemKind, HasAWordOfTheProtocol) {
  EXPECT_EQ(word_of({SOL_SOCKET, SCM_RIGHTS}), "rights");
  EXPECT_EQ(word_of({SOL_SOCKET, SO_RXQ_OVFL}), "rxq_ovfl");
  EXPECT_EQ(word_of({IPPROTO_IP, IP_PKTINFO}), "ip_pktinfo");
  EXPECT_EQ(word_of({IPPROTO_IPV6, IPV6_TCLASS}), "ipv6_tclass");
  EXPECT_EQ(word_of({50, 7}), "");
}

TEST(ItemKind, IsFoundByThatWord) {
  EXPECT_EQ(item_kind_named("credentials"), (ItemKind{SOL_SOCKET, SCM_CREDENTIALS}));
  EXPECT_EQ(item_kind_named("ipv6_hoplimit"), (ItemKind{IPPROTO_IPV6, IPV6_HOPLIMIT}));
  EXPECT_EQ(item_kind_named(""), std::nullopt);
  EXPECT_EQ(item_kind_named("SCM_RIGHTS"), std::nullopt);
}

TEST(ItemKind, HasTheNameOfItsControlMessage) {
  EXPECT_EQ(control_message_name(SOL_SOCKET, SCM_TIMESTAMP), "SOL_SOCKET/SCM_TIMESTAMP");
  EXPECT_EQ(control_message_name(50, 7), "50/7");
}

Bytes turned_round(int level, int type, const char* hexadecimal, const Abi& abi = kAbi64) {
  AncillaryItem item{level, type, *from_hex(hexadecimal)};
  turn_round(item, abi);
  return to_hex(item.data);
}

TEST(ItemOfAnotherByteOrder, HasItsNumbersTurnedRound) {
  EXPECT_EQ(turned_round(SOL_SOCKET, SCM_RIGHTS, "0000000500000006"), "0500000006000000");
  EXPECT_EQ(turned_round(SOL_SOCKET, SCM_CREDENTIALS, "000000010000000200000003"), "010000000200000003000000");
  EXPECT_EQ(turned_round(SOL_SOCKET, SCM_TIMESTAMP, "00000000000000010000000000000002"),
            "01000000000000000200000000000000");
  EXPECT_EQ(turned_round(SOL_SOCKET, SCM_TIMESTAMP, "0000000100000002", kAbi32), "0100000002000000");
  EXPECT_EQ(turned_round(IPPROTO_IPV6, IPV6_ORIGDSTADDR, "000a12340000000000000000000000000000000000000001deadbeef"),
            "0a0012340000000000000000000000000000000000000001efbeadde");
}

TEST(ItemOfAnotherByteOrder, KeepsAddressesAndWhatIsNotKnown) {
  EXPECT_EQ(turned_round(IPPROTO_IP, IP_PKTINFO, "000000017f0000017f000001"), "010000007f0000017f000001");
  EXPECT_EQ(turned_round(IPPROTO_IP, IP_TOS, "1c"), "1c");
  EXPECT_EQ(turned_round(50, 7, "00000001"), "00000001");
}

TEST(ItemOfAnotherByteOrder, KeepsANumberThatIsCut) {
  EXPECT_EQ(turned_round(SOL_SOCKET, SCM_RIGHTS, "000000050000"), "050000000000");
  EXPECT_EQ(turned_round(IPPROTO_IPV6, IPV6_PKTINFO, "00010203"), "00010203");
}

}  // namespace
}  // namespace recvinto::kit
