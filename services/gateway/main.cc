// SPDX-License-Identifier: Apache-2.0
// The gateway's flags; gateway.h says what they become.
#include <malloc.h>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/log.h"
#include "libs/runtime/signals.h"
#include "services/gateway/descriptors.h"
#include "services/gateway/gateway.h"

ABSL_FLAG(std::string, http_listen, "127.0.0.1:8080", "address of the HTTP/JSON front");
ABSL_FLAG(std::string, grpc_listen, "", "address of the gRPC front, loopback or unix:; empty: none");
ABSL_FLAG(std::string, internal_listen, "", "gRPC address of identity for our own services: unix:/path");
ABSL_FLAG(std::string, sync_listen, "",
          "gRPC address of the feed of all services: unix:/path; default: beside --internal_listen");
ABSL_FLAG(std::string, metrics_listen, "", "address of /metrics, /healthz and /readyz on loopback");
ABSL_FLAG(std::vector<std::string>, upstream, {},
          "package=address or package.Service=address, separated by commas; the longer name wins");
ABSL_FLAG(std::vector<std::string>, descriptor_set, {}, "files with a FileDescriptorSet of foreign services");
ABSL_FLAG(std::vector<std::string>, open_upstream, {},
          "packages or services whose methods may lack an access option; they need no token");
ABSL_FLAG(bool, no_identity, false, "run without identity: open and public methods only");
ABSL_FLAG(std::string, database, "", "libpq connection string of identity's runtime role");
ABSL_FLAG(std::string, owner_database, "",
          "the same of the owner role, for migrations; empty: none are applied");
ABSL_FLAG(std::string, schema, "identity", "identity's schema");
ABSL_FLAG(std::string, runtime_role, "", "role that is granted the tables; default: the schema's name");
ABSL_FLAG(std::string, master_key_file, "", "seals the signing keys; made if it is missing");
ABSL_FLAG(std::string, operator_file, "", "gets the credentials of the operator's client");
ABSL_FLAG(std::string, token_url, "", "written beside them; default: /oauth2/token on --http_listen");
ABSL_FLAG(std::string, service_secret_dir, "", "gets <service>.json with the credentials of each service");
ABSL_FLAG(std::vector<std::string>, services, {"alliance-registry"},
          "services that get credentials, with those that they follow: name=service+service");
ABSL_FLAG(std::string, tls_cert, "", "PEM certificate chain of the HTTP front; read again when it changes");
ABSL_FLAG(std::string, tls_key, "", "PEM private key that belongs to it");
ABSL_FLAG(std::string, docs_dir, "", "folder of npm's swagger-ui-dist for /docs");
ABSL_FLAG(int32_t, threads, 2, "threads of the HTTP front");
ABSL_FLAG(int32_t, connections_max, 10000, "HTTP connections at once; fewer if open files are limited");
ABSL_FLAG(int32_t, connections_per_address, 0,
          "HTTP connections of one address at once; 0: no limit, as behind a proxy, whose address all have");
ABSL_FLAG(int32_t, buffered_mebibytes, 256,
          "memory for the bodies of all requests that are not answered yet");
ABSL_FLAG(int32_t, access_log_days, 400, "how long entries of the access log are kept; never below 184");
ABSL_FLAG(int32_t, concurrent_max, 2000, "calls under way at once, of all clients; 0: no limit");
ABSL_FLAG(int32_t, client_rate, 500,
          "requests per second of a client without limits of its own; 0: no limit");
ABSL_FLAG(int32_t, client_burst, 1000, "requests of such a client that may come at once");
ABSL_FLAG(int32_t, client_concurrent, 256, "calls of such a client under way at once; 0: no limit");
ABSL_FLAG(int32_t, client_streams, 8,
          "streams at once of one client, or of one address without a token; 0: no limit");
ABSL_FLAG(int32_t, anonymous_rate, 50, "requests per second of an address without a token; 0: no limit");
ABSL_FLAG(int32_t, anonymous_burst, 100, "requests of an address that may come at once");
ABSL_FLAG(int32_t, anonymous_concurrent, 32, "calls of an address under way at once; 0: no limit");
ABSL_FLAG(int32_t, anonymous_streams, 2, "streams of an address without a token; 0: no limit");
ABSL_FLAG(int32_t, streams_max, 1000, "streams open at once, of all clients; 0: no limit");
ABSL_FLAG(int32_t, deadline_seconds, 30, "for callers that ask for none");
ABSL_FLAG(int32_t, deadline_seconds_max, 60, "longer deadlines are cut");
ABSL_FLAG(int32_t, drain_seconds, 20, "how long running calls may take at shutdown");
ABSL_FLAG(bool, access_log, true, "one line per request");

namespace lianqiao::gateway {
namespace {

absl::Status SetUpstreams(Gateway::Options* options) {
  for (const std::string& pair : absl::GetFlag(FLAGS_upstream)) {
    const size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == pair.size()) {
      return absl::InvalidArgumentError(absl::StrCat("--upstream: \"", pair, "\" is no package=address"));
    }
    options->catalogue.upstreams.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
  }
  options->catalogue.descriptor_sets = absl::GetFlag(FLAGS_descriptor_set);
  options->catalogue.open = absl::GetFlag(FLAGS_open_upstream);
  return absl::OkStatus();
}

absl::Status SetIdentity(Gateway::Options* options) {
  options->with_identity = !absl::GetFlag(FLAGS_no_identity);
  if (!options->with_identity) return absl::OkStatus();
  identity::IdentityHost::Options& identity = options->identity;
  identity.connection = absl::GetFlag(FLAGS_database);
  identity.owner_connection = absl::GetFlag(FLAGS_owner_database);
  identity.schema = absl::GetFlag(FLAGS_schema);
  identity.runtime_role = absl::GetFlag(FLAGS_runtime_role);
  if (identity.runtime_role.empty()) identity.runtime_role = identity.schema;
  identity.master_key_file = absl::GetFlag(FLAGS_master_key_file);
  identity.listen = {absl::GetFlag(FLAGS_internal_listen)};
  identity.access_log_retention = absl::GetFlag(FLAGS_access_log_days) * absl::Hours(24);
  if (identity.access_log_retention < access::kAccessLogRetentionMin)
    return absl::InvalidArgumentError("--access_log_days must be 184 or more");
  if (identity.connection.empty() || identity.master_key_file.empty() || identity.listen.front().empty()) {
    return absl::InvalidArgumentError(
        "--database, --master_key_file and --internal_listen are required, or --no_identity");
  }
  identity.bootstrap.operator_file = absl::GetFlag(FLAGS_operator_file);
  identity.bootstrap.secrets_folder = absl::GetFlag(FLAGS_service_secret_dir);
  identity.bootstrap.services = absl::GetFlag(FLAGS_services);
  identity.bootstrap.token_url = absl::GetFlag(FLAGS_token_url);
  if (identity.bootstrap.token_url.empty()) {
    const bool tls = !absl::GetFlag(FLAGS_tls_cert).empty();
    identity.bootstrap.token_url =
        absl::StrCat(tls ? "https://" : "http://", absl::GetFlag(FLAGS_http_listen), "/oauth2/token");
  }
  return absl::OkStatus();
}

absl::StatusOr<Gateway::Options> OptionsFromFlags() {
  Gateway::Options options;
  options.http.listen = absl::GetFlag(FLAGS_http_listen);
  options.http.threads = absl::GetFlag(FLAGS_threads);
  ASSIGN_OR_RETURN(options.http.connections_max, ConnectionsThatFit(absl::GetFlag(FLAGS_connections_max)));
  options.http.connections_per_address = absl::GetFlag(FLAGS_connections_per_address);
  options.http.buffered_bytes_max = int64_t{absl::GetFlag(FLAGS_buffered_mebibytes)} << 20;
  options.http.tls_certificate = absl::GetFlag(FLAGS_tls_cert);
  options.http.tls_key = absl::GetFlag(FLAGS_tls_key);
  options.front.deadline = absl::Seconds(absl::GetFlag(FLAGS_deadline_seconds));
  options.front.deadline_max = absl::Seconds(absl::GetFlag(FLAGS_deadline_seconds_max));
  options.front.access_log = absl::GetFlag(FLAGS_access_log);
  options.guard.client = {absl::GetFlag(FLAGS_client_rate), absl::GetFlag(FLAGS_client_burst),
                          absl::GetFlag(FLAGS_client_concurrent), absl::GetFlag(FLAGS_client_streams)};
  options.guard.anonymous = {absl::GetFlag(FLAGS_anonymous_rate), absl::GetFlag(FLAGS_anonymous_burst),
                             absl::GetFlag(FLAGS_anonymous_concurrent),
                             absl::GetFlag(FLAGS_anonymous_streams)};
  options.guard.concurrent_max = absl::GetFlag(FLAGS_concurrent_max);
  options.guard.streams_max = absl::GetFlag(FLAGS_streams_max);
  options.grpc_listen = absl::GetFlag(FLAGS_grpc_listen);
  options.sync_listen = absl::GetFlag(FLAGS_sync_listen);
  options.metrics_listen = absl::GetFlag(FLAGS_metrics_listen);
  options.docs_folder = absl::GetFlag(FLAGS_docs_dir);
  options.version = LIANQIAO_VERSION;
  RETURN_IF_ERROR(SetUpstreams(&options));
  RETURN_IF_ERROR(SetIdentity(&options));
  return options;
}

absl::StatusOr<std::unique_ptr<Gateway>> StartFromFlags() {
  ASSIGN_OR_RETURN(Gateway::Options options, OptionsFromFlags());
  return Gateway::Start(std::move(options));
}

int Run() {
  const runtime::Signals signals;  // Before any thread, so that all of them leave the signals to us.
  const auto gateway = StartFromFlags();
  if (!gateway.ok()) {
    base::Log(base::Severity::kError, "start_failed", {{"status", gateway.status().ToString()}});
    return 1;
  }
  malloc_trim(0);  // Start-up reads descriptors that nothing needs any more.
  base::Log(base::Severity::kInfo, "serving", {{"http", absl::GetFlag(FLAGS_http_listen)}});
  signals.Wait();
  base::Log(base::Severity::kInfo, "draining");
  (*gateway)->Drain(absl::Seconds(absl::GetFlag(FLAGS_drain_seconds)));
  base::Log(base::Severity::kInfo, "stopped");
  return 0;
}

}  // namespace
}  // namespace lianqiao::gateway

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage(
      "gateway: the way into Lianqiao, HTTP/JSON and gRPC. See services/gateway/README.md.");
  absl::ParseCommandLine(argc, argv);
  lianqiao::base::SetLogService("gateway");
  return lianqiao::gateway::Run();
}
