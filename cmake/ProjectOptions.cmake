# What every target of this project is compiled with. Nothing here leaks to users of the installed library: the two
# interface targets are linked PRIVATE.

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(RECVINTO_WARNINGS_ARE_ERRORS "Stop at warnings; for compilers that the project is not tried with, switch it off" ON)

add_library(project_warnings INTERFACE)
target_compile_options(
  project_warnings
  INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
            $<$<BOOL:${RECVINTO_WARNINGS_ARE_ERRORS}>:-Werror>)

# RECVINTO_SANITIZE is a list for -fsanitize= ("address,undefined", "thread"); the presets set it. It applies to the whole
# build at once, because a half-instrumented program reports races and overflows that are not there.
set(RECVINTO_SANITIZE "" CACHE STRING "Sanitizers for the whole build, as -fsanitize= takes them")
if(RECVINTO_SANITIZE)
  add_compile_options(-fsanitize=${RECVINTO_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${RECVINTO_SANITIZE})
endif()
