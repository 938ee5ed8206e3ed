// SPDX-License-Identifier: Apache-2.0
#include "libs/postgres/migrate.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/ids.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/postgres/connection.h"
#include "libs/postgres/error.h"

namespace lianqiao::postgres {
namespace {

constexpr char kNoTransaction[] = "-- no transaction";
constexpr int kLockTries = 3000;  // Five minutes: a first migration of a large database takes its time.
constexpr auto kLockPause = std::chrono::milliseconds(100);

absl::Status Refuse(absl::StatusCode code, const std::string& zh, const std::string& en) {
  return base::Fail(code, base::ErrorReason::RULE_VIOLATED, {{"detail_zh", zh}, {"detail_en", en}});
}

std::string Checksum(const Migration& migration) {
  return base::Hex(base::Sha256(migration.sql));
}

bool RunsAlone(const Migration& migration) {
  return migration.sql.rfind(kNoTransaction, 0) == 0;
}

// Polls instead of waiting inside PostgreSQL: a waiting statement holds a snapshot, for which CREATE INDEX
// CONCURRENTLY in the process that holds the lock would wait in turn.
absl::Status TakeLock(Connection& connection, const std::string& schema) {
  const Query query = {"migrate_lock",
                       "SELECT pg_try_advisory_lock(hashtext('lianqiao migrate'), hashtext($1))"};
  for (int i = 0; i < kLockTries; ++i) {
    ASSIGN_OR_RETURN(const Result result, connection.Execute(query, Parameters().Text(schema)));
    if (result.Boolean(0, 0)) return absl::OkStatus();
    std::this_thread::sleep_for(kLockPause);
  }
  return Refuse(absl::StatusCode::kUnavailable, "另一进程正在迁移" + schema,
                "another process keeps migrating " + schema);
}

// Schema, bookkeeping and grants. Tables of later migrations get the runtime role's rights by default, and a
// migration may revoke some of them for good.
absl::Status Prepare(Connection& connection, const std::string& schema, const std::string& runtime_role) {
  const Query exists = {"migrate_schema", "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1"};
  ASSIGN_OR_RETURN(const Result result, connection.Execute(exists, Parameters().Text(schema)));
  const std::string name = QuoteIdentifier(schema);
  std::string sql;
  if (result.rows() == 0) absl::StrAppend(&sql, "CREATE SCHEMA ", name, ";");
  absl::StrAppend(&sql, "CREATE TABLE IF NOT EXISTS ", name,
                  ".schema_migration (name text PRIMARY KEY, checksum text NOT NULL,"
                  " applied_at timestamptz NOT NULL DEFAULT now());");
  if (!runtime_role.empty()) {
    const std::string role = QuoteIdentifier(runtime_role);
    absl::StrAppend(&sql, "GRANT USAGE ON SCHEMA ", name, " TO ", role, ";",
                    "ALTER DEFAULT PRIVILEGES IN SCHEMA ", name,
                    " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ", role, ";");
  }
  return connection.ExecuteScript("migrate_prepare", sql);
}

absl::Status OutOfPlace(const std::string& name) {
  return Refuse(absl::StatusCode::kFailedPrecondition, "数据库中的迁移" + name + "与本程序的迁移序列不符",
                "the database holds migration " + name +
                    ", which is not at this place in the program: is the program older than the database?");
}

// Those that are still to come. What stands in the database must be the beginning of every history, text for
// text, and nothing else.
absl::StatusOr<std::vector<Migration>> FindMissing(Connection& connection,
                                                   const std::vector<Migration>& migrations) {
  const Query query = {"migrate_applied",
                       "SELECT name, checksum FROM schema_migration ORDER BY name COLLATE \"C\""};
  ASSIGN_OR_RETURN(const Result rows, connection.Execute(query, Parameters()));
  std::map<std::string, std::string> applied;
  for (int row = 0; row < rows.rows(); ++row) applied[rows.Text(row, 0)] = rows.Text(row, 1);
  std::vector<Migration> missing;
  std::set<std::string> open;  // Histories of which something is missing.
  for (const Migration& migration : migrations) {
    const auto found = applied.find(migration.name);
    if (found == applied.end()) {
      open.insert(migration.history);
      missing.push_back(migration);
      continue;
    }
    if (open.count(migration.history) > 0) return OutOfPlace(migration.name);
    if (Checksum(migration) != found->second) {
      return Refuse(
          absl::StatusCode::kFailedPrecondition, "已执行的迁移" + migration.name + "内容被修改",
          "migration " + migration.name + " was changed after it had been applied; add a new one instead");
    }
    applied.erase(found);
  }
  if (!applied.empty()) return OutOfPlace(applied.begin()->first);
  return missing;
}

absl::Status Explain(const Migration& migration, const absl::Status& status) {
  const std::optional<DatabaseError> error = DatabaseErrorOf(status);
  const std::string sqlstate = error.has_value() ? error->sqlstate : "";
  return Refuse(absl::StatusCode::kFailedPrecondition,
                "迁移" + migration.name + "执行失败,SQLSTATE " + sqlstate,
                "migration " + migration.name + " failed with SQLSTATE " + sqlstate + "; see the log");
}

absl::Status Record(Connection& connection, const Migration& migration) {
  const Query record = {"migrate_record", "INSERT INTO schema_migration (name, checksum) VALUES ($1, $2)"};
  return connection.Execute(record, Parameters().Text(migration.name).Text(Checksum(migration))).status();
}

absl::Status Apply(Connection& connection, const Migration& migration) {
  const std::string label = "migration " + migration.name;
  const bool alone = RunsAlone(migration);
  if (!alone) RETURN_IF_ERROR(connection.Begin(absl::InfiniteDuration()));
  absl::Status status = connection.ExecuteScript(label, migration.sql);
  if (status.ok()) status = Record(connection, migration);
  if (status.ok() && !alone) status = connection.Commit();
  if (status.ok()) {
    base::Log(base::Severity::kInfo, "migration_applied", {{"name", migration.name}});
    return status;
  }
  if (!alone) connection.Rollback();
  return Explain(migration, status);
}

// "create_feed": words of lower-case letters and digits, at least two.
bool IsVerbAndObject(const std::string& text) {
  const bool known = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
  const size_t bar = text.find('_');
  return known && bar != std::string::npos && bar > 0 && text.back() != '_' &&
         text.find("__") == std::string::npos;
}

absl::StatusOr<std::string> ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file.bad() || !file.is_open()) {
    return Refuse(absl::StatusCode::kInvalidArgument, "无法读取" + path.string(),
                  "cannot read " + path.string());
  }
  return text;
}

}  // namespace

absl::StatusOr<std::vector<Migration>> ReadMigrations(const std::string& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> paths;
  for (std::filesystem::directory_iterator file(folder, error), end; !error && file != end;
       file.increment(error)) {
    if (file->path().extension() == ".sql") paths.push_back(file->path());
  }
  if (error) return Refuse(absl::StatusCode::kInvalidArgument, "无法读取" + folder, "cannot read " + folder);
  std::sort(paths.begin(), paths.end());
  std::vector<Migration> migrations;
  for (const std::filesystem::path& path : paths) {
    const std::string name = path.stem().string();
    char number[8];
    std::snprintf(number, sizeof(number), "%04u_", static_cast<unsigned>(migrations.size() + 1) % 10000);
    if (name.rfind(number, 0) != 0 || !IsVerbAndObject(name.substr(5))) {
      return Refuse(absl::StatusCode::kInvalidArgument,
                    path.string() + "应以" + number + "开头,形如0001_create_feed.sql",
                    path.string() + " must start with " + number + " and look like 0001_create_feed.sql");
    }
    ASSIGN_OR_RETURN(std::string sql, ReadFile(path));
    migrations.push_back({name, std::move(sql)});
  }
  return migrations;
}

absl::Status Migrate(const std::string& owner_connection, const std::string& schema,
                     const std::string& runtime_role, const std::vector<Migration>& migrations) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection, Connection::Open(owner_connection, schema));
  RETURN_IF_ERROR(
      connection->ExecuteScript("migrate_settings",
                                "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0;"
                                "SET lock_timeout = '60s'; SET client_min_messages = warning"));
  RETURN_IF_ERROR(TakeLock(*connection, schema));
  RETURN_IF_ERROR(Prepare(*connection, schema, runtime_role));
  ASSIGN_OR_RETURN(const std::vector<Migration> missing, FindMissing(*connection, migrations));
  for (const Migration& migration : missing) RETURN_IF_ERROR(Apply(*connection, migration));
  return absl::OkStatus();  // The lock goes with the connection.
}

}  // namespace lianqiao::postgres
