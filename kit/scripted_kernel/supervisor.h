#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "kit/scripted_kernel/listener.h"
#include "kit/scripted_kernel/message_header.h"
#include "kit/scripted_kernel/play.h"
#include "kit/scripted_kernel/remote_memory.h"
#include "kit/scripted_kernel/system_calls.h"
#include "kit/values/call_log.h"
#include "kit/values/script.h"
#include "recvinto/unique_fd.h"

namespace recvinto::kit {

/// What receives of a supervised process are answered with while no script is played.
enum class Unscripted { kPass, kProxy };

/// The scripted kernel for another process, in whatever language: answers its recvmsg(2) calls on one socket, and sees
/// what it passes. The other executor, for this process, is ScriptedKernel.
///
/// A thread of its own takes up each call as soon as it is made, for as long as the supervised process or anything that
/// it started lives. Calls on other sockets, and other system calls, are unaffected. The socket is known by
/// what it is (device and inode), not by its number: runtimes duplicate.
///
/// When the supervisor goes, calls of the process fail with ENOSYS: end the process first.
class Supervisor {
 public:
  Supervisor(UniqueFd listener, Unscripted unscripted, RemoteMemory::Way way = RemoteMemory::Way::kProcessVm);
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  /// From now on this socket is the one. Keeps a duplicate of our descriptor of it.
  void watch(int receiver);

  /// How long a call is held at most; then it fails with ETIMEDOUT, which is a trouble of the play.
  void set_deadline(std::chrono::milliseconds deadline);

  /// From now on receives on that socket are answered by the script; see Play for what is borrowed. `poke`: a socket
  /// connected to the watched one, or -1. After each EAGAIN of the script one byte is sent through it, so that
  /// implementations which then wait for the next arrival do not wait without end.
  void play(const Script& script, std::span<const int> files, int poke);
  /// Ends the play. A call that is still held goes on to the kernel.
  CallLog finish();

  /// How many calls have been taken up so far, if no call is in our hands or waits for us now; else nothing. What is
  /// seen of a thread between two equal counts is no call on its way to the kernel, but one that has arrived there.
  [[nodiscard]] std::optional<std::uint64_t> calls_if_quiet() const;

  /// Waits until a call is being held (answer::Hold). False: none was within the deadline.
  bool await_hold();
  /// Lets the held call, if there is one, go on to the kernel.
  void release();

 private:
  struct Held {
    HeldCall call;
    SeenCall seen;
    std::chrono::steady_clock::time_point until;
  };

  void run();
  void serve(const HeldCall& call);
  void serve_receive(const HeldCall& call, const RemoteHeader& header, int flags);
  /// Answers a wait for the watched socket by the script; false: it is none of the script's.
  bool serve_wait(const HeldCall& call, const ReadinessCall& kind, const Abi& abi);
  /// The same of a receive before the socket is ready. True: it is ready now, and the receive has its answer to come.
  bool becomes_ready(const HeldCall& call, const SeenCall& seen);
  void play_step(const HeldCall& call, const RemoteHeader& header, SeenCall seen);
  /// The caller's name room as it is before anything is stored there; nothing where it cannot be read.
  [[nodiscard]] Bytes name_room(const HeldCall& call, const SeenCall& seen) const;
  /// Puts the result into the caller's memory. What the call is to return; nothing where not all of it could be stored.
  std::optional<std::int64_t> store(const HeldCall& call, const RemoteHeader& header, const SeenCall& seen,
                                    const answer::Result& result, std::span<const int> planted,
                                    std::span<const char> name_before) const;
  void give(const HeldCall& call, const RemoteHeader& header, SeenCall seen, const answer::Result& result,
            std::span<const int> files, bool is_step);
  void fail(const HeldCall& call, const RemoteHeader& header, SeenCall seen, const answer::Failure& failure);
  void act_as_proxy(const HeldCall& call, const RemoteHeader& header, SeenCall seen, bool is_step);
  void pass_on(const HeldCall& call, SeenCall seen, bool is_step);
  /// Fills the rooms of a call that goes on to the kernel; see unfilled.h.
  void fill_rooms(const HeldCall& call, const SeenCall& seen) const;
  void let_go(SeenCall::Outcome outcome);
  void keep(SeenCall seen, SeenCall::Outcome outcome, std::int64_t result, bool is_step);
  [[nodiscard]] bool is_watched(pid_t tid, int number) const;
  [[nodiscard]] int milliseconds_to_wait();

  Listener listener_;
  Unscripted unscripted_;
  RemoteMemory::Way way_;
  UniqueFd wake_;
  std::atomic<std::uint64_t> begun_ = 0;  // calls taken up, counted before
  std::atomic<std::uint64_t> done_ = 0;   // calls answered, counted afterwards

  std::mutex mutex_;  // for all below
  std::condition_variable held_changed_;
  std::chrono::milliseconds deadline_{5000};
  UniqueFd receiver_;
  pid_t own_pid_ = getpid();
  dev_t device_ = 0;
  ino_t inode_ = 0;
  std::optional<Play> play_;
  int poke_ = -1;
  int family_ = 0;  // of the watched socket
  std::optional<Held> held_;
  bool released_ = false;
  bool stopping_ = false;
  RemoteHeader::LastBuffers last_buffers_;

  std::thread thread_;
};

}  // namespace recvinto::kit
