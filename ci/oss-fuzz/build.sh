#!/bin/bash -eu
# Builds the fuzz targets by the contract of OSS-Fuzz and ClusterFuzzLite: $CXX, $CXXFLAGS, $SANITIZER and
# $LIB_FUZZING_ENGINE say how, $SRC has the sources, $WORK is for what is in between, $OUT gets for each target
# fuzz_X, fuzz_X_seed_corpus.zip, fuzz_X.dict and fuzz_X.options. ci/oss-fuzz/check tries it without their images.

source=$SRC/recvmsg-conformance
build=$WORK/recvmsg-conformance

# Their set of undefined behaviour leaves out what a parser of ancillary data is most likely to do.
if [[ $SANITIZER == undefined ]]; then
  more="-fsanitize=alignment,pointer-overflow -fno-sanitize-recover=alignment,pointer-overflow"
  CFLAGS="$CFLAGS $more"
  CXXFLAGS="$CXXFLAGS $more"
fi

# Ubuntu's libraries (RapidCheck) are built with libstdc++: all of it is, and brings it along, for runners need not have it.
CXXFLAGS=${CXXFLAGS//-stdlib=libc++/}

# Which warnings their newest compiler has is no reason not to fuzz. The engine may be several words. Runners have no
# adapters, and nothing else that is not in $OUT.
cmake -G Ninja -S "$source" -B "$build" -DCMAKE_BUILD_TYPE= \
  -DCMAKE_C_COMPILER="$CC" -DCMAKE_CXX_COMPILER="$CXX" -DCMAKE_C_FLAGS="$CFLAGS" -DCMAKE_CXX_FLAGS="$CXXFLAGS" \
  -DCMAKE_EXE_LINKER_FLAGS="-static-libstdc++ -static-libgcc" \
  -DRECVINTO_FUZZ_ENGINE="${LIB_FUZZING_ENGINE// /;}" -DRECVINTO_SANITIZE= -DRECVINTO_WARNINGS_ARE_ERRORS=OFF \
  -DRECVINTO_SOURCE_DIR=.
# RECVINTO_FUZZ_TARGETS is ours: names, for who cannot wait for all of them.
targets=${RECVINTO_FUZZ_TARGETS:-$(cat "$build/fuzz/targets.txt")}
# shellcheck disable=SC2046,SC2086 # a list of names
cmake --build "$build" --target $(printf 'fuzz_%s ' $targets)

for target in $targets; do
  cp "$build/fuzz/fuzz_$target" "$OUT/"
  for beside in "$build/fuzz/fuzz_$target".{dict,options}; do
    if [[ -e $beside ]]; then cp "$beside" "$OUT/"; fi
  done
  if [[ -d $source/fuzz/corpus/$target ]]; then
    # Flat, as their runners want it: files of one name in two folders would be one, hence named by what is in them.
    seeds=$(mktemp -d -p "$WORK")
    find "$source/fuzz/corpus/$target" -type f -exec sha1sum {} + | while read -r sum seed; do
      cp "$seed" "$seeds/$sum"
    done
    (cd "$seeds" && zip -qr -FS "$OUT/fuzz_${target}_seed_corpus.zip" .)
    rm -r "$seeds"
  fi
done
