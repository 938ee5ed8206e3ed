# SPDX-License-Identifier: Apache-2.0
# The list of scenarios, the private installation they run against, and the table of their rows. The contract
# of a scenario is in tests/bench/README.md. Sourced after account.sh, npm.sh and build.sh.
# shellcheck shell=bash disable=SC2034,SC2153 # the command reads what it sets, and sets what it reads

SCENARIOS=$ROOT/tests/bench/scenarios.txt

# scenario_lines: "group needs targets program" of every scenario.
scenario_lines() {
  sed -E 's/#.*//; /^[[:space:]]*$/d' "$SCENARIOS"
}

# choose_scenarios: sets CHOSEN, the lines to run: all, or those whose group or row --only names.
choose_scenarios() {
  local name line found
  mapfile -t CHOSEN < <(scenario_lines)
  [ "${#ONLY[@]}" -gt 0 ] || return 0
  for name in "${ONLY[@]}"; do
    found=no
    for line in "${CHOSEN[@]}"; do
      if names_scenario "$name" "$line"; then found=yes; fi
    done
    [ "$found" = yes ] || fail "--only: no group and no row of tests/bench/scenarios.txt is called '$name'"
  done
  mapfile -t CHOSEN < <(
    for line in "${CHOSEN[@]}"; do
      for name in "${ONLY[@]}"; do
        if names_scenario "$name" "$line"; then printf '%s\n' "$line" && break; fi
      done
    done
  )
}

# names_scenario NAME LINE: whether NAME is the line's group or one of its rows.
names_scenario() {
  local group needs targets program rows
  read -r group needs targets program rows <<<"$2"
  [ "$1" = "$group" ] || [[ ",$rows," == *",$1,"* ]]
}

build_scenarios() {
  local line group needs targets program rows names=()
  for line in "${CHOSEN[@]}"; do
    read -r group needs targets program rows <<<"$line"
    if [ "$needs" = platform ]; then names+=(alliance-registry gateway); fi
    if [ "$targets" != - ]; then mapfile -t -O "${#names[@]}" names < <(tr ',' '\n' <<<"$targets"); fi
  done
  mapfile -t names < <(printf '%s\n' "${names[@]}" | sort -u)
  build_preset release "${names[@]}"
}

# make_bench_folder: from here on everything that the shared shell calls var/ is a temporary folder.
make_bench_folder() {
  VAR=$("${AS_ACCOUNT[@]}" mktemp -d "${TMPDIR:-/tmp}/lianqiao-bench.XXXXXX") ||
    fail "no temporary folder in ${TMPDIR:-/tmp}; name another one with TMPDIR"
  LOGS=$VAR/log
  # shellcheck source=tools/lib/postgres.sh
  . "$ROOT/tools/lib/postgres.sh"
  # shellcheck source=tools/lib/processes.sh
  . "$ROOT/tools/lib/processes.sh"
  # shellcheck source=tools/lib/services.sh
  . "$ROOT/tools/lib/services.sh"
  # shellcheck source=tools/lib/welcome.sh
  . "$ROOT/tools/lib/welcome.sh"
  GATEWAY_FLAGS=(--client_rate=0 --client_concurrent=0 --anonymous_rate=0 --anonymous_concurrent=0)
  own_folder "$RUN" "$LOGS" "$SECRETS"
  choose_socket_folder
  choose_ports "$PORT_BASE"
  export BENCH_ROOT=$ROOT BENCH_BIN=$BIN BENCH_FOLDER=$VAR/run BENCH_QUICK=$QUICK
  export BENCH_PORT_BASE=$((PORT_BASE + 12))
  export BENCH_ROUNDS=${BENCH_ROUNDS:-5} BENCH_SECONDS=${BENCH_SECONDS:-3}
  export BENCH_ORGANISATIONS=${BENCH_ORGANISATIONS:-1000000}
  if [ "$QUICK" = yes ]; then
    BENCH_ROUNDS=2 BENCH_SECONDS=1
    if [ "$BENCH_ORGANISATIONS" -gt 100000 ]; then BENCH_ORGANISATIONS=100000; fi
  fi
}

# What differs from tools/up: no limits per client, and no maintenance of the database between two rounds.
configure_bench_cluster() {
  configure_cluster
  {
    cat "$POSTGRES_DATA/lianqiao.conf"
    printf 'shared_buffers = 1GB\nautovacuum = off\nmax_wal_size = 16GB\ncheckpoint_timeout = 1h\n'
  } | write_as_account "$POSTGRES_DATA/lianqiao.conf"
}

PLATFORM_STARTED=no
start_platform() {
  [ "$PLATFORM_STARTED" = no ] || return 0
  require_free_ports
  PLATFORM_STARTED=yes
  say "starting a private installation in $VAR"
  find_postgres
  create_cluster
  configure_bench_cluster
  start_postgres
  bootstrap_database
  start_alliance_registry
  start_gateway
  wait_ready gateway "http://127.0.0.1:$GATEWAY_METRICS_PORT/readyz" 60
  wait_ready alliance-registry "http://127.0.0.1:$REGISTRY_METRICS_PORT/readyz" 60
  say "filling it with $BENCH_ORGANISATIONS organisations"
  as_database_superuser -v count="$BENCH_ORGANISATIONS" -f - <"$ROOT/tests/bench/registry/fill.sql"
  # No feed tells of what was filled behind its back: the places of the grants go into identity's copy too.
  as_database_superuser -c "INSERT INTO identity.registry_jurisdiction
    (id, revision, sync_service, sync_bucket, sync_step)
    SELECT id, revision, '', bucket, 0 FROM jurisdiction ON CONFLICT (id) DO NOTHING"
  make_bench_clients
  export_platform
}

as_database_superuser() {
  PGOPTIONS='-c search_path=alliance_registry' "${AS_ACCOUNT[@]}" psql -X -q -h "$SOCKETS" \
    -p "$POSTGRES_PORT" -U postgres -d lianqiao "$@" >>"$LOGS/fill.log" 2>&1 || {
    show_tail "$LOGS/fill.log"
    fail "the database could not be filled; see $LOGS/fill.log"
  }
}

# A client of the city, one of a county, each with one grant, and one of the city that also reads changes;
# made through the API as the operator.
make_bench_clients() {
  write_curl_credentials
  OPERATOR_TOKEN=$(curl -s -K "$VAR/operator.curl" -d grant_type=client_credentials "$HTTP_URL/oauth2/token" |
    json_field access_token)
  make_bench_client city 10000000-0000-7000-8000-000000000000
  make_bench_client county 10000000-0000-7000-8000-000000000007
  make_bench_client feed 10000000-0000-7000-8000-000000000000 'registry.*.changes'
}

json_field() {
  sed -nE 's/.*"'"$1"'": *"([^"]+)".*/\1/p'
}

as_operator() {
  printf 'header = "Authorization: Bearer %s"\n' "$OPERATOR_TOKEN" |
    curl -s -f -K - -H 'Content-Type: application/json' -d "$2" "$HTTP_URL/v1/identity/$1" ||
    fail "the API refused $1; see $LOGS/gateway.log"
}

# make_bench_client NAME JURISDICTION [PERMISSION…]: with registry.* and more.
make_bench_client() {
  local id secret permission
  id=$(as_operator clients "{\"label\": \"bench $1\"}" | json_field id)
  for permission in 'registry.*' "${@:3}"; do
    as_operator grants "{\"clientId\": \"$id\", \"permission\": \"$permission\",
      \"scopeKind\": \"GRANT_SCOPE_KIND_JURISDICTION\", \"scopeId\": \"$2\"}" >/dev/null
  done
  secret=$(as_operator "clients/$id:issueSecret" '{}' | json_field clientSecret)
  printf '{"client_id": "%s", "client_secret": "%s"}\n' "$id" "$secret" |
    write_as_account "$BENCH_FOLDER/$1.json"
}

export_platform() {
  export BENCH_SOCKETS=$SOCKETS BENCH_HTTP_URL=$HTTP_URL BENCH_GRPC_ADDRESS=127.0.0.1:$GRPC_PORT
  BENCH_SUPERUSER_DATABASE=$(connection postgres)
  BENCH_DATABASE=$(connection alliance_registry)
  BENCH_POSTGRES_PID=$(sed -n 1p "$POSTGRES_DATA/postmaster.pid")
  BENCH_REGISTRY_PID=$(process_id alliance-registry)
  BENCH_GATEWAY_PID=$(process_id gateway)
  # How they were started, on other addresses: one word a line.
  BENCH_REGISTRY_COMMAND=$(other_addresses alliance-registry "$BENCH_PORT_BASE")
  BENCH_GATEWAY_COMMAND=$(other_addresses gateway "$((BENCH_PORT_BASE + 2))")
  export BENCH_DATABASE BENCH_SUPERUSER_DATABASE BENCH_POSTGRES_PID BENCH_REGISTRY_PID BENCH_GATEWAY_PID
  export BENCH_REGISTRY_COMMAND BENCH_GATEWAY_COMMAND
}

# other_addresses NAME PORT: the command line of a running process with other sockets and ports, PORT for
# /metrics.
other_addresses() {
  {
    if [ "${#AS_ACCOUNT[@]}" -gt 0 ]; then printf '%s\n' "${AS_ACCOUNT[@]}"; fi
    tr '\0' '\n' <"/proc/$(process_id "$1")/cmdline"
  } | sed -E "s#^--(listen|internal_listen)=unix:.*#--\1=unix:$SOCKETS/second-$1.sock#
              s#^--sync_listen=unix:.*#--sync_listen=unix:$SOCKETS/second-$1-sync.sock#
              s#^--metrics_listen=.*#--metrics_listen=127.0.0.1:$2#
              s#^--http_listen=.*#--http_listen=127.0.0.1:$(($2 + 1))#
              s#^--grpc_listen=.*#--grpc_listen=127.0.0.1:$(($2 + 2))#"
}

stop_platform() {
  local name
  if [ "$PLATFORM_STARTED" = no ]; then return 0; fi
  for name in gateway alliance-registry; do stop_process "$name"; done
  stop_postgres
}

# run_scenarios: appends the rows that are wanted to ROWS. A scenario runs in the background so that Ctrl-C
# reaches us at once.
run_scenarios() {
  local line group needs targets program rows
  ROWS=$VAR/rows.jsonl
  : >"$ROWS"
  for line in "${CHOSEN[@]}"; do
    read -r group needs targets program rows <<<"$line"
    if [ "$needs" = platform ]; then start_platform; fi
    say "$group"
    (cd "$ROOT" && exec "$ROOT/$program") >"$VAR/rows.new" &
    SCENARIO_PID=$!
    wait "$SCENARIO_PID" || fail "the scenario $group could not measure; the cause stands above"
    SCENARIO_PID=''
    take_rows "$group"
  done
}

take_rows() {
  local line name
  while IFS= read -r line; do
    name=$(field_of name "$line")
    if [ "${#ONLY[@]}" = 0 ] || [[ " ${ONLY[*]} " == *" $1 "* || " ${ONLY[*]} " == *" $name "* ]]; then
      printf '%s\n' "$line" >>"$ROWS"
    fi
  done <"$VAR/rows.new"
}

# field_of FIELD LINE: its value; text without quotes, its escapes undone.
field_of() {
  sed -nE 's/.*"'"$1"'": *("((\\.|[^"\])*)"|([^",}]+)).*/\2\4/p' <<<"$2" | sed -E 's/\\(.)/\1/g'
}

print_table() {
  local quick='' line met
  if [ "$QUICK" = yes ]; then quick='; --quick: figures only for a look'; fi
  printf '\n%s, %s processors, %s rounds of %s s%s\n\n' "$(date -u +%F)" "$(nproc)" "$BENCH_ROUNDS" \
    "$BENCH_SECONDS" "$quick"
  printf '%-26s %10s %-6s %-9s %s\n' row value unit reach met
  while IFS= read -r line; do
    met=$(field_of met "$line")
    case $met in true) met=yes ;; false) met=NO ;; *) met=reported ;; esac
    printf '%-26s %10s %-6s %-9s %s\n' "$(field_of name "$line")" "$(field_of value "$line")" \
      "$(field_of unit "$line")" "$(field_of reach "$line")" "$met"
    field_of detail "$line" | fold -s -w 104 | sed 's/^/    /'
  done <"$ROWS"
}

write_json() {
  { printf '[\n' && sed '$!s/$/,/' "$ROWS" && printf ']\n'; } >"$1"
  say "written: $1"
}
