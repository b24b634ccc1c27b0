# What ci/package packs: the component "suite", in one layout for the archive, the Debian package and the wheel. The runner
# finds what it needs from its own place (kit/host/installation.h).

include(GNUInstallDirs)

set(share "${CMAKE_INSTALL_DATAROOTDIR}/recvmsg-conformance")
install(TARGETS recvmsg-conformance COMPONENT suite)
foreach(folder adapters/python adapters/template adapters/templates adapters/c adapters/go adapters/rust
               adapters/plugin_template adapters/include conformance/baselines)
  cmake_path(GET folder PARENT_PATH parent)
  install(DIRECTORY "${folder}" DESTINATION "${share}/${parent}" COMPONENT suite USE_SOURCE_PERMISSIONS
          PATTERN __pycache__ EXCLUDE PATTERN manifest.toml EXCLUDE PATTERN CMakeLists.txt EXCLUDE)
endforeach()
install(PROGRAMS pipelines/judge pipelines/annotations.py DESTINATION "${share}/pipelines" COMPONENT suite)
install(FILES adapters/PROTOCOL.md adapters/PLUGIN.md DESTINATION "${share}/adapters" COMPONENT suite)
install(PROGRAMS fixtures/adapters/faulty_python.py DESTINATION "${share}/fixtures/adapters" COMPONENT suite)
install(DIRECTORY fixtures/adapters/python_faults DESTINATION "${share}/fixtures/adapters" COMPONENT suite
        PATTERN __pycache__ EXCLUDE)
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/doc/recvmsg-conformance" RENAME copyright COMPONENT suite)

set(CPACK_PACKAGE_NAME recvmsg-conformance)
set(CPACK_PACKAGE_VENDOR "The recvmsg-conformance authors")
set(CPACK_PACKAGE_CONTACT "The recvmsg-conformance authors <recvmsg-conformance@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "conformance test suite for recvmsg_into, in any language")
set(CPACK_PACKAGE_DESCRIPTION
    "Judges implementations of a scatter receive with ancillary data, such as socket.recvmsg_into of Python, requirement by
requirement, on real sockets and on a scripted kernel.")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
string(TOLOWER "${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR}" host)
set(CPACK_PACKAGE_FILE_NAME "recvmsg-conformance-${PROJECT_VERSION}-${host}")
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}/packages")
set(CPACK_GENERATOR TGZ DEB)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL suite)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS python3)
include(CPack)
