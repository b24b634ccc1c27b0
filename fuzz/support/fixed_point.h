#pragma once

#include <exception>
#include <string>

#include "fuzz/support/check.h"
#include "kit/subjects/protocol.h"
#include "kit/values/verdict.h"

namespace recvinto::fuzz {

/// What the decoder takes, the encoder writes; and what that writes, the decoder takes, and the encoder writes again.
template <typename Encode, typename Decode>
void check_fixed_point(const Encode& encode, const Decode& decode, const std::string& line) {
  const std::string once = encode(decode(line));
  try {
    FUZZ_CHECK(encode(decode(once)) == once, "a line that was decoded and encoded is not decoded to the same");
  } catch (const std::exception& error) {
    FUZZ_CHECK(false, error.what());
  }
}

/// Refused, in one of the ways that the protocol's decoders document: anything else comes out, and is a finding.
template <typename Try>
void or_refused(const Try& attempt) {
  try {
    attempt();
  } catch (const kit::ProtocolError& error) {
    FUZZ_CHECK(*error.what() != '\0', "refused without a word");
  } catch (const kit::Unsupported&) {
  } catch (const kit::EnvironmentLacks&) {
  }
}

}  // namespace recvinto::fuzz
