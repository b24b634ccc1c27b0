#include "property/framework/subject.h"

#include <fmt/format.h>

#include <utility>

#include "kit/host/process_facts.h"
#include "kit/scripted_kernel/probe.h"
#include "kit/subjects/in_process.h"

namespace recvinto::property {

Subject::Subject(const std::string& spec, Access access) : specification_(spec), access_(std::move(access)) {
  if (access_.in_process && access_.catalogue.is_in_this_program(spec)) {
    plain_ = std::make_unique<kit::InProcess>(access_.catalogue.make_receiver(spec));
    world_.scripts = true;
  } else {
    command_ = access_.catalogue.adapter_command(spec);
    plain_ = std::make_unique<kit::AdapterProcess>(command_, access_.deadline, access_.kernel,
                                                   kit::AdapterProcess::kPatienceAtStart, access_.failed_starts);
    world_.scripts = kit::scripted_kernel_support().available();
  }
  world_.waits = access_.catalogue.serves() && kit::scripted_kernel_support().available();
  world_.capabilities = plain_->handshake().capabilities;
  if (access_.merges_buffers) world_.capabilities.erase(kit::Capability::kScatter);
  world_.model = kit::this_world();
  const kit::Handshake& told = plain_->handshake();
  world_.sockets = told.sockets;
  world_.items = told.items;
  world_.is_timed_by_the_system = told.is_timed_by_the_system;
  world_.timeout_resolution = told.timeout_resolution;
  world_.model.abi = told.abi.value_or(kit::abi_of(plain_->process().pid()));
  world_.model.waits_in_system_call = world_.can(kit::Capability::kSystemWait);
  const bool says_its_room = told.default_ancbufsize && world_.can(kit::Capability::kAncillary);
  world_.model.default_room = says_its_room ? *told.default_ancbufsize : default_room_of(world_);
  world_.model.refuses_room_beyond_int = world_.can(kit::Capability::kPythonForms);
  world_.model.retries_without_waiting = world_.can(kit::Capability::kPythonForms);
  world_.model.unnamed_address_is_empty = told.unnamed_address_is_empty;
  const bool is_pipelined = !plain_->process().shares_descriptors() && world_.can(kit::Capability::kPipelining);
  world_.pidfds = world_.model.has_pidfds && !is_pipelined;
  performer_.emplace(
      *plain_,
      [this]() -> kit::Implementation& {
        if (access_.kernel != kit::KernelMode::kHost && !is_in_process()) return *plain_;
        if (!kit::scripted_kernel_support().available()) {
          throw kit::EnvironmentLacks("no scripted kernel: " + kit::scripted_kernel_support().lacking);
        }
        if (!scripted_) {
          if (command_.empty()) command_ = access_.catalogue.adapter_command(specification_);
          scripted_ = std::make_unique<kit::AdapterProcess>(command_, access_.deadline, kit::KernelMode::kPass);
        }
        return *scripted_;
      },
      world_.model);
}

std::string Subject::take_stderr() {
  return plain_->take_stderr() + (scripted_ ? scripted_->take_stderr() : std::string());
}

std::string why_not(const Law& law, const World& world) {
  const kit::Capabilities lacking = law.needs - world.capabilities;
  if (!lacking.empty()) return fmt::format("not declared: {}", kit::joined_names(lacking));
  if ((law.needs_scripts && !world.scripts) || (law.needs_waits && !world.waits))
    return "no scripted kernel: " + kit::scripted_kernel_support().lacking;
  return {};
}

World common(const World& one, const World& other) {
  World both = one;
  both.capabilities = one.capabilities & other.capabilities;
  if (one.model.abi != other.model.abi) {  // then a control buffer of the same size has room for other items
    both.capabilities.erase(kit::Capability::kAncbufsize);
    both.capabilities.erase(kit::Capability::kAncillary);
    both.model.default_room = default_room_of(both);
  }
  both.scripts = one.scripts && other.scripts;
  both.pidfds = one.pidfds && other.pidfds;
  std::erase_if(both.items, [&](kit::ItemKind kind) { return !other.reports(kind); });
  if (!both.sockets) {
    both.sockets = other.sockets;
  } else {
    std::erase_if(*both.sockets, [&](const kit::SocketKind& kind) { return !other.takes(kind); });
  }
  return both;
}

}  // namespace recvinto::property
