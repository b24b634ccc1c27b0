#pragma once

#include <string_view>

namespace recvinto::conformance {

/// "conformance/some_test.cc" of the path that the compiler was given, which differs from build to build.
constexpr std::string_view source_file(std::string_view path) {
  const std::size_t at = path.rfind("/conformance/");
  return at == std::string_view::npos ? path : path.substr(at + 1);
}

}  // namespace recvinto::conformance
