#pragma once

#include <chrono>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "conformance/runner/results.h"
#include "fixtures/implementations/adapter_process.h"

namespace recvinto::conformance {

/// Whose failure is it: the implementation's, or that of the kernel under it? What failed unexpectedly is judged once
/// more on somebody who stands in for the kernel: `raw`, recvmsg(2) itself. What fails there too cannot be judged on
/// this host. That costs a second run of those checks, and nothing where nothing failed.
struct Calibration {
  std::string program;        ///< this runner
  std::string specification;  ///< who stands in for the kernel
  kit::KernelMode kernel = kit::KernelMode::kHost;
  std::chrono::milliseconds deadline{0};
};

/// Throws nothing for what goes wrong on the way: the failures then stay the implementation's, and it is said on
/// standard error.
void calibrate(Results& results, const Calibration& calibration);

// What calibrate() is made of, for its tests.

/// The checks whose failure may be the kernel's (may_be_the_kernels()) and is not listed.
std::vector<std::string> perhaps_the_kernels(const Results& results);

/// In what results.json holds: the checks in which something differed, and what, in one line.
std::map<std::string, std::string> failures_in(const nlohmann::json& results);

/// Skips those of perhaps_the_kernels() that are among `failures`.
void blame_the_kernel(Results& results, const std::map<std::string, std::string>& failures,
                      const std::string& specification);

}  // namespace recvinto::conformance
