// SPDX-License-Identifier: Apache-2.0
#include "tests/gates/list_plans/filled_tables.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace lianqiao::gates {
namespace {

constexpr char kCounties[] = "10";

// First two digits of the ids of a kind.
std::string Prefix(const contract::Contract& contract, const std::string& kind) {
  for (size_t i = 0; i < contract.resources().size(); ++i)
    if (contract.resources()[i]->kind == kind) return absl::StrCat(20 + i);
  return "99";
}

std::string Id(const std::string& prefix, int n) {
  return absl::StrCat(prefix, "000000-0000-7000-8000-", absl::Dec(n, absl::kZeroPad12));
}
std::string IdSql(const std::string& prefix, const std::string& n) {
  return absl::StrCat("('", prefix, "000000-0000-7000-8000-' || lpad((", n, ")::text, 12, '0'))::uuid");
}

// What row n holds: the template's value, made different where that may have to be unique or is looked for.
std::string ValueSql(const contract::Contract& contract, const contract::Resource& resource,
                     const contract::Field& field, int index) {
  const std::string& kind = field.rule->reference();
  if (&field == resource.id) return IdSql(Prefix(contract, resource.kind), "n");
  if (kind == resource.kind) {
    // A family of 50, so that no row is its own ancestor.
    return field.rule->output_only() ? "NULL"
                                     : absl::StrCat("CASE WHEN n % 50 > 0 THEN ",
                                                    IdSql(Prefix(contract, kind), "n - n % 50"), " END");
  }
  // 7,919 has no divisor in common with the number of rows: every row refers to another one.
  if (!kind.empty() && !field.array && field.column == contract::Column::kUuid)
    return IdSql(Prefix(contract, kind), absl::StrCat("(n * 7919 + ", index * 37, ") % ", kRows));
  const std::string value = absl::StrCat("t.", field.name);
  if (field.column == contract::Column::kText && !field.array)
    return absl::StrCat("CASE WHEN ", value, " = '' THEN '' ELSE ", value, " || n END");
  return value;
}

std::string FillKind(const contract::Contract& contract, const contract::Resource& resource,
                     const std::string& id) {
  std::vector<std::string> columns, values;
  for (const contract::Field& field : resource.fields) {
    if (field.column == contract::Column::kNone) continue;
    columns.push_back(field.name);
    values.push_back(ValueSql(contract, resource, field, static_cast<int>(columns.size())));
  }
  const std::string county = IdSql(kCounties, "n % 100 + 1");
  return absl::StrCat("INSERT INTO ", resource.kind, " (", absl::StrJoin(columns, ", "),
                      ", bucket, scope, write_scope) SELECT ", absl::StrJoin(values, ", "),
                      ", n % 16, ARRAY['", FilledCity(), "'::uuid, ", county, ", ",
                      IdSql(Prefix(contract, resource.kind), "n"), "], ARRAY[", county, "] FROM ",
                      resource.kind, " t, generate_series(0, ", kRows - 1, ") n WHERE t.id = '", id, "'");
}

}  // namespace

std::string FilledCity() {
  return Id(kCounties, 0);
}
std::string FilledCounty(int n) {
  return Id(kCounties, n);
}
std::string FilledId(const contract::Contract& contract, const std::string& kind, int n) {
  return Id(Prefix(contract, kind), n);
}

std::vector<std::string> FillStatements(const contract::Contract& contract,
                                        const std::map<std::string, std::string>& templates) {
  std::vector<std::string> statements;
  for (const auto& resource : contract.resources())
    statements.push_back(FillKind(contract, *resource, templates.at(resource->kind)));
  const std::string organisation = Prefix(contract, "organisation");
  const std::string rows = absl::StrCat(" FROM generate_series(0, ", kRows - 1, ") n");
  statements.push_back(
      absl::StrCat("INSERT INTO external_id (kind, system, value, id) SELECT 'organisation', 'register', "
                   "n::text, ",
                   IdSql(organisation, "n"), rows));
  statements.push_back(
      absl::StrCat("INSERT INTO redirect (kind, old_id, new_id, time) SELECT 'organisation', ",
                   IdSql("98", "n"), ", ", IdSql(organisation, "n"), ", now()", rows));
  statements.push_back(absl::StrCat(
      "INSERT INTO revision (kind, id, revision, time, bucket, pos, state) SELECT 'organisation', ",
      IdSql(organisation, "n"), ", 1, now(), n % 16, 1000000 + n, ''", rows));
  statements.push_back(
      absl::StrCat("INSERT INTO idempotency (client_id, request_id, method, request_hash, answer, bucket, "
                   "pos, create_time) SELECT 'client', 'request-' || n, 'm', '', '{}', 0, 0, now()",
                   rows));
  return statements;
}

}  // namespace lianqiao::gates
