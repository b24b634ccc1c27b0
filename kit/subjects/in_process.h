#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "kit/scripted_kernel/scripted_kernel.h"
#include "kit/subjects/implementation.h"
#include "kit/subjects/receiver.h"
#include "recvinto/unique_fd.h"

namespace recvinto::kit {

/// An implementation on the calling thread: hundreds of times the speed of an adapter process, and none of its
/// protection. A call is over when start() returns, so it has no WaitingCall. Its receives are answered by scripts
/// through the C library's symbol, so that they reach whatever it is made of. Concurrent calls are on threads of their
/// own, and no scripts answer them.
class InProcess final : public Implementation,
                        public Caller,
                        public SocketSupply,
                        public ProcessWatch,
                        public ScriptPlayer {
 public:
  explicit InProcess(std::unique_ptr<Receiver> receiver);
  ~InProcess() override;

  [[nodiscard]] const Handshake& handshake() const override { return handshake_; }
  /// Closes the sockets that were supplied.
  void prepare() override;
  /// Closes received descriptors that were left open: the next scenario would find them.
  void mark_untrusted() override;
  std::string take_stderr() override { return {}; }
  [[nodiscard]] Caller& caller() override { return *this; }
  [[nodiscard]] SocketSupply& sockets() override { return *this; }
  [[nodiscard]] ProcessWatch& process() override { return *this; }
  [[nodiscard]] ScriptPlayer* script_player() override { return this; }

  Supplied supply(const SocketKind& kind, Form form) override;
  void close_descriptors(const std::vector<int>& numbers) override;
  [[nodiscard]] bool has_few_sockets() const override { return false; }

  int start(const SocketName& socket, const Call& call) override;
  bool has_answer() override { return observation_.has_value(); }
  bool wait_for_answer(std::chrono::milliseconds /*at_most*/) override { return has_answer(); }
  Observation finish(int call) override;
  int first_answered() override { return 0; }
  void install_handler(int signum, HandlerAction action) override;
  CmsgSizes cmsg_sizes(const std::vector<std::int64_t>& lengths) override { return receiver_->cmsg_sizes(lengths); }

  void play(const Script& script, std::span<const int> files, int poke) override;
  CallLog finish_play() override { return kernel_.finish(); }

  [[nodiscard]] pid_t pid() const override;
  [[nodiscard]] bool shares_descriptors() const override { return true; }
  [[nodiscard]] std::vector<OpenDescriptor> open_descriptors(const Wanted& wanted, int highest) const override;
  [[nodiscard]] std::optional<DescriptorFacts> descriptor_facts(int number) const override;

 private:
  std::unique_ptr<Receiver> receiver_;
  Handshake handshake_;
  ScriptedKernel kernel_;
  SignalHandlers signals_;
  std::vector<UniqueFd> filling_;  // so that no number below lowest_ is free
  int lowest_ = 0;                 // all descriptors from here on are of scenarios
  std::vector<UniqueFd> sockets_;  // supplied
  struct Concurrent;
  std::map<int, std::unique_ptr<Concurrent>> concurrent_;  ///< those that were not finished
  int last_number_ = 0;
  std::optional<Observation> observation_;
};

}  // namespace recvinto::kit
