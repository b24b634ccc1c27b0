#include "property/framework/features.h"

#include <sys/socket.h>

#include <array>
#include <variant>

namespace recvinto::property {
namespace {

constexpr std::array<std::string_view, kFeatures> kNames{"no buffers",
                                                         "several buffers",
                                                         "empty buffers",
                                                         "slices",
                                                         "overlapping buffers",
                                                         "too many buffers",
                                                         "data beyond the first buffer",
                                                         "room left",
                                                         "several calls",
                                                         "several sends",
                                                         "several senders",
                                                         "a failing call",
                                                         "cut data",
                                                         "items",
                                                         "cut items",
                                                         "descriptors",
                                                         "many descriptors",
                                                         "a socket among descriptors",
                                                         "credentials",
                                                         "a peek",
                                                         "a timeout",
                                                         "other flags",
                                                         "the end",
                                                         "scripted items",
                                                         "scripted descriptors",
                                                         "wrong lengths",
                                                         "interruptions"};

constexpr std::size_t kMany = 16;  // descriptors

class Looking {
 public:
  explicit Looking(Features& features) : features_(features) {}

  void note(Feature feature, bool is_there = true) {
    if (is_there) features_.set(static_cast<std::size_t>(feature));
  }

  void operator()(const kit::step::Send& send) {
    ++sends_;
    note(Feature::kSeveralSends, sends_ > 1);
    note(Feature::kSeveralSenders, send.sender > 0);
    note(Feature::kDescriptors, send.files != 0);
    note(Feature::kManyDescriptors, send.files > kMany);
    for (const kit::SentControl& control : send.control) {
      note(Feature::kDescriptors, kit::files_in(control) != 0);
      note(Feature::kOwnSocket, std::holds_alternative<kit::sent::OwnSocket>(control));
      note(Feature::kCredentials, std::holds_alternative<kit::sent::Credentials>(control));
    }
  }
  void operator()(const kit::step::SetOption& option) {
    note(Feature::kCredentials, option.level == SOL_SOCKET && option.name == SO_PASSCRED && option.value != 0);
  }
  void operator()(const kit::step::PeerShutsDownWriting&) { note(Feature::kEnd); }
  void operator()(const kit::step::PeerCloses&) { note(Feature::kEnd); }
  void operator()(const kit::step::PeerResets&) { note(Feature::kEnd); }
  void operator()(const kit::step::ShutDown&) { note(Feature::kEnd); }
  void operator()(const kit::step::Play& play) {
    for (const kit::ScriptStep& step : play.script.steps) {
      note(Feature::kInterruption, step.signum != 0);
      const auto* result = std::get_if<kit::answer::Result>(&step.answer);
      if (result != nullptr) look_at(*result);
    }
  }
  template <typename Other>
  void operator()(const Other&) {}

  void look_at(const kit::answer::Result& result) {
    note(Feature::kWrongLengths, result.returned || result.msg_controllen || result.msg_namelen);
    note(Feature::kWrongLengths, !result.raw_control.empty());
    for (const kit::ScriptedMessage& message : result.control) {
      note(Feature::kScriptedItems);
      note(Feature::kScriptedDescriptors, message.files != 0);
      note(Feature::kWrongLengths, message.claimed_data || message.claimed_length);
    }
  }

  void look_at(const Answer& answer) {
    const std::vector<kit::Buffer>& buffers = answer.call.buffers;
    note(Feature::kNoBuffers, buffers.empty());
    note(Feature::kSeveralBuffers, buffers.size() > 1);
    note(Feature::kTooManyBuffers, buffers.size() > kit::kIovMax);
    for (const kit::Buffer& buffer : buffers) {
      note(Feature::kOverlap, buffer.storage.has_value());
      note(Feature::kSlices, buffer.to.has_value() || buffer.from != 0);
      note(Feature::kEmptyBuffers, buffer.to.value_or(buffer.size) == buffer.from);
    }
    const int flags = static_cast<int>(answer.call.flags.value_or(0));
    note(Feature::kPeek, (flags & MSG_PEEK) != 0);
    note(Feature::kTimeout, answer.call.timeout.value_or(std::chrono::milliseconds(0)).count() > 0);
    note(Feature::kOtherFlags, (flags & ~MSG_PEEK) != 0);
    note(Feature::kFailure, answer.seen.error.has_value());
    if (answer.seen.error) return;
    const auto nbytes = static_cast<std::size_t>(answer.seen.nbytes);
    note(Feature::kBeyondTheFirst,
         buffers.size() > 1 && nbytes > buffers[0].to.value_or(buffers[0].size) - buffers[0].from);
    note(Feature::kRoomLeft, nbytes < kit::capacity(buffers));
    note(Feature::kItems, answer.seen.ancdata && !answer.seen.ancdata->empty());
    note(Feature::kCutData, (answer.seen.msg_flags.value_or(0) & MSG_TRUNC) != 0);
    note(Feature::kCutItems, (answer.seen.msg_flags.value_or(0) & MSG_CTRUNC) != 0);
  }

 private:
  Features& features_;
  std::size_t sends_ = 0;
};

}  // namespace

std::string_view name(Feature feature) {
  return kNames[static_cast<std::size_t>(feature)];
}

Features features_of(const Performance& performance) {
  Features features;
  Looking looking(features);
  for (const kit::Step& step : performance.scenario.steps) std::visit(looking, step);
  looking.note(Feature::kSeveralCalls, performance.answers.size() > 1);
  for (const Answer& answer : performance.answers) looking.look_at(answer);
  return features;
}

}  // namespace recvinto::property
