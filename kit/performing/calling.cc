// What a stage does with the call, and with the script that answers its receives.

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "kit/host/lacking.h"
#include "kit/performing/stage.h"

namespace recvinto::kit {

void Stage::prepare_for(const step::Start& step) {
  require_plain();
  if (call_pending_) throw std::logic_error("a call is begun while another one is on its way");
  Capabilities undeclared = needed_for(step.call) - permitted_;
  // A claim may ask for several buffers, for room, or that nothing is waited for, where, and only where, the
  // implementation lets one choose: Check::receive(), Check::plenty(), without_waiting().
  const Capabilities kWhereThereIsAChoice{Capability::kScatter, Capability::kAncbufsize, Capability::kNonblocking};
  undeclared = undeclared - (implementation_.handshake().capabilities & kWhereThereIsAChoice);
  if (!undeclared.empty()) {
    throw std::logic_error(
        fmt::format("this check asks for {} and does not declare that it needs it", joined_names(undeclared)));
  }
  std::uint64_t sparse = 0;
  for (const Buffer& buffer : step.call.buffers) {
    if (buffer.memory == Memory::kSparse && !buffer.storage) sparse += buffer.size;
  }
  if (sparse != 0) require_address_space(implementation_.process().pid(), sparse);
  if (play_.is_set()) begin_play();
  descriptors_.before_call([this] { return own_descriptors(); });
}

void Stage::perform(const step::Start& step) {
  call_number_ = caller_.start(supplied_->name, step.call);
  call_pending_ = true;
}

CmsgSizes Stage::perform(const step::AskCmsgSizes& step) {
  return caller_.cmsg_sizes(step.lengths);
}

void Stage::require_call() const {
  if (!call_pending_) throw std::logic_error("no call is on its way");
}

bool Stage::perform(const step::AwaitSleep& /*step*/) {
  return implementation_.require_waiting_call("be seen to sleep").wait_until_asleep(supplied_->name.number);
}

bool Stage::perform(const step::AwaitAnswer& step) {
  return caller_.wait_for_answer(step.at_most);
}

void Stage::perform(const step::InstallHandler& step) {
  caller_.install_handler(step.signum, step.action);
}

void Stage::perform(const step::Signal& step) {
  implementation_.require_waiting_call("be sent a signal while it waits").send_signal(step.signum);
}

void Stage::perform(const step::StopAndContinue& /*step*/) {
  implementation_.require_waiting_call("be stopped").stop_and_continue();
}

Observation Stage::perform(const step::Finish& /*step*/) {
  call_pending_ = false;
  Observation observation = caller_.finish(call_number_);
  limit_.reset();
  if (std::optional<CallLog> log = play_.finish()) observation.kernel = std::move(log);
  descriptors_.inspect(observation, [this] { return own_descriptors(); });
  if (keeps_record_) history_.emplace_back(observation);
  return observation;
}

void Stage::perform(const step::Play& step) {
  play_.set(step.script);
}

void Stage::begin_play() {
  std::vector<int> planted = descriptors_.make_files(play_.files());
  if (play_.takes_priming()) deliver("?", {}, 0, 0);
  const bool has_peer = !senders_.empty() && senders_[0].socket;
  play_.begin(std::move(planted), has_peer ? senders_[0].socket.get() : -1);
}

void Stage::perform(const step::AwaitHold& /*step*/) {
  play_.await_hold();
}

void Stage::perform(const step::ReleaseHold& /*step*/) {
  play_.release_hold();
}

void Stage::perform(const step::CloseReceiver& /*step*/) {
  sockets_.close_at_once(supplied_->name.number);
}

}  // namespace recvinto::kit
