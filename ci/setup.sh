# shellcheck shell=bash
# Sourced by the commands beside it: packages, and building a preset. Progress goes to standard error.

project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# missing_packages GROUP...: those of ci/packages.txt that this architecture needs, that are not installed, and whose command
# does not exist.
missing_packages() {
  local here group package command architecture
  here=$(dpkg --print-architecture)
  [[ " $* " == *' build '* ]] && set -- "$@" runner go glib
  while read -r group package command architecture; do
    [[ -z $group || $group == '#'* || " $* " != *" $group "* ]] && continue
    [[ -n $architecture && $architecture != "$here" ]] && continue
    [[ $command != - ]] && command -v "$command" >/dev/null 2>&1 && continue
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] && continue
    printf '%s\n' "$package"
  done <"$project_root/ci/packages.txt" | sort -u
}

# need_packages GROUP...: installs what is missing where that is possible, otherwise says in one line what to install.
# While another process installs packages, it waits: for five minutes at most.
need_packages() {
  if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "no dpkg here: taking it for granted that the packages of ci/packages.txt (or their like) are installed" >&2
    return
  fi
  local missing
  missing=$(missing_packages "$@" | tr '\n' ' ')
  [[ -z $missing ]] && return
  if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null 2>&1; then
    echo "$(basename "$0"): packages are missing; install them with: sudo apt-get install $missing" >&2
    exit 69 # EX_UNAVAILABLE
  fi
  echo "installing: $missing" >&2
  # shellcheck disable=SC2086 # a list of names
  {
    apt-get update -qq &&
      DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends $missing
  } >&2
}

# get_from_pypi NAME 'PACKAGE==VERSION ...': a virtual environment of these in build/tools/NAME.
get_from_pypi() {
  local tools=$project_root/build/tools/$1 wanted=$2
  [[ $(cat "$tools/wanted" 2>/dev/null) == "$wanted" ]] && return
  # shellcheck disable=SC2086 # a list of names
  {
    python3 -m venv --clear "$tools" && "$tools/bin/pip" install --quiet --disable-pip-version-check $wanted && echo "$wanted" >"$tools/wanted"
  } >&2
}

# get_site_tools: MkDocs, in build/tools/site. Fails with a line that says so where it cannot be had.
get_site_tools() {
  if ! (need_packages site) || ! get_from_pypi site mkdocs==1.6.1; then
    echo "$(basename "$0"): no MkDocs: the site is not built" >&2
    return 1
  fi
}

# get_browser: Chromium, and in build/tools/browser Playwright and axe-core, which drive and check it. Fails with a line that
# says so where they cannot be had: tests in a browser are then skipped.
get_browser() {
  if ! (need_packages browser) || ! get_from_pypi browser 'playwright==1.65.2 axe-playwright-python==0.1.8'; then
    echo "$(basename "$0"): no browser: tests in one are skipped" >&2
    return 1
  fi
}

# build_preset PRESET [-DNAME=VALUE...] [TARGET...]: configures and builds, quietly unless it fails.
build_preset() {
  local preset=$1 log="$project_root/build/$1.log" options=()
  shift
  while [[ ${1:-} == -D* ]]; do
    options+=("$1")
    shift
  done
  mkdir -p "$project_root/build"
  echo "building preset $preset (log: build/$preset.log)" >&2
  if ! (cd "$project_root" && cmake --preset "$preset" "${options[@]}" && cmake --build --preset "$preset" ${1:+--target "$@"}) \
    >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    echo "$(basename "$0"): the build failed; see build/$preset.log" >&2
    exit 70
  fi
}

# link_programs PRESET: build/bin has the runner, adapters and plug-ins of that build.
link_programs() {
  local preset=$1 program
  mkdir -p "$project_root/build/bin"
  for program in recvmsg-conformance adapters/{go-adapter,go-adapter-386,glib-adapter,glib-plugin.so,plugin-template.so}; do
    [[ -e $project_root/build/$preset/$program ]] || continue
    ln -sfn "../$preset/$program" "$project_root/build/bin/${program##*/}"
  done
}
