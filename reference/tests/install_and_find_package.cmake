# Installs the build in BUILD_DIR below WORK_DIR, then configures, builds and runs the consumer in CONSUMER_DIR against
# it. The consumer gets this build's generator, compiler and flags: a library with a sanitizer in it needs a program
# with the same.

cmake_minimum_required(VERSION 3.25)

set(prefix "${WORK_DIR}/prefix")
file(REMOVE_RECURSE "${WORK_DIR}")

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

if(CONFIG)  # empty in a build without a type
  set(config_option --config "${CONFIG}")
endif()

run("${CMAKE_COMMAND}" --install "${BUILD_DIR}" --prefix "${prefix}" ${config_option})
run("${CMAKE_COMMAND}"
    -S "${CONSUMER_DIR}"
    -B "${WORK_DIR}/build"
    -G "${GENERATOR}"
    "-DCMAKE_PREFIX_PATH=${prefix}"
    "-DCMAKE_CXX_COMPILER=${CXX_COMPILER}"
    "-DCMAKE_CXX_FLAGS=${CXX_FLAGS}"
    "-DCMAKE_BUILD_TYPE=${CONFIG}")
run("${CMAKE_COMMAND}" --build "${WORK_DIR}/build" ${config_option})
run("${WORK_DIR}/build/consumer")
