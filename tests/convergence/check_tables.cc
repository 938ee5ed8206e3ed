// SPDX-License-Identifier: Apache-2.0
// The tables as they are when nobody writes.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/convergence/check.h"

namespace lianqiao::convergence {
namespace {

void Demand(Installation* installation, const std::string& name, const std::string& text,
            const std::string& sql, Report* report) {
  const postgres::Result rows = installation->Sql(sql);
  if (rows.rows() == 0) return;
  std::vector<std::string> values;
  for (int i = 0; i < rows.columns(); ++i) values.push_back(rows.IsNull(0, i) ? "-" : rows.Text(0, i));
  report->Add(
      {name, absl::StrCat(text, " (", absl::StrJoin(values, ", "), "; ", rows.rows(), " in all)"), "", ""});
}

}  // namespace

Log ReadLog(Installation* installation) {
  Log log;
  const postgres::Result rows = installation->Sql(
      "SELECT bucket, pos, kind, id, revision, operation, scope_before, scope_after, changed_fields, actor, "
      "time,"
      " coalesce(sum(commit_last::int) OVER (PARTITION BY bucket ORDER BY pos ROWS BETWEEN UNBOUNDED "
      "PRECEDING"
      " AND 1 PRECEDING), 0) FROM change ORDER BY bucket, pos");
  for (int i = 0; i < rows.rows(); ++i) {
    LoggedChange change;
    change.bucket = static_cast<int>(rows.Integer(i, 0));
    change.position = rows.Integer(i, 1);
    change.key = {rows.Text(i, 2), rows.Text(i, 3)};
    change.revision = rows.Integer(i, 4);
    change.operation = rows.Text(i, 5);
    change.scope_before = rows.TextArray(i, 6);
    change.scope_after = rows.TextArray(i, 7);
    change.changed_fields = rows.TextArray(i, 8);
    change.actor = rows.Text(i, 9);
    change.time = rows.Time(i, 10);
    change.group = rows.Integer(i, 11);
    log.by_place[{change.bucket, change.position}] = log.changes.size();
    log.by_revision[{change.key, change.revision}] = log.changes.size();
    if (change.operation == "ERASE") log.erased.insert(change.key);
    log.changes.push_back(std::move(change));
  }
  const postgres::Result states = installation->Sql("SELECT kind, id, revision, state FROM revision");
  for (int i = 0; i < states.rows(); ++i)
    log.states[{{states.Text(i, 0), states.Text(i, 1)}, states.Integer(i, 2)}] = states.Bytes(i, 3);
  return log;
}

std::map<Key, Living> ReadLiving(Installation* installation) {
  std::vector<std::string> parts;
  for (const auto& resource : installation->contract().resources())
    parts.push_back(absl::StrCat("SELECT '", resource->kind, "', id, revision, scope FROM ", resource->kind,
                                 " WHERE delete_time IS NULL"));
  const postgres::Result rows = installation->Sql(absl::StrJoin(parts, " UNION ALL "));
  std::map<Key, Living> living;
  for (int i = 0; i < rows.rows(); ++i)
    living[{rows.Text(i, 0), rows.Text(i, 1)}] = {rows.Integer(i, 2), rows.TextArray(i, 3)};
  return living;
}

bool Sees(Installation* installation, const Reach& reach, const Key& key,
          const std::vector<std::string>& scope) {
  const bool platform = installation->contract().FindKind(key.first)->rule->scope().platform();
  return platform ? !reach.empty() && reach.filter_id.empty() : reach.Covers(scope);
}

std::map<Key, int64_t> Expected(Installation* installation, const std::map<Key, Living>& living,
                                const Reach& reach) {
  std::map<Key, int64_t> expected;
  for (const auto& [key, record] : living) {
    if (Sees(installation, reach, key, record.scope)) expected[key] = record.revision;
  }
  return expected;
}

void CheckFeed(Installation* installation, Report* report) {
  Demand(
      installation, "Dense", "a hole, or a digest that does not follow: bucket, position",
      "SELECT bucket, pos FROM (SELECT bucket, pos, digest, change_id, revision, row_number() OVER walk AS"
      " expected, lag(digest, 1, '\\x0000000000000000'::bytea) OVER walk AS before FROM change WINDOW walk AS"
      " (PARTITION BY bucket ORDER BY pos)) w WHERE pos <> expected OR digest <>"
      " substr(sha256(before || uuid_send(change_id) || int8send(revision)), 1, 8)",
      report);
  Demand(installation, "Dense", "a head is not at the end of its bucket: bucket, position",
         "SELECT bucket, pos FROM feed_head head WHERE pos <> (SELECT count(*) FROM change c WHERE c.bucket ="
         " head.bucket) OR head_digest IS DISTINCT FROM (SELECT digest FROM change c WHERE c.bucket = "
         "head.bucket"
         " AND c.pos = head.pos) OR low_pos > pos",
         report);
  Demand(installation, "Dense", "changes whose transaction does not end: bucket",
         "SELECT h.bucket FROM feed_head h JOIN change c USING (bucket, pos) WHERE NOT c.commit_last",
         report);
  Demand(installation, "Fold", "a change without its revision, or the other way round: kind, id, revision",
         "SELECT kind, id, revision FROM change c FULL JOIN revision r USING (kind, id, revision)"
         " WHERE c.pos IS NULL OR r.pos IS NULL OR (c.bucket, c.pos) <> (r.bucket, r.pos)",
         report);
  for (const std::string& kind : installation->subject().kinds) {
    Demand(installation, "Fold", "row and changes do not agree: " + kind,
           absl::StrCat("SELECT t.id, t.revision, n.changes, n.newest FROM ", kind,
                        " t LEFT JOIN (SELECT id, count(*) AS changes, max(revision) AS newest"
                        " FROM change WHERE kind = '",
                        kind,
                        "' GROUP BY id) n USING (id) WHERE t.revision IS DISTINCT FROM n.changes OR"
                        " t.revision IS DISTINCT FROM n.newest"),
           report);
    Demand(installation, "Fold", "the stamp is not that of the newest change: " + kind,
           absl::StrCat("SELECT t.id, t.scope, c.scope_after FROM ", kind, " t JOIN change c ON c.kind = '",
                        kind, "' AND c.id = t.id AND c.revision = t.revision WHERE t.scope <> c.scope_after"),
           report);
  }
  Demand(installation, "Fold", "a stamp that does not follow from the one before: kind, id, revision",
         "SELECT kind, id, revision FROM (SELECT kind, id, revision, scope_before, lag(scope_after, 1,"
         " '{}'::uuid[]) OVER (PARTITION BY kind, id ORDER BY revision) AS expected FROM change) w"
         " WHERE scope_before <> expected",
         report);
}

}  // namespace lianqiao::convergence
