#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>

#include "kit/subjects/line_buffer.h"
#include "kit/subjects/protocol.h"
#include "kit/subjects/receiver.h"
#include "kit/subjects/storages.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

/// Of concurrent calls, too, which no check interrupts.
std::atomic<int> handled = 0;
std::atomic<int> raised = 0;
static_assert(std::atomic<int>::is_always_lock_free);

void note(int /*signum*/) {
  ++handled;
}
void note_and_raise(int /*signum*/) {
  ++handled;
  raised = 1;
}

/// Lines of standard input. Not std::getline: a signal that arrives between two requests would end it.
class RequestLines {
 public:
  bool next(std::string& line) {
    std::optional<std::string> whole;
    while (!(whole = received_.take())) {
      std::array<char, 64 * 1024> chunk;
      const ssize_t count = read(STDIN_FILENO, chunk.data(), chunk.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return false;
      received_.append({chunk.data(), static_cast<std::size_t>(count)});
    }
    line = *std::move(whole);
    return true;
  }

 private:
  LineBuffer received_;
};

std::string result(Receiver& receiver, const Request& request, SignalHandlers& signals) {
  try {
    return encode_result(request.id, perform(receiver, request.socket.number, request.call, signals));
  } catch (const Unsupported& unsupported) {
    return encode_unsupported(request.id, unsupported.what());
  } catch (const ImplementationFailure& failure) {
    return failure.what();  // no reply of the protocol, as its answer was none: the reader shows it
  }
}

std::string reply_to(Receiver& receiver, const Request& request, SignalHandlers& signals) {
  if (request.op == "hello") return encode_hello_reply(request.id, receiver.handshake());
  if (request.op == "recvmsg_into") return result(receiver, request, signals);
  if (request.op == "close") {
    for (const int number : request.numbers) close(number);
    return encode_acknowledgement(request.id);
  }
  if (request.op == "signal") {
    if (!request.action || !signals.install(request.signum, *request.action)) {
      return encode_unsupported(request.id, "signals");
    }
    return encode_acknowledgement(request.id);
  }
  if (request.op == "cmsg_sizes") return encode_cmsg_sizes_reply(request.id, receiver.cmsg_sizes(request.lengths));
  if (request.op == "bye") return encode_acknowledgement(request.id);
  return encode_unsupported(request.id, request.op);
}

}  // namespace

bool SignalHandlers::install(int signum, HandlerAction action) {
  struct sigaction installed{};
  switch (action) {
    case HandlerAction::kReturn:
      installed.sa_handler = note;
      break;
    case HandlerAction::kRaise:
      installed.sa_handler = note_and_raise;
      break;
    case HandlerAction::kDefault:
      installed.sa_handler = SIG_DFL;
      break;
  }
  return sigaction(signum, &installed, nullptr) == 0;  // without SA_RESTART: the call is to see EINTR
}

int SignalHandlers::count() const {
  return handled;
}

void SignalHandlers::reset() {
  handled = 0;
  raised = 0;
}

void SignalHandlers::raise_if_asked() const {
  if (raised != 0) throw HandlerError("the handler raised");
}

Observation perform(Receiver& receiver, int fd, const Call& call, SignalHandlers& signals) {
  Storages storages(call.buffers);
  ReceiveRequest request{.fd = fd,
                         .buffers = storages.parts(),
                         .ancbufsize = call.ancbufsize,
                         .flags = call.flags,
                         .timeout = call.timeout,
                         .warnings_are_errors = call.warnings_are_errors};
  signals.reset();
  Observation observation = receiver.receive(request, signals);
  if (observation.error) {  // which is all that a call returns then: descriptors that came have no owner
    observation.ancdata.reset();
    observation.msg_flags.reset();
    observation.address.reset();
  }
  observation.signals = signals.count();
  observation.storages = storages.take();
  return observation;
}

namespace {

/// Answers requests: those of concurrent calls on threads of their own.
class Answers {
 public:
  explicit Answers(Receiver& receiver) : receiver_(receiver) {}

  void give(const Request& request) {
    if (!request.call.concurrent) {
      // Those that a call waits on may be closed, too.
      if (request.op == "close" && !request.numbers.empty() && running_ == 0) receiver_.reset();
      write(reply_to(receiver_, request, signals_));
      return;
    }
    ++running_;
    std::thread([this, request] {
      write(reply_to(receiver_, request, signals_));
      --running_;
    }).detach();
  }

  /// Some threads cannot be joined: they may wait for what never comes.
  void end_process_if_any_runs() const {
    if (running_ != 0) _exit(0);
  }

 private:
  void write(const std::string& reply) {
    const std::lock_guard lock(output_);
    std::cout << reply << '\n' << std::flush;
  }

  Receiver& receiver_;
  SignalHandlers signals_;
  std::mutex output_;
  std::atomic<int> running_ = 0;
};

}  // namespace

int serve(Receiver& receiver) {
  RequestLines lines;
  Answers answers(receiver);
  try {
    for (std::string line; lines.next(line);) {
      const Request request = decode_request(line);
      answers.give(request);
      if (request.op == "bye") break;
    }
  } catch (const ProtocolError& error) {
    std::cerr << "recvmsg-conformance serve: " << error.what() << '\n';
    return 65;  // EX_DATAERR
  }
  answers.end_process_if_any_runs();
  return 0;
}

}  // namespace recvinto::kit
