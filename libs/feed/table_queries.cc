// SPDX-License-Identifier: Apache-2.0
#include "libs/feed/table_queries.h"

#include "absl/strings/str_cat.h"
#include "libs/store/codec.h"

namespace lianqiao::feed {
namespace {

using absl::StrAppend;
using absl::StrCat;
using contract::Field;
using Fields = std::vector<const Field*>;

// Rows that one sweep looks at.
constexpr int kSweepRows = 20000;
constexpr size_t kPlaceColumns = 4;  // id, revision, service, bucket

// Behind the fields.
std::vector<std::string> ScopeColumns(const TableOptions& options) {
  return options.scopes ? std::vector<std::string>{"sync_scope", "sync_write_scope"}
                        : std::vector<std::string>();
}

size_t ArraysOf(const Fields& fields, const TableOptions& options) {
  return kPlaceColumns + fields.size() + ScopeColumns(options).size();
}

// "name, name, " of every field, each behind `prefix`.
std::string Names(const Fields& fields, const std::string& prefix) {
  std::string names;
  for (const Field* field : fields) StrAppend(&names, prefix, field->name, ", ");
  return names;
}

// INSERT … SELECT of all columns from arrays; `step` is the parameter behind them.
std::string InsertSql(const std::string& table, const Fields& fields, const TableOptions& options) {
  std::string columns = Names(fields, ""), values, arrays, names;
  size_t column = kPlaceColumns;
  for (const Field* field : fields) StrAppend(&values, "u.c", ++column, "::", store::SqlType(*field), ", ");
  for (const std::string& name : ScopeColumns(options)) {
    StrAppend(&columns, name, ", ");
    StrAppend(&values, "u.c", ++column, "::uuid[], ");
  }
  for (size_t i = 1; i <= column; ++i) {
    StrAppend(&arrays, i > 1 ? ", $" : "$", i, "::text[]");
    StrAppend(&names, i > 1 ? ", c" : "c", i);
  }
  return StrCat("INSERT INTO ", table, " AS t (id, revision, sync_service, sync_bucket, ", columns,
                "sync_step) SELECT u.c1::uuid, u.c2::bigint, u.c3, u.c4::smallint, ", values, "$", column + 1,
                "::bigint FROM unnest(", arrays, ") AS u(", names, ")");
}

std::string UpdateSql(const Fields& fields, const TableOptions& options, bool with_place) {
  std::string sets =
      " ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, sync_step = excluded.sync_step";
  if (with_place)
    StrAppend(&sets, ", sync_service = excluded.sync_service, sync_bucket = excluded.sync_bucket");
  for (const Field* field : fields) StrAppend(&sets, ", ", field->name, " = excluded.", field->name);
  for (const std::string& name : ScopeColumns(options)) StrAppend(&sets, ", ", name, " = excluded.", name);
  return sets;
}

// What of `removed` moves to the table of former rows, as a further WITH member; nothing if none is kept.
std::string KeepSql(const std::string& table, const Fields& fields, const TableOptions& options,
                    const std::string& step) {
  if (!options.keep_former) return "";
  return StrCat(", kept AS (INSERT INTO ", table, "_former (id, revision, ", Names(fields, ""),
                "from_step, to_step) SELECT id, revision, ", Names(fields, ""), "sync_step, ", step,
                " FROM removed WHERE sync_step < ", step, ")");
}

std::string ReturningSql(const Fields& fields) {
  return StrCat(" RETURNING t.id, t.revision, ", Names(fields, "t."), "t.sync_step");
}

std::vector<std::string> DdlSql(const std::string& table, const Fields& fields, const TableOptions& options) {
  std::string columns, scopes;
  for (const Field* field : fields) StrAppend(&columns, "  ", store::ColumnDdl(*field), ",\n");
  for (const std::string& name : ScopeColumns(options)) StrAppend(&scopes, "  ", name, " uuid[] NOT NULL,\n");
  std::vector<std::string> ddl = {StrCat("CREATE TABLE IF NOT EXISTS ", table,
                                         " (\n  id uuid PRIMARY KEY,\n  revision bigint NOT NULL,\n", columns,
                                         scopes,
                                         "  sync_service text NOT NULL,\n  sync_bucket smallint NOT NULL,\n"
                                         "  sync_step bigint NOT NULL\n)")};
  if (options.keep_former)
    ddl.push_back(StrCat("CREATE TABLE IF NOT EXISTS ", table,
                         "_former (\n  id uuid NOT NULL,\n  revision bigint NOT NULL,\n", columns,
                         "  from_step bigint NOT NULL,\n  to_step bigint NOT NULL,\n"
                         "  PRIMARY KEY (id, from_step)\n)"));
  return ddl;
}

std::string RemoveSql(const std::string& table, const Fields& fields, const TableOptions& options) {
  return StrCat(
      "WITH gone AS (SELECT u.id::uuid AS id, u.revision::bigint AS revision, u.service,"
      " u.bucket::smallint AS bucket FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])"
      " AS u(id, revision, service, bucket)),"
      " removed AS (DELETE FROM ",
      table, " t USING gone g WHERE t.id = g.id AND t.revision <= g.revision", ReturningSql(fields), ")",
      KeepSql(table, fields, options, "$7::bigint"), " INSERT INTO ", options.state_prefix,
      "tombstone AS d (consumer, kind, id, revision, service, bucket, step)"
      " SELECT $5::text, $6::text, id, revision, service, bucket, $7::bigint FROM gone"
      " ON CONFLICT (consumer, kind, id) DO UPDATE SET revision = GREATEST(d.revision, excluded.revision),"
      " step = excluded.step");
}

std::string SweepSql(const std::string& table, const Fields& fields, const TableOptions& options) {
  return StrCat(
      "WITH page AS (SELECT t.id, t.sync_step < $2::bigint AND (cardinality($3::text[]) = 0 OR EXISTS"
      " (SELECT FROM unnest($3::text[], $4::text[]) AS b(service, bucket) WHERE t.sync_service IN "
      "(b.service, '')"
      " AND b.bucket::smallint = t.sync_bucket)) AS stale FROM ",
      table, " t WHERE t.id > $1::uuid ORDER BY t.id LIMIT ", kSweepRows, "), removed AS (DELETE FROM ",
      table, " t USING page p WHERE p.stale AND t.id = p.id", ReturningSql(fields), ")",
      KeepSql(table, fields, options, "$5::bigint"),
      " SELECT (SELECT id::text FROM page ORDER BY id DESC LIMIT 1), (SELECT count(*) FROM page) = ",
      kSweepRows, ", (SELECT count(*) FROM removed), $5::bigint");
}

std::string KeepPutSql(const std::string& table, const Fields& fields) {
  return StrCat("INSERT INTO ", table, "_former (id, revision, ", Names(fields, ""),
                "from_step, to_step) SELECT t.id, t.revision, ", Names(fields, "t."),
                "t.sync_step, $3::bigint FROM unnest($1::text[], $2::text[]) AS u(id, revision) JOIN ", table,
                " t ON t.id = u.id::uuid WHERE t.sync_step < $3::bigint"
                " AND (t.revision <= u.revision::bigint OR t.sync_step < $4::bigint)");
}

std::string EraseFormerSql(const std::string& table, const Fields& fields) {
  std::string sets;
  int parameter = 1;
  for (const Field* field : fields)
    if (IsErasable(*field))
      StrAppend(&sets, sets.empty() ? "" : ", ", field->name, " = $", ++parameter,
                "::", store::SqlType(*field));
  if (sets.empty()) return "";
  return StrCat("UPDATE ", table, "_former SET ", sets, " WHERE id = ANY((SELECT $1::text::uuid[])::uuid[])");
}

// Rows that are to change their scope, and records that are new, which have no row to lock.
std::string MovedSql(const std::string& table) {
  return StrCat(
      "SELECT u.id, t.sync_scope, t.sync_write_scope, u.scope::uuid[], u.write_scope::uuid[] FROM"
      " unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS u(id, revision, scope, write_scope)"
      " LEFT JOIN ",
      table,
      " t ON t.id = u.id::uuid WHERE t.id IS NULL OR"
      " ((t.sync_scope <> u.scope::uuid[] OR t.sync_write_scope <> u.write_scope::uuid[])"
      " AND (t.revision <= u.revision::bigint OR t.sync_step < $5::bigint)) ORDER BY u.id");
}

// The first 8 bytes of a row's hash as a signed number; modulo 2^64 their sum is that of the unsigned ones.
std::string DigestSql(const std::string& table) {
  return StrCat(
      "SELECT count(*), mod(mod(coalesce(sum(('x' || encode(substr(sha256(convert_to($3::text, 'UTF8') ||"
      " '\\x00'::bytea || uuid_send(id) || int8send(revision)), 1, 8), 'hex'))::bit(64)::bigint), 0),"
      " 18446744073709551616) + 18446744073709551616, 18446744073709551616)::text FROM ",
      table, " WHERE id > $1::uuid AND id <= $2::uuid");
}

}  // namespace

// Ids in other systems name the person there.
bool IsErasable(const Field& field) {
  return field.name == "external_ids" || (field.is_personal() && field.rule->personal().erasable());
}

Table::Queries Table::Queries::Make(const std::string& table, const Fields& fields,
                                    const TableOptions& options) {
  const size_t step = ArraysOf(fields, options) + 1;
  const std::string insert = InsertSql(table, fields, options);
  const auto named = [&](const char* what, const std::string& sql) {
    return postgres::Query{StrCat("copy_", what, "_", options.state_prefix, table), sql};
  };
  Queries queries;
  queries.put_snapshot =
      named("put_snapshot",
            StrCat(insert, UpdateSql(fields, options, true),
                   " WHERE t.revision <= excluded.revision OR t.sync_step < $", step + 1, "::bigint"));
  queries.put_changes = named(
      "put_changes", StrCat(insert, " WHERE NOT EXISTS (SELECT FROM ", options.state_prefix,
                            "tombstone d WHERE d.consumer = $", step + 1, "::text AND d.kind = $", step + 2,
                            "::text AND d.id = u.c1::uuid AND d.revision > u.c2::bigint)",
                            UpdateSql(fields, options, true), " WHERE t.revision <= excluded.revision"));
  queries.replace = named("replace", StrCat(insert, UpdateSql(fields, options, false)));
  queries.keep_put = named("keep_put", KeepPutSql(table, fields));
  if (options.keep_former) queries.erase_former = named("erase_former", EraseFormerSql(table, fields));
  queries.remove = named("remove", RemoveSql(table, fields, options));
  queries.remove_plain =
      named("remove_plain", StrCat("WITH removed AS (DELETE FROM ", table,
                                   " t WHERE t.id = ANY((SELECT $1::text::uuid[])::uuid[])",
                                   ReturningSql(fields), ")", KeepSql(table, fields, options, "$2::bigint"),
                                   " SELECT count(*), $2::bigint FROM removed"));
  queries.sweep = named("sweep", SweepSql(table, fields, options));
  queries.prove_order = named(
      "prove_order",
      StrCat("SELECT t.id, t.revision, u.revision FROM unnest($1::text[], $2::text[]) AS u(id, revision)"
             " JOIN ",
             table, " t ON t.id = u.id::uuid WHERE t.revision > u.revision::bigint",
             " AND t.sync_step > $3::bigint LIMIT 1"));
  if (options.scopes) {
    queries.moved = named("moved", MovedSql(table));
    queries.lock = named("lock", StrCat("SELECT FROM ", table,
                                        " WHERE id = ANY((SELECT $1::text::uuid[])::uuid[]) ORDER BY id"
                                        " FOR UPDATE"));
  }
  queries.stray = named("stray", StrCat("SELECT EXISTS (SELECT FROM ", table, " WHERE sync_bucket < 0)"));
  queries.digest = named("digest", DigestSql(table));
  queries.revisions = named("revisions", StrCat("SELECT id, revision FROM ", table,
                                                " WHERE id > $1::uuid AND id <= $2::uuid ORDER BY id"));
  queries.differences =
      named("differences",
            StrCat("SELECT e.name, e.type, format_type(a.atttypid, NULL) FROM unnest($1::text[], $2::text[])"
                   " AS e(name, type) LEFT JOIN pg_attribute a ON a.attrelid = to_regclass('",
                   table,
                   "') AND a.attname = e.name AND NOT a.attisdropped WHERE a.attname IS NULL OR"
                   " a.atttypid <> to_regtype(e.type) ORDER BY e.name"));
  queries.ddl = DdlSql(table, fields, options);
  return queries;
}

}  // namespace lianqiao::feed
