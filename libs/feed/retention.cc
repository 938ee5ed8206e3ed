// SPDX-License-Identifier: Apache-2.0
#include "libs/feed/retention.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/clock.h"
#include "libs/base/mutant.h"
#include "libs/base/status.h"
#include "libs/feed/reader.h"

namespace lianqiao::feed {
namespace {

using postgres::Parameters;
using postgres::Query;
using postgres::Statements;

constexpr int kAuditDaysMin = 184;
constexpr int kDaysMax = 36500;
// Times of a bucket's changes are those at which calls arrived, on the clocks of several machines.
constexpr int kMarginDays = 1;
// A reader that looked at low_pos or at the horizon just before it rose still finds its rows.
constexpr int kReadersMarginDays = 1;
constexpr absl::Duration kReadersEnd = absl::Minutes(10);
constexpr absl::Duration kHorizonStep = absl::Hours(24);

// What is old enough for each promise at one moment.
struct Limits {
  absl::Time served;   // Changes before it leave service.
  absl::Time audit;    // Changes before it may be deleted.
  absl::Time history;  // Revisions superseded at or before it may be deleted.
};

Limits LimitsAt(const Retention& retention, absl::Time now) {
  const auto ago = [now](int days) { return now - absl::Hours(24) * days; };
  return {.served = ago(retention.feed_days + kMarginDays),
          .audit = ago(retention.audit_days + kMarginDays + kReadersMarginDays),
          .history = ago(retention.history_days + kMarginDays + kReadersMarginDays)};
}

// What is refused to readers lies a day above what is deleted.
absl::Time HorizonFor(absl::Time history_limit) {
  return history_limit + absl::Hours(24) * kReadersMarginDays;
}

struct Bucket {
  int number = 0;
  int64_t low_pos = 0;
  int64_t history_pos = 0;
};

absl::StatusOr<std::vector<int>> Buckets(Statements& statements) {
  static const Query kBuckets{"purge_buckets", "SELECT bucket FROM feed_head ORDER BY bucket"};
  ASSIGN_OR_RETURN(const postgres::Result rows, statements.Execute(kBuckets, {}));
  std::vector<int> buckets;
  for (int i = 0; i < rows.rows(); ++i) buckets.push_back(static_cast<int>(rows.Integer(i, 0)));
  return buckets;
}

// nullopt while another process works on it.
absl::StatusOr<std::optional<Bucket>> TakeBucket(Statements& transaction, int number) {
  static const Query kBegin{"begin_purge_place",
                            "INSERT INTO purge_place (bucket) VALUES ($1::smallint) ON CONFLICT DO NOTHING"};
  static const Query kTake{
      "take_purge_place",
      "SELECT place.history_pos, head.low_pos FROM purge_place place JOIN feed_head head USING (bucket)"
      " WHERE bucket = $1::smallint FOR UPDATE OF place SKIP LOCKED"};
  RETURN_IF_ERROR(transaction.Execute(kBegin, Parameters().Integer(number)).status());
  ASSIGN_OR_RETURN(const postgres::Result row, transaction.Execute(kTake, Parameters().Integer(number)));
  if (row.rows() == 0) return std::optional<Bucket>();
  return std::optional<Bucket>({number, row.Integer(0, 1), row.Integer(0, 0)});
}

// The first `limit` changes after `after`, up to the first one that is not before `limit_time`: the place
// behind which they all lie (`after` if none), and whether the page was full.
struct OldChanges {
  int64_t last = 0;
  bool more = false;
};

absl::StatusOr<OldChanges> FindOld(Statements& statements, int bucket, int64_t after, absl::Time limit_time,
                                   int limit) {
  static const Query kOld{
      "purge_old_changes",
      "WITH page AS (SELECT pos, time FROM change WHERE bucket = $1::smallint AND pos > $2::bigint"
      " ORDER BY pos LIMIT $4::integer)"
      " SELECT max(pos), count(*) FROM page WHERE pos < coalesce("
      "(SELECT min(pos) FROM page WHERE time >= $3::timestamptz), 9223372036854775807)"};
  Parameters p;
  p.Integer(bucket).Integer(after).Time(limit_time).Integer(limit);
  // Planted: by their times alone, as if these were in the order of the positions.
  static const Query kByTime{"purge_old_changes",
                             "WITH page AS (SELECT pos, time FROM change WHERE bucket = $1::smallint AND"
                             " pos > $2::bigint ORDER BY pos LIMIT $4::integer) SELECT max(pos), count(*)"
                             " FROM page WHERE time < $3::timestamptz"};
  ASSIGN_OR_RETURN(const postgres::Result row,
                   statements.Execute(base::Planted("reaper-by-now") ? kByTime : kOld, p));
  if (row.IsNull(0, 0)) return OldChanges{after, false};
  return OldChanges{row.Integer(0, 0), row.Integer(0, 1) == limit};
}

// feed_meta as the readers of the past see it.
struct Horizon {
  absl::Time time = absl::InfinitePast();  // InfinitePast: nothing has been purged.
  absl::Time raised_at = absl::InfinitePast();
};

absl::StatusOr<Horizon> ReadHorizon(Statements& statements) {
  static const Query kRead{"purge_horizon",
                           "SELECT history_horizon, horizon_raised_at FROM feed_meta"
                           " ORDER BY started_at DESC LIMIT 1"};
  ASSIGN_OR_RETURN(const postgres::Result row, statements.Execute(kRead, {}));
  if (row.rows() != 1) return absl::DataLossError("feed_meta is empty: the schema was not migrated");
  Horizon horizon;
  if (!row.IsNull(0, 0)) horizon.time = row.Time(0, 0);
  if (!row.IsNull(0, 1)) horizon.raised_at = row.Time(0, 1);
  return horizon;
}

absl::Status RaiseHorizon(Statements& transaction, absl::Time horizon, absl::Time now) {
  static const Query kRaise{
      "raise_horizon",
      "UPDATE feed_meta SET history_horizon = $1::timestamptz, horizon_raised_at = $2::timestamptz"
      " WHERE history_horizon IS NULL OR history_horizon < $1::timestamptz"};
  return transaction.Execute(kRaise, Parameters().Time(horizon).Time(now)).status();
}

// Of the records that the changes in (from, to] wrote, everything before the newest of these. All of them lie
// at or before the horizon, so what stays is the newest there, or younger. By arrays: so many look-ups by key
// is what the planner must see, however large the tables are.
absl::StatusOr<int64_t> DeleteSuperseded(Statements& transaction, int bucket, int64_t from, int64_t to) {
  static const Query kNewest{"purge_newest",
                             "SELECT kind, id, max(revision) FROM change WHERE bucket = $1::smallint"
                             " AND pos > $2::bigint AND pos <= $3::bigint GROUP BY kind, id"};
  static const Query kDelete{
      "delete_superseded",
      "DELETE FROM revision old USING"
      " unnest($1::text::text[], $2::text::uuid[], $3::text::bigint[]) newest (kind, id, revision)"
      " WHERE old.kind = newest.kind AND old.id = newest.id AND old.revision < newest.revision"};
  static const Query kAdvance{"advance_purge_place",
                              "UPDATE purge_place SET history_pos = $2::bigint WHERE bucket = $1::smallint"};
  ASSIGN_OR_RETURN(const postgres::Result newest,
                   transaction.Execute(kNewest, Parameters().Integer(bucket).Integer(from).Integer(to)));
  std::vector<std::string> columns[3];
  for (int row = 0; row < newest.rows(); ++row)
    for (int column = 0; column < 3; ++column) columns[column].push_back(newest.Text(row, column));
  Parameters p;
  for (const std::vector<std::string>& column : columns) p.TextArray(column);
  ASSIGN_OR_RETURN(const postgres::Result gone, transaction.Execute(kDelete, p));
  RETURN_IF_ERROR(transaction.Execute(kAdvance, Parameters().Integer(bucket).Integer(to)).status());
  return gone.affected_rows();
}

// One bucket, one transaction.
class Step {
 public:
  Step(Statements& transaction, const Limits& limits, const Horizon& horizon, absl::Time now, int limit)
      : transaction_(transaction), limits_(limits), horizon_(horizon), now_(now), limit_(limit) {}

  // The head last: writers wait for it.
  absl::StatusOr<Purged> Run(int number) {
    ASSIGN_OR_RETURN(std::optional<Bucket> bucket, TakeBucket(transaction_, number));
    if (!bucket.has_value()) return purged_;
    RETURN_IF_ERROR(PurgeHistory(&*bucket));
    RETURN_IF_ERROR(PurgeAudit(*bucket));
    RETURN_IF_ERROR(Withdraw(*bucket));
    return purged_;
  }

 private:
  // What readers have been told goes; then, once a day, they are told more.
  absl::Status PurgeHistory(Bucket* bucket) {
    if (now_ - horizon_.raised_at < kReadersEnd) return absl::OkStatus();
    const absl::Time told = horizon_.time - absl::Hours(24) * kReadersMarginDays;
    const absl::Time limit_time = std::min(limits_.history, told);
    if (limit_time > absl::InfinitePast()) {
      ASSIGN_OR_RETURN(const OldChanges old,
                       FindOld(transaction_, bucket->number, bucket->history_pos, limit_time, limit_));
      if (old.last > bucket->history_pos) {
        ASSIGN_OR_RETURN(purged_.revisions,
                         DeleteSuperseded(transaction_, bucket->number, bucket->history_pos, old.last));
        bucket->history_pos = old.last;
        purged_.more = purged_.more || old.more;
        return absl::OkStatus();
      }
    }
    if (limits_.history - told < kHorizonStep) return absl::OkStatus();
    ASSIGN_OR_RETURN(const OldChanges wanted,
                     FindOld(transaction_, bucket->number, bucket->history_pos, limits_.history, 1));
    if (wanted.last == bucket->history_pos) return absl::OkStatus();
    return RaiseHorizon(transaction_, HorizonFor(limits_.history), now_);
  }

  absl::Status PurgeAudit(const Bucket& bucket) {
    static const Query kDelete{
        "delete_old_changes",
        "DELETE FROM change WHERE bucket = $1::smallint AND pos <= $2::bigint AND pos < $3::bigint"};
    ASSIGN_OR_RETURN(const OldChanges old, FindOld(transaction_, bucket.number, 0, limits_.audit, limit_));
    if (old.last == 0) return absl::OkStatus();
    // The change at low_pos stays, as the oldest proof of what low_digest says.
    const int64_t kept = std::min(bucket.low_pos, bucket.history_pos + 1);
    Parameters p;
    p.Integer(bucket.number).Integer(old.last).Integer(kept);
    ASSIGN_OR_RETURN(const postgres::Result gone, transaction_.Execute(kDelete, p));
    purged_.changes = gone.affected_rows();
    purged_.more = purged_.more || (old.more && old.last < kept);
    return absl::OkStatus();
  }

  absl::Status Withdraw(const Bucket& bucket) {
    // Whole transactions: a page never splits one, so no cursor may have to begin inside of one.
    static const Query kRaise{
        "raise_low_pos",
        "UPDATE feed_head SET low_pos = low.pos, low_digest = low.digest FROM"
        " (SELECT pos, digest FROM change WHERE bucket = $1::smallint AND pos > $2::bigint"
        " AND pos <= $3::bigint AND commit_last ORDER BY pos DESC LIMIT 1) low"
        " WHERE feed_head.bucket = $1::smallint AND feed_head.low_pos = $2::bigint RETURNING low_pos"};
    for (int limit = limit_; true; limit *= 2) {
      ASSIGN_OR_RETURN(const OldChanges old,
                       FindOld(transaction_, bucket.number, bucket.low_pos, limits_.served, limit));
      if (old.last == bucket.low_pos) return absl::OkStatus();
      Parameters p;
      p.Integer(bucket.number).Integer(bucket.low_pos).Integer(old.last);
      ASSIGN_OR_RETURN(const postgres::Result raised, transaction_.Execute(kRaise, p));
      if (raised.rows() == 0 && old.more && limit < kTransactionChangesMax) continue;
      if (raised.rows() > 0) purged_.withdrawn = raised.Integer(0, 0) - bucket.low_pos;
      purged_.more = purged_.more || (old.more && raised.rows() > 0);
      return absl::OkStatus();
    }
  }

  Statements& transaction_;
  const Limits& limits_;
  const Horizon& horizon_;
  const absl::Time now_;
  const int limit_;
  Purged purged_;
};

// A cursor renews its entry on every day on which it is given out.
absl::StatusOr<int64_t> DeleteScopes(Statements& statements, absl::Time served, int limit) {
  static const Query kDelete{"delete_feed_scopes",
                             "DELETE FROM feed_scope WHERE scope_hash IN (SELECT scope_hash FROM feed_scope"
                             " WHERE used_on < $1::date ORDER BY used_on LIMIT $2::integer)"};
  const std::string oldest = base::BusinessDate(served);
  ASSIGN_OR_RETURN(const postgres::Result gone,
                   statements.Execute(kDelete, Parameters().Text(oldest).Integer(limit)));
  return gone.affected_rows();
}

}  // namespace

absl::Status CheckRetention(const Retention& retention) {
  std::vector<std::string> wrong;
  const auto demand = [&wrong](bool holds, const std::string& text) {
    if (!holds) wrong.push_back(text);
  };
  const auto [feed, audit, history] = retention;
  demand(feed >= 1, "the feed is kept for at least 1 day");
  demand(audit >= kAuditDaysMin, absl::StrCat("the audit is kept for at least ", kAuditDaysMin, " days"));
  demand(audit >= feed, "the audit is kept for no less time than the feed");
  demand(history >= feed, "the history is kept for no less time than the feed");
  demand(history <= audit, "the history is kept for no more time than the audit, which names its actors");
  demand(std::max({feed, audit, history}) <= kDaysMax, absl::StrCat("nothing beyond ", kDaysMax, " days"));
  if (wrong.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrJoin(wrong, "; "));
}

absl::StatusOr<Purged> PurgeSome(postgres::Session& session, const Retention& retention, absl::Time now,
                                 int limit) {
  RETURN_IF_ERROR(CheckRetention(retention));
  const Limits limits = LimitsAt(retention, now);
  ASSIGN_OR_RETURN(const std::vector<int> buckets, Buckets(session));
  Purged total;
  for (const int bucket : buckets) {
    // Anew for each: what the one before raised counts from now on.
    ASSIGN_OR_RETURN(const Horizon horizon, ReadHorizon(session));
    Purged step;
    const auto body = [&](Statements& transaction) -> absl::Status {
      ASSIGN_OR_RETURN(step, Step(transaction, limits, horizon, now, limit).Run(bucket));
      return absl::OkStatus();
    };
    RETURN_IF_ERROR(session.Transact(body));
    total.withdrawn += step.withdrawn;
    total.changes += step.changes;
    total.revisions += step.revisions;
    total.more = total.more || step.more;
  }
  ASSIGN_OR_RETURN(total.scopes, DeleteScopes(session, limits.served, limit));
  total.more = total.more || total.scopes == limit;
  return total;
}

}  // namespace lianqiao::feed
