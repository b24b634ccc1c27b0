#include "fuzz/planted_bugs/bug.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "fuzz/planted_bugs/oracles.h"

namespace recvinto::fuzz {
namespace planted {
namespace {

constexpr std::string_view kWalk = "control_messages_stay_inside";
constexpr std::string_view kDescriptors = "descriptors_are_owned_once";
constexpr std::string_view kCall = "receive_keeps_its_contract";
constexpr std::string_view kMessages = "messages_are_whole";
constexpr std::string_view kAddresses = "addresses_end_at_their_length";
constexpr std::string_view kBuffers = "partitions_receive_alike";
constexpr std::string_view kSizes = "control_sizes_never_wrap";

constexpr auto kEveryBug = std::to_array<Description>({
    {Bug::kNoLowerBound, "no_lower_bound", kWalk, "a cmsg_len below the header's underflows", "P1"},
    {Bug::kAdvanceNotAligned, "advance_not_aligned", kWalk, "the next message is sought where the data end", "P2"},
    {Bug::kNoProgressOnZero, "no_progress_on_zero", kWalk, "a cmsg_len of 0 makes an endless loop", "P3"},
    {Bug::kUnpaddedTailUnderflows, "unpadded_tail_underflows", kWalk, "a last message without padding underflows",
     "P4"},
    {Bug::kLengthAs32Bits, "length_as_32_bits", kWalk, "only the lower half of a cmsg_len is compared", "P6"},
    {Bug::kAlignmentWraps, "alignment_wraps", kWalk, "a cmsg_len near the largest is aligned to 0", "P7"},
    {Bug::kTruncatedReadsOn, "truncated_reads_on", kWalk, "the data of a truncated message reach past the end"},
    {Bug::kTruncationNotTold, "truncation_not_told", kWalk, "a truncated message is said to be whole"},
    {Bug::kShortHeaderRead, "short_header_read", kWalk, "a remainder shorter than a header is read as one"},
    {Bug::kOneByteTooLong, "one_byte_too_long", kWalk, "a cmsg_len one beyond the end is believed"},
    {Bug::kEmptyMessageRefused, "empty_message_refused", kWalk, "a message without data is said to be malformed"},
    {Bug::kDefectNotTold, "defect_not_told", kWalk, "a cmsg_len below the header's ends the walk silently"},
    {Bug::kPaddingIsData, "padding_is_data", kWalk, "the padding is given out as data"},
    {Bug::kAlignedTo4, "aligned_to_4", kWalk, "messages are aligned to 4 bytes, whatever the layout"},
    {Bug::kLevelsMasked, "levels_masked", kWalk, "only the lowest byte of a level is reported"},
    {Bug::kSlotsNotClamped, "slots_not_clamped", kDescriptors, "28 slots for a message's descriptors overflow", "P5"},
    {Bug::kSecondOverwritesFirst, "second_overwrites_first", kDescriptors, "only the last SCM_RIGHTS is owned", "P8"},
    {Bug::kPartialRoundedUp, "partial_rounded_up", kDescriptors, "part of a number counts, after credentials", "P9"},
    {Bug::kCountFromClaim, "count_from_claim", kDescriptors,
     "a truncated message's descriptors are counted by cmsg_len"},
    {Bug::kOwnedTwice, "owned_twice", kDescriptors, "what is released is closed as well"},
    {Bug::kLostWhereMalformed, "lost_where_malformed", kDescriptors, "malformed control data own nothing"},
    {Bug::kLostOnNextReceipt, "lost_on_next_receipt", kDescriptors, "the next receipt forgets what was not taken"},
    {Bug::kPidfdForgotten, "pidfd_forgotten", kDescriptors, "SCM_PIDFD is not known to carry one"},
    {Bug::kZeroIsNone, "zero_is_none", kDescriptors, "descriptor 0 is taken for none"},
    {Bug::kAnyLevelIsRights, "any_level_is_rights", kDescriptors, "type 1 of any level is taken for SCM_RIGHTS"},
    {Bug::kClaimBeyondRoom, "claim_beyond_room", kDescriptors, "a length beyond the room is believed"},
    {Bug::kStaleNameLength, "stale_name_length", kCall, "msg_namelen is not set anew after an interruption"},
    {Bug::kStaleControlLength, "stale_control_length", kCall, "msg_controllen is not set anew after an interruption"},
    {Bug::kInterruptionReturned, "interruption_returned", kCall, "EINTR ends the call"},
    {Bug::kHookNotAsked, "hook_not_asked", kCall, "the hook is not asked when waiting is interrupted"},
    {Bug::kWaitsInTheKernel, "waits_in_the_kernel", kCall, "a timeout does not add MSG_DONTWAIT"},
    {Bug::kFlagsMasked, "flags_masked", kCall, "only the lower 16 bits of msg_flags are reported"},
    {Bug::kNegativeTimeoutTaken, "negative_timeout_taken", kCall, "a negative timeout is no error"},
    {Bug::kMisalignedTaken, "misaligned_taken", kCall, "a misaligned control buffer is no error"},
    {Bug::kFailedCallAdopted, "failed_call_adopted", kCall, "what a failed call left in the room is owned"},
    {Bug::kDeadlineStartsAnew, "deadline_starts_anew", kCall, "each interruption starts the timeout anew"},
    {Bug::kCountCut, "count_cut", kCall, "a count beyond the buffers, as MSG_TRUNC has it, is cut to them"},
    {Bug::kLeakWhereThrown, "leak_where_thrown", kMessages, "a warning thrown as an error leaks descriptors"},
    {Bug::kTruncatedItemLost, "truncated_item_lost", kMessages, "a truncated item is left out of the result"},
    {Bug::kNameLengthNotCut, "name_length_not_cut", kAddresses, "a length beyond the room is believed"},
    {Bug::kPathUpToItsNul, "path_up_to_its_nul", kAddresses, "a path is read up to a NUL, wherever that is"},
    {Bug::kAbstractCutAtNul, "abstract_cut_at_nul", kAddresses, "an abstract name ends at its second NUL"},
    {Bug::kPathOneShort, "path_one_short", kAddresses, "the last byte of a path without a NUL is lost"},
    {Bug::kPortNotSwapped, "port_not_swapped", kAddresses, "the port stays in network order"},
    {Bug::kShortInetRead, "short_inet_read", kAddresses, "an AF_INET address is read whatever its length"},
    {Bug::kScopeLost, "scope_lost", kAddresses, "sin6_scope_id is lost"},
    {Bug::kListEndsAtEmptyBuffer, "list_ends_at_empty_buffer", kBuffers, "an empty buffer ends the list"},
    {Bug::kEightBuffersAtMost, "eight_buffers_at_most", kBuffers, "buffers behind the eighth stay empty"},
    {Bug::kSpaceWraps, "space_wraps", kSizes, "CMSG_SPACE of a large size wraps"},
    {Bug::kLengthWraps, "length_wraps", kSizes, "CMSG_LEN of a large size wraps"},
    {Bug::kSpaceOfWholeWords, "space_of_whole_words", kSizes, "CMSG_SPACE has a word too many where none is needed"},
    {Bug::kLimitOneOff, "limit_one_off", kSizes, "the largest size that is right is refused"},
});

Bug bug_in_environment() {
  const char* name = std::getenv("RECVINTO_PLANTED_BUG");
  if (name == nullptr || *name == '\0') return Bug::kNone;
  for (const Description& bug : kEveryBug) {
    if (bug.name == name) return bug.bug;
  }
  std::fprintf(stderr, "RECVINTO_PLANTED_BUG: there is no bug '%s'; fuzz_planted_bugs lists them\n", name);
  std::exit(64);
}

Bug& current() {
  static Bug bug = bug_in_environment();
  return bug;
}

}  // namespace

std::span<const Description> every_bug() {
  return kEveryBug;
}

Bug planted_bug() {
  return current();
}

void plant(Bug bug) {
  current() = bug;
}

}  // namespace planted

// RECVINTO_WITHOUT_ORACLE is "model", "ledger" or "any".
const Oracles& oracles() {
  static const Oracles chosen = [] {
    const char* without = std::getenv("RECVINTO_WITHOUT_ORACLE");
    const std::string_view name = without == nullptr ? "" : without;
    return Oracles{.model = name != "model" && name != "any", .ledger = name != "ledger" && name != "any"};
  }();
  return chosen;
}

}  // namespace recvinto::fuzz
