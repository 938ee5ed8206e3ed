// SPDX-License-Identifier: Apache-2.0
// Facts, rules and overlaps of a staged record.
#include <re2/re2.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/resource/granted.h"
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

FactRow FactRowOf(const postgres::Result& result, int row, int from_column) {
  std::map<std::string, std::string> values;
  for (int k = from_column; k < result.columns(); ++k)
    if (!result.IsNull(row, k)) values[result.ColumnName(k)] = result.Text(row, k);
  return FactRow(std::move(values));
}

std::vector<std::optional<std::string>> ValuesOf(const ResourcePlan& resource, const FactQuery& fact,
                                                 const Message& record) {
  std::vector<std::optional<std::string>> values;
  for (const std::string& name : fact.fields)
    values.push_back(store::EncodeField(record, *resource.Find(name)));
  return values;
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

namespace {

// Two transactions that want several of the same keys never wait for each other crosswise.
absl::Status Hold(postgres::Statements& transaction, const postgres::Result& keys, int column) {
  static const Query query{"hold_keys",
                           "SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) WITH ORDINALITY"
                           " AS wanted (key, number) ORDER BY number"};
  std::set<int64_t> sorted;
  for (int i = 0; i < keys.rows(); ++i) sorted.insert(keys.Integer(i, column));
  if (sorted.empty()) return absl::OkStatus();
  std::vector<std::string> ordered;
  for (const int64_t key : sorted) ordered.push_back(absl::StrCat(key));
  return transaction.Execute(query, Parameters().TextArray(ordered)).status();
}

}  // namespace

absl::StatusOr<std::vector<FactRow>> Unit::FactRows(const ResourcePlan& resource, const FactQuery& fact,
                                                    const Message& after) {
  const auto values = ValuesOf(resource, fact, after);
  const auto known = known_facts_.find({&fact, &after});
  // A reference may have followed a merge since.
  if (known != known_facts_.end() && known->second->values == values) return known->second->rows;
  RETURN_IF_ERROR(WriteCollected());
  Parameters p;
  for (const auto& value : values) AddValue(value, &p);
  const Query query{absl::StrCat("fact_", resource.kind, "_", fact.name), fact.sql};
  ASSIGN_OR_RETURN(const postgres::Result result, transaction_.Execute(query, p));
  std::vector<FactRow> rows;
  if (fact.holds) {
    RETURN_IF_ERROR(Hold(transaction_, result, 0));
    return rows;
  }
  for (int i = 0; i < result.rows(); ++i) rows.push_back(FactRowOf(result, i, 0));
  return rows;
}

absl::Status Unit::PrepareFact(const ResourcePlan& resource, const FactQuery& fact,
                               const std::vector<const Message*>& records, KnownFacts* known) {
  if (fact.fields.empty()) return absl::OkStatus();  // Asked when it is needed.
  std::map<std::vector<std::optional<std::string>>, std::shared_ptr<KnownFact>> distinct;
  std::vector<KnownFact*> asked;
  std::vector<std::vector<std::optional<std::string>>> columns(fact.fields.size());
  for (const Message* record : records) {
    if (!Wanted(resource, fact, call_->method->descriptor->name(), *record)) continue;
    auto values = ValuesOf(resource, fact, *record);
    std::shared_ptr<KnownFact>& entry = distinct[values];
    if (entry == nullptr) {
      for (size_t i = 0; i < values.size(); ++i) columns[i].push_back(values[i]);
      entry = std::make_shared<KnownFact>(KnownFact{std::move(values), {}});
      asked.push_back(entry.get());
    }
    (*known)[{&fact, record}] = entry;
  }
  if (asked.empty()) return absl::OkStatus();
  // Every $n of the fact becomes the n-th value of a row of these arrays.
  Parameters p;
  std::vector<std::string> arrays;
  std::vector<std::string> names;
  std::string sql = fact.sql;
  for (size_t i = 0; i < columns.size(); ++i) {
    p.Text(store::NullableArray(columns[i]));
    arrays.push_back(absl::StrCat("$", i + 1, "::text::text[]"));
    names.push_back(absl::StrCat("p", i + 1));
  }
  re2::RE2::GlobalReplace(&sql, "\\$([0-9]+)", "asked_for.p\\1");
  const Query query{absl::StrCat("facts_", resource.kind, "_", fact.name),
                    absl::StrCat("SELECT asked_for.number, fact.* FROM unnest(", absl::StrJoin(arrays, ", "),
                                 ") WITH ORDINALITY AS asked_for (", absl::StrJoin(names, ", "),
                                 ", number) CROSS JOIN LATERAL (", sql, ") fact")};
  ASSIGN_OR_RETURN(const postgres::Result result, transaction_.Execute(query, p));
  if (fact.holds) return Hold(transaction_, result, 1);
  for (int i = 0; i < result.rows(); ++i)
    asked[static_cast<size_t>(result.Integer(i, 0) - 1)]->rows.push_back(FactRowOf(result, i, 1));
  return absl::OkStatus();
}

absl::Status Unit::RunRules(const ResourcePlan& resource, const Message* before, Message* after,
                            const std::string& path, bool deletes, Rights rights, Violations* violations) {
  const Kind& kind = core_.KindOf(resource);
  const std::vector<Check>& checks = deletes ? kind.deletion_checks : kind.checks;
  const bool derives = !deletes && !kind.derivations.empty();
  if (checks.empty() && !derives) return absl::OkStatus();
  Facts facts;
  facts.set_today(call_->today());
  facts.set_method(call_->method->descriptor->name());
  facts.set_imports(rights.imports);
  facts.set_approves(rights.approves);
  std::vector<FactRow> granted;
  for (const std::string& id : ScopeFor(resource, "write").ids)
    granted.emplace_back(std::map<std::string, std::string>{{"id", id}});
  facts.Add(kGranted, std::move(granted));
  for (const FactQuery& fact : kind.facts) {
    if (!Wanted(resource, fact, facts.method(), *after)) continue;
    ASSIGN_OR_RETURN(std::vector<FactRow> rows, FactRows(resource, fact, *after));
    facts.Add(fact.name, std::move(rows));
  }
  if (derives)
    for (const Derivation& derivation : kind.derivations) derivation(after, facts);
  for (const Check& check : checks) {
    for (base::Violation& violation : check(before, *after, facts)) {
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
