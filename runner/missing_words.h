#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runner/results.h"

namespace recvinto::runner {

/// A word of the protocol for whose lack checks were skipped.
struct MissingWord {
  std::string word;        ///< "scatter", "items ip_ttl", "sockets udp4"
  std::size_t checks = 0;  ///< that were skipped and need it
  std::size_t alone = 0;   ///< of these, those that lack nothing else: the number it would bring
};

/// What a check that was skipped lacks of the handshake; empty for all others, and for what merged buffers leave out.
std::vector<std::string> missing_words_of(const Result& result, const kit::Handshake& handshake);

/// All that were missing in the run, those first that would bring most.
std::vector<MissingWord> missing_words(const Results& results);

}  // namespace recvinto::runner
