#!/bin/bash -eu
# The same build as OSS-Fuzz has.
exec bash -eux "$SRC/recvmsg-conformance/ci/oss-fuzz/build.sh"
