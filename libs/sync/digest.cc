// SPDX-License-Identifier: Apache-2.0
#include "libs/sync/digest.h"

#include <algorithm>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lianqiao/sync/v1/digest.pb.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/store/order.h"

namespace lianqiao::sync {

using base::ErrorReason;
using contract::Resource;
using postgres::Parameters;
using postgres::Query;

namespace {

constexpr char kLastId[] = "ffffffff-ffff-ffff-ffff-ffffffffffff";

std::string After(const v1::GetDigestRequest& request) {
  return request.after_id().empty() ? store::kNilId : request.after_id();
}

std::string To(const v1::GetDigestRequest& request) {
  return request.to_id().empty() ? kLastId : request.to_id();
}

// Of one kind: (kind, part, last id, records, sum, hidden by moves under way).
std::string KindSql(const View& view, const Resource& resource, const v1::GetDigestRequest& request,
                    Parameters* p) {
  p->Text(resource.kind);
  const int kind = static_cast<int>(p->size());
  p->Text(After(request));
  const size_t after = p->size();
  p->Text(To(request));
  const size_t to = p->size();
  const feed::KindScopes& scopes = *view.Find(resource.kind);
  const std::string where = view.WhereSql(scopes.Sql("t.scope", p), p);
  const std::string settled = resource::PendingSql(resource, scopes.changes.front(), "t", p);
  return absl::StrCat(
      "SELECT $", kind,
      "::text AS kind, part, max(id::text) AS last_id, count(*) AS records,"
      " mod(mod(sum(hash::numeric), 18446744073709551616) + 18446744073709551616, 18446744073709551616)::text"
      " AS sum, count(*) FILTER (WHERE NOT settled) AS moving FROM (SELECT t.id, (",
      settled,
      ") AS settled,"
      " ('x' || encode(substr(sha256(convert_to($",
      kind,
      "::text, 'UTF8') || '\\x00'::bytea || uuid_send(t.id)"
      " || int8send(t.revision)), 1, 8), 'hex'))::bit(64)::bigint AS hash, ntile(",
      std::max(request.part_count(), 1), ") OVER (ORDER BY t.id) AS part FROM ", resource.kind,
      " t WHERE t.id > $", after, "::uuid AND t.id <= $", to, "::uuid AND ", where, ") rows GROUP BY part");
}

// Everything of one snapshot: the heads are rows of kind '' (last_id is the digest as hex, records the
// position).
absl::StatusOr<postgres::Result> ReadSums(postgres::Statements& statements, const View& view,
                                          const v1::GetDigestRequest& request) {
  Parameters p;
  std::vector<std::string> parts = {
      "SELECT '' AS kind, bucket::integer AS part, encode(head_digest, 'hex') AS last_id, pos AS records,"
      " '0' AS sum, 0::bigint AS moving FROM feed_head"};
  for (const Resource* resource : view.kinds()) parts.push_back(KindSql(view, *resource, request, &p));
  const Query query{
      "digest",
      absl::StrCat("SELECT * FROM (", absl::StrJoin(parts, " UNION ALL "), ") sums ORDER BY kind, part"),
      false};
  return statements.Execute(query, p);
}

std::string HexSum(const std::string& decimal) {
  uint64_t sum = 0;
  if (!absl::SimpleAtoi(decimal, &sum)) return "";
  return absl::StrCat(absl::Hex(sum, absl::kZeroPad16));
}

std::string FromHex(const std::string& hex) {
  return absl::HexStringToBytes(hex);
}

// The records of a small part, for those who asked for a range. Read after the sums: a record that moved on
// since is found by the changes behind the digest's cursor.
absl::Status ListRecords(postgres::Statements& statements, const View& view, const Resource& resource,
                         v1::DigestPart* part) {
  Parameters p;
  p.Text(part->after_id()).Text(part->to_id());
  const std::string where = view.WhereSql(view.Find(resource.kind)->Sql("t.scope", &p), &p);
  const Query query{"digest_records",
                    absl::StrCat("SELECT t.id, t.revision FROM ", resource.kind,
                                 " t WHERE t.id > $1::uuid AND t.id <= $2::uuid AND ", where,
                                 " ORDER BY t.id LIMIT ", kListedRecordsMax + 1),
                    false};
  ASSIGN_OR_RETURN(const postgres::Result rows, statements.Execute(query, p));
  for (int i = 0; i < rows.rows() && i < kListedRecordsMax; ++i) {
    v1::DigestRecord* record = part->add_records();
    record->set_id(rows.Text(i, 0));
    record->set_revision(rows.Integer(i, 1));
  }
  return absl::OkStatus();
}

// Ranges follow each other without a gap: what only the other side holds falls into one of them too.
void AddPart(const postgres::Result& rows, int row, const v1::GetDigestRequest& request, v1::Digest* digest) {
  v1::DigestPart* part = digest->add_parts();
  part->set_kind(rows.Text(row, 0));
  const bool first = row == 0 || rows.Text(row - 1, 0) != part->kind();
  const bool last = row + 1 == rows.rows() || rows.Text(row + 1, 0) != part->kind();
  part->set_after_id(first ? After(request) : rows.Text(row - 1, 2));
  part->set_to_id(last ? To(request) : rows.Text(row, 2));
  part->set_record_count(rows.Integer(row, 3));
  part->set_sum(HexSum(rows.Text(row, 4)));
}

// Kinds without a record in the range have one empty part.
void AddEmptyParts(const View& view, const v1::GetDigestRequest& request, v1::Digest* digest) {
  std::set<std::string> there;
  for (const v1::DigestPart& part : digest->parts()) there.insert(part.kind());
  for (const Resource* resource : view.kinds()) {
    if (there.count(resource->kind) > 0) continue;
    v1::DigestPart* part = digest->add_parts();
    part->set_kind(resource->kind);
    part->set_after_id(After(request));
    part->set_to_id(To(request));
    part->set_sum(HexSum("0"));
  }
}

absl::StatusOr<v1::Digest> Compute(postgres::Session& session, const Parts& parts, const View& view,
                                   const v1::GetDigestRequest& request) {
  const bool ranged = !request.after_id().empty() || !request.to_id().empty();
  if (ranged && view.kinds().size() != 1)
    return base::FailIfAny({base::Refuse("kinds", ErrorReason::FIELD_BAD_FORMAT, {{"expected", "1 kind"}})});
  ASSIGN_OR_RETURN(const store::TokenKey* key, parts.cursors->Key(session));
  RETURN_IF_ERROR(parts.cursors->Remember(session, view.description(), parts.now()));
  ASSIGN_OR_RETURN(const feed::Heads heads, feed::ReadFeed(session));  // For the epoch, which stays.
  ASSIGN_OR_RETURN(const postgres::Result rows, ReadSums(session, view, request));
  v1::Digest digest;
  feed::Places places;
  for (int i = 0; i < rows.rows(); ++i) {
    if (rows.Integer(i, 5) > 0)
      return base::WithRetryAfter(base::Fail(absl::StatusCode::kUnavailable, ErrorReason::BACKEND_UNAVAILABLE,
                                             {{"service", parts.cursors->service()}}),
                                  1000);
    if (rows.Text(i, 0).empty()) {
      places[static_cast<int>(rows.Integer(i, 1))] = {rows.Integer(i, 3), FromHex(rows.Text(i, 2))};
    } else {
      AddPart(rows, i, request, &digest);
    }
  }
  AddEmptyParts(view, request, &digest);
  for (v1::DigestPart& part : *digest.mutable_parts()) {
    if (!ranged || part.record_count() == 0 || part.record_count() > kListedRecordsMax) continue;
    RETURN_IF_ERROR(ListRecords(session, view, *parts.contract().FindKind(part.kind()), &part));
  }
  digest.set_cursor(feed::SealCursor(*key, CursorAt(view, heads.epoch, std::move(places))));
  return digest;
}

}  // namespace

resource::RawMethod GetDigest(const Parts& parts) {
  return Unary<v1::GetDigestRequest>(
      parts, [&parts](postgres::Session& session, const View& view, const v1::GetDigestRequest& request) {
        return Compute(session, parts, view, request);
      });
}

}  // namespace lianqiao::sync
