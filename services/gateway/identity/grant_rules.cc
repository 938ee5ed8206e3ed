// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/identity/grant_rules.h"

#include <tuple>

namespace lianqiao::identity {

resource::Violations CheckGrant(const v1::Grant* before, const v1::Grant& after,
                                const resource::Facts& facts) {
  resource::Violations violations;
  const bool on_platform = after.scope_kind() == v1::GRANT_SCOPE_KIND_PLATFORM;
  if (on_platform && !after.scope_id().empty())
    violations.push_back(
        base::Refuse("scope_id", base::ErrorReason::FIELD_CONFLICT, {{"other", "scopeKind"}}));
  if (!on_platform && after.scope_id().empty())
    violations.push_back(base::Refuse("scope_id", base::ErrorReason::FIELD_REQUIRED));
  const auto& from = after.valid_from();
  const auto& to = after.valid_to();
  if (after.has_valid_from() && after.has_valid_to() &&
      std::make_tuple(to.seconds(), to.nanos()) <= std::make_tuple(from.seconds(), from.nanos())) {
    violations.push_back(
        base::Refuse("valid_to", base::ErrorReason::DATES_OUT_OF_ORDER, {{"other", "validFrom"}}));
  }
  return violations;
}

}  // namespace lianqiao::identity
