// SPDX-License-Identifier: Apache-2.0
// Facts, rules and overlaps of a staged record.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/resource/unit.h"

namespace lianqiao::resource {

using contract::Field;
using postgres::Parameters;
using postgres::Query;

namespace {

void AddValue(const std::optional<std::string>& value, Parameters* p) {
  if (value.has_value()) {
    p->Text(*value);
  } else {
    p->Null();
  }
}

absl::StatusOr<std::vector<FactRow>> ReadFact(postgres::Statements& transaction, const ResourcePlan& resource,
                                              const FactQuery& fact, const Message& after) {
  Parameters p;
  for (const std::string& name : fact.fields) AddValue(store::EncodeField(after, *resource.Find(name)), &p);
  const Query query{absl::StrCat("fact_", resource.kind, "_", fact.name), fact.sql};
  ASSIGN_OR_RETURN(const postgres::Result result, transaction.Execute(query, p));
  std::vector<FactRow> rows;
  for (int i = 0; i < result.rows(); ++i) {
    std::map<std::string, std::string> values;
    for (int k = 0; k < result.columns(); ++k)
      if (!result.IsNull(i, k)) values[result.ColumnName(k)] = result.Text(i, k);
    rows.emplace_back(std::move(values));
  }
  return rows;
}

bool IsSet(const ResourcePlan& resource, const FactQuery& fact, const Message& record) {
  return std::any_of(fact.fields.begin(), fact.fields.end(), [&](const std::string& name) {
    return store::EncodeField(record, *resource.Find(name)).value_or("") != "";
  });
}

bool Wanted(const ResourcePlan& resource, const FactQuery& fact, const std::string& method,
            const Message& record) {
  const bool by_method = fact.methods.empty() ||
                         std::find(fact.methods.begin(), fact.methods.end(), method) != fact.methods.end();
  return by_method && (!fact.if_set || IsSet(resource, fact, record));
}

}  // namespace

bool NeedsFacts(const Kind& kind, const Message* record) {
  return std::any_of(kind.facts.begin(), kind.facts.end(), [&](const FactQuery& fact) {
    return !fact.if_set || (record != nullptr && IsSet(*kind.resource, fact, *record));
  });
}

absl::Status Unit::RunRules(const ResourcePlan& resource, const Message* before, const Message& after,
                            const std::string& path, bool deletes, Violations* violations) {
  const Kind& kind = core_.KindOf(resource);
  const std::vector<Check>& checks = deletes ? kind.deletion_checks : kind.checks;
  if (checks.empty()) return absl::OkStatus();
  Facts facts;
  facts.set_today(call_.today());
  facts.set_method(call_.method->descriptor->name());
  for (const FactQuery& fact : kind.facts) {
    if (!Wanted(resource, fact, facts.method(), after)) continue;
    ASSIGN_OR_RETURN(std::vector<FactRow> rows, ReadFact(transaction_, resource, fact, after));
    facts.Add(fact.name, std::move(rows));
  }
  for (const Check& check : checks) {
    for (base::Violation& violation : check(before, after, facts)) {
      PlaceViolation(resource, path, &violation);
      violations->push_back(std::move(violation));
    }
  }
  return absl::OkStatus();
}

absl::Status Unit::CheckOverlaps(const ResourcePlan& resource, const Message& after, const std::string& path,
                                 Violations* violations) {
  int number = 0;
  for (const auto& rule : resource.rule->no_overlap()) {
    ++number;
    Parameters p;
    p.Text(store::IdOf(resource, after));
    std::string where = "id <> $1::uuid AND delete_time IS NULL";
    std::string shape;  // Which values are absent: part of the statement's name.
    for (const std::string& name : rule.fields()) {
      const auto value = store::EncodeField(after, *resource.Find(name));
      shape.push_back(value.has_value() ? '1' : '0');
      if (value.has_value()) p.Text(*value);
      absl::StrAppend(&where, " AND ", name,
                      value.has_value()
                          ? absl::StrCat(" = $", p.size(), "::", store::SqlType(*resource.Find(name)))
                          : " IS NULL");
    }
    if (!rule.state().empty()) {
      const Field& state = *resource.Find(rule.state());
      const std::vector<std::string> ignored = EnumNames(state, rule.ignored_states());
      const auto own = store::EncodeField(after, state);
      if (own.has_value() && std::find(ignored.begin(), ignored.end(), *own) != ignored.end()) continue;
      p.TextArray(ignored);
      absl::StrAppend(&where, " AND NOT ", rule.state(), " = ANY($", p.size(), "::text[])");
    }
    AddValue(store::EncodeField(after, *resource.Find(rule.from())), &p);
    AddValue(store::EncodeField(after, *resource.Find(rule.to())), &p);
    absl::StrAppend(&where, " AND coalesce(", rule.from(), ", '-infinity') <= coalesce($", p.size(),
                    "::date, 'infinity') AND coalesce(", rule.to(), ", 'infinity') >= coalesce($",
                    p.size() - 1, "::date, '-infinity')");
    const Query query{absl::StrCat("overlap_", resource.kind, "_", number, "_", shape),
                      absl::StrCat("SELECT 1 FROM ", resource.kind, " WHERE ", where, " LIMIT 1")};
    ASSIGN_OR_RETURN(const postgres::Result found, transaction_.Execute(query, p));
    if (found.rows() > 0)
      violations->push_back(base::Refuse(
          contract::PathOf(path, *resource.Find(rule.from())->descriptor), base::ErrorReason::OVERLAPS,
          {{"kind", resource.kind}, {"kind_zh", resource.rule->label().zh()}}));
  }
  return absl::OkStatus();
}

}  // namespace lianqiao::resource
