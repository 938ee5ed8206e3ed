# SPDX-License-Identifier: Apache-2.0
# What every command shares: where things are, how to say something, how to fail. Sourced, never run.
# shellcheck shell=bash disable=SC2034 # the commands read what it sets

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# LIANQIAO_VAR: another folder for everything that is stored, so that one clone can run several platforms.
VAR=$(realpath -m -- "${LIANQIAO_VAR:-$ROOT/var}")
LOGS=$VAR/log
INSTALL_LOGS=$ROOT/build/log
STARTED_AT=$(date +%s)

# say TEXT…: one line of progress with the seconds since the command began.
say() {
  printf '[%4d s] %s\n' "$(($(date +%s) - STARTED_AT))" "$*"
}

# fail TEXT…: say why and what to do next, then end.
fail() {
  printf '\n%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# show_tail FILE: the end of a log, for whoever has to find the cause.
show_tail() {
  [ -s "$1" ] || return 0
  printf -- '--- last lines of %s\n' "$1" >&2
  tail -n 20 "$1" >&2
  printf -- '---\n' >&2
}
