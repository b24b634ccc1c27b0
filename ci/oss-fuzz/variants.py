"""What OSS-Fuzz's base-builder sets for each combination of engine and sanitizer (infra/base-images/base-builder), with
the compilers of Debian."""

_COMMON = ["-O1", "-fno-omit-frame-pointer", "-gline-tables-only", "-Wno-error=incompatible-function-pointer-types",
           "-DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION"]
_SANITIZER = {
    "address": ["-fsanitize=address", "-fsanitize-address-use-after-scope"],
    "undefined": ["-fsanitize=array-bounds,bool,builtin,enum,function,integer-divide-by-zero,null,object-size,return,"
                  "returns-nonnull-attribute,shift,signed-integer-overflow,unsigned-integer-overflow,unreachable,vla-bound,"
                  "vptr",
                  "-fno-sanitize-recover=array-bounds,bool,builtin,enum,function,integer-divide-by-zero,null,object-size,"
                  "return,returns-nonnull-attribute,shift,signed-integer-overflow,unreachable,vla-bound,vptr"],
    "coverage": [],
}
_LIBFUZZER_FEEDBACK = ["-fsanitize=fuzzer-no-link"]
_SOURCE_COVERAGE = ["-fprofile-instr-generate", "-fcoverage-mapping", "-pthread", "-Wl,--no-as-needed", "-Wl,-ldl",
                    "-Wl,-lm", "-Wno-unused-command-line-argument"]


class Variant:
    def __init__(self, name, engine, sanitizer, compiler, feedback, link, needs):
        self.name = name
        self.engine = engine
        self.sanitizer = sanitizer
        self.needs = needs  # the group of ci/packages.txt
        self.places = []  # where it is built, which nothing may depend on
        flags = " ".join([*_COMMON, *_SANITIZER[sanitizer], *feedback])
        self.environment = {
            "FUZZING_ENGINE": engine, "SANITIZER": sanitizer, "ARCHITECTURE": "x86_64", "FUZZING_LANGUAGE": "c++",
            "CC": compiler, "CXX": compiler.replace("clang", "clang++") if engine == "libfuzzer" else f"{compiler}++",
            "CFLAGS": flags, "CXXFLAGS": f"{flags} -stdlib=libc++", "LIB_FUZZING_ENGINE": link,
        }


def _libfuzzer(sanitizer):
    feedback = _SOURCE_COVERAGE if sanitizer == "coverage" else _LIBFUZZER_FEEDBACK
    return Variant(sanitizer, "libfuzzer", sanitizer, "clang-19", feedback, "-fsanitize=fuzzer", "clang")


VARIANTS = {variant.name: variant for variant in (
    _libfuzzer("address"),
    _libfuzzer("undefined"),
    _libfuzzer("coverage"),
    # The driver is a library there, and the compiler adds the rest of the engine.
    Variant("afl", "afl", "address", "afl-clang-fast", [], "/usr/lib/afl/libAFLDriver.a", "afl"),
)}
VARIANTS["afl"].environment.update({"AFL_QUIET": "1", "ASAN_OPTIONS": "detect_leaks=0:detect_odr_violation=0"})
