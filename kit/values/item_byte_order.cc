#include "kit/values/item_byte_order.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "kit/values/item_kind.h"

namespace recvinto::kit {
namespace {

/// The numbers of an item: a digit is one of that number of bytes, '.' a byte that stays, 'w' a word, and the last one
/// repeats where `repeats`.
struct Layout {
  std::string_view word;
  std::string_view fields;
  bool repeats = false;
};

// sockaddr_in: a family, then network byte order. sock_extended_err: errno, four bytes, info, data; then an address.
constexpr std::array<Layout, 24> kLayouts{{
    {"rights", "4", true},
    {"credentials", "444"},
    {"pidfd", "4"},
    {"timestamp", "ww"},
    {"timestampns", "ww"},
    {"timestamping", "wwwwww"},
    {"rxq_ovfl", "4"},
    {"mark", "4"},
    {"priority", "4"},
    {"inq", "4"},
    {"ip_pktinfo", "4"},
    {"ip_ttl", "4"},
    {"ip_origdstaddr", "2"},
    {"ip_recverr", "4....442"},
    {"ipv6_pktinfo", "................4"},
    {"ipv6_hoplimit", "4"},
    {"ipv6_tclass", "4"},
    {"ipv6_origdstaddr", "2......................4"},
    {"ipv6_recverr", "4....442......................4"},
    {"ipv6_pathmtu", "2......................44"},
    {"tcp_cm_inq", "4"},
    {"udp_gro", "4"},
    {"netlink_pktinfo", "4"},
    {"packet_auxdata", "4442222"},
}};

}  // namespace

void turn_round(AncillaryItem& item, const Abi& abi) {
  const std::string word = word_of({item.level, item.type});
  const auto layout = std::ranges::find(kLayouts, std::string_view(word), &Layout::word);
  if (layout == kLayouts.end()) return;
  std::size_t at = 0;
  for (std::size_t i = 0; i < layout->fields.size(); ++i) {
    const char field = layout->fields[i];
    const std::size_t size = field == '.' ? 1 : field == 'w' ? abi.word : static_cast<std::size_t>(field - '0');
    if (at + size > item.data.size()) return;
    const auto begin = item.data.begin() + static_cast<std::ptrdiff_t>(at);
    std::reverse(begin, begin + static_cast<std::ptrdiff_t>(size));
    at += size;
    if (layout->repeats) --i;
  }
}

}  // namespace recvinto::kit
