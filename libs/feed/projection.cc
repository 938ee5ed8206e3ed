// SPDX-License-Identifier: Apache-2.0
#include "libs/feed/projection.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/clock.h"
#include "libs/base/log.h"
#include "libs/base/status.h"

namespace lianqiao::feed {

namespace {

constexpr int kMergesMax = 20;  // In a row.
constexpr char kExternalIds[] = "external_ids";

TableOptions OptionsOf(const ProjectionSpec& spec) {
  TableOptions options;
  options.consumer = spec.name;
  options.table_prefix = spec.prefix;
  options.state_prefix = spec.prefix + "consumer_";
  options.keep_former = spec.keeps_former;
  options.scopes = spec.scopes;
  return options;
}

ProjectionLag LagOf(const Progress& progress) {
  ProjectionLag lag;
  lag.seconds = progress.LagSeconds(base::Clock::System().Now());
  lag.change_count = progress.change_count;
  lag.step = progress.step;
  lag.ready = progress.caught_up_at != absl::InfinitePast();
  return lag;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ProjectionDdl(std::shared_ptr<const contract::Contract> contract,
                                                       const ProjectionSpec& spec) {
  const TableOptions options = OptionsOf(spec);
  ASSIGN_OR_RETURN(const std::unique_ptr<Tables> tables,
                   Tables::Make(std::move(contract), spec.kinds, options));
  std::vector<std::string> ddl = StateTables(options.consumer, options.state_prefix).Ddl();
  for (std::string& statement : tables->Ddl()) ddl.push_back(std::move(statement));
  for (const CopiedKind& kind : spec.kinds) {
    const Table* table = tables->Find(kind.kind);
    if (table == nullptr || !table->Copies(kExternalIds)) continue;
    ddl.push_back(absl::StrCat("CREATE INDEX IF NOT EXISTS ", table->name(), "_external_ids ON ",
                               table->name(), "\n  USING gin (", kExternalIds, " jsonb_path_ops)"));
  }
  return ddl;
}

absl::StatusOr<std::unique_ptr<Projection>> Projection::Start(const ProjectionSpec& spec, Options options) {
  for (const CopiedKind& kind : spec.kinds)
    if (kind.fields.empty())
      return absl::InvalidArgumentError(absl::StrCat("a projection of ", kind.kind, " must name its fields"));
  std::unique_ptr<Projection> projection(new Projection(std::move(options)));
  const Options& own = projection->options_;
  TableOptions table = OptionsOf(spec);
  table.moved = own.moved;
  ASSIGN_OR_RETURN(projection->tables_, Tables::Make(own.contract, spec.kinds, table));
  Consumer::Options consumer;
  consumer.source = own.source;
  consumer.database = own.database;
  consumer.tables = projection->tables_.get();
  for (const CopiedKind& kind : spec.kinds) consumer.filter.kinds.push_back(kind.kind);
  consumer.partitions = own.partitions;
  if (own.observe)
    consumer.observe = [observe = own.observe](const Progress& progress) { observe(LagOf(progress)); };
  projection->consumer_ = std::make_unique<Consumer>(consumer);
  projection->waiter_ = std::make_unique<Waiter>(projection->consumer_.get(),
                                                 own.questions == nullptr ? own.source : own.questions);
  projection->thread_ = std::thread([self = projection.get()] { self->Follow(); });
  return projection;
}

void Projection::Follow() {
  while (true) {
    const absl::Status status = consumer_->Follow();
    if (status.ok()) return;
    base::Log(base::Severity::kError, "feed_projection_stopped",
              {{"consumer", name()}, {"status", status.ToString()}});
    if (options_.stopped) options_.stopped(status);
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, absl::ToChronoNanoseconds(options_.again), [this] { return stopped_; }))
      return;
  }
}

void Projection::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  if (consumer_ != nullptr) consumer_->Stop();
  if (options_.questions != nullptr) options_.questions->Cancel();
  if (waiter_ != nullptr) waiter_->Stop();
  if (thread_.joinable()) thread_.join();
}

bool Projection::Copies(const std::string& kind, const std::string& field) const {
  const Table* table = tables_->Find(kind);
  return table != nullptr && table->Copies(field);
}

ProjectionLag Projection::lag() const {
  return LagOf(consumer_->progress());
}

absl::StatusOr<std::map<std::string, ProjectedRecord>> Projection::Find(postgres::Statements& statements,
                                                                        const std::string& kind,
                                                                        const std::vector<std::string>& ids,
                                                                        bool locked) const {
  const Table* table = tables_->Find(kind);
  if (table == nullptr) return absl::InternalError(absl::StrCat(name(), " has no ", kind));
  const bool merges = table->Copies("replaced_by");
  const postgres::Query query{
      absl::StrCat(locked ? "projected_locked_" : "projected_", table->name()),
      absl::StrCat("SELECT id, ", merges ? "replaced_by" : "NULL::uuid",
                   HasScopes() ? ", sync_scope, sync_write_scope" : "", " FROM ", table->name(),
                   " WHERE id = ANY((SELECT $1::text::uuid[])::uuid[])",
                   locked ? " ORDER BY id FOR KEY SHARE" : "")};
  std::map<std::string, std::string> next;  // By id, what replaced it; empty: nothing.
  std::map<std::string, ProjectedRecord> scoped;
  std::vector<std::string> wanted = ids;
  for (int round = 0; round < kMergesMax && !wanted.empty(); ++round) {
    ASSIGN_OR_RETURN(const postgres::Result rows,
                     statements.Execute(query, postgres::Parameters().TextArray(wanted)));
    wanted.clear();
    for (int i = 0; i < rows.rows(); ++i) {
      next[rows.Text(i, 0)] = rows.IsNull(i, 1) ? std::string() : rows.Text(i, 1);
      if (!HasScopes()) continue;
      ProjectedRecord& record = scoped[rows.Text(i, 0)];
      record.scope = rows.TextArray(i, 2);
      record.write_scope = rows.TextArray(i, 3);
    }
    for (const auto& [id, successor] : next)
      if (!successor.empty() && next.count(successor) == 0) wanted.push_back(successor);
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
    if (round > 0 && rows.rows() == 0) break;  // Whatever replaced them is gone.
  }
  std::map<std::string, ProjectedRecord> found;
  for (const std::string& id : ids) {
    auto at = next.find(id);
    if (at == next.end()) continue;
    ProjectedRecord& record = found[id];
    if (HasScopes()) record = std::move(scoped[id]);
    record.living = true;
    for (int step = 0; step < kMergesMax && at != next.end() && !at->second.empty(); ++step) {
      record.successor = at->second;
      at = next.find(record.successor);
    }
    record.successor_living = !record.successor.empty() && at != next.end();
  }
  return found;
}

absl::StatusOr<std::map<std::string, std::string>> Projection::FindExternal(
    postgres::Statements& statements, const std::string& kind, const std::vector<std::string>& names) const {
  std::map<std::string, std::string> found;
  const Table* table = tables_->Find(kind);
  if (table == nullptr) return absl::InternalError(absl::StrCat(name(), " has no ", kind));
  if (!table->Copies(kExternalIds) || names.empty()) return found;
  const postgres::Query query{
      absl::StrCat("projected_external_", table->name()),
      absl::StrCat("SELECT w.system || ':' || w.value, t.id FROM"
                   " unnest($1::text::text[], $2::text::text[]) AS w(system, value) JOIN ",
                   table->name(), " t ON t.", kExternalIds,
                   " @> jsonb_build_array(jsonb_build_object('system', w.system, 'id', w.value))")};
  std::vector<std::string> systems, values;
  for (const std::string& one : names) {
    const size_t colon = one.find(':');
    systems.push_back(one.substr(0, colon));
    values.push_back(colon == std::string::npos ? "" : one.substr(colon + 1));
  }
  ASSIGN_OR_RETURN(const postgres::Result rows,
                   statements.Execute(query, postgres::Parameters().TextArray(systems).TextArray(values)));
  for (int i = 0; i < rows.rows(); ++i) found[rows.Text(i, 0)] = rows.Text(i, 1);
  return found;
}

absl::StatusOr<bool> Projection::IsWhole(postgres::Statements& statements) const {
  const std::string& prefix = tables_->options().state_prefix;
  const postgres::Query query{absl::StrCat("projection_whole_", prefix),
                              absl::StrCat("SELECT cursor <> '' AND snapshot_cursor = '' FROM ", prefix,
                                           "cursor WHERE consumer = $1")};
  ASSIGN_OR_RETURN(const postgres::Result rows,
                   statements.Execute(query, postgres::Parameters().Text(name())));
  return rows.rows() == 1 && rows.Boolean(0, 0);
}

void Projection::Await(Waiter::Positions positions, absl::Time deadline, Waiter::Done done) {
  waiter_->Await(std::move(positions), deadline, std::move(done));
}

absl::Status Projection::Wait(int bucket, int64_t position, absl::Time deadline) {
  std::promise<absl::Status> answer;
  Await({{bucket, position}}, deadline,
        [&answer](absl::Status status) { answer.set_value(std::move(status)); });
  return answer.get_future().get();
}

}  // namespace lianqiao::feed
