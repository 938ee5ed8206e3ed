// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/quota_rules.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "libs/resource/date_order.h"
#include "services/teacher-exchange/assignment_rules.h"

namespace lianqiao::exchange {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::FactRow;
using resource::Facts;
using resource::Violations;
using v1::Quota;

v1::QuotaState QuotaStateOn(int64_t filled, int64_t planned, const std::string& due_on,
                            const std::string& day) {
  if (filled >= planned) return v1::QUOTA_STATE_MET;
  if (day > due_on) return v1::QUOTA_STATE_MISSED;
  return filled > 0 ? v1::QUOTA_STATE_FILLING : v1::QUOTA_STATE_OPENED;
}

resource::FactQuery PlaceFacts() {
  return {"places",
          "SELECT a.teacher_id, a.started_on,"
          " CASE WHEN a.state = 'ASSIGNMENT_STATE_RECALLED' THEN a.ended_on END AS last_on"
          " FROM assignment a WHERE a.quota_id = $1::uuid AND a.delete_time IS NULL"
          " AND (a.state IN ('ASSIGNMENT_STATE_ON_POST', 'ASSIGNMENT_STATE_EXTENDED',"
          " 'ASSIGNMENT_STATE_COMPLETED', 'ASSIGNMENT_STATE_ASSESSED')"
          " OR (a.state = 'ASSIGNMENT_STATE_RECALLED' AND a.ended_on IS NOT NULL))",
          {"id"},
          {}};
}

resource::FactQuery ChangedQuotaFacts() {
  return {"changed",
          "SELECT 1 FROM quota q WHERE q.id = $1::uuid"
          " AND (q.due_on <> $2::date OR q.planned_count <> $3::integer)",
          {"id", "due_on", "planned_count"},
          {}};
}

resource::FactQuery TakenFacts() {
  return {"taken",
          absl::StrCat(
              "SELECT count(DISTINCT a.teacher_id) AS taken FROM assignment a WHERE a.quota_id = $1::uuid"
              " AND a.delete_time IS NULL AND a.state IN ",
              kTakesPlace),
          {"id"},
          {"UpdateQuota", "BatchUpsertQuotas"}};
}

void CountPlaces(Quota* quota, const Facts& facts) {
  const std::string& today = facts.today();
  const bool decided = quota->state() == v1::QUOTA_STATE_MET || quota->state() == v1::QUOTA_STATE_MISSED;
  const bool counted = quota->counted_on().empty() || quota->counted_on() > quota->due_on();
  const bool stays = decided && counted && quota->due_on() < today && facts.rows("changed").empty();
  if (stays && facts.method() != "SettleQuota") return;
  const std::string day = std::min(today, quota->due_on());
  std::set<std::string> teachers;  // Two posts of one teacher fill one place.
  for (const FactRow& row : facts.rows("places")) {
    const std::string last_on = row.Text("last_on");
    if (row.Text("started_on") <= day && (last_on.empty() || last_on >= day))
      teachers.insert(row.Text("teacher_id"));
  }
  const int filled = static_cast<int>(teachers.size());
  quota->set_filled_count(filled);
  quota->set_counted_on(today);
  quota->set_state(QuotaStateOn(filled, quota->planned_count(), quota->due_on(), today));
}

Violations CheckQuota(const Quota* before, const Quota& after, const Facts& facts) {
  Violations violations;
  const bool alliance = !after.alliance_id().empty();
  const bool jurisdiction = !after.jurisdiction_id().empty();
  if (!alliance && !jurisdiction) violations.push_back(Refuse("jurisdictionId", ErrorReason::FIELD_REQUIRED));
  if (alliance && jurisdiction)
    violations.push_back(Refuse("jurisdictionId", ErrorReason::FIELD_CONFLICT, {{"other", "allianceId"}}));
  if (after.side() != v1::QUOTA_SIDE_UNSPECIFIED && !alliance)
    violations.push_back(Refuse("allianceId", ErrorReason::FIELD_REQUIRED));
  resource::RequireOrder("openedOn", after.opened_on(), "dueOn", after.due_on(), &violations);
  const auto& taken = facts.rows("taken");
  const bool fewer = before != nullptr && after.planned_count() < before->planned_count();
  if (fewer && !taken.empty() && taken[0].Integer("taken") > after.planned_count())
    violations.push_back(RefuseRule(
        "plannedCount", absl::StrCat("已有 ", taken[0].Integer("taken"), " 人占用名额"),
        absl::StrCat("is less than the ", taken[0].Integer("taken"), " places that are taken already")));
  return violations;
}

}  // namespace lianqiao::exchange
