#pragma once

#include <span>
#include <string_view>

namespace recvinto::fuzz::planted {

/// The bugs that can be planted, one at a time. Those marked P1 to P9 have limits in ci/fuzz-bugs to how soon they are
/// to be found.
enum class Bug {
  kNone,
  // The walk over control messages.
  kNoLowerBound,            // P1
  kAdvanceNotAligned,       // P2
  kNoProgressOnZero,        // P3
  kUnpaddedTailUnderflows,  // P4
  kLengthAs32Bits,          // P6
  kAlignmentWraps,          // P7
  kTruncatedReadsOn,
  kTruncationNotTold,
  kShortHeaderRead,
  kOneByteTooLong,
  kEmptyMessageRefused,
  kDefectNotTold,
  kPaddingIsData,
  kAlignedTo4,
  kLevelsMasked,
  // Descriptors.
  kSlotsNotClamped,        // P5
  kSecondOverwritesFirst,  // P8
  kPartialRoundedUp,       // P9
  kCountFromClaim,
  kOwnedTwice,
  kLostWhereMalformed,
  kLostOnNextReceipt,
  kPidfdForgotten,
  kZeroIsNone,
  kAnyLevelIsRights,
  kClaimBeyondRoom,
  // The call.
  kStaleNameLength,
  kStaleControlLength,
  kInterruptionReturned,
  kHookNotAsked,
  kWaitsInTheKernel,
  kFlagsMasked,
  kNegativeTimeoutTaken,
  kMisalignedTaken,
  kFailedCallAdopted,
  kDeadlineStartsAnew,
  kCountCut,
  kLeakWhereThrown,
  kTruncatedItemLost,
  // Addresses.
  kNameLengthNotCut,
  kPathUpToItsNul,
  kAbstractCutAtNul,
  kPathOneShort,
  kPortNotSwapped,
  kShortInetRead,
  kScopeLost,
  // Buffers.
  kListEndsAtEmptyBuffer,
  kEightBuffersAtMost,
  // Sizes.
  kSpaceWraps,
  kLengthWraps,
  kSpaceOfWholeWords,
  kLimitOneOff,
};

/// A bug as people and commands speak of it.
struct Description {
  Bug bug;
  std::string_view name;
  std::string_view target;  ///< the invariant that it breaks: whose target is to find it
  std::string_view what;
  std::string_view label = "";  ///< P1 to P9
};

std::span<const Description> every_bug();

/// The bug that is planted: what RECVINTO_PLANTED_BUG names in the environment, until plant() is called.
Bug planted_bug();
void plant(Bug bug);

/// Not seen by a coverage-guided engine, which would take the comparison for progress.
#ifdef __clang__
__attribute__((no_sanitize("coverage")))
#endif
inline bool
is_planted(Bug bug) {
  return planted_bug() == bug;
}

}  // namespace recvinto::fuzz::planted
