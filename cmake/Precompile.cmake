# Precompiled headers for CI: g++ reads the standard library, {fmt} and GoogleTest anew for every file. Measured on g++ 12 with
# the sanitizers, precompiling them (5 and 10 s of CPU time, without and with GoogleTest) saves up to 1.2 s of the 2 to 12 s
# that a file of the kit costs, and 0.4 to 2 s of a test's: it pays from about ten files on.
#
# A precompiled header hides an #include that a file has forgotten, and gets in ccache's way. So only the presets that ci/test
# builds have it, and `debug` shows what is missing.
option(RECVINTO_PRECOMPILE "Precompile the headers of others that most files include" OFF)

# `fmt`, `gtest`: the target has these libraries too.
function(recvinto_precompile target)
  cmake_parse_arguments(PARSE_ARGV 1 with "fmt;gtest" "" "")
  if(NOT RECVINTO_PRECOMPILE)
    return()
  endif()
  set(headers
      <algorithm>
      <array>
      <chrono>
      <cstring>
      <functional>
      <map>
      <memory>
      <optional>
      <set>
      <span>
      <stdexcept>
      <string>
      <string_view>
      <system_error>
      <utility>
      <variant>
      <vector>)
  if(with_fmt)
    list(APPEND headers <fmt/format.h>)
  endif()
  if(with_gtest)
    list(APPEND headers <gmock/gmock.h> <gtest/gtest.h>)
  endif()
  target_precompile_headers(${target} PRIVATE ${headers})
endfunction()
