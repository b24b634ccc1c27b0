// What a stage does with the call, and with the script that answers its receives.

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "kit/host/lacking.h"
#include "kit/performing/act.h"

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

void Stage::start(const Call& call) {
  act_one(step::Start{call});
}

void Stage::perform(const step::Start& step) {
  call_number_ = caller_.start(supplied_->name, step.call);
  call_pending_ = true;
}

CmsgSizes Stage::cmsg_sizes(const std::vector<std::int64_t>& lengths) {
  return act_one(step::AskCmsgSizes{lengths});
}

CmsgSizes Stage::perform(const step::AskCmsgSizes& step) {
  return caller_.cmsg_sizes(step.lengths);
}

void Stage::require_call() const {
  if (!call_pending_) throw std::logic_error("no call is on its way");
}

bool Stage::await_sleep() {
  return act_one(step::AwaitSleep{});
}

bool Stage::perform(const step::AwaitSleep& /*step*/) {
  return implementation_.require_waiting_call("be seen to sleep").wait_until_asleep(supplied_->name.number);
}

bool Stage::answers_within(std::chrono::milliseconds time) {
  return act_one(step::AwaitAnswer{time});
}

bool Stage::perform(const step::AwaitAnswer& step) {
  return caller_.wait_for_answer(step.at_most);
}

void Stage::install_handler(int signum, HandlerAction action) {
  act_one(step::InstallHandler{signum, action});
}

void Stage::perform(const step::InstallHandler& step) {
  caller_.install_handler(step.signum, step.action);
}

void Stage::signal(int signum) {
  act_one(step::Signal{signum});
}

void Stage::perform(const step::Signal& step) {
  implementation_.require_waiting_call("be sent a signal while it waits").send_signal(step.signum);
}

void Stage::stop_and_continue() {
  act_one(step::StopAndContinue{});
}

void Stage::perform(const step::StopAndContinue& /*step*/) {
  implementation_.require_waiting_call("be stopped").stop_and_continue();
}

Observation Stage::finish() {
  return act_one(step::Finish{});
}

Observation Stage::perform(const step::Finish& /*step*/) {
  call_pending_ = false;
  Observation observation = caller_.finish(call_number_);
  limit_.reset();
  if (std::optional<CallLog> log = play_.finish()) observation.kernel = std::move(log);
  descriptors_.inspect(observation, [this] { return own_descriptors(); });
  if (keeps_record_) record_->history.emplace_back(observation);
  return observation;
}

void Stage::play(Script script) {
  act_one(step::Play{std::move(script)});
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

void Stage::await_hold() {
  act_one(step::AwaitHold{});
}

void Stage::perform(const step::AwaitHold& /*step*/) {
  play_.await_hold();
}

void Stage::release_hold() {
  act_one(step::ReleaseHold{});
}

void Stage::perform(const step::ReleaseHold& /*step*/) {
  play_.release_hold();
}

void Stage::close_receiver() {
  act_one(step::CloseReceiver{});
}

void Stage::perform(const step::CloseReceiver& /*step*/) {
  sockets_.close_at_once(supplied_->name.number);
}

}  // namespace recvinto::kit
