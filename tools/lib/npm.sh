# SPDX-License-Identifier: Apache-2.0
# Installs the npm packages of tools/npm when its lock file changed. Sourced after common.sh.
# shellcheck shell=bash disable=SC2034 # the commands read what it sets

NPM_FOLDER=$ROOT/tools/npm
NPM_BIN=$NPM_FOLDER/node_modules/.bin

# install_npm_packages run|all: what a running platform serves (Swagger UI), or the checking tools as well.
install_npm_packages() {
  local group=$1 lock log=$INSTALL_LOGS/npm.log options=() stamps=$NPM_FOLDER/node_modules
  lock=$(sha256sum <"$NPM_FOLDER/package-lock.json")
  if [ "$(cat "$stamps/.installed-all" 2>/dev/null)" = "$lock" ]; then return 0; fi
  if [ "$group" = run ]; then
    if [ "$(cat "$stamps/.installed-run" 2>/dev/null)" = "$lock" ]; then return 0; fi
    options=(--omit=dev)
  fi
  mkdir -p "$INSTALL_LOGS"
  say "installing npm packages (log: $log)"
  (cd "$NPM_FOLDER" && npm ci --no-progress "${options[@]}" >"$log" 2>&1) || {
    show_tail "$log"
    fail "npm could not install tools/npm; check the network and your .npmrc"
  }
  printf '%s\n' "$lock" >"$stamps/.installed-$group"
}
