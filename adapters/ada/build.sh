#!/bin/sh
# Builds the plug-in in the folder that is named.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
gnatmake -q -c -O2 -fPIC "$here/receiving.adb"
gnatbind -n -Lreceiving receiving.ali
gnatgcc -c -O2 -fPIC b~receiving.adb
cc -O2 -Wall -Wextra -shared -fPIC -I "$here/../include" -o plugin.so "$here/plugin.c" receiving.o b~receiving.o -lgnat-12
