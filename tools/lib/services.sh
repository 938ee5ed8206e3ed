# SPDX-License-Identifier: Apache-2.0
# Which processes one installation on one machine has, their ports and flags. Sourced after npm.sh,
# processes.sh and postgres.sh. A new service is a word in FOLLOWERS, its package and its roles (postgres.sh,
# bootstrap.sql).
# shellcheck shell=bash disable=SC2034 # the commands read what it sets

# Services that follow alliance-registry, in the order of their ports.
FOLLOWERS=(teacher-exchange teaching-research resource-sharing)
declare -A PACKAGES=(
  [alliance-registry]=lianqiao.registry.v1
  [teacher-exchange]=lianqiao.exchange.v1
  [teaching-research]=lianqiao.research.v1
  [resource-sharing]=lianqiao.resources.v1
)
PROCESSES=(alliance-registry "${FOLLOWERS[@]}" gateway prometheus)
PROGRAMS=(alliance-registry "${FOLLOWERS[@]}" gateway lianqiao)
# LIANQIAO_BUILD: a build folder whose programs run instead of those of build/release.
BIN=$(realpath -m -- "${LIANQIAO_BUILD:-$ROOT/build/release}")/bin
SECRETS=$VAR/secrets
# More flags of the gateway; tools/bench lifts the limits per client.
GATEWAY_FLAGS=()

# choose_ports BASE: HTTP at BASE, gRPC next, Prometheus next, /metrics and health of each process from +10.
choose_ports() {
  HTTP_PORT=$1
  GRPC_PORT=$(($1 + 1))
  PROMETHEUS_PORT=$(($1 + 2))
  GATEWAY_METRICS_PORT=$(($1 + 10))
  REGISTRY_METRICS_PORT=$(($1 + 11))
  FOLLOWER_METRICS_PORTS=()
  local i
  for i in "${!FOLLOWERS[@]}"; do FOLLOWER_METRICS_PORTS+=($(($1 + 12 + i))); done
  HTTP_URL=http://127.0.0.1:$HTTP_PORT
}

# require_free_ports: two installations on one port would answer in turns, so refuse before anything starts.
require_free_ports() {
  local port
  for port in "$HTTP_PORT" "$GRPC_PORT" "$PROMETHEUS_PORT" \
    "$GATEWAY_METRICS_PORT" "$REGISTRY_METRICS_PORT" "${FOLLOWER_METRICS_PORTS[@]}"; do
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      fail "port $port on 127.0.0.1 is taken by another program; choose others with --port-base N"
    fi
  done
}

start_alliance_registry() {
  start_process alliance-registry "$BIN/alliance-registry" \
    --database="$(connection alliance_registry)" \
    --owner_database="$(connection alliance_registry_owner)" \
    --schema=alliance_registry \
    --listen="unix:$SOCKETS/alliance-registry.sock" \
    --identity="unix:$SOCKETS/gateway-internal.sock" \
    --credentials="$SECRETS/alliance-registry.json" \
    --metrics_listen="127.0.0.1:$REGISTRY_METRICS_PORT"
}

# start_follower NAME METRICS_PORT
start_follower() {
  local name=$1 schema=${1//-/_} more=()
  # Files lie beside the database: see tools/backup --help.
  if [[ $name == resource-sharing ]]; then more=(--content_dir="$VAR/content"); fi
  start_process "$name" "$BIN/$name" \
    --database="$(connection "$schema")" \
    --owner_database="$(connection "${schema}_owner")" \
    --schema="$schema" \
    --listen="unix:$SOCKETS/$name.sock" \
    --follow="lianqiao.registry.v1=unix:$SOCKETS/alliance-registry.sock" \
    --identity="unix:$SOCKETS/gateway-internal.sock" \
    --credentials="$SECRETS/$name.json" \
    --metrics_listen="127.0.0.1:$2" \
    "${more[@]}"
}

# upstreams: package=address of every service, by commas.
upstreams() {
  local name all=()
  for name in alliance-registry "${FOLLOWERS[@]}"; do
    all+=("${PACKAGES[$name]}=unix:$SOCKETS/$name.sock")
  done
  (IFS=, && printf '%s' "${all[*]}")
}

# clients_of_services: every service, and the first part of the rights of whom it follows.
clients_of_services() {
  printf 'alliance-registry'
  printf ',%s=registry' "${FOLLOWERS[@]}"
}

start_gateway() {
  start_process gateway "$BIN/gateway" \
    --http_listen="127.0.0.1:$HTTP_PORT" \
    --grpc_listen="127.0.0.1:$GRPC_PORT" \
    --internal_listen="unix:$SOCKETS/gateway-internal.sock" \
    --sync_listen="unix:$SOCKETS/gateway-sync.sock" \
    --database="$(connection identity)" \
    --owner_database="$(connection identity_owner)" \
    --schema=identity \
    --upstream="$(upstreams)" \
    --services="$(clients_of_services)" \
    --metrics_listen="127.0.0.1:$GATEWAY_METRICS_PORT" \
    --master_key_file="$SECRETS/master.key" \
    --operator_file="$VAR/operator.json" \
    --service_secret_dir="$SECRETS" \
    --docs_dir="$SWAGGER_UI" \
    "${GATEWAY_FLAGS[@]}"
}

# Prometheus reads a copy of deploy/prometheus/prometheus.yml and, beside it, who is to be asked.
start_prometheus() {
  local folder=$VAR/prometheus
  local i followers=''
  for i in "${!FOLLOWERS[@]}"; do
    followers+=$(printf ',\n  {"targets": ["127.0.0.1:%s"], "labels": {"service": "%s"}}' \
      "${FOLLOWER_METRICS_PORTS[$i]}" "${FOLLOWERS[$i]}")
  done
  own_folder "$folder" "$folder/data" "$folder/targets"
  write_as_account "$folder/prometheus.yml" <"$ROOT/deploy/prometheus/prometheus.yml"
  write_as_account "$folder/targets/lianqiao.json" <<TARGETS
[
  {"targets": ["127.0.0.1:$GATEWAY_METRICS_PORT"], "labels": {"service": "gateway"}},
  {"targets": ["127.0.0.1:$REGISTRY_METRICS_PORT"], "labels": {"service": "alliance-registry"}}$followers
]
TARGETS
  start_process prometheus /usr/bin/prometheus \
    --config.file="$folder/prometheus.yml" \
    --storage.tsdb.path="$folder/data" \
    --web.listen-address="127.0.0.1:$PROMETHEUS_PORT"
}

# All at once, then wait for each: none needs another in order to start, only in order to be ready.
start_services() {
  rm -f "$SOCKETS"/*.sock
  start_prometheus
  start_alliance_registry
  local i
  for i in "${!FOLLOWERS[@]}"; do start_follower "${FOLLOWERS[$i]}" "${FOLLOWER_METRICS_PORTS[$i]}"; done
  start_gateway
  wait_ready gateway "http://127.0.0.1:$GATEWAY_METRICS_PORT/readyz" 60
  wait_ready alliance-registry "http://127.0.0.1:$REGISTRY_METRICS_PORT/readyz" 60
  for i in "${!FOLLOWERS[@]}"; do
    wait_ready "${FOLLOWERS[$i]}" "http://127.0.0.1:${FOLLOWER_METRICS_PORTS[$i]}/readyz" 60
  done
  wait_ready prometheus "http://127.0.0.1:$PROMETHEUS_PORT/-/ready" 60
}

# stop_everything: the gateway first, so that nothing new comes in, the database last.
stop_everything() {
  local name
  for name in gateway "${FOLLOWERS[@]}" alliance-registry prometheus; do stop_process "$name"; done
  find_postgres
  stop_postgres
}

# count_running: how many of the processes and the database run.
count_running() {
  local name count=0
  for name in "${PROCESSES[@]}"; do
    if process_id "$name" >/dev/null; then count=$((count + 1)); fi
  done
  if postgres_is_running; then count=$((count + 1)); fi
  printf '%s\n' "$count"
}
