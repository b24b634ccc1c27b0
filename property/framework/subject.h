#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kit/subjects/adapter_process.h"
#include "kit/subjects/catalogue.h"
#include "kit/subjects/implementation.h"
#include "property/framework/performing.h"
#include "property/framework/world.h"

namespace recvinto::property {

/// Why what is about several buffers is not tried where they are merged.
inline constexpr std::string_view kAboutSeveralBuffers = "is about several buffers, which --merge-buffers leaves out";

/// How an implementation under test is reached.
struct Access {
  kit::Catalogue catalogue = kit::Catalogue();
  std::chrono::milliseconds deadline{5000};
  /// In this process where the implementation can be: one of the suite's own, or a plug-in. Hundreds of times faster,
  /// and a crash of it is one of this process.
  bool in_process = true;
  kit::KernelMode kernel = kit::KernelMode::kHost;  ///< of an adapter process
  bool merges_buffers = false;                      ///< it gets calls with one buffer only
  kit::FailedStarts* failed_starts = nullptr;       ///< of an adapter process; null: it counts its own
};

/// An implementation under test, and what performs scenarios on it.
class Subject {
 public:
  /// `spec` as on the command line. Throws UnknownSpecification and CannotStart.
  Subject(const std::string& spec, Access access);

  [[nodiscard]] const std::string& specification() const { return specification_; }
  [[nodiscard]] const World& world() const { return world_; }
  [[nodiscard]] const kit::Handshake& handshake() const { return plain_->handshake(); }
  [[nodiscard]] bool is_in_process() const { return plain_->process().shares_descriptors(); }
  [[nodiscard]] Performer& performer() { return *performer_; }
  /// It has broken a law: the next scenario begins with a fresh process, or as near to that as can be.
  void begin_afresh() { plain_->mark_untrusted(); }
  /// What its processes wrote to standard error since the last call.
  std::string take_stderr();

 private:
  std::string specification_;
  Access access_;
  std::vector<std::string> command_;
  std::unique_ptr<kit::Implementation> plain_;
  std::unique_ptr<kit::Implementation> scripted_;
  World world_;
  std::optional<Performer> performer_;
};

/// Why a law says nothing in this world; empty: it does.
std::string why_not(const Law& law, const World& world);

/// What both implementations can do.
World common(const World& one, const World& other);

}  // namespace recvinto::property
