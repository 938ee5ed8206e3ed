# SPDX-License-Identifier: Apache-2.0
# Everything that tools/up starts runs without privileges: as the caller or, when that is root, as the
# account `postgres` that Debian's package makes. Sourced after common.sh.
# shellcheck shell=bash

# choose_account: sets ACCOUNT and AS_ACCOUNT, the words that run a command as it.
choose_account() {
  AS_ACCOUNT=()
  if [ "$(id -u)" != 0 ]; then
    ACCOUNT=$(id -un)
    return 0
  fi
  ACCOUNT=postgres
  local drop=(setpriv --reuid=postgres --regid=postgres --init-groups) probe=$ROOT/tools/packages.txt
  AS_ACCOUNT=("${drop[@]}" --inh-caps=-all --)
  if "${AS_ACCOUNT[@]}" stat "$probe" >/dev/null 2>&1; then return 0; fi
  # A clone below a private folder, such as root's home: keep one right, to look into folders.
  AS_ACCOUNT=("${drop[@]}" "--inh-caps=-all,+dac_read_search" "--ambient-caps=-all,+dac_read_search" --)
  "${AS_ACCOUNT[@]}" stat "$probe" >/dev/null 2>&1 ||
    fail "the account 'postgres' cannot reach $ROOT. Give others the right to pass through the folders" \
      "above it (chmod o+x), clone elsewhere, or run this command as an ordinary user"
}

# own_folder FOLDER…: private folders of the account.
own_folder() {
  local folder
  for folder in "$@"; do
    if [ -d "$folder" ] && [ "$(stat -c %U "$folder")" != "$ACCOUNT" ]; then
      fail "$folder belongs to $(stat -c %U "$folder"), not to $ACCOUNT: an earlier start was made by" \
        "another user. Start as that user, or remove it (everything stored is lost) with: sudo rm -rf '$VAR'"
    fi
    if [ "$(id -u)" = 0 ]; then
      install -d -m 700 -o "$ACCOUNT" -g "$(id -gn "$ACCOUNT")" "$folder"
    else
      install -d -m 700 "$folder"
    fi
  done
}

# write_as_account FILE: standard input into a private file of the account, complete or not at all.
write_as_account() {
  (
    umask 077
    cat >"$1.new"
  )
  if [ "$(id -u)" = 0 ]; then chown "$ACCOUNT:" "$1.new"; fi
  mv "$1.new" "$1"
}

# A unix socket's path has at most 107 bytes. Below a deep clone the sockets go to a private folder in /tmp,
# and var/socket_folder says which. Sets SOCKETS.
choose_socket_folder() {
  local name_bytes_max=32 recorded=$VAR/socket_folder
  SOCKETS=$VAR/run
  if [ $((${#SOCKETS} + name_bytes_max)) -le 107 ]; then return 0; fi
  SOCKETS=$(cat "$recorded" 2>/dev/null || true)
  if [ -d "$SOCKETS" ] && [ "$(stat -c %U:%a "$SOCKETS")" = "$ACCOUNT:700" ]; then return 0; fi
  SOCKETS=$("${AS_ACCOUNT[@]}" mktemp -d /tmp/lianqiao.XXXXXX)
  printf '%s\n' "$SOCKETS" >"$recorded"
}
