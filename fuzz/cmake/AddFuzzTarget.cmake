file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/targets.txt" "")

# add_fuzz_mutator(NAME SOURCE...): a structure-aware mutator, for engines that ask their targets for one, and as
# the library NAME_afl.so for AFL++ (AFL_CUSTOM_MUTATOR_LIBRARY).
function(add_fuzz_mutator name)
  add_library(fuzz_${name} OBJECT ${ARGN})
  target_include_directories(fuzz_${name} PUBLIC "${PROJECT_SOURCE_DIR}")
  target_compile_features(fuzz_${name} PUBLIC cxx_std_20)
  target_link_libraries(fuzz_${name} PRIVATE project_warnings)
  if(RECVINTO_FUZZ_ENGINE AND CMAKE_CXX_COMPILER_ID STREQUAL Clang)
    # What is found in a mutator is no finding, and what it compares is no hint. Builds without an engine do instrument it.
    target_compile_options(fuzz_${name} PRIVATE -fno-sanitize=all -fno-sanitize=fuzzer-no-link)
  endif()
  set_target_properties(fuzz_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  add_library(fuzz_${name}_afl MODULE support/afl_mutator.cc)
  target_link_libraries(fuzz_${name}_afl PRIVATE fuzz_${name} project_warnings)
  set_target_properties(fuzz_${name}_afl PROPERTIES PREFIX "" OUTPUT_NAME ${name}_afl)
endfunction()

# add_fuzz_target(INVARIANT [ILP32] [PLANTED_BUGS] [MUTATOR name] [DICTIONARY name] [LIBRARIES library...]): targets/INVARIANT.cc.
#
# The program is fuzz_INVARIANT; where there is an engine, fuzz_INVARIANT_replay is the one that needs none. The test
# fuzz.replay.INVARIANT replays corpus/INVARIANT and regressions/INVARIANT. Programs of engines find beside them what they
# look for by name: INVARIANT's options and dictionary. LIBRARIES are linked in addition to the reference. PLANTED_BUGS says
# that fuzz/planted_bugs has bugs for this target to find, which the test fuzz.self_test.INVARIANT sees to. ILP32 says that the
# corpora are replayed by a 32-bit program, too.
function(add_fuzz_target invariant)
  cmake_parse_arguments(PARSE_ARGV 1 with "ILP32;PLANTED_BUGS" "MUTATOR;DICTIONARY" "LIBRARIES")
  if(NOT invariant MATCHES "^[a-z0-9_]+$")
    message(FATAL_ERROR "fuzz target '${invariant}': OSS-Fuzz takes letters, digits and _ only")
  endif()
  set(program fuzz_${invariant})

  add_library(${program}_code OBJECT targets/${invariant}.cc)
  target_link_libraries(${program}_code PUBLIC fuzz_support ${with_LIBRARIES} PRIVATE project_warnings)
  add_executable(${program})
  target_link_libraries(${program} PRIVATE ${program}_code fuzz_support)
  if(with_MUTATOR)
    target_link_libraries(${program} PRIVATE fuzz_${with_MUTATOR})
  endif()
  add_dependencies(fuzzers ${program})

  set(replay ${program})
  if(RECVINTO_FUZZ_ENGINE)
    target_link_libraries(${program} PRIVATE ${RECVINTO_FUZZ_ENGINE})
    if(with_MUTATOR)
      # For ci/fuzz-speed: what the engine's own mutations cost.
      add_executable(${program}_raw)
      target_link_libraries(${program}_raw PRIVATE ${program}_code fuzz_support ${RECVINTO_FUZZ_ENGINE})
    endif()
    set(replay ${program}_replay)
    add_executable(${replay})
    target_link_libraries(${replay} PRIVATE ${program}_code fuzz_support)
  endif()
  add_dependencies(fuzz_replays ${replay})
  target_sources(${replay} PRIVATE support/standalone_main.cc)
  target_link_libraries(${replay} PRIVATE project_warnings)

  # What proves that it finds bugs, on the same code: fuzz/planted_bugs.
  if(with_PLANTED_BUGS)
    add_library(${program}_planted_code OBJECT targets/${invariant}.cc)
    target_link_libraries(${program}_planted_code PUBLIC fuzz_planted_support PRIVATE project_warnings)
    add_executable(${program}_self_test support/self_test_main.cc)
    target_link_libraries(${program}_self_test PRIVATE ${program}_planted_code fuzz_planted_support project_warnings)
    if(with_MUTATOR)
      target_link_libraries(${program}_self_test PRIVATE fuzz_${with_MUTATOR})
    endif()
    add_dependencies(planted_fuzzers ${program}_self_test)
    add_test(NAME fuzz.self_test.${invariant} COMMAND ${program}_self_test ${invariant})
    set_tests_properties(fuzz.self_test.${invariant} PROPERTIES LABELS fuzz TIMEOUT 300)
    if(RECVINTO_FUZZ_ENGINE)
      # For ci/fuzz-bugs: under the engine, with the mutator and without.
      add_executable(${program}_planted)
      target_link_libraries(${program}_planted PRIVATE ${program}_planted_code fuzz_planted_support ${RECVINTO_FUZZ_ENGINE})
      if(with_MUTATOR)
        add_executable(${program}_planted_raw)
        target_link_libraries(${program}_planted_raw PRIVATE ${program}_planted_code fuzz_planted_support
                                                             ${RECVINTO_FUZZ_ENGINE})
        target_link_libraries(${program}_planted PRIVATE fuzz_${with_MUTATOR})
        add_dependencies(planted_fuzzers ${program}_planted_raw)
      endif()
      add_dependencies(planted_fuzzers ${program}_planted)
    endif()
  endif()

  set(corpora "${CMAKE_CURRENT_SOURCE_DIR}/corpus/${invariant}")
  if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/regressions/${invariant}")
    list(APPEND corpora "${CMAKE_CURRENT_SOURCE_DIR}/regressions/${invariant}")
  endif()
  add_test(NAME fuzz.replay.${invariant} COMMAND ${replay} ${corpora})
  set_tests_properties(fuzz.replay.${invariant} PROPERTIES LABELS fuzz TIMEOUT 60)

  if(with_ILP32)
    add_32_bit_replay(${invariant} ${corpora})
  endif()

  set(options "${CMAKE_CURRENT_SOURCE_DIR}/options/${invariant}.options")
  if(EXISTS "${options}")
    configure_file("${options}" ${program}.options COPYONLY)
  endif()
  if(with_DICTIONARY)
    configure_file("${CMAKE_CURRENT_SOURCE_DIR}/dictionaries/${with_DICTIONARY}.dict" ${program}.dict COPYONLY)
  endif()
  file(APPEND "${CMAKE_CURRENT_BINARY_DIR}/targets.txt" "${invariant}\n")
endfunction()
