#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace recvinto::kit {

/// A kind of ancillary item.
struct ItemKind {
  int level = 0;
  int type = 0;

  friend bool operator==(const ItemKind&, const ItemKind&) = default;
};
using ItemKinds = std::vector<ItemKind>;

/// "SOL_SOCKET/SCM_RIGHTS"; nullopt for a kind without a name here.
std::optional<std::string_view> name_of(ItemKind kind);

/// The word of the protocol, which is that name without its level, without SCM_ and SO_, in small letters: "rights",
/// "ip_pktinfo". Empty for a kind without a name here.
std::string word_of(ItemKind kind);
std::optional<ItemKind> item_kind_named(std::string_view word);
/// "credentials, ip_ttl"
std::string joined_words(const ItemKinds& kinds);

bool contains(const ItemKinds& kinds, ItemKind kind);

}  // namespace recvinto::kit
