// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/growth_rules.h"

#include "libs/resource/date_order.h"
#include "libs/resource/record_content.h"
#include "services/teacher-exchange/personal_numbers.h"

namespace lianqiao::exchange {
namespace {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::Facts;
using resource::Violations;

bool IsClosed(const Facts& facts) {
  const auto& records = facts.rows("record");
  return !records.empty() &&
         records.front().Text("state") == v1::GrowthRecordState_Name(v1::GROWTH_RECORD_STATE_CLOSED);
}

}  // namespace

Violations CheckGrowthRecord(const v1::GrowthRecord* before, const v1::GrowthRecord& after,
                             const Facts& facts) {
  Violations violations;
  RefusePersonalNumbers(after, &violations);
  if (facts.method() == "CloseGrowthRecord" && after.yearly_note().empty())
    violations.push_back(Refuse("yearlyNote", ErrorReason::FIELD_REQUIRED));
  const bool was_closed = before != nullptr && before->state() == v1::GROWTH_RECORD_STATE_CLOSED;
  // The day stays when the record is reopened, until it is closed again.
  const bool open_at_first = before == nullptr && after.state() != v1::GROWTH_RECORD_STATE_CLOSED;
  if (open_at_first && !after.closed_on().empty())
    violations.push_back(RefuseRule("closedOn", "归档日期由归档操作填写", "is set by closing the record"));
  if (was_closed && resource::IsEdit(facts) && resource::ContentDiffers(*before, after, {}))
    violations.push_back(
        RefuseRule("state", "已归档的成长记录不可更改", "a closed record cannot be changed: reopen it"));
  return violations;
}

Violations CheckGrowthEvent(const v1::GrowthEvent* before, const v1::GrowthEvent& after, const Facts& facts) {
  Violations violations;
  RefusePersonalNumbers(after, &violations);
  const auto& records = facts.rows("record");
  if (after.happened_on() > facts.today())
    violations.push_back(RefuseRule("happenedOn", "日期不得晚于今天", "lies in the future"));
  if (!records.empty() &&
      !resource::PeriodsMeet(after.happened_on(), after.happened_on(), records.front().Text("starts_on"),
                             records.front().Text("ends_on")))
    violations.push_back(
        RefuseRule("happenedOn", "日期不在该学年内", "lies outside the school year of the record"));
  if (!facts.imports() && IsClosed(facts))
    violations.push_back(
        RefuseRule("growthRecordId", "该学年成长记录已归档", "is closed: reopen the record first"));
  return violations;
}

Violations CheckGrowthEventDeletion(const v1::GrowthEvent& record, const Facts& facts) {
  if (!IsClosed(facts)) return {};
  return {RefuseRule("growthRecordId", "该学年成长记录已归档", "is closed: reopen the record first")};
}

}  // namespace lianqiao::exchange
