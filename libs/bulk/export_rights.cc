// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/export_rights.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/status.h"
#include "libs/resource/mask.h"

namespace lianqiao::bulk {
namespace {

// Each of the one in some of the other.
bool AllContained(const std::vector<store::Scope>& made_with, const std::vector<store::Scope>& now) {
  return std::all_of(made_with.begin(), made_with.end(), [&](const store::Scope& before) {
    return std::any_of(now.begin(), now.end(),
                       [&](const store::Scope& scope) { return scope.Contains(before); });
  });
}

absl::Status Denied(const contract::Resource& resource, const char* right) {
  return base::Fail(absl::StatusCode::kPermissionDenied, base::ErrorReason::PERMISSION_DENIED,
                    {{"permission", absl::StrCat(resource.rule->permission(), ".", right)}});
}

}  // namespace

absl::Status CheckStillAllowed(const contract::Contract& contract, const access::Caller& caller,
                               const std::string& kind, const std::string& scopes, absl::Time now) {
  ASSIGN_OR_RETURN(const sync::View view, sync::View::Make(contract, caller, {{kind}, {}}, now));
  const contract::Resource& resource = *contract.FindKind(kind);
  const auto made_with = feed::ParseScopes(scopes);
  if (!made_with.has_value()) return absl::DataLossError("the scopes of an export cannot be read");
  const auto before = made_with->find(kind);
  const feed::KindScopes& current = *view.Find(kind);
  if (before == made_with->end() || !AllContained(before->second.changes, current.changes))
    return Denied(resource, "changes");
  if (resource::HasHiddenFields(resource) && !AllContained(before->second.personal, current.personal))
    return Denied(resource, "personal");
  return absl::OkStatus();
}

}  // namespace lianqiao::bulk
