// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/platform_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/resource/date_order.h"

namespace lianqiao::resources {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::Facts;
using resource::Violations;

Violations CheckPlatform(const v1::Platform* before, const v1::Platform& after, const Facts& facts) {
  Violations violations;
  if (after.inner_kinds_size() > 0 && after.kind() != v1::PLATFORM_KIND_COOPERATION)
    violations.push_back(
        RefuseRule("innerKinds", "只有合作平台设内设平台", "belong to a cooperation platform only"));
  for (int i = 1; i < after.inner_kinds_size(); ++i) {
    const auto seen_end = after.inner_kinds().begin() + i;
    if (std::find(after.inner_kinds().begin(), seen_end, after.inner_kinds(i)) != seen_end)
      violations.push_back(RefuseRule(absl::StrCat("innerKinds[", i, "]"), "重复", "stands there twice"));
  }
  if (after.state() == v1::PLATFORM_STATE_ONLINE && after.url().empty())
    violations.push_back(Refuse("url", ErrorReason::FIELD_REQUIRED));
  if (after.state() == v1::PLATFORM_STATE_ONLINE && after.online_on() > facts.today())
    violations.push_back(RefuseRule("onlineOn", "上线日期未到", "lies ahead"));
  if (after.state() != v1::PLATFORM_STATE_OFFLINE && !after.offline_on().empty())
    violations.push_back(RefuseRule("offlineOn", "下线日期由下线操作填写", "is set by taking it offline"));
  resource::RequireOrder("onlineOn", after.online_on(), "offlineOn", after.offline_on(), &violations);
  return violations;
}

Violations CheckUpstreamCloud(const v1::UpstreamCloud* before, const v1::UpstreamCloud& after,
                              const Facts& facts) {
  Violations violations;
  if (after.sync_state() == v1::UPSTREAM_SYNC_STATE_LINKED && after.url().empty())
    violations.push_back(Refuse("url", ErrorReason::FIELD_REQUIRED));
  resource::RequireOrder("linkedOn", after.linked_on(), "unlinkedOn", after.unlinked_on(), &violations);
  return violations;
}

Violations CheckUpstreamUse(const v1::UpstreamUse* before, const v1::UpstreamUse& after, const Facts& facts) {
  Violations violations;
  if (after.school_id().empty() == after.jurisdiction_id().empty())
    violations.push_back(after.school_id().empty() ? Refuse("schoolId", ErrorReason::FIELD_REQUIRED)
                                                   : Refuse("jurisdictionId", ErrorReason::FIELD_CONFLICT,
                                                            {{"other", "schoolId"}}));
  resource::RequireOrder("periodFrom", after.period_from(), "periodTo", after.period_to(), &violations);
  if (after.period_to() > facts.today())
    violations.push_back(RefuseRule("periodTo", "统计期未结束", "lies ahead: the period is not over"));
  if (!after.has_visit_count() && !after.has_use_count() && !after.has_download_count() &&
      !after.has_distinct_user_count() && !after.has_item_count())
    violations.push_back(RefuseRule("useCount", "至少填写一项统计数", "or another count must be given"));
  if (after.has_visit_count() && after.distinct_user_count() > after.visit_count())
    violations.push_back(
        RefuseRule("distinctUserCount", "使用人数超过访问次数", "is more than the visits of the period"));
  return violations;
}

}  // namespace lianqiao::resources
