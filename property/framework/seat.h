#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fixtures/implementations/implementation.h"
#include "property/framework/performing.h"
#include "property/framework/world.h"

namespace recvinto::property {

/// An implementation that laws are tried on: inside this process where it is one of the suite's own or a plug-in, else
/// behind an adapter process.
class Seat {
 public:
  enum class Where { kWhereItIsFastest, kInAProcess };
  /// `spec` as on the command line; `this_program`: to start adapters of our own. Throws UnknownSpecification,
  /// CannotStart.
  Seat(const std::string& spec, const std::string& this_program, std::chrono::milliseconds deadline,
       Where where = Where::kWhereItIsFastest);

  [[nodiscard]] const World& world() const { return world_; }
  [[nodiscard]] const kit::Handshake& handshake() const { return plain_->handshake(); }
  [[nodiscard]] bool is_in_process() const { return plain_->shares_descriptors(); }
  [[nodiscard]] Performer& performer() { return *performer_; }
  /// It has broken a law: nothing of that is to be met by the next one.
  void begin_afresh() { plain_->give_up(); }

 private:
  std::vector<std::string> command_;
  std::chrono::milliseconds deadline_;
  std::unique_ptr<kit::Implementation> plain_;
  std::unique_ptr<kit::Implementation> scripted_;
  World world_;
  std::optional<Performer> performer_;
};

/// Whether such a one is inside this process.
bool is_of_this_program(std::string_view spec);

/// Why a law says nothing in this world; empty: it does.
std::string why_not(const Law& law, const World& world);

}  // namespace recvinto::property
