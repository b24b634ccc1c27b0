# musl and libc++, linked statically, by the clang of zig: RECVINTO_ZIG is that program, RECVINTO_TARGET as x86_64-linux-musl,
# RECVINTO_LIBRARIES a directory with the libraries that the suite is built with (ci/cross).

set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES RECVINTO_ZIG RECVINTO_TARGET RECVINTO_LIBRARIES)
string(REGEX MATCH "^[^-]+" CMAKE_SYSTEM_PROCESSOR "${RECVINTO_TARGET}")
set(CMAKE_SYSTEM_NAME Linux)
set(RECVINTO_STATIC ON)
foreach(language C CXX)
  set(CMAKE_${language}_COMPILER_TARGET "${RECVINTO_TARGET}")
  set(CMAKE_${language}_ARCHIVE_CREATE "\"${RECVINTO_ZIG}\" ar qc <TARGET> <OBJECTS>")
  set(CMAKE_${language}_ARCHIVE_APPEND "\"${RECVINTO_ZIG}\" ar q <TARGET> <OBJECTS>")
  set(CMAKE_${language}_ARCHIVE_FINISH "\"${RECVINTO_ZIG}\" ranlib <TARGET>")
endforeach()
set(CMAKE_C_COMPILER "${RECVINTO_ZIG};cc")
set(CMAKE_CXX_COMPILER "${RECVINTO_ZIG};c++")
# Without optimisation zig adds traps of its own.
add_compile_options(-fno-sanitize=undefined)
set(CMAKE_FIND_ROOT_PATH "${RECVINTO_LIBRARIES}")
file(GLOB architecture RELATIVE "${RECVINTO_LIBRARIES}/usr/lib" "${RECVINTO_LIBRARIES}/usr/lib/*-linux-gnu")
set(CMAKE_LIBRARY_ARCHITECTURE "${architecture}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
