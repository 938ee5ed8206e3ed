// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/sync/changes.h"

namespace lianqiao::sync {

using base::ErrorReason;
using postgres::Parameters;
using postgres::Query;

namespace {

constexpr size_t kRememberedMax = 10000;

}  // namespace

absl::StatusOr<const store::TokenKey*> CursorStore::Key(postgres::Statements& statements) {
  // Of the oldest epoch: a cursor outlives every restore.
  static const Query kSecret{"feed_secret", "SELECT token_secret FROM feed_meta ORDER BY started_at LIMIT 1"};
  const std::lock_guard<std::mutex> lock(mutex_);
  if (key_ == nullptr) {
    ASSIGN_OR_RETURN(const postgres::Result row, statements.Execute(kSecret, {}));
    if (row.rows() != 1) return absl::DataLossError("feed_meta is empty: the schema was not migrated");
    key_ = std::make_unique<store::TokenKey>(row.Bytes(0, 0));
  }
  return key_.get();
}

absl::Status CursorStore::Remember(postgres::Statements& statements, const std::string& description,
                                   absl::Time now) {
  static const Query kKeep{
      "remember_feed_scope",
      "INSERT INTO feed_scope AS s (scope_hash, description, used_on) VALUES ($1::bytea, $2, $3::date)"
      " ON CONFLICT (scope_hash) DO UPDATE SET used_on = excluded.used_on"
      " WHERE s.used_on < excluded.used_on"};
  const std::string hash = feed::HashOf(description);
  const std::string today = base::BusinessDate(now);
  const std::string entry = absl::StrCat(today, "|", hash);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (remembered_.count(entry) > 0) return absl::OkStatus();
  }
  RETURN_IF_ERROR(statements.Execute(kKeep, Parameters().Bytes(hash).Text(description).Text(today)).status());
  const std::lock_guard<std::mutex> lock(mutex_);
  if (remembered_.size() > kRememberedMax) remembered_.clear();
  remembered_.insert(entry);
  return absl::OkStatus();
}

absl::StatusOr<feed::Scopes> CursorStore::Recall(postgres::Statements& statements,
                                                 const std::string& scope_hash) {
  static const Query kFind{"recall_feed_scope",
                           "SELECT description FROM feed_scope WHERE scope_hash = $1::bytea"};
  ASSIGN_OR_RETURN(const postgres::Result row, statements.Execute(kFind, Parameters().Bytes(scope_hash)));
  if (row.rows() == 0) return absl::NotFoundError("the scopes of this cursor are not known");
  auto scopes = feed::ParseScopes(row.Text(0, 0));
  if (!scopes.has_value()) return absl::DataLossError("a description of scopes cannot be read");
  return *std::move(scopes);
}

absl::StatusOr<feed::Cursor> CursorOf(const store::TokenKey& key, const View& view, const std::string& text) {
  if (text.empty()) return CursorAt(view, "", {});
  auto cursor = feed::OpenCursor(key, text);
  if (!cursor.has_value()) return base::FailIfAny({base::Refuse("cursor", ErrorReason::CURSOR_INVALID)});
  if (cursor->filter != view.filter_hash())
    return base::FailIfAny({base::Refuse("cursor", ErrorReason::CURSOR_FILTER_MISMATCH)});
  return *std::move(cursor);
}

feed::Cursor CursorAt(const View& view, const std::string& epoch, feed::Places places) {
  feed::Cursor cursor;
  cursor.epoch = epoch;
  cursor.filter = view.filter_hash();
  cursor.scope = view.scope_hash();
  cursor.places = std::move(places);
  return cursor;
}

feed::Cursor SnapshotCursor(const View& view, const feed::Heads& heads) {
  feed::Cursor cursor = CursorAt(view, heads.epoch, heads.places());
  for (const auto& [bucket, of_bucket] : heads.buckets) cursor.ahead.insert(bucket);
  return cursor;
}

bool LostAhead(const feed::Heads& heads, const feed::Cursor& cursor) {
  return !cursor.epoch.empty() && cursor.epoch != heads.epoch && !cursor.ahead.empty();
}

absl::StatusOr<std::vector<int>> DivergedBuckets(postgres::Statements& statements, const feed::Heads& heads,
                                                 const feed::Cursor& cursor) {
  ASSIGN_OR_RETURN(std::vector<int> diverged, feed::FindDiverged(statements, heads, cursor.places));
  if (LostAhead(heads, cursor)) diverged.insert(diverged.end(), cursor.ahead.begin(), cursor.ahead.end());
  std::sort(diverged.begin(), diverged.end());
  diverged.erase(std::unique(diverged.begin(), diverged.end()), diverged.end());
  return diverged;
}

absl::Status Diverged(const std::string& service, const std::vector<int>& buckets) {
  return base::Fail(absl::StatusCode::kFailedPrecondition, ErrorReason::CURSOR_DIVERGED,
                    {{"service", service}, {"buckets", absl::StrJoin(buckets, ",")}});
}

absl::StatusOr<absl::Status> Expired(postgres::Statements& statements, CursorStore& cursors, const View& view,
                                     const feed::Heads& heads, absl::Time now) {
  ASSIGN_OR_RETURN(const store::TokenKey* key, cursors.Key(statements));
  RETURN_IF_ERROR(cursors.Remember(statements, view.description(), now));
  return base::Fail(
      absl::StatusCode::kOutOfRange, ErrorReason::CURSOR_EXPIRED,
      {{"service", cursors.service()},
       {"oldest_cursor", feed::SealCursor(*key, CursorAt(view, heads.epoch, heads.low_places()))},
       {"resync", "POST /v1/snapshots"}});
}

}  // namespace lianqiao::sync
