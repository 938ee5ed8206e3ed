# SPDX-License-Identifier: Apache-2.0
# The private PostgreSQL 15 cluster in var/postgres: no TCP port, one socket in a 0700 folder. Sourced after
# common.sh and account.sh.
#
# Who may connect is decided by the kernel (peer): the account that runs everything and root, as any of the
# roles of the suite. There is no password that could leak.
# shellcheck shell=bash disable=SC2153 # ACCOUNT comes from account.sh

POSTGRES_DATA=$VAR/postgres
POSTGRES_PORT=5432
POSTGRES_ROLES=(postgres identity identity_owner alliance_registry alliance_registry_owner
  teacher_exchange teacher_exchange_owner teaching_research teaching_research_owner
  resource_sharing resource_sharing_owner)

# The programs are not in PATH on Debian.
find_postgres() {
  local candidate
  for candidate in /usr/lib/postgresql/15/bin "$(pg_config --bindir 2>/dev/null || true)"; do
    if [ -x "$candidate/initdb" ]; then
      POSTGRES_BIN=$candidate
      return 0
    fi
  done
  fail "PostgreSQL 15 is not installed; install postgresql-15"
}

# postgres_is_running: whether the recorded postmaster lives and is ours; a number alone proves nothing.
postgres_is_running() {
  local pid
  pid=$(sed -n 1p "$POSTGRES_DATA/postmaster.pid" 2>/dev/null) || return 1
  [ -n "$pid" ] && grep -qzxF -- "$POSTGRES_DATA" "/proc/$pid/cmdline" 2>/dev/null
}

create_cluster() {
  local unfinished=$POSTGRES_DATA.unfinished
  [ ! -e "$POSTGRES_DATA/PG_VERSION" ] || return 0
  say "creating the database cluster"
  # Made beside its place and moved there: an interrupted initdb leaves nothing that looks like a cluster.
  rm -rf "$unfinished"
  own_folder "$unfinished"
  "${AS_ACCOUNT[@]}" "$POSTGRES_BIN/initdb" -D "$unfinished" -U postgres -A peer -E UTF8 \
    --locale=C.UTF-8 --data-checksums >"$LOGS/initdb.log" 2>&1 || {
    show_tail "$LOGS/initdb.log"
    fail "initdb failed"
  }
  printf "include 'lianqiao.conf'\n" >>"$unfinished/postgresql.conf"
  mv "$unfinished" "$POSTGRES_DATA"
}

# Written at every start, so that a change here reaches clusters that exist. syncfs: after a kill -9 the
# start is ready in 0.1 s instead of opening and syncing every file one by one. random_page_cost: no disk has
# to turn; with the old default a caller of one county in a million rows waits for a walk over all of them.
configure_cluster() {
  local role account
  printf 'local all all peer map=lianqiao\n' | write_as_account "$POSTGRES_DATA/pg_hba.conf"
  for account in "$ACCOUNT" root; do
    for role in "${POSTGRES_ROLES[@]}"; do
      printf 'lianqiao %s %s\n' "$account" "$role"
    done
  done | sort -u | write_as_account "$POSTGRES_DATA/pg_ident.conf"
  write_as_account "$POSTGRES_DATA/lianqiao.conf" <<CONFIGURATION
listen_addresses = ''
port = $POSTGRES_PORT
unix_socket_directories = '$SOCKETS'
unix_socket_permissions = 0700
max_connections = 300
recovery_init_sync_method = syncfs
shared_buffers = 256MB
random_page_cost = 1.1
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u '
log_min_duration_statement = 1000
CONFIGURATION
}

start_postgres() {
  local try
  if postgres_is_running; then return 0; fi
  clear_foreign_postmaster_pid
  # After a kill -9 of the postmaster alone its children need a moment to notice: try again.
  for try in {1..20}; do
    if "${AS_ACCOUNT[@]}" "$POSTGRES_BIN/pg_ctl" -D "$POSTGRES_DATA" -s -w -t 60 start \
      </dev/null >>"$LOGS/postgres.log" 2>&1 9>&-; then
      return 0
    fi
    [ "$try" = 20 ] || sleep 0.2
  done
  show_tail "$LOGS/postgres.log"
  fail "PostgreSQL did not start; see $LOGS/postgres.log"
}

# After a reboot the number in postmaster.pid may belong to something else of the same account, and PostgreSQL
# would take that for itself. A living number that is no postmaster of this cluster is stale.
clear_foreign_postmaster_pid() {
  local pid
  pid=$(sed -n 1p "$POSTGRES_DATA/postmaster.pid" 2>/dev/null) || return 0
  if [ -n "$pid" ] && [ -d "/proc/$pid" ] && ! postgres_is_running; then
    rm -f "$POSTGRES_DATA/postmaster.pid"
  fi
}

stop_postgres() {
  postgres_is_running || return 0
  "${AS_ACCOUNT[@]}" "$POSTGRES_BIN/pg_ctl" -D "$POSTGRES_DATA" -s -w -t 60 -m fast stop ||
    fail "PostgreSQL did not stop within 60 s; see $LOGS/postgres.log"
}

# Roles, schemas and grants. Running it again changes nothing, so once per version of the file is enough.
bootstrap_database() {
  local mark=$POSTGRES_DATA/bootstrapped file=$ROOT/deploy/postgres/bootstrap.sql sum
  sum=$(sha256sum <"$file")
  [ "$(cat "$mark" 2>/dev/null)" != "$sum" ] || return 0
  "${AS_ACCOUNT[@]}" psql -X -q -h "$SOCKETS" -p "$POSTGRES_PORT" -U postgres -d postgres -f - \
    <"$file" >>"$LOGS/bootstrap.log" 2>&1 || {
    show_tail "$LOGS/bootstrap.log"
    fail "deploy/postgres/bootstrap.sql failed"
  }
  printf '%s\n' "$sum" | write_as_account "$mark"
}

# connection ROLE: how a service connects; holds no secret.
connection() {
  printf 'host=%s port=%s dbname=lianqiao user=%s' "$SOCKETS" "$POSTGRES_PORT" "$1"
}
