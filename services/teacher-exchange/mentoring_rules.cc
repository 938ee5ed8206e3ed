// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/mentoring_rules.h"

#include "libs/resource/date_order.h"
#include "libs/resource/period_rules.h"
#include "libs/resource/record_content.h"
#include "services/teacher-exchange/personal_numbers.h"
#include "services/teacher-exchange/record_made.h"

namespace lianqiao::exchange {
namespace {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::FactRow;
using resource::Facts;
using resource::Violations;
using v1::MentorPair;

v1::MentorPairState StateOf(const FactRow& pair) {
  v1::MentorPairState state = v1::MENTOR_PAIR_STATE_UNSPECIFIED;
  v1::MentorPairState_Parse(pair.Text("state"), &state);
  return state;
}

// Whether the pair works, or has worked.
bool HasRun(v1::MentorPairState state) {
  return state == v1::MENTOR_PAIR_STATE_RUNNING || state == v1::MENTOR_PAIR_STATE_ASSESSED ||
         state == v1::MENTOR_PAIR_STATE_ENDED;
}

// What it was counts from then on: nobody changes what it says but a source with the right to import.
bool IsClosed(v1::MentorPairState state) {
  return state == v1::MENTOR_PAIR_STATE_ASSESSED || state == v1::MENTOR_PAIR_STATE_ENDED ||
         state == v1::MENTOR_PAIR_STATE_WITHDRAWN;
}

// Made, or brought back.
template <typename Record>
bool IsAdded(const Record* before, const Record& after) {
  return before == nullptr || (before->has_delete_time() && !after.has_delete_time());
}

template <typename Record>
bool IsRewritten(const Record* before, const Record& after, const Facts& facts) {
  return before != nullptr && resource::IsEdit(facts) && resource::ContentDiffers(*before, after, {});
}

// Work of the last days is often entered some days after a pair has broken off.
constexpr int kLateEntryDays = 30;

// What happened while the pair ran and nobody has assessed is still told.
bool TakesEntries(const FactRow& pair, const std::string& today) {
  const v1::MentorPairState state = StateOf(pair);
  if (!IsClosed(state)) return true;
  return state == v1::MENTOR_PAIR_STATE_ENDED && pair.Text("assessed_on").empty() &&
         today <= resource::ShiftDate(pair.Text("ended_on"), kLateEntryDays);
}

// A teacher of the school that the record names, and still in service. History may say otherwise.
void CheckTeacher(const char* fact, const char* teacher_field, const char* school_field, const Facts& facts,
                  Violations* violations) {
  const auto& rows = facts.rows(fact);
  if (rows.empty()) return;
  const std::string left_on = rows.front().Text("left_on");
  if (!left_on.empty() && left_on < facts.today())
    violations->push_back(RefuseRule(teacher_field, "该教师已离任", "has left the service"));
  if (!rows.front().Boolean("works_there"))
    violations->push_back(
        RefuseRule(school_field, "该教师不在此学校任职", "is not the school at which this teacher works"));
}

void CheckPairDates(const MentorPair& pair, Violations* violations) {
  resource::RequireOrder("proposedOn", pair.proposed_on(), "signedOn", pair.signed_on(), violations);
  resource::RequireOrder("signedOn", pair.signed_on(), "startedOn", pair.started_on(), violations);
  resource::RequireOrder("startedOn", pair.started_on(), "plannedUntil", pair.planned_until(), violations);
  resource::RequireOrder("startedOn", pair.started_on(), "assessedOn", pair.assessed_on(), violations);
  resource::RequireOrder("startedOn", pair.started_on(), "endedOn", pair.ended_on(), violations);
  resource::RequireOrder("assessedOn", pair.assessed_on(), "endedOn", pair.ended_on(), violations);
}

// A date of a step that is still to come would be taken for the step.
void CheckPairSteps(const MentorPair& pair, Violations* violations) {
  const v1::MentorPairState state = pair.state();
  if (state == v1::MENTOR_PAIR_STATE_PROPOSED && !pair.signed_on().empty())
    violations->push_back(RefuseRule("signedOn", "签约日期由签约操作填写", "is set by signing"));
  if (!HasRun(state) && !pair.started_on().empty())
    violations->push_back(RefuseRule("startedOn", "开始日期由开始操作填写", "is set by starting"));
  const bool assessed = state == v1::MENTOR_PAIR_STATE_ASSESSED || state == v1::MENTOR_PAIR_STATE_ENDED;
  if (!assessed && !pair.assessed_on().empty())
    violations->push_back(RefuseRule("assessedOn", "考核日期由考核操作填写", "is set by the assessment"));
  if (state != v1::MENTOR_PAIR_STATE_ENDED && !pair.ended_on().empty())
    violations->push_back(RefuseRule("endedOn", "结束日期由结束操作填写", "is set by ending the pair"));
  if (!HasRun(state) && pair.result() != v1::MENTORING_RESULT_UNSPECIFIED)
    violations->push_back(RefuseRule("result", "尚未开展带教,不得填写结果", "cannot be known before it ran"));
  if (state == v1::MENTOR_PAIR_STATE_ASSESSED && pair.result() == v1::MENTORING_RESULT_UNSPECIFIED)
    violations->push_back(Refuse("result", ErrorReason::FIELD_REQUIRED));
}

void CheckCycle(const MentorPair& pair, const Facts& facts, Violations* violations) {
  const auto& cycles = facts.rows("cycle");
  if (cycles.empty() || pair.started_on().empty()) return;
  const std::string& last_day = pair.ended_on().empty() ? pair.planned_until() : pair.ended_on();
  if (!resource::PeriodsMeet(pair.started_on(), last_day, cycles.front().Text("starts_on"),
                             cycles.front().Text("ends_on")))
    violations->push_back(
        RefuseRule("cycleId", "结对时间不在该周期内", "has no day in common with the pair"));
}

}  // namespace

Violations CheckMentorPair(const MentorPair* before, const MentorPair& after, const Facts& facts) {
  Violations violations;
  RefusePersonalNumbers(after, &violations);
  CheckPairDates(after, &violations);
  CheckPairSteps(after, &violations);
  CheckCycle(after, facts, &violations);
  if (IsMadeHere(before, facts)) CheckTeacher("mentor", "mentorId", "mentorSchoolId", facts, &violations);
  const bool begins = facts.method() == "SignMentorPair" || facts.method() == "StartMentorPair";
  if (begins && facts.rows("apprentices").empty())
    violations.push_back(RefuseRule("state", "师徒对子须至少有一名徒弟", "a pair has an apprentice"));
  if (before != nullptr && IsClosed(before->state()) && IsRewritten(before, after, facts))
    violations.push_back(
        RefuseRule("state", "已考核或结束的对子内容不可更改", "what is assessed or over cannot be changed"));
  return violations;
}

Violations CheckMentorApprentice(const v1::MentorApprentice* before, const v1::MentorApprentice& after,
                                 const Facts& facts) {
  Violations violations;
  RefusePersonalNumbers(after, &violations);
  resource::RequireOrder("joinedOn", after.joined_on(), "leftOn", after.left_on(), &violations);
  if (IsMadeHere(before, facts)) CheckTeacher("apprentice", "teacherId", "teacherId", facts, &violations);
  const auto& pairs = facts.rows("pair");
  if (pairs.empty()) return violations;
  const FactRow& pair = pairs.front();
  const v1::MentorPairState state = StateOf(pair);
  if (pair.Text("mentor_id") == after.teacher_id())
    violations.push_back(RefuseRule("teacherId", "师傅不能是自己的徒弟", "is the mentor of this pair"));
  const bool adds = IsAdded(before, after) && !facts.imports();
  if (IsClosed(state) && (adds || IsRewritten(before, after, facts)))
    violations.push_back(
        RefuseRule("mentorPairId", "该对子已考核或结束", "is assessed or over: its apprentices stand"));
  if (!HasRun(state) && after.result() != v1::MENTORING_RESULT_UNSPECIFIED)
    violations.push_back(RefuseRule("result", "尚未开展带教,不得填写结果", "cannot be known before it ran"));
  const std::string ended_on = pair.Text("ended_on");
  if (!ended_on.empty() && after.joined_on() > ended_on)
    violations.push_back(
        RefuseRule("joinedOn", "加入日期不得晚于对子结束日期", "lies behind the end of the pair"));
  if (!ended_on.empty() && after.left_on() > ended_on)
    violations.push_back(
        RefuseRule("leftOn", "退出日期不得晚于对子结束日期", "lies behind the end of the pair"));
  return violations;
}

Violations CheckMentorApprenticeDeletion(const v1::MentorApprentice& record, const Facts& facts) {
  const auto& pairs = facts.rows("pair");
  if (pairs.empty()) return {};
  const v1::MentorPairState state = StateOf(pairs.front());
  if (state == v1::MENTOR_PAIR_STATE_PROPOSED || state == v1::MENTOR_PAIR_STATE_WITHDRAWN) return {};
  return {RefuseRule("mentorPairId", "对子已签约,徒弟不得删除;请填写退出日期",
                     "is signed and its apprentices count: give the day on which one left")};
}

Violations CheckMentorLogEntry(const v1::MentorLogEntry* before, const v1::MentorLogEntry& after,
                               const Facts& facts) {
  Violations violations;
  RefusePersonalNumbers(after, &violations);
  if (after.happened_on() > facts.today())
    violations.push_back(RefuseRule("happenedOn", "日期不得晚于今天", "lies in the future"));
  const auto& pairs = facts.rows("pair");
  if (pairs.empty()) return violations;
  const FactRow& pair = pairs.front();
  if (!pair.Boolean("same_pair"))
    violations.push_back(
        RefuseRule("mentorApprenticeId", "该徒弟不属于此对子", "is an apprentice of another pair"));
  const bool adds = IsAdded(before, after) && !facts.imports();
  if (!HasRun(StateOf(pair)))
    violations.push_back(RefuseRule("mentorPairId", "该对子尚未开始带教", "has not begun its work"));
  else if ((adds && !TakesEntries(pair, facts.today())) ||
           (IsClosed(StateOf(pair)) && IsRewritten(before, after, facts)))
    violations.push_back(
        RefuseRule("mentorPairId", "该对子已考核或结束", "is assessed or over: its log stands"));
  const auto within = [&](const char* from, const char* to) {
    return resource::PeriodsMeet(after.happened_on(), after.happened_on(), pair.Text(from), pair.Text(to));
  };
  if (!within("started_on", "ended_on"))
    violations.push_back(
        RefuseRule("happenedOn", "日期不在带教期间", "is no day on which the pair was running"));
  else if (!within("joined_on", "left_on"))
    violations.push_back(RefuseRule("happenedOn", "当日该徒弟不在此对子中",
                                    "is no day on which the apprentice was in the pair"));
  return violations;
}

Violations CheckMentorLogEntryDeletion(const v1::MentorLogEntry& record, const Facts& facts) {
  const auto& pairs = facts.rows("pair");
  if (pairs.empty()) return {};
  if (!IsClosed(StateOf(pairs.front()))) return {};
  return {RefuseRule("mentorPairId", "该对子已考核或结束", "is assessed or over: its log stands")};
}

}  // namespace lianqiao::exchange
