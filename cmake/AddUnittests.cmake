# add_unittests(PREFIX FILE PROPERTIES PROPERTY VALUE...): one test for each test method of FILE, a Python module of unittest, named
# PREFIX.METHOD without the method's "test_".
#
# For a module that takes minutes: ctest has one process a test, and the methods of one module would be done one after the
# other while all but one core idle. Those of judged_alike_test.py were half the time of the tests under AddressSanitizer.
# They are read from FILE itself, when CMake configures, so that none can be left out.
function(add_unittests prefix file)
  cmake_parse_arguments(PARSE_ARGV 2 with "" "" "PROPERTIES")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
  file(STRINGS "${file}" lines REGEX "^(class|    def test_)")
  set(class "")
  foreach(line IN LISTS lines)
    if(line MATCHES "^class ([A-Za-z0-9_]+)")
      set(class "${CMAKE_MATCH_1}")
    elseif(line MATCHES "^    def test_([A-Za-z0-9_]+)")
      set(test "${prefix}.${CMAKE_MATCH_1}")
      add_test(NAME ${test} COMMAND Python3::Interpreter -B "${CMAKE_CURRENT_SOURCE_DIR}/${file}"
                                    "${class}.test_${CMAKE_MATCH_1}")
      set_tests_properties(${test} PROPERTIES ${with_PROPERTIES})
    endif()
  endforeach()
endfunction()
