#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>
#include <optional>
#include <vector>

#include "kit/oracle/receive_queue.h"

// Words for tests of what the model of the receive queue says. That the system does so, too, is tried on random
// scenarios (receive_queue_random_test.cc).

namespace recvinto::kit {

inline constexpr std::chrono::milliseconds kNoWait{0};

inline ModelWorld a_world() {
  ModelWorld world{.pid = 100, .uid = 7, .gid = 8};
  world.knows_addresses = true;
  world.senders = {std::nullopt, Address{.family = AF_UNIX, .path = "/tmp/one", .host = {}, .raw = {}}};
  world.receiver = Address{.family = AF_INET, .path = {}, .host = "127.0.0.1", .port = 5000, .raw = {}};
  return world;
}

class ReceiveQueueTest : public testing::Test {
 protected:
  ReceiveQueue& open(const SocketKind& kind) { return queue_.emplace(kind, world_); }
  void send(const Bytes& data, std::size_t files = 0, std::size_t sender = 0) {
    queue_->apply(step::Send{.sender = sender, .data = data, .files = files});
  }
  Expected receive(const Call& call) {
    queue_->apply(step::Start{call});
    return queue_->apply(step::Finish{}).value();
  }
  /// With room for everything.
  Expected receive_all() { return receive({.buffers = {room(64)}, .ancbufsize = 512, .timeout = kNoWait}); }
  void pass_credentials(bool on = true) { queue_->apply(step::SetOption{SOL_SOCKET, SO_PASSCRED, on}); }

  ModelWorld world_ = a_world();
  std::optional<ReceiveQueue> queue_;
};

inline std::vector<int> errors_of(const Expected& expected) {
  return expected.failure ? expected.failure->numbers : std::vector<int>{};
}

inline bool would_be_nothing(const Expected& expected) {
  return errors_of(expected) == would_block().numbers;
}

inline AncillaryItem rights(std::size_t count) {
  return {SOL_SOCKET, SCM_RIGHTS, Bytes(count * sizeof(int), '\xff')};
}

}  // namespace recvinto::kit
