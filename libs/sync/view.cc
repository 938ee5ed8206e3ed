// SPDX-License-Identifier: Apache-2.0
#include "libs/sync/view.h"

#include <algorithm>
#include <functional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/ids.h"
#include "libs/base/mutant.h"
#include "libs/base/status.h"
#include "libs/feed/cursor.h"

namespace lianqiao::sync {

using base::ErrorReason;
using contract::Resource;

namespace {

void SortUnique(std::vector<std::string>* values) {
  std::sort(values->begin(), values->end());
  values->erase(std::unique(values->begin(), values->end()), values->end());
}

// As the engine has it for its reads: the platform's own records are seen by everybody with the right.
store::Scope ScopeFor(const access::Caller& caller, const Resource& resource, const std::string& right,
                      absl::Time now) {
  store::Scope scope = caller.ScopeFor(absl::StrCat(resource.rule->permission(), ".", right), now);
  if (resource.rule->scope().platform() && !scope.empty()) {
    scope = store::Scope();
    scope.everything = true;
  }
  if (resource.opens_downwards && (right != "personal" || base::Planted("audience-sees-persons")))
    return caller.WithAudiences(std::move(scope));
  return scope;
}

absl::Status CheckFilter(const contract::Contract& contract, const Filter& filter) {
  std::vector<base::Violation> violations;
  for (const std::string& kind : filter.kinds) {
    if (contract.FindKind(kind) == nullptr)
      violations.push_back(base::Refuse("kinds", ErrorReason::KIND_UNKNOWN, {{"value", kind}}));
  }
  for (const std::string& id : filter.jurisdiction_ids) {
    if (!base::IsId(id))
      violations.push_back(
          base::Refuse("jurisdictionIds", ErrorReason::FIELD_BAD_FORMAT, {{"expected", "UUID"}}));
  }
  return base::FailIfAny(violations);
}

// Rights as an administrator grants them: one by one where few are missing, else by their common beginning.
std::string Named(const std::set<std::string>& rights) {
  constexpr size_t kNamedMax = 5;
  if (rights.size() <= kNamedMax) return absl::StrJoin(rights, ", ");
  std::set<std::string> whole;
  for (const std::string& right : rights)
    whole.insert(absl::StrCat(right.substr(0, right.find('.')), ".*", right.substr(right.rfind('.'))));
  return absl::StrJoin(whole, ", ");
}

}  // namespace

std::vector<const Resource*> ParentsFirst(const contract::Contract& contract) {
  std::vector<const Resource*> ordered;
  std::set<const Resource*> seen;
  const std::function<void(const Resource*)> visit = [&](const Resource* resource) {
    if (!seen.insert(resource).second) return;
    for (const contract::Field& field : resource->fields) {
      const Resource* target = contract.FindKind(field.rule->reference());
      if (target != nullptr) visit(target);
    }
    ordered.push_back(resource);
  };
  for (const auto& resource : contract.resources()) visit(resource.get());
  return ordered;
}

std::string Filter::Hash() const {
  return base::Sha256(absl::StrCat(absl::StrJoin(kinds, ","), "|", absl::StrJoin(jurisdiction_ids, ",")))
      .substr(0, feed::kFilterHashBytes);
}

absl::StatusOr<View> View::Make(const contract::Contract& contract, const access::Caller& caller,
                                Filter filter, absl::Time now) {
  SortUnique(&filter.kinds);
  SortUnique(&filter.jurisdiction_ids);
  RETURN_IF_ERROR(CheckFilter(contract, filter));
  View view;
  std::set<std::string> missing;
  std::set<std::string> scopeless;
  for (const Resource* resource : ParentsFirst(contract)) {
    const auto& kinds = filter.kinds;
    if (!kinds.empty() && !std::binary_search(kinds.begin(), kinds.end(), resource->kind)) continue;
    const store::Scope changes = ScopeFor(caller, *resource, "changes", now);
    if (changes.empty()) {
      missing.insert(absl::StrCat(resource->rule->permission(), ".changes"));
      continue;
    }
    view.kinds_.push_back(resource);
    feed::KindScopes& of_kind = view.scopes_[resource->kind];
    of_kind.changes.push_back(changes);
    const store::Scope personal = ScopeFor(caller, *resource, "personal", now);
    if (!personal.empty()) of_kind.personal.push_back(personal);
    if (filter.include_scopes && !ScopeFor(caller, *resource, "scopes", now).Contains(changes))
      scopeless.insert(absl::StrCat(resource->rule->permission(), ".scopes"));
  }
  if (view.kinds_.empty())
    return base::Fail(absl::StatusCode::kPermissionDenied, ErrorReason::PERMISSION_DENIED,
                      {{"permission", Named(missing)}});
  if (!scopeless.empty())
    return base::Fail(absl::StatusCode::kPermissionDenied, ErrorReason::PERMISSION_DENIED,
                      {{"permission", Named(scopeless)}});
  view.filter_ = std::move(filter);
  view.filter_hash_ = view.filter_.Hash();
  view.description_ = feed::Describe(view.scopes_);
  view.scope_hash_ = feed::HashOf(view.description_);
  return view;
}

const feed::KindScopes* View::Find(const std::string& kind) const {
  const auto found = scopes_.find(kind);
  return found == scopes_.end() ? nullptr : &found->second;
}

bool View::Admits(const std::vector<std::string>& row_scope) const {
  const auto& wanted = filter_.jurisdiction_ids;
  return wanted.empty() || std::any_of(row_scope.begin(), row_scope.end(), [&](const std::string& id) {
           return std::binary_search(wanted.begin(), wanted.end(), id);
         });
}

std::string View::WhereSql(const std::string& scope_sql, postgres::Parameters* parameters) const {
  std::string sql = absl::StrCat("t.delete_time IS NULL AND (", scope_sql, ")");
  if (filter_.jurisdiction_ids.empty()) return sql;
  parameters->TextArray(filter_.jurisdiction_ids);
  return absl::StrCat(sql, " AND t.scope && $", parameters->size(), "::uuid[]");
}

}  // namespace lianqiao::sync
