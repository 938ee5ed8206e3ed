// SPDX-License-Identifier: Apache-2.0
// What the pgtests of this folder share: a database of their own and short ways to run things in it.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "libs/postgres/database.h"
#include "libs/testing/postgres.h"

namespace lianqiao::postgres {

class PostgresTest : public ::testing::Test {
 protected:
  static std::vector<Migration> Migrations() {
    return {{"0001_create_tables", R"sql(
CREATE TABLE school (
  id int CONSTRAINT school_pkey PRIMARY KEY,
  name text CONSTRAINT school_name_given CHECK (name <> ''),
  CONSTRAINT school_name_unique UNIQUE (name));
CREATE TABLE campus (
  id int PRIMARY KEY,
  school_id int NOT NULL CONSTRAINT campus_school_known REFERENCES school (id));
INSERT INTO school VALUES (1, 'first'), (2, 'second');
)sql"}};
  }

  Database::Options Options() const {
    Database::Options options;
    options.connection = database_.connection();
    options.search_path = database_.schema();
    options.workers = 4;
    options.name = "test";
    return options;
  }

  static absl::Time In(absl::Duration duration) { return absl::Now() + duration; }

  static absl::Status Run(Database& database, const std::function<absl::Status(Session&)>& task) {
    return database.Run(In(absl::Seconds(20)), task);
  }

  static absl::Status Transact(Database& database, const std::function<absl::Status(Statements&)>& body) {
    return Run(database, [&](Session& session) { return session.Transact(body); });
  }

  // One statement, by itself, unprepared.
  static absl::StatusOr<Result> Sql(Statements& statements, const std::string& sql,
                                    const Parameters& parameters = Parameters()) {
    return statements.Execute({"test", sql, false}, parameters);
  }

  static absl::Status Sql(Database& database, const std::string& sql,
                          const Parameters& parameters = Parameters()) {
    return Run(database, [&](Session& session) { return Sql(session, sql, parameters).status(); });
  }

  static absl::StatusOr<Result> Fetch(Database& database, const std::string& sql,
                                      const Parameters& parameters = Parameters()) {
    absl::StatusOr<Result> result = absl::UnknownError("never ran");
    const absl::Status status = Run(database, [&](Session& session) {
      result = Sql(session, sql, parameters);
      return result.status();
    });
    if (!status.ok()) return status;
    return result;
  }

  // First column of the first row.
  static std::string Value(Database& database, const std::string& sql,
                           const Parameters& parameters = Parameters()) {
    const absl::StatusOr<Result> result = Fetch(database, sql, parameters);
    return result.ok() ? result->Text(0, 0) : result.status().ToString();
  }

  static std::string Sqlstate(const absl::Status& status) {
    const std::optional<DatabaseError> error = DatabaseErrorOf(status);
    return error.has_value() ? error->sqlstate : "";
  }

  static bool Eventually(const std::function<bool()>& condition, absl::Duration limit = absl::Seconds(5)) {
    for (const absl::Time end = In(limit); absl::Now() < end; absl::SleepFor(absl::Milliseconds(5))) {
      if (condition()) return true;
    }
    return condition();
  }

  testing::TestDatabase database_{"school_book", Migrations()};
};

}  // namespace lianqiao::postgres
