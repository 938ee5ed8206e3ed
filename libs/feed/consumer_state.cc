// SPDX-License-Identifier: Apache-2.0
#include "libs/feed/consumer_state.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "libs/base/status.h"
#include "libs/feed/needs_person.h"

namespace lianqiao::feed {

using postgres::Parameters;
using postgres::Query;
using postgres::Result;
using postgres::Statements;

namespace {

// {p} is the tables' prefix.
constexpr const char* kDdl[] = {
    R"sql(CREATE TABLE IF NOT EXISTS {p}cursor (
  consumer text PRIMARY KEY,
  kinds text[] NOT NULL,
  jurisdiction_ids uuid[] NOT NULL,
  cursor text NOT NULL DEFAULT '',
  epochs text NOT NULL DEFAULT '',
  step bigint NOT NULL DEFAULT 0,
  snapshot_step bigint NOT NULL DEFAULT 0,
  snapshot_cursor text NOT NULL DEFAULT '',
  snapshot_estimate bigint NOT NULL DEFAULT 0,
  caught_up_step bigint NOT NULL DEFAULT 0,
  caught_up_time timestamptz
))sql",
    R"sql(CREATE TABLE IF NOT EXISTS {p}partition (
  consumer text NOT NULL REFERENCES {p}cursor (consumer) ON DELETE CASCADE,
  number integer NOT NULL,
  token text NOT NULL,
  done boolean NOT NULL DEFAULT false,
  record_count bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (consumer, number)
))sql",
    R"sql(CREATE TABLE IF NOT EXISTS {p}replaced_bucket (
  consumer text NOT NULL REFERENCES {p}cursor (consumer) ON DELETE CASCADE,
  service text NOT NULL,
  bucket smallint NOT NULL,
  PRIMARY KEY (consumer, service, bucket)
))sql",
    R"sql(CREATE TABLE IF NOT EXISTS {p}tombstone (
  consumer text NOT NULL REFERENCES {p}cursor (consumer) ON DELETE CASCADE,
  kind text NOT NULL,
  id uuid NOT NULL,
  revision bigint NOT NULL,
  service text NOT NULL,
  bucket smallint NOT NULL,
  step bigint NOT NULL,
  PRIMARY KEY (consumer, kind, id)
))sql"};

constexpr char kUndefinedTable[] = "42P01";

// An update that found no row: somebody else was there first.
absl::Status OnlyIfOne(const absl::StatusOr<Result>& result) {
  RETURN_IF_ERROR(result.status());
  if (result->affected_rows() == 1) return absl::OkStatus();
  return WrittenElsewhere();
}

std::pair<std::vector<std::string>, std::vector<std::string>> Columns(const std::vector<Bucket>& buckets) {
  std::pair<std::vector<std::string>, std::vector<std::string>> columns;
  for (const Bucket& bucket : buckets) {
    columns.first.push_back(bucket.service);
    columns.second.push_back(absl::StrCat(bucket.bucket));
  }
  return columns;
}

}  // namespace

StateTables::StateTables(std::string consumer, std::string prefix)
    : consumer_(std::move(consumer)), prefix_(std::move(prefix)) {}

Query StateTables::Named(const char* name, const std::string& sql) const {
  return {absl::StrCat("consumer_", name, "_", prefix_), absl::StrReplaceAll(sql, {{"{p}", prefix_}})};
}

std::vector<std::string> StateTables::names() const {
  return {prefix_ + "cursor", prefix_ + "partition", prefix_ + "replaced_bucket", prefix_ + "tombstone"};
}

std::vector<std::string> StateTables::Ddl() const {
  std::vector<std::string> ddl;
  for (const char* statement : kDdl) ddl.push_back(absl::StrReplaceAll(statement, {{"{p}", prefix_}}));
  return ddl;
}

absl::StatusOr<std::optional<ConsumerState>> StateTables::Load(Statements& statements) const {
  const Query query =
      Named("load",
            "SELECT kinds, jurisdiction_ids::text[], cursor, step, snapshot_step, snapshot_cursor,"
            " snapshot_estimate, caught_up_step, caught_up_time, epochs FROM {p}cursor WHERE consumer = $1");
  const absl::StatusOr<Result> rows = statements.Execute(query, Parameters().Text(consumer_));
  if (const auto error = postgres::DatabaseErrorOf(rows.status());
      error.has_value() && error->sqlstate == kUndefinedTable)
    return absl::FailedPreconditionError(absl::StrCat("the tables ", prefix_, "cursor … have not been made"));
  RETURN_IF_ERROR(rows.status());
  if (rows->rows() == 0) return std::optional<ConsumerState>();
  ConsumerState state;
  state.filter = {rows->TextArray(0, 0), rows->TextArray(0, 1)};
  state.cursor = rows->Text(0, 2);
  state.step = rows->Integer(0, 3);
  state.snapshot_step = rows->Integer(0, 4);
  state.snapshot_cursor = rows->Text(0, 5);
  state.snapshot_estimate = rows->Integer(0, 6);
  state.caught_up_step = rows->Integer(0, 7);
  if (!rows->IsNull(0, 8)) state.caught_up_at = rows->Time(0, 8);
  state.epochs = rows->Text(0, 9);
  if (state.reads_snapshot()) RETURN_IF_ERROR(LoadParts(statements, &state));
  return std::optional<ConsumerState>(std::move(state));
}

absl::Status StateTables::LoadParts(Statements& statements, ConsumerState* state) const {
  ASSIGN_OR_RETURN(const Result parts,
                   statements.Execute(Named("load_parts",
                                            "SELECT number, token, done, record_count FROM {p}partition"
                                            " WHERE consumer = $1 ORDER BY number"),
                                      Parameters().Text(consumer_)));
  for (int i = 0; i < parts.rows(); ++i)
    state->parts.push_back(
        {static_cast<int>(parts.Integer(i, 0)), parts.Text(i, 1), parts.Boolean(i, 2), parts.Integer(i, 3)});
  ASSIGN_OR_RETURN(const Result buckets,
                   statements.Execute(Named("load_buckets",
                                            "SELECT service, bucket FROM {p}replaced_bucket"
                                            " WHERE consumer = $1 ORDER BY service, bucket"),
                                      Parameters().Text(consumer_)));
  for (int i = 0; i < buckets.rows(); ++i)
    state->buckets.push_back({buckets.Text(i, 0), static_cast<int>(buckets.Integer(i, 1))});
  return absl::OkStatus();
}

absl::Status StateTables::Add(Statements& transaction, const Filter& filter) const {
  return transaction
      .Execute(Named("add",
                     "INSERT INTO {p}cursor (consumer, kinds, jurisdiction_ids)"
                     " VALUES ($1, $2::text[], $3::text::uuid[]) ON CONFLICT (consumer) DO NOTHING"),
               Parameters().Text(consumer_).TextArray(filter.kinds).TextArray(filter.jurisdiction_ids))
      .status();
}

absl::Status StateTables::Forget(Statements& transaction, const std::vector<Bucket>& buckets) const {
  const auto [services, numbers] = Columns(buckets);
  RETURN_IF_ERROR(transaction
                      .Execute(Named("forget_parts", "DELETE FROM {p}partition WHERE consumer = $1"),
                               Parameters().Text(consumer_))
                      .status());
  RETURN_IF_ERROR(transaction
                      .Execute(Named("forget_buckets", "DELETE FROM {p}replaced_bucket WHERE consumer = $1"),
                               Parameters().Text(consumer_))
                      .status());
  return transaction
      .Execute(
          Named("forget_tombstones",
                "DELETE FROM {p}tombstone t WHERE consumer = $1 AND (cardinality($2::text[]) = 0 OR EXISTS"
                " (SELECT FROM unnest($2::text[], $3::text[]) AS b(service, bucket)"
                " WHERE t.service IN (b.service, '') AND b.bucket::smallint = t.bucket))"),
          Parameters().Text(consumer_).TextArray(services).TextArray(numbers))
      .status();
}

absl::Status StateTables::BeginSnapshot(Statements& transaction, const ConsumerState& before,
                                        const sync::v1::StartSnapshotResponse& snapshot) const {
  RETURN_IF_ERROR(OnlyIfOne(transaction.Execute(
      Named("begin_snapshot",
            "UPDATE {p}cursor SET snapshot_cursor = $2, snapshot_estimate = $3::bigint,"
            " snapshot_step = GREATEST(snapshot_step, step) + 1"
            " WHERE consumer = $1 AND step = $4::bigint AND snapshot_step = $5::bigint AND cursor = $6"),
      Parameters()
          .Text(consumer_)
          .Text(snapshot.cursor())
          .Integer(snapshot.estimated_record_count())
          .Integer(before.step)
          .Integer(before.snapshot_step)
          .Text(before.cursor))));
  std::vector<Bucket> buckets;
  for (const auto& diverged : snapshot.diverged())
    for (const int bucket : diverged.buckets()) buckets.push_back({diverged.service(), bucket});
  RETURN_IF_ERROR(Forget(transaction, buckets));
  const std::vector<std::string> tokens(snapshot.partition_tokens().begin(),
                                        snapshot.partition_tokens().end());
  RETURN_IF_ERROR(transaction
                      .Execute(Named("add_parts",
                                     "INSERT INTO {p}partition (consumer, number, token) SELECT $1, n, token"
                                     " FROM unnest($2::text[]) WITH ORDINALITY AS p(token, n)"),
                               Parameters().Text(consumer_).TextArray(tokens))
                      .status());
  const auto [services, numbers] = Columns(buckets);
  return transaction
      .Execute(Named("add_buckets",
                     "INSERT INTO {p}replaced_bucket (consumer, service, bucket) SELECT $1, service,"
                     " bucket::smallint FROM unnest($2::text[], $3::text[]) AS b(service, bucket)"),
               Parameters().Text(consumer_).TextArray(services).TextArray(numbers))
      .status();
}

absl::Status StateTables::SavePart(Statements& transaction, const ConsumerState& state,
                                   const SnapshotPart& before, const SnapshotPart& after) const {
  return OnlyIfOne(transaction.Execute(
      Named(
          "save_part",
          "UPDATE {p}partition p SET token = $3, done = $4::boolean, record_count = $5::bigint"
          " FROM {p}cursor c WHERE p.consumer = $1 AND p.number = $2::integer AND p.token = $6 AND NOT p.done"
          " AND c.consumer = p.consumer AND c.snapshot_step = $7::bigint"),
      Parameters()
          .Text(consumer_)
          .Integer(before.number)
          .Text(after.token)
          .Boolean(after.done)
          .Integer(after.records)
          .Text(before.token)
          .Integer(state.snapshot_step)));
}

absl::Status StateTables::EndSnapshot(Statements& transaction, const ConsumerState& state) const {
  RETURN_IF_ERROR(OnlyIfOne(transaction.Execute(
      Named("end_snapshot",
            "UPDATE {p}cursor SET cursor = snapshot_cursor, snapshot_cursor = '', step = snapshot_step"
            " WHERE consumer = $1 AND snapshot_step = $2::bigint"
            " AND snapshot_cursor = $3 AND snapshot_cursor <> ''"),
      Parameters().Text(consumer_).Integer(state.snapshot_step).Text(state.snapshot_cursor))));
  RETURN_IF_ERROR(transaction
                      .Execute(Named("forget_parts", "DELETE FROM {p}partition WHERE consumer = $1"),
                               Parameters().Text(consumer_))
                      .status());
  return transaction
      .Execute(Named("forget_buckets", "DELETE FROM {p}replaced_bucket WHERE consumer = $1"),
               Parameters().Text(consumer_))
      .status();
}

absl::Status StateTables::AdvanceTo(Statements& transaction, const ConsumerState& before,
                                    const Advance& advance) const {
  const int64_t step = before.step + (advance.changed ? 1 : 0);
  RETURN_IF_ERROR(OnlyIfOne(transaction.Execute(
      Named("advance",
            "UPDATE {p}cursor SET cursor = $2, step = $3::bigint,"
            " caught_up_step = CASE WHEN $4::boolean THEN $3::bigint ELSE caught_up_step END,"
            " caught_up_time = CASE WHEN $4::boolean THEN $5::timestamptz ELSE caught_up_time END"
            " WHERE consumer = $1 AND step = $6::bigint AND cursor = $7 AND snapshot_cursor = ''"),
      Parameters()
          .Text(consumer_)
          .Text(advance.cursor)
          .Integer(step)
          .Boolean(advance.caught_up)
          .Time(advance.now)
          .Integer(before.step)
          .Text(before.cursor))));
  if (!advance.caught_up || !advance.changed) return absl::OkStatus();
  return transaction
      .Execute(
          Named("purge_tombstones", "DELETE FROM {p}tombstone WHERE consumer = $1 AND step <= $2::bigint"),
          Parameters().Text(consumer_).Integer(before.caught_up_step))
      .status();
}

absl::Status StateTables::SaveEpochs(Statements& transaction, const std::string& epochs) const {
  return transaction
      .Execute(Named("save_epochs", "UPDATE {p}cursor SET epochs = $2 WHERE consumer = $1"),
               Parameters().Text(consumer_).Text(epochs))
      .status();
}

absl::Status StateTables::Restart(Statements& transaction) const {
  return transaction
      .Execute(Named("restart", "UPDATE {p}cursor SET cursor = '', snapshot_cursor = '' WHERE consumer = $1"),
               Parameters().Text(consumer_))
      .status();
}

absl::Status StateTables::CountStep(Statements& transaction, const ConsumerState& before) const {
  return OnlyIfOne(transaction.Execute(
      Named("count_step",
            "UPDATE {p}cursor SET step = step + 1 WHERE consumer = $1 AND step = $2::bigint AND cursor = $3"),
      Parameters().Text(consumer_).Integer(before.step).Text(before.cursor)));
}

}  // namespace lianqiao::feed
