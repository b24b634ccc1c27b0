#pragma once

#include <span>
#include <vector>

#include "property/framework/law.h"

// What judgements are made of.

namespace recvinto::property {

/// What the model says of each call, as far as the implementation tells of it.
std::vector<kit::Expected> predicted(const Performance& performance, const World& world);

/// Where an answer differs from what is expected; all of them are compared.
Violation unlike(std::span<const Answer> answers, std::span<const kit::Expected> expected);
/// Where the performance is not what the model says.
Violation unlike_the_model(const Performance& performance, const World& world);

/// What an answer was, as an expectation of another one: error, nbytes, ancdata, files, flags, but neither where the
/// bytes are nor the address.
kit::Expected same_as(const Answer& answer, const World& world);

/// Whether two answers of different performances are the same but for where their bytes lie; what differs, if not. The
/// system chooses names and ports anew each time: an address is the same where it is of the same sender.
Violation unlike_each_other(const Performance& one, std::size_t answer, const Performance& other,
                            std::size_t other_answer, const World& world);
/// All answers of two performances with as many calls.
Violation unlike_each_other(const Performance& one, const Performance& other, const World& world);

/// The same scenario on two implementations: the differences of all calls.
kit::Differences unlike_the_other(const Performance& one, const Performance& expected, const World& both);

/// The bytes that were received, in order, as the buffers hold them; without those that a later buffer has overwritten.
kit::Bytes received_bytes(const Answer& answer);

/// Bytes of the buffers outside what was received keep what they held. Nothing where buffers overlap.
Violation touched_outside(const Answer& answer);

/// One field that differs.
kit::Differences difference(std::string_view field, std::string_view expected, std::string_view actual);

/// Differences in call `number`, which counts from 0: "call 2", or "call 2, NOTE".
kit::Differences in_call(std::size_t number, kit::Differences differences, std::string_view note = {});

/// The system chooses ports anew for each performance: those in items with a socket address (IP_ORIGDSTADDR) become
/// '?'.
void forget_ports(std::vector<kit::AncillaryItem>& items);

/// Numbers of descriptors are not promised: each byte of those in SCM_RIGHTS and SCM_PIDFD items
/// becomes 0xff.
void forget_numbers(kit::Observation& observation);

}  // namespace recvinto::property
