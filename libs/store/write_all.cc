// SPDX-License-Identifier: Apache-2.0
// Path (b): any number of changes at the end of a transaction.
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lianqiao/type/v1/standard.pb.h"
#include "libs/base/ids.h"
#include "libs/store/write.h"
#include "libs/store/write_internal.h"
#include "libs/store/write_planted.h"

namespace lianqiao::store {

using postgres::Parameters;
using postgres::Query;
using Values = std::vector<std::optional<std::string>>;

int64_t RevisionOf(const Resource& resource, const Message& record) {
  return record.GetReflection()->GetInt64(record, resource.revision->descriptor);
}

absl::Time UpdateTimeOf(const Resource& resource, const Message& record) {
  return TimestampOf(record.GetReflection()->GetMessage(record, resource.update_time->descriptor));
}

std::string NextDigest(const std::string& previous, const std::string& change_id, int64_t revision) {
  std::string bytes = previous + base::IdBytes(change_id);
  for (int shift = 56; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<char>(static_cast<uint64_t>(revision) >> shift));
  return base::Sha256(bytes).substr(0, 8);
}

std::string IdOf(const Resource& resource, const Message& record) {
  return record.GetReflection()->GetString(record, resource.id->descriptor);
}

std::string StateBytes(const Message& record) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    record.SerializeToCodedStream(&coded);
  }
  return bytes;
}

ExternalIdColumns ExternalIdsOf(const Resource& resource, const Message& record) {
  ExternalIdColumns columns;
  const auto& reflection = *record.GetReflection();
  const auto* field = resource.external_ids->descriptor;
  const auto optional = [](const std::string& date) {
    return date.empty() ? std::nullopt : std::optional<std::string>(date);
  };
  for (int i = 0; i < reflection.FieldSize(record, field); ++i) {
    const auto& entry =
        static_cast<const type::v1::ExternalId&>(reflection.GetRepeatedMessage(record, field, i));
    columns.systems.push_back(entry.system());
    columns.ids.push_back(entry.id());
    columns.valid_from.push_back(optional(entry.valid_from()));
    columns.valid_to.push_back(optional(entry.valid_to()));
  }
  return columns;
}

std::vector<const Field*> References(const Resource& resource) {
  std::vector<const Field*> references;
  for (const Field& field : resource.fields) {
    const std::string& kind = field.rule->reference();
    if (field.column == contract::Column::kUuid && !field.array && !kind.empty() &&
        kind.find('/') == std::string::npos)
      references.push_back(&field);
  }
  return references;
}

absl::StatusOr<std::optional<StoredAnswer>> FindAnswer(postgres::Statements& statements,
                                                       const IdempotencyKey& key) {
  static const Query kFind{
      "find_answer",
      "SELECT method, request_hash, answer, bucket, pos, positions::text[] FROM idempotency"
      " WHERE client_id = $1 AND request_id = $2"};
  if (key.request_id.empty()) return std::optional<StoredAnswer>();
  auto found = statements.Execute(kFind, Parameters().Text(key.client_id).Text(key.request_id));
  if (!found.ok()) return std::move(found).status();
  if (found->rows() == 0) return std::optional<StoredAnswer>();
  StoredAnswer answer;
  answer.method = found->Text(0, 0);
  answer.request_hash = found->Bytes(0, 1);
  answer.answer = found->TextArray(0, 2);
  // One statement for one record keeps its position beside the answer, others keep pairs.
  const std::vector<std::string> pairs = found->TextArray(0, 5);
  for (size_t i = 0; i + 1 < pairs.size(); i += 2)
    answer.positions.push_back({std::atoi(pairs[i].c_str()), std::atoll(pairs[i + 1].c_str())});
  if (pairs.empty() && found->Integer(0, 4) > 0)
    answer.positions.push_back({static_cast<int>(found->Integer(0, 3)), found->Integer(0, 4)});
  return std::optional<StoredAnswer>(std::move(answer));
}

namespace {

// Bucket, position, bucket, position …
std::vector<std::string> PairsOf(const Positions& positions) {
  std::vector<std::string> pairs;
  for (const Position& position : positions) {
    pairs.push_back(absl::StrCat(position.bucket));
    pairs.push_back(absl::StrCat(position.pos));
  }
  return pairs;
}

}  // namespace

absl::Status ConfirmAnswer(postgres::Statements& transaction, const IdempotencyKey& key) {
  static const Query kConfirm{
      "confirm_answer",
      "UPDATE idempotency SET create_time = create_time WHERE client_id = $1 AND request_id = $2"};
  return transaction.Execute(kConfirm, Parameters().Text(key.client_id).Text(key.request_id)).status();
}

absl::Status RememberAnswer(postgres::Statements& transaction, const IdempotencyKey& key,
                            const std::vector<std::string>& answer, const Positions& positions,
                            absl::Time now) {
  static const Query kRemember{
      "remember_answer",
      "INSERT INTO idempotency (client_id, request_id, method, request_hash, answer, bucket, pos, positions,"
      " create_time) VALUES ($1, $2, $3, $4::bytea, $5::text::text[], 0, 0, $6::text::bigint[],"
      " $7::timestamptz)"};
  if (key.request_id.empty()) return absl::OkStatus();
  Parameters p;
  p.Text(key.client_id).Text(key.request_id).Text(key.method).Bytes(key.request_hash).TextArray(answer);
  p.TextArray(PairsOf(positions)).Time(now);
  return transaction.Execute(kRemember, p).status();
}

namespace {

// Columns that a statement sets: of several rows each as one text[] parameter cast element by element, of a
// single one as they are. Most writes are of one row, and for its plan the planner need not count elements.
struct Columns {
  bool alone = false;
  std::vector<std::string> names;
  std::vector<std::string> types;
  std::vector<Values> values;

  void Add(const std::string& name, const std::string& type) {
    names.push_back(name);
    types.push_back(type);
    values.emplace_back();
  }
  const char* Suffix() const { return alone ? "_row_" : "_rows_"; }
  std::string From() const {
    if (alone) return "";
    std::vector<std::string> arrays;
    for (size_t i = 0; i < names.size(); ++i) arrays.push_back(absl::StrCat("$", i + 1, "::text::text[]"));
    return absl::StrCat(" FROM unnest(", absl::StrJoin(arrays, ", "), ") AS x(", absl::StrJoin(names, ", "),
                        ")");
  }
  std::string Cast(size_t i) const {
    return alone ? absl::StrCat("$", i + 1, "::", types[i]) : absl::StrCat("x.", names[i], "::", types[i]);
  }
  Parameters Bind() const {
    Parameters p;
    for (const Values& column : values) {
      if (!alone) {
        p.Text(NullableArray(column));
      } else if (column.front().has_value()) {
        p.Text(*column.front());
      } else {
        p.Null();
      }
    }
    return p;
  }
};

Columns ColumnsOf(const Resource& resource, const std::vector<const Change*>& changes) {
  Columns columns;
  columns.alone = changes.size() == 1;
  for (const Field& field : resource.fields) {
    if (field.column != contract::Column::kNone) columns.Add(field.name, SqlType(field));
  }
  columns.Add("bucket", "smallint");
  columns.Add("scope", "uuid[]");
  columns.Add("write_scope", "uuid[]");
  for (const Change* change : changes) {
    size_t i = 0;
    for (const Field& field : resource.fields) {
      if (field.column != contract::Column::kNone)
        columns.values[i++].push_back(EncodeField(*change->record, field));
    }
    columns.values[i++].push_back(absl::StrCat(change->bucket));
    columns.values[i++].push_back(postgres::ArrayLiteral(change->scope_after));
    columns.values[i++].push_back(postgres::ArrayLiteral(change->write_scope_after));
  }
  return columns;
}

absl::Status InsertRows(postgres::Statements& transaction, const Resource& resource,
                        const std::vector<const Change*>& changes) {
  const Columns columns = ColumnsOf(resource, changes);
  std::vector<std::string> casts;
  for (size_t i = 0; i < columns.names.size(); ++i) casts.push_back(columns.Cast(i));
  const Query query{absl::StrCat("insert", columns.Suffix(), resource.kind),
                    absl::StrCat("INSERT INTO ", resource.kind, " (", absl::StrJoin(columns.names, ", "),
                                 ") SELECT ", absl::StrJoin(casts, ", "), columns.From())};
  return transaction.Execute(query, columns.Bind()).status();
}

absl::Status UpdateRows(postgres::Statements& transaction, const Resource& resource,
                        const std::vector<const Change*>& changes) {
  const Columns columns = ColumnsOf(resource, changes);
  std::vector<std::string> assignments;
  std::vector<std::string> conditions;  // Neither ever changes.
  for (size_t i = 0; i < columns.names.size(); ++i) {
    const std::string& name = columns.names[i];
    const bool fixed = name == "id" || name == "bucket";
    (fixed ? conditions : assignments)
        .push_back(absl::StrCat(fixed ? "t." : "", name, " = ", columns.Cast(i)));
  }
  const Query query{absl::StrCat("update", columns.Suffix(), resource.kind),
                    absl::StrCat("UPDATE ", resource.kind, " t SET ", absl::StrJoin(assignments, ", "),
                                 columns.From(), " WHERE ", absl::StrJoin(conditions, " AND "))};
  auto result = transaction.Execute(query, columns.Bind());
  if (!result.ok()) return std::move(result).status();
  if (result->affected_rows() != static_cast<int64_t>(changes.size()))
    return absl::InternalError("a locked row vanished: " + resource.kind);
  return absl::OkStatus();
}

absl::Status WriteExternalIds(postgres::Statements& transaction, const std::vector<Change>& changes) {
  static const Query kForget{"forget_external_ids",
                             "DELETE FROM external_id"
                             " WHERE id = ANY((SELECT $1::text::uuid[])::uuid[])"};
  static const Query kInsert{"insert_external_ids",
                             "INSERT INTO external_id (kind, system, value, valid_from, valid_to, id)"
                             " SELECT * FROM unnest($1::text::text[], $2::text::text[], $3::text::text[], "
                             "$4::text::date[], $5::text::date[], $6::text::uuid[])"};
  std::vector<std::string> owners;
  std::vector<std::string> kinds;
  std::vector<std::string> ids;
  ExternalIdColumns all;
  for (const Change& change : changes) {
    if (!change.external_ids_changed) continue;
    const std::string id = IdOf(*change.resource, *change.record);
    if (!change.insert) owners.push_back(id);
    const ExternalIdColumns own = ExternalIdsOf(*change.resource, *change.record);
    for (size_t i = 0; i < own.ids.size(); ++i) {
      kinds.push_back(change.resource->kind);
      ids.push_back(id);
      all.systems.push_back(own.systems[i]);
      all.ids.push_back(own.ids[i]);
      all.valid_from.push_back(own.valid_from[i]);
      all.valid_to.push_back(own.valid_to[i]);
    }
  }
  if (!owners.empty()) {
    const absl::Status status = transaction.Execute(kForget, Parameters().TextArray(owners)).status();
    if (!status.ok()) return status;
  }
  if (ids.empty()) return absl::OkStatus();
  Parameters p;
  p.TextArray(kinds).TextArray(all.systems).TextArray(all.ids);
  p.Text(NullableArray(all.valid_from)).Text(NullableArray(all.valid_to)).TextArray(ids);
  return transaction.Execute(kInsert, p).status();
}

struct Head {
  int64_t pos = 0;
  std::string digest = std::string(8, '\0');
};

// Locks the heads in ascending order: two writers of the same buckets can never wait for each other in a
// circle.
absl::StatusOr<std::map<int, Head>> LockHeads(postgres::Statements& transaction,
                                              const std::vector<Change>& changes) {
  static const Query kLock{"lock_heads",
                           "SELECT bucket, pos, head_digest FROM feed_head WHERE bucket = ANY((SELECT "
                           "$1::text::smallint[])::smallint[])"
                           " ORDER BY bucket FOR UPDATE"};
  static const Query kLockOne{
      "lock_head", "SELECT bucket, pos, head_digest FROM feed_head WHERE bucket = $1::smallint FOR UPDATE"};
  static const Query kAdd{"add_heads",
                          "INSERT INTO feed_head (bucket, pos, head_digest)"
                          " SELECT b, 0, '\\x0000000000000000' FROM unnest($1::text::smallint[]) b ORDER BY "
                          "b ON CONFLICT DO NOTHING"};
  std::set<int> buckets;
  for (const Change& change : changes) buckets.insert(change.bucket);
  std::vector<std::string> numbers;
  for (int bucket : buckets) numbers.push_back(absl::StrCat(bucket));
  const auto lock = [&] {
    if (numbers.size() == 1) return transaction.Execute(kLockOne, Parameters().Text(numbers.front()));
    return transaction.Execute(kLock, Parameters().TextArray(numbers));
  };
  auto rows = lock();
  if (!rows.ok()) return std::move(rows).status();
  if (rows->rows() != static_cast<int>(buckets.size())) {  // The first write of a bucket.
    if (auto added = transaction.Execute(kAdd, Parameters().TextArray(numbers)); !added.ok())
      return std::move(added).status();
    rows = lock();
    if (!rows.ok()) return std::move(rows).status();
  }
  std::map<int, Head> heads;
  for (int i = 0; i < rows->rows(); ++i)
    heads[static_cast<int>(rows->Integer(i, 0))] = {rows->Integer(i, 1), rows->Bytes(i, 2)};
  return heads;
}

std::string ByteaText(const std::string& bytes) {
  return "\\x" + base::Hex(bytes);
}

std::string TimeText(absl::Time time) {
  // Whole microseconds, as a time parameter is written: PostgreSQL would round, and a reader of the past cut.
  return absl::FormatTime(absl::RFC3339_full, absl::FromUnixMicros(absl::ToUnixMicros(time)),
                          absl::UTCTimeZone());
}

const Query& FeedQuery() {
  static const Query query{
      "write_feed",
      "WITH x AS MATERIALIZED (SELECT * FROM unnest($1::text::smallint[], $2::text::bigint[], "
      "$3::text::uuid[], $4::text::text[], "
      "$5::text::uuid[],"
      " $6::text::bigint[], $7::text::text[], $8::text::text[], $9::text::text[], $10::text::text[], "
      "$11::text::boolean[], $12::text::bytea[], "
      "$13::text::bytea[], $14::text::timestamptz[]) AS x"
      " (bucket, pos, change_id, kind, id, revision, operation, changed_fields, scope_before, scope_after, "
      "commit_last,"
      " digest, state, time)),"
      " heads AS (UPDATE feed_head h SET pos = x.pos, head_digest = x.digest FROM x WHERE x.bucket = "
      "h.bucket AND x.commit_last),"
      " history AS (INSERT INTO revision (kind, id, revision, time, bucket, pos, state)"
      " SELECT kind, id, revision, time, bucket, pos, state FROM x),"
      " fed AS (INSERT INTO change (bucket, pos, change_id, kind, id, revision, operation, changed_fields, "
      "scope_before,"
      " scope_after, actor, acting_person, acting_role, request_id, trace_id, time, commit_last, digest)"
      " SELECT bucket, pos, change_id, kind, id, revision, operation, changed_fields::text[], "
      "scope_before::uuid[],"
      " scope_after::uuid[], $15, $16, $17, $18, $19, time, commit_last, digest FROM x)"
      " INSERT INTO idempotency (client_id, request_id, method, request_hash, answer, bucket, pos, positions,"
      " create_time) SELECT $20, $21, $22, $23::bytea, $24::text::text[], 0, 0, $25::text::bigint[],"
      " $26::timestamptz WHERE $21 <> ''"};
  return query;
}

}  // namespace

absl::Status WriteRows(postgres::Statements& transaction, const std::vector<Change>& changes) {
  std::vector<std::pair<const Resource*, bool>> groups;
  std::map<std::pair<const Resource*, bool>, std::vector<const Change*>> members;
  for (const Change& change : changes) {
    const auto group = std::make_pair(change.resource, change.insert);
    if (members.count(group) == 0) groups.push_back(group);
    members[group].push_back(&change);
  }
  for (const auto& group : groups) {
    const absl::Status status = group.second ? InsertRows(transaction, *group.first, members[group])
                                             : UpdateRows(transaction, *group.first, members[group]);
    if (!status.ok()) return status;
  }
  return WriteExternalIds(transaction, changes);
}

namespace {

// `counter`: only where a bug is planted, another transaction than the write's.
absl::StatusOr<Positions> Feed(postgres::Statements& transaction, postgres::Statements* counter,
                               const std::vector<Change>& changes, const Actor& actor,
                               const IdempotencyKey& key, const std::vector<std::string>& answer) {
  auto heads = LockHeads(counter == nullptr ? transaction : *counter, changes);
  if (!heads.ok()) return std::move(heads).status();

  std::map<int, size_t> last;
  for (size_t i = 0; i < changes.size(); ++i) last[changes[i].bucket] = i;
  std::vector<Values> columns(14);
  for (size_t i = 0; i < changes.size(); ++i) {
    const Change& change = changes[i];
    Head& head = (*heads)[change.bucket];
    const std::string change_id = base::NewId(actor.now);
    const int64_t revision = RevisionOf(*change.resource, *change.record);
    ++head.pos;
    head.digest = NextDigest(head.digest, change_id, revision);
    const std::string values[] = {absl::StrCat(change.bucket),
                                  absl::StrCat(head.pos),
                                  change_id,
                                  change.resource->kind,
                                  IdOf(*change.resource, *change.record),
                                  absl::StrCat(revision),
                                  change.operation,
                                  postgres::ArrayLiteral(change.changed_fields),
                                  postgres::ArrayLiteral(change.scope_before),
                                  postgres::ArrayLiteral(change.scope_after),
                                  last[change.bucket] == i ? "t" : "f",
                                  ByteaText(head.digest),
                                  ByteaText(StateBytes(*change.record)),
                                  TimeText(UpdateTimeOf(*change.resource, *change.record))};
    for (size_t k = 0; k < columns.size(); ++k) columns[k].push_back(values[k]);
  }
  Parameters p;
  for (const Values& column : columns) p.Text(NullableArray(column));
  Positions positions;
  for (const auto& [bucket, head] : *heads) positions.push_back({bucket, head.pos});
  p.Text(actor.client_id).Text(actor.acting_person).Text(actor.acting_role);
  p.Text(actor.request_id).Text(actor.trace_id);
  p.Text(key.client_id).Text(key.request_id).Text(key.method).Bytes(key.request_hash).TextArray(answer);
  p.TextArray(PairsOf(positions)).Time(actor.now);
  const Query* query = &FeedQuery();
  Query beside;
  if (counter != nullptr) {
    for (const auto& [bucket, head] : *heads) {
      const Query raise{
          "planted_counter",
          "UPDATE feed_head SET pos = $2::bigint, head_digest = $3::bytea WHERE bucket = $1::smallint"};
      Parameters raised;
      raised.Integer(bucket).Integer(head.pos).Bytes(head.digest);
      if (auto done = counter->Execute(raise, raised); !done.ok()) return std::move(done).status();
    }
    beside = *query;
    beside.name = "write_feed_planted";
    beside.sql.replace(beside.sql.find("AND x.commit_last"), 17, "AND false        ");
    query = &beside;
  }
  if (auto written = transaction.Execute(*query, p); !written.ok()) return std::move(written).status();
  return positions;
}

}  // namespace

absl::StatusOr<Positions> WriteFeed(postgres::Statements& transaction, const std::vector<Change>& changes,
                                    const Actor& actor, const IdempotencyKey& key,
                                    const std::vector<std::string>& answer) {
  return Feed(transaction, nullptr, changes, actor, key, answer);
}

absl::StatusOr<Positions> WriteFeedBeside(postgres::Statements& transaction, postgres::Statements& counter,
                                          const std::vector<Change>& changes, const Actor& actor,
                                          const IdempotencyKey& key, const std::vector<std::string>& answer) {
  return Feed(transaction, &counter, changes, actor, key, answer);
}

}  // namespace lianqiao::store
