# What every target of this project is compiled with. Nothing here leaks to users of the installed library: the two
# interface targets are linked PRIVATE.

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# Presets compile several sources as one (CMAKE_UNITY_BUILD), because most of the time of each goes to headers; so names in
# unnamed namespaces are unique in their target. The presets debug and tidy compile each by itself. C is compiled so, too.

# clangd looks for compile_commands.json in build/, where it finds that of a preset that compiles each source by itself, or
# else that of the first preset that was configured.
set(build "${PROJECT_SOURCE_DIR}/build")
cmake_path(IS_PREFIX build "${PROJECT_BINARY_DIR}/.." NORMALIZE is_below)
if(PROJECT_IS_TOP_LEVEL AND is_below AND (NOT CMAKE_UNITY_BUILD OR NOT EXISTS "${build}/compile_commands.json"))
  cmake_path(RELATIVE_PATH PROJECT_BINARY_DIR BASE_DIRECTORY "${build}" OUTPUT_VARIABLE preset)
  file(CREATE_LINK "${preset}/compile_commands.json" "${build}/compile_commands.json" SYMBOLIC)
endif()

# mold links, and ccache keeps what was compiled, where they are there. ccache takes a precompiled header for unchanged where
# CCACHE_SLOPPINESS lets it.
option(RECVINTO_FAST_TOOLS "Use mold and ccache where they are installed" ON)
if(RECVINTO_FAST_TOOLS AND NOT CMAKE_CROSSCOMPILING)
  find_program(MOLD mold)
  find_program(CCACHE ccache)
  if(MOLD)
    add_link_options(-fuse-ld=mold)
  endif()
  if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
    set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
  endif()
endif()

option(RECVINTO_WARNINGS_ARE_ERRORS "Stop at warnings; for compilers that the project is not tried with, switch it off" ON)

add_library(project_warnings INTERFACE)
target_compile_options(
  project_warnings
  INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
            $<$<BOOL:${RECVINTO_WARNINGS_ARE_ERRORS}>:-Werror>)

# In a package, programs need nothing but the C library: the others are in archives or headers.
option(RECVINTO_STANDALONE "Link programs with no shared library but those of the C library" OFF)
if(RECVINTO_STANDALONE)
  add_link_options(-static-libstdc++ -static-libgcc)
endif()

# RECVINTO_SANITIZE is a list for -fsanitize= ("address,undefined", "thread"); the presets set it. It applies to the whole
# build at once, because a half-instrumented program reports races and overflows that are not there.
set(RECVINTO_SANITIZE "" CACHE STRING "Sanitizers for the whole build, as -fsanitize= takes them")
if(RECVINTO_SANITIZE)
  add_compile_options(-fsanitize=${RECVINTO_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${RECVINTO_SANITIZE})
  # The check of an object's type before a virtual call opens a pipe(2) now and then, to see whether memory can be read. Where
  # a check of the suite has left the implementation no descriptor to open, that fails, and the call is called an error.
  if(RECVINTO_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize=vptr)
  endif()
endif()

# The tests' own code, not what they test: UndefinedBehaviorSanitizer takes a third of the time in which GoogleTest's macros and
# literals of JSON compile.
add_library(test_code INTERFACE)
if(RECVINTO_SANITIZE MATCHES "undefined")
  target_compile_options(test_code INTERFACE -fno-sanitize=undefined)
endif()

# Where an engine counts edges and traces comparisons, those of libraries and containers are left out; and no comparisons are
# traced in what is linked with `untraced`: that is worth something to engines that mutate bytes, while scenarios have a mutator.
add_library(untraced INTERFACE)
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang AND CMAKE_CXX_FLAGS MATCHES "-fsanitize=fuzzer")
  add_compile_options("-fsanitize-coverage-ignorelist=${PROJECT_SOURCE_DIR}/fuzz/uncounted.txt"
                      -Wno-unused-command-line-argument)
  target_compile_options(untraced INTERFACE -fno-sanitize-coverage=trace-cmp)
endif()
