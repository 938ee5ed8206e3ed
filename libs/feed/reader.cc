// SPDX-License-Identifier: Apache-2.0
#include "libs/feed/reader.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/mutant.h"
#include "libs/base/status.h"
#include "libs/store/write.h"

namespace lianqiao::feed {
namespace {

using postgres::Parameters;
using postgres::Query;
using postgres::Result;

// Planted: behind the newest id that was read, whatever was still under way then.
const Query& InSequence() {
  static const Query query{
      "next_changes",
      "SELECT c.bucket, c.pos, c.change_id, c.kind, c.id, c.revision, c.operation, c.changed_fields,"
      " c.scope_before, c.scope_after, c.actor, c.acting_person, c.request_id, c.trace_id, c.time,"
      " c.commit_last, c.digest FROM unnest($1::text::smallint[], $2::text::bigint[], $3::text::bigint[])"
      " AS b (bucket, place, head) CROSS JOIN LATERAL (SELECT * FROM change WHERE bucket = b.bucket"
      " AND change_id > coalesce((SELECT change_id FROM change WHERE bucket = b.bucket AND pos = b.place),"
      " '00000000-0000-0000-0000-000000000000') ORDER BY change_id LIMIT $4::integer) c"
      " ORDER BY c.bucket, c.change_id"};
  return query;
}

// Each bucket from its place on, the change at the place included: it proves that the history is the same.
const Query& NextChanges() {
  // Planted: as if positions came from a sequence, or times were an order.
  if (base::Planted("sequence-order")) return InSequence();
  static const Query query{
      "next_changes",
      "SELECT c.bucket, c.pos, c.change_id, c.kind, c.id, c.revision, c.operation, c.changed_fields,"
      " c.scope_before, c.scope_after, c.actor, c.acting_person, c.request_id, c.trace_id, c.time,"
      " c.commit_last, c.digest FROM unnest($1::text::smallint[], $2::text::bigint[], $3::text::bigint[])"
      " AS b (bucket, place, head) CROSS JOIN LATERAL (SELECT * FROM change WHERE bucket = b.bucket"
      " AND pos >= b.place AND pos <= b.head ORDER BY pos LIMIT $4::integer) c ORDER BY c.bucket, c.pos"};
  return query;
}

ChangeRecord Decode(const Result& rows, int row) {
  ChangeRecord change;
  change.bucket = static_cast<int>(rows.Integer(row, 0));
  change.pos = rows.Integer(row, 1);
  change.change_id = rows.Text(row, 2);
  change.kind = rows.Text(row, 3);
  change.id = rows.Text(row, 4);
  change.revision = rows.Integer(row, 5);
  change.operation = rows.Text(row, 6);
  change.changed_fields = rows.TextArray(row, 7);
  change.scope_before = rows.TextArray(row, 8);
  change.scope_after = rows.TextArray(row, 9);
  change.actor = rows.Text(row, 10);
  change.acting_person = rows.Text(row, 11);
  change.request_id = rows.Text(row, 12);
  change.trace_id = rows.Text(row, 13);
  change.time = rows.Time(row, 14);
  change.commit_last = rows.Boolean(row, 15);
  change.digest = rows.Bytes(row, 16);
  return change;
}

absl::Status Broken(const std::string& what) {
  return base::FromFailure(absl::StatusCode::kDataLoss, what, [] {
    base::Failure failure;
    failure.set_reason(base::ErrorReason::FEED_BROKEN);
    return failure;
  }());
}

absl::Status Prove(const ChangeRecord& change, const Place& before) {
  if (base::Planted("sequence-order")) return absl::OkStatus();
  if (change.pos != before.pos + 1)
    return Broken(
        absl::StrCat("bucket ", change.bucket, " has a hole: ", before.pos, " is followed by ", change.pos));
  if (change.digest != store::NextDigest(before.digest, change.change_id, change.revision))
    return Broken(absl::StrCat("bucket ", change.bucket, " position ", change.pos,
                               " does not follow what was read before it"));
  return absl::OkStatus();
}

Place PlaceIn(const Places& places, int bucket) {
  const auto found = places.find(bucket);
  return found == places.end() ? Place() : found->second;
}

// What is to be read of one bucket.
struct Reach {
  int bucket;
  Place from;
  int64_t low;
  int64_t head;
};

absl::StatusOr<Result> Fetch(postgres::Statements& statements, const std::vector<Reach>& reaches, int each) {
  std::vector<std::string> buckets, places, heads;
  for (const Reach& reach : reaches) {
    buckets.push_back(absl::StrCat(reach.bucket));
    // At the low end the change of the place may be purged; its digest has been compared with low_digest.
    places.push_back(absl::StrCat(
        reach.from.pos > reach.low || base::Planted("sequence-order") ? reach.from.pos : reach.from.pos + 1));
    heads.push_back(absl::StrCat(reach.head));
  }
  return statements.Execute(
      NextChanges(), Parameters().TextArray(buckets).TextArray(places).TextArray(heads).Integer(each + 1));
}

// Takes the rows of one bucket, from `row` on, as far as they end a transaction.
absl::Status Take(const Result& rows, int row, const Reach& reach, Place* reached, ChangePage* page,
                  bool* diverged) {
  Place before = reach.from;
  size_t kept = page->changes.size();
  for (bool first = true; row < rows.rows() && rows.Integer(row, 0) == reach.bucket; ++row, first = false) {
    ChangeRecord change = Decode(rows, row);
    if (first && change.pos == before.pos && reach.from.pos > reach.low) {
      *diverged = change.digest != before.digest && !base::Planted("digest-check-off");
      if (*diverged) return absl::OkStatus();
      continue;
    }
    RETURN_IF_ERROR(Prove(change, before));
    before = {change.pos, change.digest};
    const bool last = change.commit_last || base::Planted("page-cut-in-transaction");
    page->changes.push_back(std::move(change));
    if (last) *reached = before, kept = page->changes.size();
  }
  page->changes.resize(kept);
  return absl::OkStatus();
}

// One bucket whose transaction is longer than its share of the page.
absl::Status TakeLong(postgres::Statements& statements, const Reach& reach, int each, Place* reached,
                      ChangePage* page, bool* diverged) {
  while (*reached == reach.from && !*diverged) {
    if (each >= kTransactionChangesMax)
      return Broken(absl::StrCat("bucket ", reach.bucket, " has no end of a transaction within ", each,
                                 " changes after ", reach.from.pos));
    each = std::min(each * 4, kTransactionChangesMax);
    ASSIGN_OR_RETURN(const Result rows, Fetch(statements, {reach}, each));
    const int64_t wanted = std::min<int64_t>(each, reach.head - reach.from.pos);
    if (rows.rows() < wanted)
      return Broken(absl::StrCat("bucket ", reach.bucket, " has fewer changes after ", reach.from.pos,
                                 " than its head ", reach.head, " says"));
    RETURN_IF_ERROR(Take(rows, 0, reach, reached, page, diverged));
  }
  return absl::OkStatus();
}

}  // namespace

Places Heads::places() const {
  Places places;
  for (const auto& [bucket, of_bucket] : buckets) places[bucket] = of_bucket.head;
  return places;
}

Places Heads::low_places() const {
  Places places;
  for (const auto& [bucket, of_bucket] : buckets) {
    if (of_bucket.low.pos > 0) places[bucket] = of_bucket.low;
  }
  return places;
}

absl::StatusOr<Heads> ReadFeed(postgres::Statements& statements) {
  static const Query kHeads{
      "feed_heads",
      "SELECT m.epoch, h.bucket, h.pos, h.head_digest, h.low_pos, h.low_digest FROM (SELECT epoch"
      " FROM feed_meta ORDER BY started_at DESC LIMIT 1) m LEFT JOIN feed_head h ON true"};
  ASSIGN_OR_RETURN(const Result rows, statements.Execute(kHeads, {}));
  if (rows.rows() == 0) return absl::DataLossError("feed_meta is empty: the schema was not migrated");
  Heads heads;
  heads.epoch = rows.Text(0, 0);
  for (int i = 0; i < rows.rows(); ++i) {
    if (rows.IsNull(i, 1)) continue;
    heads.buckets[static_cast<int>(rows.Integer(i, 1))] = {{rows.Integer(i, 2), rows.Bytes(i, 3)},
                                                           {rows.Integer(i, 4), rows.Bytes(i, 5)}};
  }
  return heads;
}

absl::StatusOr<Places> ReadHeads(postgres::Statements& statements) {
  ASSIGN_OR_RETURN(const Heads heads, ReadFeed(statements));
  return heads.places();
}

Fit CompareWithHeads(const Heads& heads, const Places& places) {
  Fit fit;
  for (const auto& [bucket, place] : places) {
    const auto found = heads.buckets.find(bucket);
    const Heads::Bucket of_bucket = found == heads.buckets.end() ? Heads::Bucket() : found->second;
    const bool checks = !base::Planted("digest-check-off");
    const bool other_head =
        checks && place.pos == of_bucket.head.pos && place.digest != of_bucket.head.digest;
    const bool other_low = checks && place.pos == of_bucket.low.pos && place.digest != of_bucket.low.digest;
    if ((checks && place.pos > of_bucket.head.pos) || other_head || other_low) {
      fit.diverged.push_back(bucket);
    } else if (place.pos < of_bucket.low.pos) {
      fit.expired = true;
    }
  }
  for (const auto& [bucket, of_bucket] : heads.buckets) {
    if (of_bucket.low.pos > 0 && places.count(bucket) == 0) fit.expired = true;
  }
  return fit;
}

absl::StatusOr<std::vector<int>> FindDiverged(postgres::Statements& statements, const Heads& heads,
                                              const Places& places) {
  static const Query kDigests{
      "digests_at",
      "SELECT b.bucket, c.digest FROM unnest($1::text::smallint[], $2::text::bigint[]) AS b (bucket, place)"
      " LEFT JOIN change c ON c.bucket = b.bucket AND c.pos = b.place"};
  std::vector<int> diverged = CompareWithHeads(heads, places).diverged;
  std::vector<std::string> buckets, positions;
  for (const auto& [bucket, of_bucket] : heads.buckets) {
    const auto place = places.find(bucket);
    if (place == places.end() || place->second.pos <= of_bucket.low.pos ||
        place->second.pos >= of_bucket.head.pos)
      continue;
    buckets.push_back(absl::StrCat(bucket));
    positions.push_back(absl::StrCat(place->second.pos));
  }
  ASSIGN_OR_RETURN(const Result rows,
                   statements.Execute(kDigests, Parameters().TextArray(buckets).TextArray(positions)));
  for (int i = 0; i < rows.rows(); ++i) {
    const int bucket = static_cast<int>(rows.Integer(i, 0));
    if (rows.IsNull(i, 1) || rows.Bytes(i, 1) != places.at(bucket).digest) diverged.push_back(bucket);
  }
  std::sort(diverged.begin(), diverged.end());
  return diverged;
}

absl::StatusOr<ChangePage> ReadPage(postgres::Statements& statements, const Heads& heads, int limit,
                                    Places* places) {
  std::vector<Reach> reaches;
  for (const auto& [bucket, of_bucket] : heads.buckets) {
    const Place from = PlaceIn(*places, bucket);
    if (from.pos < of_bucket.head.pos)
      reaches.push_back({bucket, from, of_bucket.low.pos, of_bucket.head.pos});
  }
  ChangePage page;
  if (reaches.empty()) return page;
  const int each = std::max(limit / static_cast<int>(reaches.size()), 1);
  ASSIGN_OR_RETURN(const Result rows, Fetch(statements, reaches, each));
  Places reached = *places;
  int row = 0;
  for (const Reach& reach : reaches) {
    Place& place = reached[reach.bucket] = reach.from;
    bool diverged = false;
    RETURN_IF_ERROR(Take(rows, row, reach, &place, &page, &diverged));
    while (row < rows.rows() && rows.Integer(row, 0) == reach.bucket) ++row;
    if (!diverged && place == reach.from && !base::Planted("sequence-order"))
      RETURN_IF_ERROR(TakeLong(statements, reach, each, &place, &page, &diverged));
    if (diverged) page.diverged.push_back(reach.bucket);
    if (place.pos < reach.head && !(base::Planted("sequence-order") && place == reach.from)) page.more = true;
  }
  if (!page.diverged.empty()) {
    page.changes.clear();
    return page;
  }
  // Planted: what was made first is handed out first.
  if (base::Planted("time-order"))
    std::stable_sort(page.changes.begin(), page.changes.end(), [](const auto& one, const auto& other) {
      return std::tie(one.bucket, one.time) < std::tie(other.bucket, other.time);
    });
  *places = std::move(reached);
  return page;
}

absl::StatusOr<std::vector<ChangeRecord>> ReadChanges(postgres::Statements& statements, int limit,
                                                      Places* places) {
  ASSIGN_OR_RETURN(const Heads heads, ReadFeed(statements));
  const Fit fit = CompareWithHeads(heads, *places);
  if (!fit.diverged.empty())
    return Broken(absl::StrCat("bucket ", absl::StrJoin(fit.diverged, ", "),
                               " was read further than its head: the database is older than this reader"));
  ASSIGN_OR_RETURN(ChangePage page, ReadPage(statements, heads, limit, places));
  if (!page.diverged.empty())
    return Broken(absl::StrCat("bucket ", absl::StrJoin(page.diverged, ", "), " holds another history"));
  return std::move(page.changes);
}

}  // namespace lianqiao::feed
