# SPDX-License-Identifier: Apache-2.0
# Configures and builds one preset. Sourced after common.sh.
# shellcheck shell=bash disable=SC2034 # the commands read what it sets

# A clone in another folder gets the same cache hits: paths below the clone are stored relative to it.
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$ROOT}
export CCACHE_NOHASHDIR=${CCACHE_NOHASHDIR:-1}
export NINJA_STATUS=${NINJA_STATUS:-'[%f/%t %es] '}

# build_preset PRESET [TARGET…]: sets BUILD, BUILD_SECONDS and BUILD_WAS_CLEAN.
build_preset() {
  local preset=$1 began log
  shift
  BUILD=$ROOT/build/$preset
  BUILD_WAS_CLEAN=no
  [ -e "$BUILD/.ninja_log" ] || BUILD_WAS_CLEAN=yes
  began=$(date +%s)
  mkdir -p "$BUILD"
  if [ ! -e "$BUILD/build.ninja" ]; then
    say "configuring build/$preset"
    log=$BUILD/configure.log
    (cd "$ROOT" && cmake --preset "$preset" >"$log" 2>&1) || {
      show_tail "$log"
      fail "CMake could not configure build/$preset; see $log"
    }
  fi
  say "building build/$preset"
  cmake --build "$BUILD" ${1:+--target "$@"} || fail "the build failed; the first error stands above"
  BUILD_SECONDS=$(($(date +%s) - began))
}
