# SPDX-License-Identifier: Apache-2.0
# What comes from npm: the checking tools, and Swagger UI, which the gateway serves. Sourced after common.sh.
# shellcheck shell=bash disable=SC2034 # the commands read what it sets

NPM_FOLDER=$ROOT/tools/npm
NPM_BIN=$NPM_FOLDER/node_modules/.bin
SWAGGER_UI=$ROOT/build/swagger-ui

# install_npm_packages: nothing to do while the installed lock is the committed one.
install_npm_packages() {
  local stamp=$NPM_FOLDER/node_modules/.installed lock log=$INSTALL_LOGS/npm.log
  lock=$(sha256sum <"$NPM_FOLDER/package-lock.json")
  if [ "$(cat "$stamp" 2>/dev/null)" = "$lock" ]; then return 0; fi
  mkdir -p "$INSTALL_LOGS"
  say "installing npm packages (log: $log)"
  (cd "$NPM_FOLDER" && npm ci --no-progress >"$log" 2>&1) || {
    show_tail "$log"
    fail "npm could not install tools/npm; check the network and your .npmrc"
  }
  printf '%s\n' "$lock" >"$stamp"
}

# locked FIELD: what package-lock.json says of swagger-ui-dist.
locked() {
  sed -nE '/"node_modules\/swagger-ui-dist"/,/\}/s/.*"'"$1"'": "([^"]+)".*/\1/p' \
    "$NPM_FOLDER/package-lock.json"
}

# fetch_swagger_ui: the one package that a running platform needs, without npm and its 300 Debian packages.
# Version and checksum are those of package-lock.json. Fails without ending the command.
fetch_swagger_ui() {
  local version wanted got registry=${npm_config_registry:-https://registry.npmjs.org} archive=$SWAGGER_UI.tgz
  version=$(locked version)
  wanted=$(locked integrity)
  if [ "$(cat "$SWAGGER_UI/.version" 2>/dev/null)" = "$version" ]; then return 0; fi
  mkdir -p "$(dirname "$archive")"
  curl -sSf --retry 2 --max-time 120 -o "$archive" \
    "${registry%/}/swagger-ui-dist/-/swagger-ui-dist-$version.tgz" || return 1
  got=sha512-$(openssl dgst -sha512 -binary "$archive" | base64 -w 0)
  if [ "$got" != "$wanted" ]; then
    say "swagger-ui-dist $version has another checksum than tools/npm/package-lock.json says"
    return 1
  fi
  rm -rf "$SWAGGER_UI"
  mkdir -p "$SWAGGER_UI"
  tar -xzf "$archive" -C "$SWAGGER_UI" --strip-components=1 --no-same-owner
  rm -f "$archive"
  printf '%s\n' "$version" >"$SWAGGER_UI/.version"
}
