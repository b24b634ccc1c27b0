#include "runner/doctor/examined_adapter.h"

#include <fmt/format.h>

#include "kit/performing/outcome.h"

namespace recvinto::runner {
namespace {

std::string_view advice_for(kit::Cause cause) {
  switch (cause) {
    case kit::Cause::kEnded:
      return "An adapter outlives each request: find out why it ends, from its standard error or under a debugger. ";
    case kit::Cause::kTimedOut:
      return "Answer each request with one line, and flush standard output after it (Transport). ";
    case kit::Cause::kMalformedReply:
      return "A reply is one JSON object a line, with the fields and types of PROTOCOL.md; nothing else goes to "
             "standard output. ";
    case kit::Cause::kRefused:
      return "Take the capability out of the reply to hello, or serve the call (Capabilities). ";
    default:
      return "";
  }
}

}  // namespace

Finding finding_of_current_exception(std::string_view next) {
  const kit::Outcome outcome = kit::outcome_of_current_exception();
  if (outcome.cause == kit::Cause::kInterrupted || outcome.is_suite_fault()) throw;
  if (outcome.verdict == kit::Verdict::kSkip) return left_out(outcome.reason);
  return wrong(outcome.reason, fmt::format("{}{}", advice_for(outcome.cause), next));
}

Finding ExaminedAdapter::perform(const kit::SocketKind& kind, std::string_view next,
                                 const std::function<Finding(kit::Stage&)>& exchange) {
  Finding finding;
  try {
    adapter_->prepare();
    {
      kit::Stage stage(*adapter_, kind, handshake().capabilities);
      finding = exchange(stage);
    }
    adapter_->conclude();
  } catch (...) {
    finding = finding_of_current_exception(next);
    start_over();
  }
  finding.stderr_text = adapter_->take_stderr();
  return finding;
}

}  // namespace recvinto::runner
