# The kernel's entries beside recvmsg(2) that this build can judge. A build may have no liburing and no 32-bit program; a host
# may have no io_uring, or an older one, and then says so.

set(kernel_entries recvmmsg recvmmsg_batch)
if(LIBURING_LIBRARY)
  list(APPEND kernel_entries io_uring io_uring_multishot)
endif()
if(TARGET raw32-adapter)
  list(APPEND kernel_entries raw32)
endif()
set(lacking_kernel_entry "io_uring_setup.2. fails with" "io_uring_register_buf_ring.3. fails with" "has no multishot recvmsg")

# Sets `variable` to the words that judge `entry`, with what docs/findings.md tells of it.
function(judging_kernel_entry variable entry)
  set(words --implementation ${entry})
  string(REGEX REPLACE "_(batch|multishot)$" "" baseline ${entry})
  set(baseline "${PROJECT_SOURCE_DIR}/conformance/baselines/${baseline}.toml")
  if(EXISTS "${baseline}")
    list(APPEND words --baseline "${baseline}")
  endif()
  if(entry MATCHES io_uring)
    list(APPEND words --deadline-ms 2000) # which one of those that are known to fail takes
  endif()
  set(${variable} ${words} PARENT_SCOPE)
endfunction()
