#pragma once

/// What stands between FUZZ_UNCOUNTED_BEGIN and FUZZ_UNCOUNTED_END is not instrumented for coverage. Models, oracles
/// and made-up kernels are as large as what is tried: their edges would cost half of the speed, and lead an engine to
/// what is new to the oracle instead of to what is new to the parser. Sanitizers watch over them all the same.
#ifdef __clang__
#define FUZZ_UNCOUNTED_BEGIN \
  _Pragma("clang attribute push(__attribute__((no_sanitize(\"coverage\"))), apply_to = function)")
#define FUZZ_UNCOUNTED_END _Pragma("clang attribute pop")
#else
#define FUZZ_UNCOUNTED_BEGIN
#define FUZZ_UNCOUNTED_END
#endif
