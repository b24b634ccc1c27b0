// Steps of the doctor: the start, the lines, the end.

#include <fmt/format.h>
#include <poll.h>

#include <nlohmann/json.hpp>
#include <numeric>
#include <string>

#include "kit/host/child_process.h"
#include "kit/subjects/line_channel.h"
#include "kit/subjects/protocol.h"
#include "runner/doctor/steps.h"
#include "runner/options.h"

namespace recvinto::runner {
namespace {

using nlohmann::json;

/// A conversation in lines, with an adapter that was given no sockets.
class Conversation {
 public:
  explicit Conversation(const ExaminedAdapter& examined)
      : deadline_(examined.deadline()), child_(examined.command(), {}) {
    // The reply includes the start of a runtime.
    ask(kit::encode_hello(0), std::max<std::chrono::milliseconds>(deadline_, kit::AdapterProcess::kPatienceAtStart));
  }

  json ask(const std::string& request) { return ask(request, deadline_); }
  /// "exited with status 0", also after `grace`; empty: it goes on.
  std::string end_after_bye() {
    ask(kit::encode_bye(1000));
    pollfd end{.fd = child_.ended().get(), .events = POLLIN, .revents = 0};
    poll(&end, 1, static_cast<int>(deadline_.count()));
    return child_.end().value_or("");
  }
  std::string end_after_end_of_file() {
    child_.dismiss(static_cast<int>(deadline_.count()));
    return child_.end().value_or("");
  }

 private:
  json ask(const std::string& request, std::chrono::milliseconds patience) {
    const auto latest = kit::Clock::now() + patience;
    channel_.write_line(request, latest);
    return channel_.read_reply(latest, [](const std::string& line) {
      json reply = json::parse(line, nullptr, false);
      if (!reply.is_object()) throw kit::NoReply("not a JSON object: " + line.substr(0, 80));
      return reply;
    });
  }

  std::chrono::milliseconds deadline_;
  kit::ChildProcess child_;
  kit::LineChannel channel_{child_};
};

/// As a conversation that goes wrong is reported.
template <typename Exchange>
Finding in_a_conversation(const ExaminedAdapter& examined, std::string_view next, Exchange exchange) {
  try {
    Conversation conversation(examined);
    return exchange(conversation);
  } catch (...) {
    return finding_of_current_exception(next);
  }
}

std::string by_hand(const ExaminedAdapter& examined) {
  std::string command;
  for (const std::string& word : examined.command()) command += ' ' + quoted_for_shell(word);
  return fmt::format("try it by hand: echo '{}' |{}", kit::encode_hello(0), command);
}

Finding program(ExaminedAdapter& examined) {
  try {
    const kit::ChildProcess child(examined.command(), {});
  } catch (const kit::CannotStart& error) {
    return wrong(
        error.what(),
        "Give the command line as you would to a shell in this folder: exec:'./adapter --option'. The file must be "
        "executable, and what its first line names must be installed.");
  }
  return right(fmt::format("{} is started", examined.command().front()));
}

Finding hello(ExaminedAdapter& examined) {
  try {
    examined.start();
  } catch (const kit::CannotStart& error) {
    return wrong(error.what(), fmt::format("Its first line must be the reply to hello, and nothing may come before it "
                                           "(PROTOCOL.md, hello); {}",
                                           by_hand(examined)));
  }
  const kit::Handshake& handshake = examined.handshake();
  const kit::Capabilities every(kit::kEveryCapability.begin(), kit::kEveryCapability.end());
  const kit::Capabilities missing = every - handshake.capabilities;
  Finding finding = right(fmt::format("{} {} ({}) declares {} of {} capabilities{}{}", handshake.name,
                                      handshake.version, handshake.language, handshake.capabilities.size(),
                                      every.size(), missing.empty() ? "" : "; not ", kit::joined_names(missing)));
  if (handshake.capabilities.empty()) {
    finding.next =
        "Nothing but blocking calls on one buffer is judged: declare what the interface can express (Capabilities).";
  }
  return finding;
}

Finding framing(ExaminedAdapter& examined) {
  constexpr std::string_view kNext =
      "Each request is one line, and has one reply with its id (PROTOCOL.md, Transport).";
  return in_a_conversation(examined, kNext, [&](Conversation& conversation) {
    constexpr int kRequests = 50;
    for (int id = 1; id <= kRequests; ++id) {
      const json reply = conversation.ask(kit::encode_close(id, {}));
      if (reply.value("id", json()) != id) {
        return wrong(fmt::format("the reply to request {} is {}", id, reply.dump().substr(0, 80)), kNext);
      }
    }
    std::vector<int> closed(20'000);
    std::iota(closed.begin(), closed.end(), 1'000'000);
    const std::string request = kit::encode_close(kRequests + 1, closed);
    if (conversation.ask(request).value("id", json()) != kRequests + 1) {
      return wrong(fmt::format("a request of {} bytes has another reply", request.size()),
                   "Read whole lines, of up to 4 MiB (Transport).");
    }
    return right(fmt::format("{} requests, one of {} bytes, have one reply each", kRequests + 1, request.size()));
  });
}

Finding unknown_request(ExaminedAdapter& examined) {
  constexpr std::string_view kNext =
      "Answer an op that you do not know with {\"id\":N,\"unsupported\":\"OP\"}, and pass over fields that you do not "
      "know "
      "(PROTOCOL.md, Transport).";
  return in_a_conversation(examined, kNext, [&](Conversation& conversation) {
    const json reply = conversation.ask(R"({"id":1,"op":"examine","depth":[1]})");
    if (!reply.contains("unsupported")) {
      return wrong("a request that no version of the protocol has is answered " + reply.dump().substr(0, 80), kNext);
    }
    const json known = conversation.ask(R"({"id":2,"op":"close","fds":[],"of_a_later_version":{"a":[null]}})");
    if (known.value("id", json()) != 2 || known.contains("unsupported")) {
      return wrong("a field of a later version is answered " + known.dump().substr(0, 80), kNext);
    }
    return right("what it does not know, it answers as such");
  });
}

Finding end_of(std::string_view event, const std::string& end) {
  constexpr std::string_view kNext =
      "Exit with status 0, so that the end of a run is no crash (PROTOCOL.md, Transport and bye).";
  if (end.empty()) return wrong(fmt::format("it goes on after {}", event), kNext);
  if (end != "exited with status 0") return wrong(fmt::format("after {} it {}", event, end), kNext);
  return right(fmt::format("after {} it {}", event, end));
}

Finding bye(ExaminedAdapter& examined) {
  return in_a_conversation(examined, "bye has a reply, and is the end (PROTOCOL.md, bye).",
                           [](Conversation& conversation) { return end_of("bye", conversation.end_after_bye()); });
}

Finding end_of_file(ExaminedAdapter& examined) {
  return in_a_conversation(examined, "", [](Conversation& conversation) {
    return end_of("the end of its standard input", conversation.end_after_end_of_file());
  });
}

}  // namespace

std::vector<DoctorStep> steps_of_the_start() {
  return {{"program", program}, {"hello", hello}};
}

std::vector<DoctorStep> steps_of_the_protocol() {
  return {{"framing", framing}, {"unknown requests", unknown_request}, {"bye", bye}, {"end of file", end_of_file}};
}

}  // namespace recvinto::runner
