#pragma once

namespace recvinto::fuzz {

/// What findings are looked for with, beyond crashes. Only where bugs are planted can any of it be switched off, to see
/// what would then never be found (ci/fuzz-bugs).
struct Oracles {
  bool model = true;   ///< comparison with the model
  bool ledger = true;  ///< the account of descriptors
};

#ifdef RECVINTO_PLANTED_BUGS
const Oracles& oracles();
#else
constexpr Oracles oracles() {
  return {};
}
#endif

}  // namespace recvinto::fuzz
