#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <vector>

#include "kit/values/bytes.h"
#include "kit/values/call.h"

namespace recvinto::kit {

/// The memory behind the buffers of one call, in this process.
class Storages {
 public:
  /// Filled as the buffers say; throws std::system_error where a mapping cannot be made. `buffers` must outlive it.
  explicit Storages(const std::vector<Buffer>& buffers);
  ~Storages();
  Storages(const Storages&) = delete;
  Storages& operator=(const Storages&) = delete;

  /// What is handed to the implementation: one entry for each buffer, valid as long as this.
  [[nodiscard]] std::vector<iovec> parts();
  /// What an observation shows of them now; leaves ordinary storages empty.
  [[nodiscard]] std::vector<Bytes> take();

 private:
  class Mapping;

  [[nodiscard]] void* address(std::size_t owner, std::size_t offset);

  const std::vector<Buffer>& buffers_;
  std::vector<Bytes> ordinary_;                     // one for each buffer
  std::vector<std::unique_ptr<Mapping>> mappings_;  // one for each buffer, null if it is not mapped
};

}  // namespace recvinto::kit
