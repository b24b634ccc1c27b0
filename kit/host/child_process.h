#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "kit/host/end_of_child.h"
#include "kit/scripted_kernel/launch.h"
#include "recvinto/unique_fd.h"

namespace recvinto::kit {

/// Splits a command line into words as a shell would (quotes, backslashes, $VARIABLES), without running a shell.
/// Throws CannotStart for unbalanced quotes and the like.
std::vector<std::string> split_command_line(const std::string& command_line);

/// A child in a process group of its own, with pipes on its three standard streams and chosen descriptors at chosen
/// numbers. The destructor ends the whole group, and whatever it left behind: every child of this process that is no
/// ChildProcess is taken for such an orphan, see adopt_orphans().
///
/// Should this process end without its destructors (SIGKILL), the kernel ends the group: the child inherits one more
/// descriptor, above all others, the lifeline. As long as a process holds it, every member of the group is sent SIGKILL
/// when our end closes, however deep below the child it is and whatever it ignores.
class ChildProcess {
 public:
  /// `inherited`: number in the child -> descriptor here. Every descriptor here must be above all numbers there, so
  /// that none is overwritten before its turn. `launch`: puts the child under supervision; may be null. Throws
  /// CannotStart where the program cannot be executed.
  ChildProcess(const std::vector<std::string>& words, const std::map<int, int>& inherited,
               const Launch* launch = nullptr);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] const UniqueFd& input() const { return input_; }    ///< written here, read there as standard input
  [[nodiscard]] const UniqueFd& output() const { return output_; }  ///< its standard output
  [[nodiscard]] const UniqueFd& error() const { return error_; }    ///< its standard error
  /// Readable as soon as the child itself has ended, even if another process holds its pipes.
  [[nodiscard]] const UniqueFd& ended() const { return ended_->descriptor(); }

  /// "exited with status 3", "was ended by SIGSEGV"; nothing while it runs. The child is not reaped before the
  /// destructor: until then no other process or group can have its number, which is signalled.
  std::optional<std::string> end();
  /// Closes its input and gives it `grace_ms` to end by itself.
  void dismiss(int grace_ms);
  /// SIGKILL to the whole group.
  void kill_group();

 private:
  pid_t pid_ = -1;
  UniqueFd input_;
  UniqueFd output_;
  UniqueFd error_;
  UniqueFd lifeline_;
  std::optional<EndOfChild> ended_;
  std::optional<std::string> end_;
};

/// Ends and reaps the children of this process that are neither a ChildProcess nor spared: what an ended one left
/// behind, see adopt_orphans().
void end_orphans(const std::set<pid_t>& spared);

/// This process, not init, becomes the parent of the orphans of an ended child, so that nothing escapes by leaving its
/// group.
void adopt_orphans();

}  // namespace recvinto::kit
