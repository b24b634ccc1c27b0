#pragma once

#include "kit/oracle/expectation.h"

// The words of expectations, as claims use them.

namespace recvinto::conformance {

using kit::Answer;
using kit::Comparison;
using kit::Expected;
using kit::Failure;

using kit::handler_error;
using kit::os_error;
using kit::raised_warning;
using kit::raises;
using kit::refused_argument;
using kit::timed_out;
using kit::would_block;

// What is written after `.storages =`, `.ancdata =`, `.files =`, `.facts =` and `.address =`.
using Storages = std::vector<kit::Bytes>;
using Items = std::vector<kit::AncillaryItem>;
using Files = std::vector<std::size_t>;
using kit::Facts;
inline const std::optional<kit::Address> kNoAddress = std::nullopt;

}  // namespace recvinto::conformance
