// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/weekly_share.h"

#include <algorithm>

namespace lianqiao::exchange {

using v1::Assignment;

namespace {

bool HoldsOnDay(const Share& share, const std::string& day) {
  return (share.from.empty() || share.from <= day) && (share.until.empty() || day <= share.until);
}

Assignment FromRow(const resource::FactRow& row) {
  Assignment assignment;
  v1::AssignmentState state = v1::ASSIGNMENT_STATE_UNSPECIFIED;
  v1::AssignmentState_Parse(row.Text("state"), &state);
  assignment.set_state(state);
  assignment.set_planned_from(row.Text("planned_from"));
  assignment.set_planned_until(row.Text("planned_until"));
  assignment.set_started_on(row.Text("started_on"));
  assignment.set_ended_on(row.Text("ended_on"));
  assignment.set_weekly_share_percent(static_cast<int>(row.Integer("weekly_share_percent")));
  return assignment;
}

}  // namespace

bool TakesShare(const Assignment& assignment, const std::string& today, Share* share) {
  share->percent = assignment.weekly_share_percent();
  share->from = assignment.started_on().empty() ? assignment.planned_from() : assignment.started_on();
  share->until = assignment.planned_until();
  switch (assignment.state()) {
    case v1::ASSIGNMENT_STATE_APPROVED:
      return true;
    case v1::ASSIGNMENT_STATE_ON_POST:
    case v1::ASSIGNMENT_STATE_EXTENDED:
      if (!share->until.empty()) share->until = std::max(share->until, today);
      return true;
    case v1::ASSIGNMENT_STATE_COMPLETED:
    case v1::ASSIGNMENT_STATE_ASSESSED:
    case v1::ASSIGNMENT_STATE_RECALLED:
      if (!assignment.ended_on().empty()) share->until = assignment.ended_on();
      return !share->until.empty();
    default:
      return false;
  }
}

std::vector<Share> SharesOf(const std::vector<resource::FactRow>& rows, const std::string& today) {
  std::vector<Share> shares;
  for (const resource::FactRow& row : rows) {
    Share share;
    if (TakesShare(FromRow(row), today, &share)) shares.push_back(std::move(share));
  }
  return shares;
}

Busiest BusiestDay(const Share& own, const std::vector<Share>& others) {
  // More is taken only on a day on which one of them begins.
  std::vector<std::string> days = {own.from};
  for (const Share& other : others) {
    if (other.from > own.from && HoldsOnDay(own, other.from)) days.push_back(other.from);
  }
  Busiest busiest;
  for (const std::string& day : days) {
    int percent = own.percent;
    for (const Share& other : others) {
      if (HoldsOnDay(other, day)) percent += other.percent;
    }
    if (percent > busiest.percent) busiest = {day, percent};
  }
  return busiest;
}

}  // namespace lianqiao::exchange
