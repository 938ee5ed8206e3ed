# SPDX-License-Identifier: Apache-2.0
# Starts, watches and stops the processes of one installation. var/run/<name>.pid holds the number and the
# program; a number is believed only while that program really runs under it. Sourced after account.sh.
# shellcheck shell=bash

RUN=$VAR/run
STOP_SECONDS_MAX=30

# process_id NAME: prints the number of the running process; fails when it does not run.
process_id() {
  local pid program
  { read -r pid && read -r program; } 2>/dev/null <"$RUN/$1.pid" || return 1
  grep -qzxF -- "$program" "/proc/$pid/cmdline" 2>/dev/null || return 1
  printf '%s\n' "$pid"
}

# start_process NAME PROGRAM ARGUMENT…: in its own session, so that a Ctrl-C reaches only us and we stop
# things in order. Its output is appended to var/log/NAME.log.
start_process() {
  local name=$1 log=$LOGS/$1.log
  shift
  if [ -s "$log" ] && [ "$(stat -c %s "$log")" -gt 50000000 ]; then mv "$log" "$log.1"; fi
  setsid "${AS_ACCOUNT[@]}" "$@" </dev/null >>"$log" 2>&1 9>&- &
  printf '%s\n%s\n' "$!" "$1" >"$RUN/$name.pid"
  disown "$!"
}

# wait_ready NAME URL SECONDS: until URL answers 200; a process that ends meanwhile is reported at once.
wait_ready() {
  local name=$1 url=$2 deadline pid
  deadline=$(($(date +%s) + $3))
  pid=$(sed -n 1p "$RUN/$name.pid")
  until curl -s -f -o /dev/null --max-time 2 "$url"; do
    if [ ! -d "/proc/$pid" ]; then
      show_tail "$LOGS/$name.log"
      fail "$name ended while it started; see $LOGS/$name.log"
    fi
    if [ "$(date +%s)" -ge "$deadline" ]; then
      show_tail "$LOGS/$name.log"
      fail "$name is not ready after $3 s ($url); see $LOGS/$name.log"
    fi
    sleep 0.05
  done
}

# stop_process NAME: asks first; after STOP_SECONDS_MAX it is ended, which loses nothing acknowledged.
stop_process() {
  local name=$1 pid ticks=$((STOP_SECONDS_MAX * 20))
  if pid=$(process_id "$name"); then
    kill -TERM "$pid" 2>/dev/null || true
    while [ "$ticks" -gt 0 ] && process_id "$name" >/dev/null; do
      sleep 0.05
      ticks=$((ticks - 1))
    done
    if process_id "$name" >/dev/null; then
      say "$name did not stop within $STOP_SECONDS_MAX s; ending it"
      kill -KILL "$pid" 2>/dev/null || true
    fi
  fi
  rm -f "$RUN/$name.pid"
}

# lock_start: one start at a time, from before what runs is looked at: processes that another start has just
# begun are no leftovers to stop. tools/backup and tools/restore hold it while they run the database for
# themselves. Beside the folder, because --fresh removes the folder.
lock_start() {
  mkdir -p "$(dirname "$VAR")"
  [ -e "$VAR.lock" ] || : >"$VAR.lock"
  exec 9<"$VAR.lock"
  flock -n 9 || fail "another tools/up is starting in this clone, or a backup or restore is at work"
}
