// SPDX-License-Identifier: Apache-2.0
// Where a snapshot begins, what of it can be read side by side, and its token.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/feed/packing.h"
#include "libs/sync/snapshot.h"
#include "libs/sync/snapshot_start.h"

namespace lianqiao::sync {

using contract::Resource;
using postgres::Parameters;
using postgres::Query;

namespace {

constexpr char kPurpose[] = "lianqiao snapshot token";
constexpr uint64_t kVersion = 2;
constexpr uint64_t kListMax = 10000;
// Smaller kinds are read by one reader.
constexpr int64_t kDividedRecordsMin = 20000;

void PackList(const std::vector<std::string>& values, feed::Packer* packer) {
  packer->Number(values.size());
  for (const std::string& value : values) packer->Bytes(value);
}

std::vector<std::string> UnpackList(feed::Unpacker* unpacker) {
  std::vector<std::string> values;
  const uint64_t count = unpacker->Number();
  for (uint64_t i = 0; i < count && i < kListMax && unpacker->ok(); ++i) values.push_back(unpacker->Bytes());
  return values;
}

struct Extent {
  int64_t records = 0;
  std::vector<std::string> bounds;  // Ids with about as many records between them.
};

// From the planner's statistics: good enough to divide by, free to read.
absl::StatusOr<Extent> ExtentOf(postgres::Statements& statements, const Resource& resource) {
  static const Query kExtent{
      "table_extent",
      "SELECT greatest(c.reltuples, 0)::bigint, coalesce((SELECT s.histogram_bounds::text FROM pg_stats s"
      " WHERE s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = 'id'), '{}')"
      " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
      " WHERE n.nspname = current_schema() AND c.relname = $1"};
  ASSIGN_OR_RETURN(const postgres::Result row, statements.Execute(kExtent, Parameters().Text(resource.kind)));
  Extent extent;
  if (row.rows() == 0) return extent;
  extent.records = row.Integer(0, 0);
  extent.bounds = row.TextArray(0, 1);
  return extent;
}

// The kind in up to `count` ranges.
std::vector<SnapshotRange> Divide(const Resource& resource, const Extent& extent, int count) {
  std::vector<SnapshotRange> ranges;
  const int bounds = static_cast<int>(extent.bounds.size()) - 1;
  std::string after;
  for (int i = 1; i < count && extent.records >= kDividedRecordsMin && bounds >= count; ++i) {
    const std::string& to = extent.bounds[static_cast<size_t>(i) * bounds / count];
    ranges.push_back({resource.kind, after, to});
    after = to;
  }
  ranges.push_back({resource.kind, after, ""});
  return ranges;
}

// Gives every range to the part that has least to read.
std::vector<std::vector<SnapshotRange>> Distribute(
    const std::vector<std::pair<int64_t, SnapshotRange>>& ranges, int count) {
  std::vector<std::vector<SnapshotRange>> parts(count);
  std::vector<int64_t> load(count, 0);
  for (const auto& [records, range] : ranges) {
    const auto least = std::min_element(load.begin(), load.end()) - load.begin();
    parts[least].push_back(range);
    load[least] += records + 1;
  }
  parts.erase(std::remove_if(parts.begin(), parts.end(), [](const auto& part) { return part.empty(); }),
              parts.end());
  return parts;
}

// Buckets of the cursor that hold another history now. Everything, if nobody knows what its reader could see.
absl::StatusOr<std::vector<int>> ToReadAgain(postgres::Statements& statements, CursorStore& cursors,
                                             const View& view, const feed::Heads& heads,
                                             const feed::Cursor& cursor) {
  for (const std::string& hash : {cursor.scope, cursor.former_scope}) {
    if (hash.empty() || hash == view.scope_hash()) continue;
    const auto scopes = cursors.Recall(statements, hash);
    if (absl::IsNotFound(scopes.status())) {
      std::vector<int> all;
      for (const auto& [bucket, of_bucket] : heads.buckets) all.push_back(bucket);
      for (const auto& [bucket, place] : cursor.places) all.push_back(bucket);
      std::sort(all.begin(), all.end());
      all.erase(std::unique(all.begin(), all.end()), all.end());
      return all;
    }
    RETURN_IF_ERROR(scopes.status());
  }
  return DivergedBuckets(statements, heads, cursor);
}

}  // namespace

std::string SealSnapshot(const store::TokenKey& key, const SnapshotToken& token) {
  feed::Packer packer;
  packer.Number(kVersion);
  PackList(token.filter.kinds, &packer);
  PackList(token.filter.jurisdiction_ids, &packer);
  packer.Raw(token.scope);
  packer.Bytes(token.cursor);
  packer.Number(token.ranges.size());
  for (const SnapshotRange& range : token.ranges) {
    packer.Bytes(range.kind);
    packer.Bytes(base::IdBytes(range.after_id));
    packer.Bytes(base::IdBytes(range.to_id));
  }
  packer.Number(token.buckets.size());
  for (const int bucket : token.buckets) packer.Number(static_cast<uint64_t>(bucket));
  return feed::Seal(key, kPurpose, packer.packed());
}

std::optional<SnapshotToken> OpenSnapshot(const store::TokenKey& key, const std::string& text) {
  std::string packed;
  if (!feed::Open(key, kPurpose, text, &packed)) return std::nullopt;
  feed::Unpacker unpacker(std::move(packed));
  SnapshotToken token;
  if (unpacker.Number() != kVersion) return std::nullopt;
  token.filter.kinds = UnpackList(&unpacker);
  token.filter.jurisdiction_ids = UnpackList(&unpacker);
  token.scope = unpacker.Raw(feed::kScopeHashBytes);
  token.cursor = unpacker.Bytes();
  const uint64_t ranges = unpacker.Number();
  for (uint64_t i = 0; i < ranges && i < kListMax && unpacker.ok(); ++i) {
    SnapshotRange range;
    range.kind = unpacker.Bytes();
    range.after_id = base::IdFromBytes(unpacker.Bytes());
    range.to_id = base::IdFromBytes(unpacker.Bytes());
    token.ranges.push_back(std::move(range));
  }
  const uint64_t buckets = unpacker.Number();
  for (uint64_t i = 0; i < buckets && i < kListMax && unpacker.ok(); ++i)
    token.buckets.push_back(static_cast<int>(unpacker.Number()));
  if (!unpacker.done()) return std::nullopt;
  return token;
}

absl::StatusOr<Snapshot> BeginSnapshot(postgres::Statements& statements, const Parts& parts, const View& view,
                                       int partition_count, const std::string& diverged_cursor) {
  ASSIGN_OR_RETURN(const store::TokenKey* key, parts.cursors->Key(statements));
  RETURN_IF_ERROR(parts.cursors->Remember(statements, view.description(), parts.now()));
  ASSIGN_OR_RETURN(const feed::Heads heads, feed::ReadFeed(statements));
  Snapshot snapshot;
  feed::Cursor cursor = SnapshotCursor(view, heads);
  SnapshotToken token;
  token.filter = view.filter();
  token.scope = view.scope_hash();
  if (!diverged_cursor.empty()) {
    ASSIGN_OR_RETURN(feed::Cursor diverged, CursorOf(*key, view, diverged_cursor));
    ASSIGN_OR_RETURN(token.buckets, ToReadAgain(statements, *parts.cursors, view, heads, diverged));
    // Buckets that came since the cursor was made are no part of it: only the cursor of before knows that.
    const bool all = std::all_of(heads.buckets.begin(), heads.buckets.end(), [&](const auto& entry) {
      return std::binary_search(token.buckets.begin(), token.buckets.end(), entry.first);
    });
    for (const int bucket : token.buckets) {
      diverged.places[bucket] = cursor.places[bucket];
      diverged.ahead.insert(bucket);
    }
    if (!all) cursor = std::move(diverged), cursor.epoch = heads.epoch;
  }
  token.cursor = snapshot.cursor = feed::SealCursor(*key, cursor);
  snapshot.diverged = token.buckets;
  if (token.buckets.empty() && !diverged_cursor.empty()) return snapshot;
  const int count = std::max(partition_count, 1);
  std::vector<std::pair<int64_t, SnapshotRange>> ranges;
  for (const Resource* resource : view.kinds()) {
    ASSIGN_OR_RETURN(const Extent extent, ExtentOf(statements, *resource));
    snapshot.estimated_record_count += extent.records;
    const std::vector<SnapshotRange> divided = Divide(*resource, extent, count);
    for (const SnapshotRange& range : divided)
      ranges.emplace_back(extent.records / static_cast<int64_t>(divided.size()), range);
  }
  for (auto& part : Distribute(ranges, count)) {
    token.ranges = std::move(part);
    snapshot.tokens.push_back(token);
  }
  return snapshot;
}

}  // namespace lianqiao::sync
