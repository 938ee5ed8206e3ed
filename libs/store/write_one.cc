// SPDX-License-Identifier: Apache-2.0
// Path (a): a create or an unconditional update as one statement of CTEs chained by data, so that a position
// exists only if everything before it was written.
#include <functional>
#include <mutex>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lianqiao/type/v1/standard.pb.h"
#include "libs/base/ids.h"
#include "libs/store/write.h"
#include "libs/store/write_internal.h"

namespace lianqiao::store {
namespace {

using postgres::Parameters;
using postgres::Query;

// Numbers the parameters of one statement while its text is written.
class Text {
 public:
  // Arrays come as text: the planner must not look into them, or it plans every execution anew.
  std::string Next(const std::string& type) {
    const bool array = type.size() > 2 && type.compare(type.size() - 2, 2, "[]") == 0;
    return absl::StrCat("$", ++count_, array ? "::text::" : "::", type);
  }
  int count() const { return count_; }

 private:
  int count_ = 0;
};

// A predicate of constant shape, so that one prepared statement serves every caller: single rows need no
// index.
std::string ConstantScope(const std::string& column, Text* text) {
  const std::string everything = text->Next("boolean");
  const std::string ids = text->Next("uuid[]");
  const std::string alliances = text->Next("uuid[]");
  const std::string organisation = text->Next("uuid[]");
  return absl::StrCat("(", everything, " OR ", column, " && ", ids, " OR (", column, " && ", alliances,
                      " AND ", column, " @> ", organisation, "))");
}

void AddScope(const Scope& scope, Parameters* parameters) {
  parameters->Boolean(scope.everything).TextArray(scope.ids).TextArray(scope.alliance_ids);
  // An alliance grant without an own organisation covers nothing: no row's scope holds the nil id.
  const std::string own =
      scope.organisation_id.empty() ? "00000000-0000-0000-0000-000000000000" : scope.organisation_id;
  parameters->TextArray({own});
}

// The part that both statements share: head, revision, change, answer. `source` is the CTE that holds a row
// only if the record was written, with columns scope_before and scope.
std::string FeedCtes(const std::string& source, Text* text) {
  const std::string bucket = text->Next("smallint");
  const std::string change_id = text->Next("uuid");
  const std::string id = text->Next("uuid");
  const std::string revision = text->Next("bigint");
  const std::string digest =
      absl::StrCat("substr(sha256(", "%s || uuid_send(", change_id, ") || int8send(", revision, ")), 1, 8)");
  const auto with = [&](const char* previous) {
    std::string filled = digest;
    return filled.replace(filled.find("%s"), 2, previous);
  };
  const std::string kind = text->Next("text");
  const std::string time = text->Next("timestamptz");
  const std::string state = text->Next("bytea");
  const std::string operation = text->Next("text");
  const std::string changed = text->Next("text[]");
  const std::string actor = text->Next("text");
  const std::string person = text->Next("text");
  const std::string role = text->Next("text");
  const std::string request = text->Next("text");
  const std::string trace = text->Next("text");
  const std::string client = text->Next("text");
  const std::string key = text->Next("text");
  const std::string method = text->Next("text");
  const std::string hash = text->Next("bytea");
  const std::string answer = text->Next("text[]");
  return absl::StrCat(
      ", head AS (INSERT INTO feed_head AS h (bucket, pos, head_digest) SELECT ", bucket, ", 1, ",
      with("'\\x0000000000000000'::bytea"), " FROM ", source,
      " ON CONFLICT (bucket) DO UPDATE SET pos = h.pos + 1, head_digest = ", with("h.head_digest"),
      " RETURNING bucket, pos, head_digest)",
      ", history AS (INSERT INTO revision (kind, id, revision, time, bucket, pos, state) SELECT ", kind, ", ",
      id, ", ", revision, ", ", time, ", bucket, pos, ", state, " FROM head)",
      ", fed AS (INSERT INTO change (bucket, pos, change_id, kind, id, revision, operation, changed_fields, "
      "scope_before,"
      " scope_after, actor, acting_person, acting_role, request_id, trace_id, time, commit_last, digest) "
      "SELECT "
      "head.bucket, head.pos, ",
      change_id, ", ", kind, ", ", id, ", ", revision, ", ", operation, ", ", changed,
      ", w.scope_before, w.scope, ", actor, ", ", person, ", ", role, ", ", request, ", ", trace, ", ", time,
      ", true, head.head_digest FROM head, ", source, " w)",
      ", remembered AS (INSERT INTO idempotency (client_id, request_id, method, request_hash, answer, "
      "bucket, pos,"
      " create_time) SELECT ",
      client, ", ", key, ", ", method, ", ", hash, ", ", answer, ", bucket, pos, ", time, " FROM head WHERE ",
      key, " <> '') SELECT bucket, pos FROM head");
}

void AddFeed(const Change& change, const Actor& actor, const IdempotencyKey& key, const std::string& answer,
             Parameters* p) {
  const Resource& resource = *change.resource;
  p->Integer(change.bucket).Text(base::NewId(actor.now)).Text(IdOf(resource, *change.record));
  p->Integer(RevisionOf(resource, *change.record)).Text(resource.kind);
  p->Time(UpdateTimeOf(resource, *change.record));
  p->Bytes(StateBytes(*change.record)).Text(change.operation).TextArray(change.changed_fields);
  p->Text(actor.client_id).Text(actor.acting_person).Text(actor.acting_role);
  p->Text(actor.request_id).Text(actor.trace_id);
  p->Text(key.client_id).Text(key.request_id).Text(key.method).Bytes(key.request_hash).TextArray({answer});
}

std::string Known(Text* text) {
  const std::string client = text->Next("text");
  return absl::StrCat("known AS MATERIALIZED (SELECT 1 FROM idempotency WHERE client_id = ", client,
                      " AND request_id = ", text->Next("text"), ")");
}

void AddKnown(const IdempotencyKey& key, Parameters* p) {
  p->Text(key.client_id).Text(key.request_id);
}

// Arrays of all scope sources joined: "coalesce((SELECT scope FROM p0), '{}') || …".
std::string United(const Resource& resource, const std::vector<const Field*>& references,
                   const std::string& column, const std::string& self) {
  std::vector<std::string> parts = {"'{}'::uuid[]"};
  const auto& rule = resource.rule->scope();
  for (size_t i = 0; i < references.size(); ++i) {
    bool from = std::find(rule.from().begin(), rule.from().end(), references[i]->name) != rule.from().end();
    if (column == "scope") {
      from = from || std::find(rule.readers_from().begin(), rule.readers_from().end(), references[i]->name) !=
                         rule.readers_from().end();
    }
    if (from) parts.push_back(absl::StrCat("coalesce((SELECT ", column, " FROM p", i, "), '{}')"));
  }
  if (rule.self()) parts.push_back("ARRAY[" + self + "]");
  return absl::StrCat("ARRAY(SELECT DISTINCT u FROM unnest(", absl::StrJoin(parts, " || "),
                      ") u ORDER BY u)");
}

// References that the record names: only what is there is looked up. One statement for each set of them, of
// which a kind has few in use.
std::vector<size_t> Present(const std::vector<const Field*>& references, const Message& record) {
  std::vector<size_t> present;
  for (size_t i = 0; i < references.size(); ++i) {
    if (EncodeField(record, *references[i]).has_value()) present.push_back(i);
  }
  return present;
}

std::string CreateSql(const Resource& resource, const std::vector<const Field*>& references) {
  Text text;
  std::string sql = "WITH " + Known(&text);
  std::vector<std::string> columns;
  std::vector<std::string> values;
  std::string id;
  for (const Field& field : resource.fields) {
    if (field.column == contract::Column::kNone) continue;
    columns.push_back(field.name);
    values.push_back(text.Next(SqlType(field)));
    if (&field == resource.id) id = values.back();
  }
  std::string conditions;
  for (size_t i = 0; i < references.size(); ++i) {
    const std::string wanted = text.Next("uuid");
    absl::StrAppend(&sql, ", p", i, " AS MATERIALIZED (SELECT scope, write_scope FROM ",
                    references[i]->rule->reference(), " WHERE id = ", wanted, " AND delete_time IS NULL AND ",
                    // Merged away: the careful path follows it to what took over.
                    references[i]->target_retires ? "replaced_by IS NULL AND " : "",
                    ConstantScope("scope", &text), " FOR KEY SHARE)");
    absl::StrAppend(&conditions, " AND EXISTS (SELECT 1 FROM p", i, ")");
  }
  absl::StrAppend(&sql, ", s AS (SELECT ", United(resource, references, "scope", id), " AS scope, ",
                  United(resource, references, "write_scope", id), " AS write_scope)");
  const std::string bucket = text.Next("smallint");
  absl::StrAppend(&sql, ", written AS (INSERT INTO ", resource.kind, " (", absl::StrJoin(columns, ", "),
                  ", bucket, scope, write_scope) SELECT ", absl::StrJoin(values, ", "), ", ", bucket,
                  ", s.scope, s.write_scope FROM s WHERE NOT EXISTS (SELECT 1 FROM known)",
                  // What would hang on a moved record is looked at with care.
                  " AND NOT EXISTS (SELECT 1 FROM restamp_job WHERE root_id IS NULL)", conditions, " AND ",
                  ConstantScope("s.write_scope", &text), " RETURNING scope, '{}'::uuid[] AS scope_before)");
  if (resource.external_ids != nullptr) {
    const std::string kind = text.Next("text");
    const std::string systems = text.Next("text[]");
    const std::string ids = text.Next("text[]");
    const std::string from = text.Next("date[]");
    const std::string to = text.Next("date[]");
    absl::StrAppend(
        &sql,
        ", identified AS (INSERT INTO external_id (kind, system, value, valid_from, valid_to, id) SELECT ",
        kind, ", u.*, ", id, " FROM written, unnest(", systems, ", ", ids, ", ", from, ", ", to, ") u)");
  }
  return sql + FeedCtes("written", &text);
}

std::string UpdateSql(const Resource& resource) {
  Text text;
  std::string sql = "WITH " + Known(&text);
  std::vector<std::string> assignments;
  for (const Field& field : resource.fields) {
    if (field.column == contract::Column::kNone || &field == resource.id) continue;
    assignments.push_back(absl::StrCat(field.name, " = ", text.Next(SqlType(field))));
  }
  const std::string id = text.Next("uuid");
  absl::StrAppend(&sql, ", written AS (UPDATE ", resource.kind, " SET ", absl::StrJoin(assignments, ", "),
                  " WHERE id = ", id, " AND revision = ", text.Next("bigint"),
                  " AND NOT EXISTS (SELECT 1 FROM known) RETURNING scope, scope AS scope_before)");
  return sql + FeedCtes("written", &text);
}

// Statement texts are made once per name.
const Query& Cached(const std::string& name, const std::function<std::string()>& make) {
  static std::mutex mutex;
  static auto* queries = new std::unordered_map<std::string, std::unique_ptr<Query>>();
  const std::lock_guard<std::mutex> lock(mutex);
  auto& query = (*queries)[name];
  if (query == nullptr) query = std::make_unique<Query>(Query{name, make()});
  return *query;
}

void AddValue(const std::optional<std::string>& value, Parameters* p) {
  if (value.has_value()) {
    p->Text(*value);
  } else {
    p->Null();
  }
}

absl::StatusOr<std::optional<Position>> PositionOf(absl::StatusOr<postgres::Result> result) {
  if (!result.ok()) return std::move(result).status();
  if (result->rows() == 0) return std::optional<Position>();
  return std::optional<Position>(Position{static_cast<int>(result->Integer(0, 0)), result->Integer(0, 1)});
}

}  // namespace

absl::StatusOr<std::optional<Position>> CreateInOneStatement(postgres::Session& session, const Change& change,
                                                             const CreateAuthority& authority,
                                                             const Actor& actor, const IdempotencyKey& key,
                                                             const std::string& answer) {
  const Resource& resource = *change.resource;
  Parameters p;
  AddKnown(key, &p);
  for (const Field& field : resource.fields) {
    if (field.column != contract::Column::kNone) AddValue(EncodeField(*change.record, field), &p);
  }
  const std::vector<const Field*> all = References(resource);
  std::vector<const Field*> references;
  std::string name = absl::StrCat("create_", resource.kind);
  for (const size_t i : Present(all, *change.record)) {
    references.push_back(all[i]);
    absl::StrAppend(&name, "_", i);
    AddValue(EncodeField(*change.record, *all[i]), &p);
    AddScope(authority.read[i], &p);
  }
  p.Integer(change.bucket);
  AddScope(authority.write, &p);
  if (resource.external_ids != nullptr) {
    const ExternalIdColumns columns = ExternalIdsOf(resource, *change.record);
    p.Text(resource.kind).TextArray(columns.systems).TextArray(columns.ids);
    p.Text(NullableArray(columns.valid_from)).Text(NullableArray(columns.valid_to));
  }
  AddFeed(change, actor, key, answer, &p);
  return PositionOf(session.ExecuteWrite(Cached(name, [&] { return CreateSql(resource, references); }), p));
}

absl::StatusOr<std::optional<Position>> UpdateInOneStatement(postgres::Session& session, const Change& change,
                                                             const Actor& actor, const IdempotencyKey& key,
                                                             const std::string& answer) {
  const Resource& resource = *change.resource;
  Parameters p;
  AddKnown(key, &p);
  for (const Field& field : resource.fields) {
    if (field.column != contract::Column::kNone && &field != resource.id)
      AddValue(EncodeField(*change.record, field), &p);
  }
  p.Text(IdOf(resource, *change.record)).Integer(RevisionOf(resource, *change.record) - 1);
  AddFeed(change, actor, key, answer, &p);
  return PositionOf(session.ExecuteWrite(
      Cached(absl::StrCat("update_", resource.kind), [&] { return UpdateSql(resource); }), p));
}

}  // namespace lianqiao::store
