#include "kit/performing/stage.h"

#include <poll.h>

#include <type_traits>
#include <utility>
#include <variant>

#include "kit/performing/act.h"

namespace recvinto::kit {

Stage::Stage(Implementation& implementation, const SocketKind& kind, Capabilities permitted)
    : implementation_(implementation),
      caller_(implementation.caller()),
      sockets_(implementation.sockets()),
      process_(implementation.process()),
      permitted_(std::move(permitted)),
      record_(new Record{{kind, {}}, {}}),
      play_(implementation),
      descriptors_(implementation) {}

Stage::~Stage() {
  network_.leave();
  play_.leave();
  if (supplied_) abort_connection(kind(), *supplied_, senders_);
}

bool Stage::is_reusable() const {
  return supplied_ && meeting_ != Meeting::kOtherwise && !network_.is_private() && !call_pending_ &&
         !reuse_.has_traces() && children_.empty();
}

void Stage::begin_again(const SocketKind& kind) {
  network_.leave();
  play_.leave();
  if (sockets_.has_few_sockets() && is_reusable()) {
    reuse_.switch_off(supplied_->receiver.get());
    if (is_ready(supplied_->receiver.get(), POLLIN)) take_out();
    if (meeting_ == Meeting::kAtAnAddress) senders_.clear();
    reuse_.keep({this->kind(), meeting_, std::move(*supplied_), std::move(senders_)});
    supplied_.reset();
  }
  if (supplied_) abort_connection(this->kind(), *supplied_, senders_);
  supplied_.reset();
  senders_.clear();
  closed_ports_.clear();
  directory_.reset();
  children_.clear();
  limit_.reset();
  descriptors_.begin_scenario();
  play_.begin_scenario();
  network_.begin_scenario();
  reuse_.begin_scenario();
  meeting_ = Meeting::kOtherwise;
  call_pending_ = false;
  is_fresh_ = true;
  record_->history.clear();
  record_->scenario.kind = kind;
  record_->scenario.steps.clear();
}

bool Stage::try_reuse_socket(Meeting meeting) {
  if (network_.is_private()) return false;
  std::optional<UsedSocket> used = reuse_.take(kind(), meeting);
  if (!used) return false;
  supplied_ = std::move(used->supplied);
  senders_ = std::move(used->senders);
  meeting_ = meeting;
  sockets_.supply_again(supplied_->receiver.get());
  return true;
}

std::vector<int> Stage::own_descriptors() const {
  std::vector<int> own{supplied_->receiver.get(), supplied_->name.number};
  for (const Sender& sender : senders_) own.push_back(sender.socket.get());
  return own;
}

std::optional<Observation> Stage::act(const Step& step) {
  return std::visit(
      [this]<typename SomeStep>(const SomeStep& one) -> std::optional<Observation> {
        if constexpr (std::is_same_v<SomeStep, step::Finish>) {
          return act_one(one);
        } else {
          act_one(one);
          return std::nullopt;
        }
      },
      step);
}

const SocketKind& Stage::kind() const {
  return record_->scenario.kind;
}

const Scenario& Stage::scenario() const {
  return record_->scenario;
}

const std::vector<Stage::Event>& Stage::history() const {
  return record_->history;
}

void Stage::record(const step::Finish& step) {
  if (keeps_record_) record_->scenario.steps.emplace_back(step);
}

}  // namespace recvinto::kit
