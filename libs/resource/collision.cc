// SPDX-License-Identifier: Apache-2.0
// A unique key that is taken: told with its fields, unless the record that holds it is none of the caller's
// business.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/resource/unit.h"
#include "libs/store/write_internal.h"

namespace lianqiao::resource {

using base::ErrorReason;
using postgres::Parameters;
using postgres::Query;

namespace {

constexpr char kExternalIdUnique[] = "external_id_unique";

// Scopes of the rows that hold these unique values.
absl::StatusOr<postgres::Result> Holders(postgres::Session& session, const ResourcePlan& resource,
                                         const options::v1::UniqueRule& rule, const Message& record) {
  Parameters p;
  std::vector<std::string> where = {"delete_time IS NULL"};
  for (const std::string& name : rule.fields()) {
    const contract::Field& field = *resource.Find(name);
    const auto value = store::EncodeField(record, field);
    value.has_value() ? p.Text(*value) : p.Null();
    where.push_back(absl::StrCat(name, " = $", p.size(), "::", store::SqlType(field)));
    // The index leaves out what is not given (libs/store/ddl.cc): a kept plan does not know that this is.
    if (field.column == contract::Column::kText && !field.nullable) where.push_back(name + " <> ''");
  }
  const Query query{"holder_" + rule.name(), absl::StrCat("SELECT scope FROM ", resource.kind, " WHERE ",
                                                          absl::StrJoin(where, " AND "))};
  return session.Execute(query, p);
}

absl::StatusOr<postgres::Result> HoldersOfExternalIds(postgres::Session& session,
                                                      const ResourcePlan& resource, const Message& record) {
  const store::ExternalIdColumns columns = store::ExternalIdsOf(resource, record);
  Parameters p;
  p.Text(resource.kind).TextArray(columns.systems).TextArray(columns.ids).Text(store::IdOf(resource, record));
  const Query query{
      "external_id_holders_" + resource.kind,
      absl::StrCat("SELECT t.scope FROM unnest($2::text[], $3::text[]) AS w (system, value)"
                   " JOIN external_id e ON e.kind = $1 AND e.system = w.system AND e.value = w.value JOIN ",
                   resource.kind, " t ON t.id = e.id WHERE e.id <> $4::uuid")};
  return session.Execute(query, p);
}

bool AllVisible(const Call& call, const ResourcePlan& resource, const postgres::Result& holders) {
  const store::Scope scope = call.ScopeFor(resource, "read");
  for (int i = 0; i < holders.rows(); ++i) {
    if (!scope.Covers(holders.TextArray(i, 0))) return false;
  }
  return true;
}

// As for a reference to a record that is not there.
absl::Status Hidden(const ResourcePlan& resource, const std::string& path, const contract::Field& field) {
  return base::FailIfAny(
      {base::Refuse(contract::PathOf(path, *field.descriptor), ErrorReason::REFERENCE_NOT_FOUND,
                    {{"kind", resource.kind}, {"kind_zh", resource.rule->label().zh()}})});
}

absl::Status Taken(const ResourcePlan& resource, const std::string& fields) {
  return base::Fail(absl::StatusCode::kAlreadyExists, ErrorReason::ALREADY_EXISTS,
                    {{"kind", resource.kind}, {"kind_zh", resource.rule->label().zh()}, {"fields", fields}});
}

}  // namespace

absl::Status Explain(EngineCore& core, postgres::Session& session, const Call& call,
                     const absl::Status& status, const Unit::Failed& failed) {
  const auto error = postgres::DatabaseErrorOf(status);
  if (!error.has_value() || failed.resource == nullptr) return status;
  const ResourcePlan& resource = *failed.resource;
  if (error->constraint == kExternalIdUnique && resource.external_ids != nullptr) {
    ASSIGN_OR_RETURN(const auto holders, HoldersOfExternalIds(session, resource, *failed.record));
    if (!AllVisible(call, resource, holders)) return Hidden(resource, failed.path, *resource.external_ids);
    return Taken(resource, resource.external_ids->descriptor->json_name());
  }
  for (const auto& unique : resource.rule->unique()) {
    if (unique.name() != error->constraint) continue;
    ASSIGN_OR_RETURN(const auto holders, Holders(session, resource, unique, *failed.record));
    if (!AllVisible(call, resource, holders))
      return Hidden(resource, failed.path, *resource.Find(unique.fields(0)));
    std::vector<std::string> fields;
    for (const std::string& name : unique.fields())
      fields.push_back(resource.Find(name)->descriptor->json_name());
    return Taken(resource, absl::StrJoin(fields, ", "));
  }
  return status;
}

}  // namespace lianqiao::resource
