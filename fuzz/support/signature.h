#pragma once

#include <string>
#include <vector>

#include "kit/performing/outcome.h"
#include "kit/values/socket_kind.h"

// What tells one disagreement from another.

namespace recvinto::fuzz {

/// How a field differs, alike for all values: "nbytes less", "descriptors fewer"; of msg_flags one for each flag:
/// "msg_flags without MSG_CTRUNC".
std::vector<std::string> symptoms_of(const kit::Difference& difference);

/// The symptoms of a failure, each once, in the order of its differences; of the first call that differs, since what
/// comes after it may follow from it. Of a failure without differences: its cause.
std::vector<std::string> symptoms_of(const kit::Outcome& outcome);

/// Whether `symptom` is what a difference with the symptom `first` in the same call brings about: bytes that are not
/// counted are missing in the buffers, an item that is lost takes its descriptors along.
bool follows_from(const std::string& symptom, const std::string& first);

/// "unix" or "internet"; the name of the kind where it is neither.
std::string family_of(const kit::SocketKind& kind);

/// `law` judged it: "EveryCallMatchesTheModel: msg_flags without MSG_CTRUNC, on unix".
std::string signature_of(const std::string& law, const std::string& symptom, const kit::SocketKind& kind);

/// "descriptor", where a descriptor is lost, leaked or another one; "memory", where bytes lie that the call has not
/// received; else "disagreement".
std::string severity_of(const std::string& symptom);

}  // namespace recvinto::fuzz
