#pragma once

#include <vector>

#include "kit/values/scenario.h"
#include "property/framework/source.h"
#include "property/framework/world.h"

namespace recvinto::property {

/// Control messages as a kernel gives them: of every level and type that Linux knows, with data of the size that it
/// has, and of unknown ones with any; descriptors among them.
std::vector<kit::ScriptedMessage> any_control(Source& source, bool descriptors);

/// Control bytes that are out of order somewhere: a length too small, too large, one that wraps; cut anywhere; or no
/// order at all.
kit::answer::Result malformed_control(Source& source);

/// The last of its items is one of descriptors and claims more than there is; behind its descriptors lies a part of
/// another number, at most.
kit::answer::Result malformed_descriptors(Source& source);
/// Whether no padding can be taken for a number there: number 0 is a valid descriptor.
bool numbers_end_where_they_end(const kit::answer::Result& result);

/// Whether msg_controllen reaches as far as descriptors do: one behind it, which the kernel does not report, has no
/// owner.
bool tells_of_all_descriptors(const kit::answer::Result& result);

/// Whether a number of bytes is negative when cut to an int.
bool looks_like_a_failure(std::int64_t returned);

/// Makes the lengths of a result impossible: what was returned, msg_controllen, msg_namelen. It tells of all
/// descriptors.
void lie_about_lengths(kit::answer::Result& result, Source& source);

/// Items that keep their lengths, as any_control() makes them, and nothing else that is out of order.
bool has_ordinary_items(const kit::answer::Result& result);
/// What malformed_control() makes, or a simpler form of it.
bool is_malformed_control(const kit::answer::Result& result);
/// What malformed_descriptors() makes, or a simpler form of it.
bool is_malformed_descriptors(const kit::answer::Result& result);

/// One call that is answered with the result, with flags that change nothing of that.
kit::Scenario scripted(kit::answer::Result result, Source& source, const World& world);
/// Its call has a timeout, seldom.
kit::Scenario seldom_timed(kit::Scenario scenario, Source& source, const World& world);
/// The result of such a scenario; null where it is another one.
const kit::answer::Result* result_of(const kit::Scenario& scenario);
/// Whether scripted() could have made it, or one that it is a simpler form of, but for the call's timeout and warnings.
bool is_one_scripted_call(const kit::Scenario& scenario);

}  // namespace recvinto::property
