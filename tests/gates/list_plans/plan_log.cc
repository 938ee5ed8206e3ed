// SPDX-License-Identifier: Apache-2.0
#include "tests/gates/list_plans/plan_log.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/base/clock.h"
#include "libs/testing/cluster.h"

namespace lianqiao::gates {
namespace {

std::unique_ptr<postgres::Database> Superuser(const std::string& database) {
  postgres::Database::Options options;
  options.connection = testing::Cluster::Instance().Connection("postgres", database);
  options.workers = 1;
  options.name = "superuser";
  return std::make_unique<postgres::Database>(options);
}

std::string FirstValue(postgres::Database& database, const std::string& sql) {
  std::string value;
  const absl::Time deadline =
      base::Clock::System().Now() + absl::Minutes(5);  // Tables are large, machines are busy.
  const absl::Status status = database.Run(deadline, [&](postgres::Session& session) -> absl::Status {
    const auto result = session.Execute({"plan_log", sql, false}, {});
    if (result.ok() && result->rows() > 0 && !result->IsNull(0, 0)) value = result->Text(0, 0);
    return result.status();
  });
  EXPECT_TRUE(status.ok()) << sql << ": " << status;
  return value;
}

// The server's log lies beside its data (libs/testing/cluster.cc).
constexpr char kLog[] = "current_setting('data_directory') || '/../server.log'";

}  // namespace

PlanLog::PlanLog(const std::string& role) : role_(role), superuser_(Superuser("postgres")) {
  testing::Cluster& cluster = testing::Cluster::Instance();
  if (!cluster.Exists("SELECT 1 FROM pg_roles WHERE rolname = '" + role + "'"))
    cluster.Administer("CREATE ROLE " + role + " LOGIN");
  cluster.Administer("ALTER ROLE " + role + " SET session_preload_libraries = 'auto_explain'");
  cluster.Administer("ALTER ROLE " + role + " SET auto_explain.log_min_duration = 0");
}

void PlanLog::Skip() {
  offset_ = std::stoll(FirstValue(*superuser_, absl::StrCat("SELECT size FROM pg_stat_file(", kLog, ")")));
}

std::string PlanLog::Take(const std::string& text) {
  std::string plans;
  for (int i = 0; i == 0 || (i < 100 && !absl::StrContains(plans, text)); ++i) {
    if (i > 0) absl::SleepFor(absl::Milliseconds(20));
    plans =
        FirstValue(*superuser_, absl::StrCat("SELECT pg_read_file(", kLog, ", ", offset_, ", 100000000)"));
  }
  EXPECT_TRUE(absl::StrContains(plans, text)) << "no statement with " << text << " in the server's log";
  offset_ += static_cast<int64_t>(plans.size());
  return plans;
}

void PlanLog::Analyze(const std::string& database) {
  FirstValue(*Superuser(database), "VACUUM ANALYZE");
}

void PlanLog::Run(const std::string& database, const std::vector<std::string>& statements) {
  const auto superuser = Superuser(database);
  FirstValue(*superuser, "SET search_path = " + role_);
  FirstValue(*superuser, "SET session_replication_role = replica");
  for (const std::string& statement : statements) FirstValue(*superuser, statement);
}

void PlanLog::SetPlanCacheMode(const std::string& mode) {
  testing::Cluster::Instance().Administer("ALTER ROLE " + role_ + " SET plan_cache_mode = " + mode);
  FirstValue(
      *superuser_,
      "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE usename = '" + role_ + "'");
}

}  // namespace lianqiao::gates
