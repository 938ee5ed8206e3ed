# SPDX-License-Identifier: Apache-2.0
# The operator's way in, and what tools/up prints when everything is ready. Sourced after services.sh.
# shellcheck shell=bash

# operator_value FIELD: from var/operator.json, which the gateway writes.
operator_value() {
  sed -nE 's/.*"'"$1"'"[[:space:]]*:[[:space:]]*"([^"]*)".*/\1/p' "$VAR/operator.json" | head -n 1
}

# The file keeps the address of the first start; after another --port-base readers must find the present one.
refresh_token_url() {
  local url=$HTTP_URL/oauth2/token
  if [ "$(operator_value token_url)" = "$url" ]; then return 0; fi
  sed -E 's#("token_url"[[:space:]]*:[[:space:]]*")[^"]*"#\1'"$url"'"#' "$VAR/operator.json" |
    write_as_account "$VAR/operator.json"
}

# The secret is handed to curl in a private file: what stands on a command line, everybody can read.
write_curl_credentials() {
  printf 'user = "%s:%s"\n' "$(operator_value client_id)" "$(operator_value client_secret)" |
    write_as_account "$VAR/operator.curl"
}

# has_no_organisation: asked as the operator through the API; a failure counts as "there may be one".
has_no_organisation() {
  local token
  token=$(curl -s -K "$VAR/operator.curl" -d grant_type=client_credentials "$HTTP_URL/oauth2/token" |
    sed -nE 's/.*"access_token": *"([^"]+)".*/\1/p')
  [ "$(printf 'header = "Authorization: Bearer %s"\n' "$token" |
    curl -s -K - "$HTTP_URL/v1/organisations?page_size=1")" = '{}' ]
}

STATISTICS='jurisdiction_id=00000000-0000-7000-8000-000000000001&date=2023-12-31'

welcome() {
  cat <<TEXT

  Lianqiao 联桥 is running.

  HTTP         $HTTP_URL    (/docs, /openapi.json, /v1/vocabulary)
  gRPC         127.0.0.1:$GRPC_PORT
  Prometheus   http://127.0.0.1:$PROMETHEUS_PORT
  Logs         $LOGS
  Operator     $VAR/operator.json    (client_id, client_secret, token_url)

  Get a token (it lives 10 minutes):

TOKEN=\$(curl -s -K '$VAR/operator.curl' -d grant_type=client_credentials $HTTP_URL/oauth2/token |
  sed -E 's/.*"access_token": *"([^"]+)".*/\1/')

  Then try (the last one counts for the whole platform, whose jurisdiction has this id):

curl -s -H "Authorization: Bearer \$TOKEN" '$HTTP_URL/v1/jurisdictions?page_size=3'
curl -s -H "Authorization: Bearer \$TOKEN" '$HTTP_URL/v1/organisations?page_size=3'
curl -s -H "Authorization: Bearer \$TOKEN" '$HTTP_URL/v1/registry-statistics?$STATISTICS'

TEXT
}
