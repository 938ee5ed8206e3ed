// SPDX-License-Identifier: Apache-2.0
#include "libs/runtime/main.h"

#include <malloc.h>

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "libs/base/log.h"
#include "libs/resource/engine.h"
#include "libs/runtime/process.h"
#include "libs/runtime/signals.h"

ABSL_FLAG(std::string, database, "", "libpq connection string of the runtime role");
ABSL_FLAG(std::string, owner_database, "",
          "libpq connection string of the owner role, for migrations; empty: none are applied");
ABSL_FLAG(std::string, schema, "", "the service's schema");
ABSL_FLAG(std::string, runtime_role, "", "role that is granted the tables; default: the schema's name");
ABSL_FLAG(std::string, listen, "", "gRPC address: unix:/path or 127.0.0.1:port");
ABSL_FLAG(std::string, metrics_listen, "", "address of /metrics, /healthz and /readyz on loopback");
ABSL_FLAG(std::string, identity, "", "gRPC address of identity");
ABSL_FLAG(std::string, credentials, "", "file with the service's own client_id and client_secret");
ABSL_FLAG(std::vector<std::string>, follow, {},
          "package=address of services whose records this one refers to, separated by commas");
ABSL_FLAG(std::string, content_dir, "", "folder for files, of a service that keeps some; its own alone");
ABSL_FLAG(bool, migrate_only, false, "apply migrations and exit");
ABSL_FLAG(int32_t, readers, 6, "connections for reads");
ABSL_FLAG(int32_t, writers, 16, "connections for writes");
ABSL_FLAG(int32_t, feed_buckets, 0,
          "buckets of the change feed, 1 to 32, of an empty schema; 0: as it is (16)");
ABSL_FLAG(int32_t, feed_retention_days, lianqiao::feed::Retention().feed_days,
          "how long changes are served; at least 1");
ABSL_FLAG(int32_t, audit_retention_days, lianqiao::feed::Retention().audit_days,
          "how long changes are kept as the audit; at least 184, and no less than they are served");
ABSL_FLAG(int32_t, history_retention_days, lianqiao::feed::Retention().history_days,
          "how far back read_time reaches; no less than changes are served, no more than the audit");
ABSL_FLAG(int32_t, drain_seconds, 20, "how long running calls may take at shutdown");

namespace lianqiao::runtime {
namespace {

int Fail(const std::string& event, const absl::Status& status) {
  base::Log(base::Severity::kError, event, {{"status", status.ToString()}});
  return 1;
}

feed::Retention RetentionFlags() {
  return {.feed_days = absl::GetFlag(FLAGS_feed_retention_days),
          .audit_days = absl::GetFlag(FLAGS_audit_retention_days),
          .history_days = absl::GetFlag(FLAGS_history_retention_days)};
}

absl::Status CheckFlags(const Definition& definition) {
  const std::pair<const char*, std::string> needed[] = {{"--database", absl::GetFlag(FLAGS_database)},
                                                        {"--schema", absl::GetFlag(FLAGS_schema)},
                                                        {"--listen", absl::GetFlag(FLAGS_listen)},
                                                        {"--identity", absl::GetFlag(FLAGS_identity)},
                                                        {"--credentials", absl::GetFlag(FLAGS_credentials)}};
  for (const auto& [name, value] : needed) {
    const bool optional = absl::GetFlag(FLAGS_migrate_only) && std::string(name) != "--schema";
    if (value.empty() && !optional) return absl::InvalidArgumentError(absl::StrCat(name, " is required"));
  }
  const bool serves = !absl::GetFlag(FLAGS_migrate_only);
  if (definition.content.has_value() && serves && absl::GetFlag(FLAGS_content_dir).empty())
    return absl::InvalidArgumentError("--content_dir is required");
  const std::string listen = absl::GetFlag(FLAGS_listen);
  const bool local = absl::StartsWith(listen, "unix:") || absl::StartsWith(listen, "127.0.0.1:");
  if (!listen.empty() && !local)
    return absl::InvalidArgumentError(
        "--listen must be unix: or 127.0.0.1: (the public edge is HAProxy, see deploy/)");
  return feed::CheckRetention(RetentionFlags());
}

absl::Status ApplyMigrations(const Definition& definition) {
  const std::string owner = absl::GetFlag(FLAGS_owner_database);
  if (owner.empty()) return absl::OkStatus();
  const std::string schema = absl::GetFlag(FLAGS_schema);
  const std::string role =
      absl::GetFlag(FLAGS_runtime_role).empty() ? schema : absl::GetFlag(FLAGS_runtime_role);
  return postgres::Migrate(owner, schema, role, resource::WithEngine(definition.migrations));
}

absl::StatusOr<std::map<std::string, std::string>> FollowFlag() {
  std::map<std::string, std::string> addresses;
  for (const std::string& pair : absl::GetFlag(FLAGS_follow)) {
    const size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == pair.size())
      return absl::InvalidArgumentError(absl::StrCat("--follow: \"", pair, "\" is no package=address"));
    addresses[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return addresses;
}

absl::StatusOr<std::unique_ptr<Process>> StartProcess(const Definition& definition, const Signals& signals) {
  Process::Options options;
  options.database = absl::GetFlag(FLAGS_database);
  options.schema = absl::GetFlag(FLAGS_schema);
  options.listen = absl::GetFlag(FLAGS_listen);
  options.metrics_listen = absl::GetFlag(FLAGS_metrics_listen);
  options.identity = absl::GetFlag(FLAGS_identity);
  ASSIGN_OR_RETURN(options.credentials, WaitForCredentials(absl::GetFlag(FLAGS_credentials), signals));
  options.readers = absl::GetFlag(FLAGS_readers);
  options.feed_buckets = absl::GetFlag(FLAGS_feed_buckets);
  options.writers = absl::GetFlag(FLAGS_writers);
  options.retention = RetentionFlags();
  options.content_dir = absl::GetFlag(FLAGS_content_dir);
  ASSIGN_OR_RETURN(options.follow, FollowFlag());
  return Process::Start(definition, std::move(options));
}

// A page of 8,000 changes takes 60 MiB for a moment, on whichever thread reads it. With an arena per thread
// and blocks that are kept for later, each of them would keep as much for good.
void BoundMemory() {
  constexpr int kKeptBytes = 1 << 20;
  mallopt(M_ARENA_MAX, std::max(2, static_cast<int>(std::thread::hardware_concurrency())));
  mallopt(M_TRIM_THRESHOLD, kKeptBytes);
  mallopt(M_MMAP_THRESHOLD, kKeptBytes);
}

}  // namespace

int Main(int argc, char** argv, const Definition& definition) {
  absl::SetProgramUsageMessage(absl::StrCat(definition.name, ": a service of Lianqiao. See README.md."));
  absl::ParseCommandLine(argc, argv);
  BoundMemory();
  base::SetLogService(definition.name);
  Signals signals;  // Before any thread, so that all of them leave the signals to us.
  if (const absl::Status status = CheckFlags(definition); !status.ok()) return Fail("bad_flags", status);
  if (const absl::Status status = ApplyMigrations(definition); !status.ok())
    return Fail("migration_failed", status);
  if (absl::GetFlag(FLAGS_migrate_only)) return 0;
  const auto process = StartProcess(definition, signals);
  if (!process.ok()) return Fail("start_failed", process.status());
  base::Log(base::Severity::kInfo, "serving", {{"listen", absl::GetFlag(FLAGS_listen)}});
  signals.Wait();
  base::Log(base::Severity::kInfo, "draining");
  (*process)->Drain(absl::Seconds(absl::GetFlag(FLAGS_drain_seconds)));
  base::Log(base::Severity::kInfo, "stopped");
  return 0;
}

}  // namespace lianqiao::runtime
