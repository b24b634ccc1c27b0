"""The runner for another target: its libraries, which are unpacked and never installed, and the build."""
import os
import shutil
import subprocess

import debian_packages
import preset
from crossing.targets import is_musl

SUITE = "bookworm"
ZIG = "ziglang==0.13.0"
# Debian's; what is headers alone, or is compiled anew for musl, is of no architecture.
HEADERS = ("nlohmann-json3-dev", "libtomlplusplus-dev", "libcli11-dev", "libfmt-dev")
OF_DEBIAN = (*HEADERS, "libc6-dev", "libstdc++-12-dev", "libgtest-dev", "librapidcheck-dev", "liburing-dev")
OF_MUSL = (*HEADERS, "googletest")
# The source of RapidCheck, of which Debian has no package with it.
SOURCES = ("trixie",)


# Least to compile: speed is not tried here.
QUICK = ("-DCMAKE_CXX_FLAGS_RELEASE=-O0 -DNDEBUG", "-DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON")


class NotBuilt(Exception):
    """str() says why."""


class Build:
    def __init__(self, root, directory, target):
        self._root, self._directory, self._target = root, directory.resolve(), target
        self.libraries = self._directory / "libraries"
        self._log = self._directory / "build.log"
        self._options = []

    def runner(self):
        """Built anew where sources have changed."""
        self._directory.mkdir(parents=True, exist_ok=True)
        self._log.write_bytes(b"")
        self._options = self._by_zig() if is_musl(self._target) else self._by_clang()
        self._unless_done(self._libraries_of_musl if is_musl(self._target) else self._libraries_of_debian)
        build = self._directory / "build"
        self._run("cmake", "--preset", "runner", "-B", build, "-DRECVINTO_ADAPTERS=", "-DRECVINTO_STANDALONE=ON",
                  *QUICK, *self._options)
        self._run("cmake", "--build", build, "--target", "recvmsg-conformance")
        return build / "recvmsg-conformance"

    def sysroot(self):
        """Where the program finds its C library; None: it needs none."""
        return None if is_musl(self._target) else self.libraries

    def _unless_done(self, make):
        """`make` is left out where it was done with what is named above."""
        wanted = repr((SUITE, ZIG, OF_DEBIAN, OF_MUSL, SOURCES))
        whole = self.libraries / "whole"
        if whole.exists() and whole.read_text(encoding="ascii") == wanted:
            return
        shutil.rmtree(self.libraries, ignore_errors=True)
        self.libraries.mkdir()
        make()
        whole.write_text(wanted, encoding="ascii")

    def _toolchain(self, name, **variables):
        return [f"-DCMAKE_TOOLCHAIN_FILE={self._root / 'cmake/toolchains' / name}", f"-DRECVINTO_TARGET={self._target.triple}",
                *[f"-DRECVINTO_{variable.upper()}={value}" for variable, value in variables.items()]]

    def _by_clang(self):
        return self._toolchain("debian.cmake", sysroot=self.libraries)

    def _by_zig(self):
        tools = preset.get_from_pypi("zig", ZIG)
        zig = next(tools.glob("lib/python3*/site-packages/ziglang/zig"))
        return self._toolchain("zig.cmake", libraries=self.libraries, zig=zig)

    def _unpack(self, names):
        packages = debian_packages.Apt(self._directory / "packages", [SUITE], self._target.debian)
        packages.update()
        packages.unpack_with_needs(names, self.libraries)

    def _libraries_of_debian(self):
        self._unpack(OF_DEBIAN)

    def _libraries_of_musl(self):
        self._unpack(OF_MUSL)
        self._install("googletest", self.libraries / "usr/src/googletest", "-DBUILD_GMOCK=OFF")
        sources = debian_packages.Apt(self._directory / "sources", SOURCES, self._target.debian, kinds=("deb-src",))
        sources.update()
        self._install("rapidcheck", sources.upstream("rapidcheck"))

    def _install(self, name, source, *options):
        build = self._directory / name
        shutil.rmtree(build, ignore_errors=True)
        self._run("cmake", "-S", source, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
                  f"-DCMAKE_INSTALL_PREFIX={self.libraries / 'usr'}", *self._options, *options)
        self._run("cmake", "--build", build)
        self._run("cmake", "--install", build)

    def _run(self, *command):
        with open(self._log, "ab") as log:
            done = subprocess.run(command, cwd=self._root, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False,
                                  env={**os.environ, "ZIG_GLOBAL_CACHE_DIR": str(self._directory.parent / "zig-cache")})
        if done.returncode != 0:
            raise NotBuilt(f"the build failed; see {self._log}")
