# SPDX-License-Identifier: Apache-2.0
# What tools/backup and tools/restore share: which schemas, how to reach them, what stands in a dump, whether
# a backup is whole. Sourced after account.sh, postgres.sh, processes.sh and services.sh.
#
# A backup is a folder: one dump of pg_dump (custom format) per schema, manifest.json for people and programs,
# SHA256SUMS over all of them. What a dump holds is read from the dump itself, never from the manifest.
# shellcheck shell=bash disable=SC2034,SC2153 # the commands read what it sets; common.sh sets VAR

# Beside the folder of the installation, which tools/up --fresh removes.
BACKUPS=$VAR.backups
# The schemas of the command line, in order; empty: all.
SCHEMAS=()
# By schema, of --database; empty: the installation in $VAR.
declare -A DATABASES=()
STARTED_POSTGRES=no

# add_database SCHEMA=CONNECTION: a connection string with a password would be seen by everybody.
add_database() {
  local schema=${1%%=*} connection=${1#*=}
  [[ $1 == *=* && $schema =~ ^[a-z][a-z0-9_]{0,40}$ && -n $connection ]] ||
    fail "--database takes SCHEMA=CONNECTION, such as identity='service=identity', not '$1'"
  [[ $connection != *password* ]] ||
    fail "no passwords on a command line: name a passfile or a service (pg_service.conf) in --database"
  DATABASES[$schema]=$connection
}

add_schema() {
  [[ $1 =~ ^[a-z][a-z0-9_]{0,40}$ ]] || fail "'$1' is no name of a schema"
  SCHEMAS+=("$1")
}

# platform_schemas: those that tools/up runs, one a line.
platform_schemas() {
  local role
  for role in "${POSTGRES_ROLES[@]}"; do
    if [[ $role == *_owner ]]; then printf '%s\n' "${role%_owner}"; fi
  done
}

# is_elsewhere: --database names another installation.
is_elsewhere() { [ "${#DATABASES[@]}" -gt 0 ]; }

# connection_for SCHEMA ROLE: ROLE counts for the installation in $VAR only.
connection_for() {
  if is_elsewhere; then
    [ -n "${DATABASES[$1]:-}" ] || fail "no --database for the schema $1"
    printf '%s' "${DATABASES[$1]}"
  else
    connection "$2"
  fi
}

# query CONNECTION SQL: rows as lines, columns by tabs.
query() {
  PGTZ=UTC psql -X -q -A -t -F $'\t' -v ON_ERROR_STOP=1 -d "$1" -c "$2"
}

# open_database: the installation's own PostgreSQL is started for the time of the command. Nobody starts the
# platform meanwhile.
open_database() {
  find_postgres
  if is_elsewhere; then return 0; fi
  choose_account
  choose_socket_folder
  if postgres_is_running; then return 0; fi
  lock_start  # Once more does no harm.
  configure_cluster
  start_postgres
  STARTED_POSTGRES=yes
}

close_database() {
  if [ "$STARTED_POSTGRES" = yes ]; then
    STARTED_POSTGRES=no
    stop_postgres
  fi
}

# dump_rows DUMP SCHEMA TABLE COLUMN…: these columns of a small table as they stand in the dump, by tabs.
dump_rows() {
  local dump=$1 schema=$2 table=$3
  shift 3
  "$POSTGRES_BIN/pg_restore" --data-only --schema="$schema" --table="$table" --file=- "$dump" |
    awk -v wanted="$*" -F '\t' -v OFS='\t' '
      /^COPY / && !rows {
        list = $0; sub(/^[^(]*\(/, "", list); sub(/\).*/, "", list)
        count = split(list, names, ", "); for (i = 1; i <= count; ++i) place[names[i]] = i
        number = split(wanted, columns, " "); rows = 1; next
      }
      $0 == "\\." { rows = 0 }
      rows {
        line = ""
        for (i = 1; i <= number; ++i) {
          value = $(place[columns[i]]); sub(/^\\\\x/, "", value)
          line = line (i > 1 ? OFS : "") value
        }
        print line
      }'
}

# What is in a dump: epoch and buckets of the newest row; heads; migrations.
dump_epoch() {
  dump_rows "$1" "$2" feed_meta started_at epoch buckets | LC_ALL=C sort | tail -n 1 | cut -f 2,3
}
dump_heads() { dump_rows "$1" "$2" feed_head bucket pos head_digest | sort -n; }
dump_migrations() { dump_rows "$1" "$2" schema_migration name checksum | LC_ALL=C sort; }

# known_migrations: name and checksum of every migration of this clone, as services record them.
known_migrations() {
  local file name sum
  while IFS= read -r file; do
    name=$(basename "$file" .sql)
    sum=$(sha256sum <"$file")
    printf '%s\t%s\n' "$name" "${sum%% *}"
  done < <(find "$ROOT/libs" "$ROOT/services" -path '*/migrations/*.sql')
}

# schemas_in FOLDER: one a line.
schemas_in() {
  local dump
  for dump in "$1"/*.dump; do
    if [ -e "$dump" ]; then basename "$dump" .dump; fi
  done
}

# verify_backup FOLDER: every file is what it was when it was written, nothing is missing, and pg_restore
# reads every dump to its end.
verify_backup() {
  local folder=$1 schema
  [ -f "$folder/SHA256SUMS" ] || fail "$folder is no backup: there is no SHA256SUMS in it"
  (cd "$folder" && sha256sum --check --strict --quiet SHA256SUMS) >&2 ||
    fail "$folder is damaged: the files above are not as they were written. Nothing was changed"
  grep -q ' \*\?manifest.json$' "$folder/SHA256SUMS" ||
    fail "$folder is damaged: SHA256SUMS does not name the manifest"
  [ -n "$(schemas_in "$folder")" ] || fail "$folder holds no dump"
  while IFS= read -r schema; do
    grep -q " \*\?$schema.dump\$" "$folder/SHA256SUMS" || fail "$folder/$schema.dump is not in SHA256SUMS"
    "$POSTGRES_BIN/pg_restore" --file=/dev/null "$folder/$schema.dump" ||
      fail "pg_restore cannot read $folder/$schema.dump; nothing was changed"
  done < <(schemas_in "$folder")
}
