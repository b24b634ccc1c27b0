#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "kit/oracle/expectation.h"
#include "kit/oracle/model_world.h"
#include "kit/oracle/receiving.h"
#include "kit/oracle/socket_state.h"
#include "kit/oracle/unpredictable.h"
#include "kit/values/scenario.h"

namespace recvinto::kit {

/// The model of a receiving socket: what each step does to it, and what each call on it must return. Written apart
/// from the reference, from unix(7), ip(7), tcp(7), RFC 3542 and what Linux does.
///
/// A value, to be copied. What depends on who is faster (the call, or a step that comes while it is made) is
/// Unpredictable, and so is what the stage cannot perform, such as to send from a socket that is closed; after that the
/// model is not to be used any more.
class ReceiveQueue {
 public:
  /// Borrows `world`.
  ReceiveQueue(const SocketKind& kind, const ModelWorld& world);
  ReceiveQueue(const SocketKind&, const ModelWorld&&) = delete;

  /// What the step does to the socket. For step::Finish: what the call that was started must return. SCM_RIGHTS items
  /// in it have 0xff for each byte of a descriptor's number. Throws Unpredictable.
  std::optional<Expected> apply(const Step& step);

  /// Whether the call, begun now, would wait for as long as nothing else happens. One with a timeout does not.
  /// Throws Unpredictable for calls of which the model knows nothing.
  [[nodiscard]] bool would_wait(const Call& call) const;
  /// Whether a call was started that waits, and no timeout ends that.
  [[nodiscard]] bool is_waiting() const { return waiting_ && !waiting_->timeout; }

  // For generators.
  /// The longest data of one send that the model can predict: longer ones are a question of the sizes of the sockets'
  /// buffers, and of how the system cuts them.
  static std::size_t most_data(const SocketKind& kind, bool has_ancillary);
  [[nodiscard]] std::size_t bytes() const;                                     ///< in the queue
  [[nodiscard]] std::size_t messages() const { return socket_.queue.size(); }  ///< of a stream: pieces
  [[nodiscard]] std::size_t files() const;                                     ///< whose descriptors are in the queue
  [[nodiscard]] std::size_t files_sent() const { return files_sent_; }
  [[nodiscard]] std::size_t senders() const { return senders_.size(); }
  /// Whether there is nothing behind the queue but its end.
  [[nodiscard]] bool has_an_end() const { return socket_.reads_are_shut; }
  [[nodiscard]] bool has_an_error() const { return socket_.error != 0; }
  /// Whether sender `index` may send: it is open, and its direction is not shut down.
  [[nodiscard]] bool can_send(std::size_t index) const;
  [[nodiscard]] const SocketKind& kind() const { return socket_.kind; }

 private:
  struct Sender {
    bool is_open = true;
    bool may_write = true;
    /// Its own socket went along as this file: closing it does not close it.
    std::optional<std::size_t> own_file = {};
    int hops = 0;
    int traffic_class = 0;
  };
  struct Waiting {
    ModelReceive receive;
    std::optional<std::chrono::milliseconds> timeout;
  };

  void open();
  void add_sender();
  Sender& sender(std::size_t index);
  /// Whether a call that is refused may wait before that: one that the system refuses, or, where the implementation
  /// does not leave waiting to the system call, one with a refused argument.
  [[nodiscard]] bool waits_for_readiness_first(const Call& call, const Expected& refusal) const;
  void disturb(bool while_waiting_too);
  void wake();
  SentMessage* enqueue(std::size_t from, const Bytes& data);
  void start(const Call& call);
  Expected finish();
  Expected by_script(const Call& call, const ModelReceive& receive);
  void reset_by_peer();

  /// What other steps do (receive_queue_steps.cc). Throws Unpredictable for a step without a specialization.
  template <typename SomeStep>
  void on(const SomeStep& step);
  void apply_other(const Step& step);

  const ModelWorld* world_;
  SocketState socket_;
  std::vector<Sender> senders_;
  std::size_t files_sent_ = 0;
  bool is_open_ = false;
  bool is_addressable_ = false;  ///< bound to a name, for senders to come
  bool is_connected_ = false;    ///< UDP: to the peer
  bool peer_has_ended_ = false;  ///< TCP: by a FIN, after which errors are not heard of
  bool writes_are_shut_ = false;
  bool rights_are_forbidden_ = false;  ///< by SO_PASSRIGHTS: the system refuses to send descriptors
  bool peer_has_unread_ = false;
  std::vector<int> handled_;  ///< signals with a handler that returns
  std::optional<Script> script_;
  bool is_primed_ = false;  ///< by a script that wants something to be there

  std::optional<Waiting> waiting_;
  std::optional<Expected> settled_;  ///< of the call that was started
};

/// What each call of the scenario must return, in order. Throws Unpredictable.
std::vector<Expected> predict(const Scenario& scenario, const ModelWorld& world);

}  // namespace recvinto::kit
