#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace recvinto::fuzz {

/// The choices of fuzz/support/receive_case.h, by name and in order; the defaults are the bytes of an ordinary call.
struct CallSeed {
  std::vector<std::uint8_t> buffers = {0, 0};  ///< how many, of ScatteredMemory's counts, and each of its lengths
  std::uint8_t payload = 12;
  std::vector<std::uint8_t> count = {0};           ///< {3, and a word}: what the kernel says instead of the truth
  std::vector<std::uint8_t> control_beyond = {0};  ///< {3, bytes / 4}: how much more it claims
  std::uint8_t address_length = 0;
  std::uint8_t family = 0;
  std::uint8_t address_byte = 'a';
  std::vector<std::uint8_t> msg_flags = {0, 0, 0, 0};
  std::uint8_t attempts = 0;  ///< that may fail
  std::uint8_t room = 0;      ///< 128ths of the control bytes; 0: just as many
  std::uint8_t oddity = 0;
  std::uint8_t flags = 0;
  std::vector<std::uint8_t> timeout = {0};  ///< {1}: zero; {2, quarter of nanoseconds}; {3}: negative
  std::uint8_t stops_at = 0;
  std::vector<std::uint8_t> kernel = {};  ///< time and outcome of each attempt, and what comes of each wait

  [[nodiscard]] std::string choices() const {
    std::vector<std::uint8_t> all = buffers;
    const auto add = [&](const std::vector<std::uint8_t>& bytes) { all.insert(all.end(), bytes.begin(), bytes.end()); };
    add({payload});
    add(count);
    add(control_beyond);
    add({address_length, family, address_byte});
    add(msg_flags);
    add({attempts, room, oddity, flags, 0});
    add(timeout);
    add({stops_at});
    add(kernel);
    return {all.begin(), all.end()};
  }
};

struct NamedCall {
  std::string name;
  CallSeed call;
};

/// What a call meets, typical and odd.
inline std::vector<NamedCall> call_seeds() {
  // An attempt: the time it takes, its outcome, and (of one that fails) whether it leaves rubbish behind.
  constexpr std::uint8_t kInterrupted = 1;
  constexpr std::uint8_t kAgain = 3;
  constexpr std::uint8_t kFails = 5;
  return {
      {"plain", {}},
      {"several-buffers", {.buffers = {5, 1, 2, 3, 4, 5, 6, 7, 0, 1}, .payload = 200}},
      {"no-buffers", {.buffers = {2}}},
      {"longer-than-the-buffers", {.payload = 200, .count = {3, 200, 0, 0, 0}, .msg_flags = {0x20, 0, 0, 0}}},
      {"address", {.address_length = 16, .family = 2}},
      {"address-beyond-its-room", {.address_length = 200, .family = 1}},
      {"control-beyond-its-room", {.control_beyond = {3, 30}}},
      {"control-cut", {.msg_flags = {8, 0, 0, 0}, .room = 100}},
      {"control-room-to-spare", {.room = 200}},
      {"control-misaligned", {.oddity = 3}},
      {"control-size-impossible", {.oddity = 6}},
      {"control-size-negative", {.oddity = 7}},
      {"flags", {.flags = 0x42}},
      {"interrupted", {.attempts = 2, .kernel = {1, kInterrupted, 0, 1, kInterrupted, 1, 1}}},
      {"interrupted-and-stopped", {.attempts = 2, .stops_at = 1, .kernel = {1, kInterrupted, 0}}},
      {"interrupted-beyond-the-deadline", {.attempts = 2, .timeout = {2, 1}, .kernel = {200, kInterrupted, 0}}},
      {"interrupted-within-the-deadline", {.attempts = 1, .timeout = {2, 200}, .kernel = {1, kInterrupted, 0}}},
      {"interrupted-without-a-hook", {.attempts = 1, .stops_at = 255, .kernel = {1, kInterrupted, 0}}},
      {"timeout-not-needed", {.timeout = {2, 200}}},
      {"again-without-a-timeout", {.attempts = 1, .kernel = {1, kAgain, 0}}},
      {"again-and-zero-timeout", {.attempts = 1, .timeout = {1}, .kernel = {1, kAgain, 0}}},
      {"negative-timeout", {.timeout = {3}}},
      {"waits-until-ready", {.attempts = 1, .timeout = {2, 250}, .kernel = {1, kAgain, 0, 0, 1}}},
      {"waits-through-false-alarms",
       {.attempts = 4, .timeout = {2, 250}, .kernel = {1,      kAgain, 0, 0, 1, 1, kAgain, 0, 0, 1, 1,
                                                       kAgain, 0,      2, 0, 1, 1, kAgain, 0, 0, 1}}},
      {"waits-in-vain", {.attempts = 1, .timeout = {2, 250}, .kernel = {1, kAgain, 0, 1}}},
      {"waiting-ends-early", {.attempts = 1, .timeout = {2, 250}, .kernel = {1, kAgain, 0, 2, 0, 1}}},
      {"waiting-interrupted", {.attempts = 1, .timeout = {2, 250}, .kernel = {1, kAgain, 0, 3, 1, 0, 1}}},
      {"waiting-interrupted-and-stopped",
       {.attempts = 1, .timeout = {2, 250}, .stops_at = 1, .kernel = {1, kAgain, 0, 3, 1}}},
      {"waiting-fails", {.attempts = 1, .timeout = {2, 250}, .kernel = {1, kAgain, 0, 4}}},
      {"waits-for-urgent-data", {.attempts = 1, .flags = 1, .timeout = {2, 250}, .kernel = {1, kAgain, 0, 0, 1}}},
      {"fails", {.attempts = 1, .kernel = {1, kFails, 0, 0}}},
      {"fails-and-leaves-rubbish", {.attempts = 1, .kernel = {1, kFails, 2, 1}}},
  };
}

}  // namespace recvinto::fuzz
