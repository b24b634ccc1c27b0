#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kit/host/child_process.h"
#include "kit/scripted_kernel/launch.h"
#include "kit/scripted_kernel/supervisor.h"
#include "kit/subjects/implementation.h"
#include "kit/subjects/line_channel.h"

namespace recvinto::kit {

/// Who answers the receives of an adapter.
enum class KernelMode {
  kHost,   ///< the kernel, without interception
  kPass,   ///< the kernel, through a supervisor's hands; scripts can be played
  kProxy,  ///< the supervisor in its place, wherever it can; scripts can be played
};

/// Starts of an adapter that have failed in a row. Workers that share the memory count for the whole run.
class FailedStarts {
 public:
  static constexpr int kEnough = 10;

  void add() { ++count_; }
  void forget() { count_ = 0; }
  [[nodiscard]] bool are_enough() const { return count_ >= kEnough; }

 private:
  std::atomic<int> count_{0};
  static_assert(std::atomic<int>::is_always_lock_free);
};

/// An implementation behind an adapter process that speaks adapters/PROTOCOL.md.
class AdapterProcess final : public Implementation,
                             public Caller,
                             public SocketSupply,
                             public ProcessWatch,
                             public ScriptPlayer,
                             public WaitingCall {
 public:
  /// How long the reply to hello may take at least: it includes the start of a runtime, on a machine that may be busy.
  static constexpr std::chrono::milliseconds kPatienceAtStart{30'000};

  /// `deadline`: how long one answer may take; `patience_at_start`: the first one, if that is more. Throws CannotStart
  /// where there is no such program or it is no adapter. `failed_starts` is borrowed; null: it counts its own.
  AdapterProcess(std::vector<std::string> command, std::chrono::milliseconds deadline,
                 KernelMode mode = KernelMode::kHost, std::chrono::milliseconds patience_at_start = kPatienceAtStart,
                 FailedStarts* failed_starts = nullptr);
  ~AdapterProcess() override;

  /// From now on these count as not declared, in later lives, too.
  void withhold(Capabilities capabilities);

  [[nodiscard]] const Handshake& handshake() const override { return handshake_; }
  void prepare() override;
  void conclude() override;
  void mark_untrusted() override { is_untrusted_ = true; }
  std::string take_stderr() override;
  [[nodiscard]] Caller& caller() override { return *this; }
  [[nodiscard]] SocketSupply& sockets() override { return *this; }
  [[nodiscard]] ProcessWatch& process() override { return *this; }
  [[nodiscard]] ScriptPlayer* script_player() override { return mode_ == KernelMode::kHost ? nullptr : this; }
  [[nodiscard]] WaitingCall* waiting_call() override { return this; }

  Supplied supply(const SocketKind& kind, Form form) override;
  void supply_again(int receiver) override;
  void close_descriptors(const std::vector<int>& numbers) override;
  void close_at_once(int number) override;
  [[nodiscard]] bool has_pending_close(int number) const override;
  [[nodiscard]] unsigned generation() const override { return generation_; }
  void mark_sockets_exhausted() override { are_sockets_exhausted_ = true; }

  int start(const SocketName& socket, const Call& call) override;
  bool has_answer() override;
  bool wait_for_answer(std::chrono::milliseconds at_most) override;
  Observation finish(int call) override;
  /// Of the call that was started first.
  Observation finish() { return finish(pending_.front().id); }
  int first_answered() override;
  void install_handler(int signum, HandlerAction action) override;
  CmsgSizes cmsg_sizes(const std::vector<std::int64_t>& lengths) override;

  bool wait_until_asleep(int number) override;
  void send_signal(int signum) override;
  void stop_and_continue() override;
  bool await_hold() override { return supervisor().await_hold(); }
  void release_hold() override { supervisor().release(); }

  void play(const Script& script, std::span<const int> files, int poke) override;
  CallLog finish_play() override { return supervisor().finish(); }

  [[nodiscard]] pid_t pid() const override { return handshake_.pid.value_or(running_->child.pid()); }
  void throw_if_ended() override;

 private:
  /// One life of the adapter.
  struct Life {
    Life(const std::vector<std::string>& command, KernelMode mode, std::chrono::milliseconds deadline,
         SocketPool::Stock stock);

    SocketPool pool;
    std::optional<Launch> launch;
    std::optional<Supervisor> supervisor;  // outlives the child, whose calls would fail without it
    ChildProcess child;
    LineChannel channel;
  };

  void start_anew(SocketPool::Stock stock = SocketPool::Stock::kCommon);
  void begin_life(SocketPool::Stock stock);
  /// Writes a request; the adapter is asked at the end of the check whether it is still there.
  void ask(const std::string& request);
  /// The reply to `request`, read by `decode`; a line that breaks the protocol is a failure.
  template <typename Decode>
  auto reply(Decode decode);
  Supervisor& supervisor();
  /// See Supervisor; always 0 without one.
  [[nodiscard]] std::optional<std::uint64_t> calls_if_quiet() const;
  void close_now();
  void close_there(const std::vector<int>& numbers);
  void acknowledge(int id);
  [[nodiscard]] Clock::time_point deadline() const { return Clock::now() + deadline_; }
  /// Repeats `reached` until it holds or the deadline passes, giving the processor away in between. Whether it holds.
  template <typename Condition>
  bool comes_to(Condition reached) const;

  std::vector<std::string> command_;
  std::chrono::milliseconds deadline_;
  std::chrono::milliseconds patience_at_start_;
  KernelMode mode_;
  Handshake handshake_;
  Capabilities withheld_;
  std::unique_ptr<Life> running_;
  std::unique_ptr<Life> dismissed_;  // the life before, ending by itself while the next begins
  std::string last_words_;           // standard error of a life that ended
  int next_id_ = 1;
  FailedStarts own_failed_starts_;
  FailedStarts& failed_starts_;
  bool is_untrusted_ = false;
  bool are_sockets_exhausted_ = false;
  bool was_asked_ = false;  // since the last conclude()
  unsigned generation_ = 0;

  struct Pending {
    int id = 0;
    Call call;
    Clock::time_point begin;
    Clock::time_point end = {};             // when the reply was read
    std::optional<std::string> reply = {};  // which waits for finish()

    void answer(std::string line) {
      end = Clock::now();
      reply = std::move(line);
    }
  };
  Pending& pending(int call);
  /// The concurrent call whose reply this is; null: it is none's.
  Pending* concurrent_call_of(const std::string& reply);
  /// Reads one line: the reply to the concurrent call that has its id, or else that of `call`.
  Pending& read_answer_to(int call);
  std::deque<Pending> pending_;      // calls on their way, in the order of their requests
  std::vector<int> pending_closes_;  // until no call is pending
};

}  // namespace recvinto::kit
