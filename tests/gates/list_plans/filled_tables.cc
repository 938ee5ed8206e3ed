// SPDX-License-Identifier: Apache-2.0
#include "tests/gates/list_plans/filled_tables.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace lianqiao::gates {
namespace {

constexpr char kCounties[] = "10";
constexpr char kRetired[] = "0f";

// First two digits of the ids of a kind; of another service's kinds, by their names.
std::string Prefix(const contract::Contract& contract, const std::string& kind) {
  for (size_t i = 0; i < contract.resources().size(); ++i)
    if (contract.resources()[i]->kind == kind) return absl::StrCat(20 + i);
  int sum = 0;
  for (const char c : kind) sum = (sum * 31 + c) % 80;
  return absl::StrCat(absl::Hex(160 + sum));
}

// "organisation" of "registry/organisation".
std::string ReferredKind(const contract::Field& field) {
  const std::string& reference = field.rule->reference();
  return reference.substr(reference.find('/') + 1);
}

std::string Id(const std::string& prefix, int n) {
  return absl::StrCat(prefix, "000000-0000-7000-8000-", absl::Dec(n, absl::kZeroPad12));
}
std::string IdSql(const std::string& prefix, const std::string& n) {
  return absl::StrCat("('", prefix, "000000-0000-7000-8000-' || lpad((", n, ")::text, 12, '0'))::uuid");
}

// What row n holds: the template's value, made different where that may have to be unique or is looked for.
std::string ValueSql(const contract::Contract& contract, const contract::Resource& resource,
                     const contract::Field& field, int index, int rows) {
  const std::string kind = ReferredKind(field);
  if (&field == resource.id) return IdSql(Prefix(contract, resource.kind), "n");
  if (kind == resource.kind) {
    // A family of 50, so that no row is its own ancestor.
    return field.rule->output_only() ? "NULL"
                                     : absl::StrCat("CASE WHEN n % 50 > 0 THEN ",
                                                    IdSql(Prefix(contract, kind), "n - n % 50"), " END");
  }
  // 7,919 has no divisor in common with the number of rows: every row refers to another one.
  if (!kind.empty() && !field.array && field.column == contract::Column::kUuid)
    return IdSql(Prefix(contract, kind), absl::StrCat("(n * 7919 + ", index * 37, ") % ", rows));
  // Lists of ids that belong to no kind of this service, as of files: each row its own.
  if (kind.empty() && field.array && field.column == contract::Column::kUuid)
    return absl::StrCat("ARRAY[", IdSql("0e", "n"), "]");
  const std::string value = absl::StrCat("t.", field.name);
  if (field.column == contract::Column::kText && !field.array)
    return absl::StrCat("CASE WHEN ", value, " = '' THEN '' ELSE ", value, " || n END");
  return value;
}

std::string FillKind(const contract::Contract& contract, const contract::Resource& resource,
                     const std::string& id, int rows) {
  std::vector<std::string> columns, values;
  for (const contract::Field& field : resource.fields) {
    if (field.column == contract::Column::kNone) continue;
    columns.push_back(field.name);
    values.push_back(ValueSql(contract, resource, field, static_cast<int>(columns.size()), rows));
  }
  const std::string county = IdSql(kCounties, "n % 100 + 1");
  // What hangs on schools of a followed service is read by them too.
  const std::string school =
      contract.FindKind("organisation") != nullptr ? "" : ", " + IdSql(Prefix(contract, "organisation"), "n");
  return absl::StrCat("INSERT INTO ", resource.kind, " (", absl::StrJoin(columns, ", "),
                      ", bucket, scope, write_scope) SELECT ", absl::StrJoin(values, ", "),
                      ", n % 16, ARRAY['", FilledCity(), "'::uuid, ", county, ", ",
                      IdSql(Prefix(contract, resource.kind), "n"), school, "], ARRAY[", county, "] FROM ",
                      resource.kind, " t, generate_series(0, ", rows - 1, ") n WHERE t.id = '", id, "'");
}

}  // namespace

std::string FilledCity() {
  return Id(kCounties, 0);
}
std::string FilledCounty(int n) {
  return Id(kCounties, n);
}
std::string FillCopy(const contract::Contract& contract, const contract::Contract& registry,
                     const std::string& kind, const std::string& id, int rows) {
  const std::string table = "registry_" + kind;
  // Names that the copy has no column for are passed over.
  std::string spread = absl::StrCat("'id', ", IdSql(Prefix(contract, kind), "n"));
  int index = 0;
  for (const contract::Field& field : registry.FindKind(kind)->fields) {
    const std::string referred = ReferredKind(field);
    if (referred.empty() || referred == kind || field.array || field.column != contract::Column::kUuid)
      continue;
    absl::StrAppend(
        &spread, ", '", field.name, "', CASE WHEN to_jsonb(t) ->> '", field.name, "' IS NOT NULL THEN ",
        IdSql(Prefix(contract, referred), absl::StrCat("(n * 7919 + ", ++index * 37, ") % ", rows)), " END");
  }
  // Once a row: `(function(…)).*` would call it for every column.
  return absl::StrCat("INSERT INTO ", table, " SELECT r.* FROM ", table, " t, generate_series(0, ", rows - 1,
                      ") n, LATERAL jsonb_populate_record(t, jsonb_build_object(", spread,
                      ")) r WHERE t.id = '", id, "'");
}
std::string FilledId(const contract::Contract& contract, const std::string& kind, int n) {
  return Id(Prefix(contract, kind), n);
}

std::vector<std::string> FillStatements(const contract::Contract& contract,
                                        const std::map<std::string, std::string>& templates, int rows) {
  std::vector<std::string> statements;
  for (const auto& resource : contract.resources())
    statements.push_back(FillKind(contract, *resource, templates.at(resource->kind), rows));
  // What is looked up by any kind.
  const std::string kind =
      contract.FindKind("organisation") != nullptr ? "organisation" : contract.resources()[0]->kind;
  const std::string prefix = Prefix(contract, kind);
  const std::string series = absl::StrCat(" FROM generate_series(0, ", rows - 1, ") n");
  statements.push_back(absl::StrCat("INSERT INTO external_id (kind, system, value, id) SELECT '", kind,
                                    "', 'register', n::text, ", IdSql(prefix, "n"), series));
  statements.push_back(absl::StrCat("INSERT INTO redirect (kind, old_id, new_id, time) SELECT '", kind, "', ",
                                    IdSql(kRetired, "n"), ", ", IdSql(prefix, "n"), ", now()", series));
  statements.push_back(
      absl::StrCat("INSERT INTO revision (kind, id, revision, time, bucket, pos, state) SELECT '", kind,
                   "', ", IdSql(prefix, "n"), ", 1, now(), n % 16, 1000000 + n, ''", series));
  statements.push_back(
      absl::StrCat("INSERT INTO idempotency (client_id, request_id, method, request_hash, answer, bucket, "
                   "pos, create_time) SELECT 'client', 'request-' || n, 'm', '', '{}', 0, 0, now()",
                   series));
  return statements;
}

}  // namespace lianqiao::gates
