# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages of tools/packages.txt that are missing. Sourced after common.sh.
# shellcheck shell=bash

# missing_packages GROUP…: the packages of these groups that are not installed, one per line.
missing_packages() {
  local wanted=() package group command
  while read -r package group command; do
    case $package in '' | '#'*) continue ;; esac
    [[ " $* " == *" $group "* ]] || continue
    if [ -n "$command" ] && command -v "$command" >/dev/null; then continue; fi
    wanted+=("$package")
  done <"$ROOT/tools/packages.txt"
  # One query for all of them: a second start must not spend its seconds here.
  comm -23 <(printf '%s\n' "${wanted[@]}" | sort) \
    <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null |
      sed -n 's/^installed //p' | sort)
}

# as_root COMMAND…: as the caller when that is root, else through sudo.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "installing packages needs root or sudo; run as root: apt-get install ${MISSING[*]}"
  fi
}

# apt_install PACKAGE…: quiet, with the full output in a log and a count on the screen.
apt_install() {
  local log=$INSTALL_LOGS/apt.log
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@" </dev/null 2>&1 | tee -a "$log" |
    awk '/^[0-9]+ upgraded/ {print "         " $0; total = $3}
         /^Setting up/ {if (++done % 20 == 0) {print "         " done " of " total " set up"; fflush()}}'
}

# Debian starts the servers it installs. These packages are wanted for their programs only, so nothing is
# started and the empty cluster that postgresql-15 makes is removed again, but only when it came from us.
install_packages() {
  mapfile -t MISSING < <(missing_packages "$@")
  [ "${#MISSING[@]}" -gt 0 ] || return 0
  command -v apt-get >/dev/null || fail "this is not Debian: install the like of: ${MISSING[*]}"
  mkdir -p "$INSTALL_LOGS"
  say "installing ${#MISSING[@]} packages (log: $INSTALL_LOGS/apt.log)"
  local policy=/usr/sbin/policy-rc.d own_policy=no failed=no
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    own_policy=yes
  fi
  as_root apt-get update -q >>"$INSTALL_LOGS/apt.log" 2>&1 && apt_install "${MISSING[@]}" || failed=yes
  if [ "$own_policy" = yes ]; then as_root rm -f "$policy"; fi
  if [ "$failed" = yes ]; then
    show_tail "$INSTALL_LOGS/apt.log"
    fail "apt-get could not install: ${MISSING[*]}"
  fi
  forget_debian_servers "${MISSING[@]}"
}

forget_debian_servers() {
  if [[ " $* " == *" postgresql-15 "* ]] && [ -d /etc/postgresql/15/main ]; then
    as_root pg_dropcluster 15 main >>"$INSTALL_LOGS/apt.log" 2>&1 || true
  fi
  if [[ " $* " == *" prometheus "* ]] && command -v systemctl >/dev/null; then
    as_root systemctl disable prometheus >>"$INSTALL_LOGS/apt.log" 2>&1 || true
  fi
}
