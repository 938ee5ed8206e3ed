// SPDX-License-Identifier: Apache-2.0
#include "libs/sync/snapshot_page.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/status.h"
#include "libs/store/order.h"
#include "libs/store/write.h"
#include "libs/sync/changes.h"

namespace lianqiao::sync {

using contract::Resource;
using postgres::Parameters;
using postgres::Query;

namespace {

constexpr int kRowsMax = 2000;

absl::StatusOr<postgres::Result> ReadRange(postgres::Statements& statements, const Resource& resource,
                                           const View& view, const SnapshotRange& range,
                                           const std::vector<int>& buckets) {
  Parameters p;
  p.Text(range.after_id.empty() ? std::string(store::kNilId) : range.after_id);
  std::string where = "t.id > $1::uuid";
  if (!range.to_id.empty()) {
    p.Text(range.to_id);
    absl::StrAppend(&where, " AND t.id <= $", p.size(), "::uuid");
  }
  if (!buckets.empty()) absl::StrAppend(&where, " AND t.bucket IN (", absl::StrJoin(buckets, ","), ")");
  absl::StrAppend(&where, " AND ", view.WhereSql(view.Find(resource.kind)->Sql("t.scope", &p), &p));
  const Query query{
      absl::StrCat("snapshot_", resource.kind),
      absl::StrCat("SELECT ", store::SelectColumns(resource, "t"), ", ", resource::Moves::kAnySql, " FROM ",
                   resource.kind, " t WHERE ", where, " ORDER BY t.id LIMIT ", kRowsMax),
      false};
  return statements.Execute(query, p);
}

}  // namespace

absl::StatusOr<bool> ReadSnapshotPage(postgres::Statements& statements, const contract::Contract& contract,
                                      const View& view, const std::vector<int>& buckets,
                                      std::vector<SnapshotRange>* ranges, v1::ReadSnapshotResponse* page,
                                      PersonalReads* personal) {
  size_t bytes = 0;
  while (!ranges->empty() && page->records_size() < kRowsMax && bytes < kPageBytes) {
    SnapshotRange& range = ranges->front();
    const Resource* resource = contract.FindKind(range.kind);
    // Of a kind that the reader may see no more: the changes tell of it.
    if (resource == nullptr || view.Find(range.kind) == nullptr) {
      ranges->erase(ranges->begin());
      continue;
    }
    ASSIGN_OR_RETURN(const postgres::Result rows, ReadRange(statements, *resource, view, range, buckets));
    resource::Moves moves;
    if (rows.rows() > 0 && rows.Boolean(0, rows.columns() - 1)) {
      ASSIGN_OR_RETURN(moves, resource::Moves::Read(statements));
    }
    int row = 0;
    for (; row < rows.rows() && bytes < kPageBytes; ++row) {
      ASSIGN_OR_RETURN(const store::Row decoded, store::DecodeRow(*resource, rows, row));
      if (IsMoving(*view.Find(range.kind), *resource, moves, decoded)) return true;
      v1::SnapshotRecord* record = page->add_records();
      record->set_service(ServiceOf(*resource));
      record->set_kind(range.kind);
      record->set_id(store::IdOf(*resource, *decoded.record));
      record->set_revision(store::RevisionOf(*resource, *decoded.record));
      record->set_bucket(decoded.bucket);
      PackRecord(view, *resource, decoded, record->mutable_record(), personal);
      PackScopes(view, decoded, record);
      bytes += record->ByteSizeLong();
      range.after_id = record->id();
    }
    if (row == rows.rows() && rows.rows() < kRowsMax) ranges->erase(ranges->begin());
  }
  return false;
}

}  // namespace lianqiao::sync
