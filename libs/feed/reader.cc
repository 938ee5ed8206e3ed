// SPDX-License-Identifier: Apache-2.0
#include "libs/feed/reader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/status.h"
#include "libs/store/write.h"

namespace lianqiao::feed {
namespace {

using postgres::Parameters;
using postgres::Query;

// Beyond it a transaction is not read in one page any more: the largest write is a batch of 500 with its
// dependants.
constexpr int kTransactionChangesMax = 20000;

const Query& NextChanges() {
  static const Query query{"next_changes",
                           "SELECT bucket, pos, change_id, kind, id, revision, operation, changed_fields, "
                           "scope_before, scope_after, actor,"
                           " acting_person, request_id, trace_id, time, commit_last, digest FROM change"
                           " WHERE bucket = $1::smallint AND pos > $2::bigint AND pos <= $3::bigint ORDER BY "
                           "pos LIMIT $4::integer"};
  return query;
}

ChangeRecord Decode(const postgres::Result& rows, int row) {
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

absl::Status Prove(const ChangeRecord& change, const Place& before) {
  if (change.pos != before.pos + 1)
    return absl::DataLossError(
        absl::StrCat("bucket ", change.bucket, " has a hole: ", before.pos, " is followed by ", change.pos));
  if (change.digest != store::NextDigest(before.digest, change.change_id, change.revision))
    return absl::DataLossError(absl::StrCat("bucket ", change.bucket, " position ", change.pos,
                                            " does not follow what was read before it"));
  return absl::OkStatus();
}

// One bucket up to its head; whole transactions only.
absl::Status ReadBucket(postgres::Statements& statements, int bucket, int64_t head, int limit, Place* place,
                        std::vector<ChangeRecord>* changes) {
  const int64_t start = place->pos;
  Place reached = *place;
  size_t kept = changes->size();
  int wanted = limit;
  while (reached.pos < head) {
    ASSIGN_OR_RETURN(
        const postgres::Result rows,
        statements.Execute(NextChanges(),
                           Parameters().Integer(bucket).Integer(reached.pos).Integer(head).Integer(wanted)));
    if (rows.rows() == 0)
      return absl::DataLossError(
          absl::StrCat("bucket ", bucket, " ends at ", reached.pos, " below its head ", head));
    for (int i = 0; i < rows.rows(); ++i) {
      ChangeRecord change = Decode(rows, i);
      RETURN_IF_ERROR(Prove(change, reached));
      reached = {change.pos, change.digest};
      const bool last = change.commit_last;
      changes->push_back(std::move(change));
      if (last) *place = reached, kept = changes->size();
    }
    if (place->pos > start) break;  // A transaction begun behind it waits for the next page.
    wanted = std::min(wanted * 2, kTransactionChangesMax);
  }
  changes->resize(kept);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Places> ReadHeads(postgres::Statements& statements) {
  static const Query kHeads{"feed_heads", "SELECT bucket, pos, head_digest FROM feed_head"};
  ASSIGN_OR_RETURN(const postgres::Result rows, statements.Execute(kHeads, {}));
  Places heads;
  for (int i = 0; i < rows.rows(); ++i)
    heads[static_cast<int>(rows.Integer(i, 0))] = {rows.Integer(i, 1), rows.Bytes(i, 2)};
  return heads;
}

absl::StatusOr<std::vector<ChangeRecord>> ReadChanges(postgres::Statements& statements, int limit,
                                                      Places* places) {
  ASSIGN_OR_RETURN(const Places heads, ReadHeads(statements));
  std::vector<ChangeRecord> changes;
  Places reached = *places;
  for (const auto& [bucket, head] : heads) {
    Place& place = reached[bucket];
    if (place.pos > head.pos)
      return absl::DataLossError(absl::StrCat("bucket ", bucket, " was read to ", place.pos,
                                              ", beyond its head ", head.pos,
                                              ": the database is older than this reader"));
    const int room = limit - static_cast<int>(changes.size());
    if (room <= 0) break;
    RETURN_IF_ERROR(ReadBucket(statements, bucket, head.pos, room, &place, &changes));
  }
  *places = std::move(reached);
  return changes;
}

}  // namespace lianqiao::feed
