// SPDX-License-Identifier: Apache-2.0
// What the tests of consumers share: a model of a feed and a database of the consumer's own.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/feed/consumer.h"
#include "libs/feed/testing/feed_model.h"
#include "libs/testing/postgres.h"

namespace lianqiao::feed {

using testing::FeedModel;

class ConsumerFixture : public ::testing::Test {
 protected:
  ConsumerFixture() {
    auto contract = contract::Contract::Load({"lianqiao.registry.v1"});
    EXPECT_TRUE(contract.ok()) << contract.status();
    contract_ = *contract;
    postgres::Database::Options options;
    options.connection = database_place_.owner_connection();
    options.search_path = database_place_.schema();
    options.workers = 6;
    options.name = "copy";
    options.abort_share = 0.1;  // Every transaction must stand being run again.
    database_ = std::make_unique<postgres::Database>(options);
    MakeTables({});
  }

  // Whatever was made before stays; a test of another shape drops it first.
  void MakeTables(const TableOptions& base, const std::vector<std::string>& fields = {}) {
    TableOptions options = base;
    options.consumer = "test";
    auto tables = Tables::Make(contract_, {{FeedModel::kKind, fields}}, options);
    ASSERT_TRUE(tables.ok()) << tables.status();
    tables_ = *std::move(tables);
    const StateTables state(options.consumer, options.state_prefix);
    for (const std::string& statement : state.Ddl()) Execute(statement);
    for (const std::string& statement : tables_->Ddl()) Execute(statement);
  }

  absl::StatusOr<postgres::Result> Sql(const std::string& sql) {
    absl::StatusOr<postgres::Result> result = absl::UnknownError("not run");
    const absl::Status status =
        database_->Run(absl::Now() + absl::Seconds(30), [&](postgres::Session& session) {
          result = session.Execute({"test", sql, false}, {});
          return result.status();
        });
    EXPECT_TRUE(status.ok()) << sql << ": " << status;
    return result;
  }

  void Execute(const std::string& sql) { EXPECT_TRUE(Sql(sql).ok()); }

  int64_t Count(const std::string& sql) {
    const auto result = Sql(sql);
    return result.ok() ? result->Integer(0, 0) : -1;
  }

  // id -> "revision name", as FeedModel::Visible.
  std::map<std::string, std::string> Held() {
    std::map<std::string, std::string> held;
    const auto rows = Sql("SELECT id, revision, name FROM " + tables_->all().begin()->second.name());
    if (!rows.ok()) return held;
    for (int i = 0; i < rows->rows(); ++i)
      held[rows->Text(i, 0)] = absl::StrCat(rows->Text(i, 1), " ", rows->Text(i, 2));
    return held;
  }

  Consumer::Options Options() {
    Consumer::Options options;
    options.source = &model_;
    options.database = database_.get();
    options.tables = tables_.get();
    options.filter.kinds = {FeedModel::kKind};
    options.partitions = 3;
    options.page_size = 5;
    options.snapshot_batch_records = 10;
    options.pause_min = absl::Milliseconds(1);
    options.pause_max = absl::Milliseconds(20);
    return options;
  }

  // As a new process would.
  absl::Status CatchUp() {
    Consumer consumer(Options());
    return consumer.CatchUp(absl::Seconds(20));
  }

  static bool Eventually(const std::function<bool()>& condition, absl::Duration limit = absl::Seconds(20)) {
    for (const absl::Time end = absl::Now() + limit; absl::Now() < end; absl::SleepFor(absl::Milliseconds(5)))
      if (condition()) return true;
    return condition();
  }

  std::vector<std::string> CreateSome(int count) {
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i) ids.push_back(model_.Create(absl::StrCat("县", i)));
    return ids;
  }

  lianqiao::testing::TestDatabase database_place_{"copy", {}};
  std::shared_ptr<const contract::Contract> contract_;
  std::unique_ptr<postgres::Database> database_;
  std::unique_ptr<Tables> tables_;
  FeedModel model_;
};

}  // namespace lianqiao::feed
