// SPDX-License-Identifier: Apache-2.0
// What assignments and support teams have in common: the order of their days, which belong to which state,
// and a longer stay. Pure but for Extend, which is the method of both.
#pragma once

#include <string>
#include <vector>

#include "lianqiao/exchange/v1/assignment.pb.h"
#include "libs/resource/date_order.h"
#include "libs/resource/record_content.h"
#include "libs/resource/service.h"
#include "libs/resource/wrong_state.h"

namespace lianqiao::exchange {

inline bool IsOnPost(v1::AssignmentState state) {
  return state == v1::ASSIGNMENT_STATE_ON_POST || state == v1::ASSIGNMENT_STATE_EXTENDED;
}

// It began and is over.
inline bool HasEnded(v1::AssignmentState state) {
  return state == v1::ASSIGNMENT_STATE_COMPLETED || state == v1::ASSIGNMENT_STATE_ASSESSED ||
         state == v1::ASSIGNMENT_STATE_RECALLED;
}

// `verb` of a record's own methods: "Approve" of ApproveAssignment.
template <typename Record>
bool IsStep(const resource::Facts& facts, const char* verb) {
  return facts.method() == verb + Record::descriptor()->name();
}

// Revived as what still goes on: nobody has looked at it since it was deleted.
template <typename Record>
bool IsBroughtBack(const Record* before, const Record& after) {
  return before != nullptr && before->has_delete_time() && !after.has_delete_time() &&
         (after.state() == v1::ASSIGNMENT_STATE_APPROVED || IsOnPost(after.state()));
}

// What was approved counts, in quotas and in past figures: it is withdrawn or recalled, with a reason.
template <typename Record>
resource::Violations CheckCourseDeletion(const Record& record) {
  if (record.state() == v1::ASSIGNMENT_STATE_NOMINATED || record.state() == v1::ASSIGNMENT_STATE_WITHDRAWN)
    return {};
  return {base::RefuseRule("state", "已经批准,不得删除;请撤回或召回",
                           "was approved and counts: withdraw or recall it")};
}

// What was approved is not made another by a mere change: dates go on by an extension, the rest anew.
inline void RefuseIfApproved(const char* field, bool changed, resource::Violations* violations) {
  if (changed)
    violations->push_back(base::RefuseRule(field, "已经批准,不得修改;请延期,或撤回、召回后重新提名",
                                           "was approved: extend it, or withdraw or recall it and nominate "
                                           "anew"));
}

// Days on post are put right while somebody is on post. They are not forgotten, and once it is over past
// figures and quotas rest on them.
template <typename Record>
void RefuseRewrittenDays(const Record& before, const Record& after, resource::Violations* violations) {
  const auto refuse = [&](const char* field, const std::string& was, const std::string& is) {
    if (was == is) return;
    if (HasEnded(before.state()))
      violations->push_back(base::RefuseRule(field, "已经结束,到岗、离岗日期不得修改",
                                             "stands: it is over, and counts by its days"));
    else if (is.empty())
      violations->push_back(base::RefuseRule(field, "已有日期,不得清空", "is known, and cannot be emptied"));
  };
  refuse("startedOn", before.started_on(), after.started_on());
  refuse("endedOn", before.ended_on(), after.ended_on());
}

// Whoever may write could else change what the authority has found. What the platform fills in (`derived`) is
// no change.
template <typename Record>
void RefuseIfAssessed(const Record& before, const Record& after, const std::vector<std::string>& derived,
                      resource::Violations* violations) {
  if (resource::ContentDiffers(before, after, derived))
    violations->push_back(
        base::RefuseRule("state", "已经考核,不得修改", "was assessed: nothing of it is changed any more"));
}

// What the authority is to find is not what the sending side says of itself. History comes assessed already.
template <typename Record>
void CheckAssessor(const Record* before, const Record& after, const resource::Facts& facts,
                   resource::Violations* violations) {
  const Record& was = before == nullptr ? Record::default_instance() : *before;
  const bool stands = (before == nullptr ? after : was).state() == v1::ASSIGNMENT_STATE_ASSESSED;
  if (facts.imports() || facts.approves() || stands || IsStep<Record>(facts, "Assess")) return;
  const auto refuse = [&](const char* field, bool changed) {
    if (changed)
      violations->push_back(
          base::RefuseRule(field, "由有审批权限的一方填写", "is written by whoever may approve"));
  };
  refuse("assessment", was.assessment() != after.assessment());
  if constexpr (requires { after.assessment_note(); })
    refuse("assessmentNote", was.assessment_note() != after.assessment_note());
}

// A day that a write sets: what stands on record already is not asked again.
template <typename Record>
void CheckDecisions(const Record* before, const Record& after, const resource::Facts& facts,
                    resource::Violations* violations) {
  using base::RefuseRule;
  const bool approved = before == nullptr || before->approved_on() != after.approved_on();
  const bool started = before == nullptr || before->started_on() != after.started_on();
  const bool assessed = before == nullptr || before->assessed_on() != after.assessed_on();
  if (approved && after.approved_on() > facts.today())
    violations->push_back(RefuseRule("approvedOn", "批准日期不得晚于今天", "must not be after today"));
  if (assessed && after.assessed_on() > facts.today())
    violations->push_back(RefuseRule("assessedOn", "考核日期不得晚于今天", "must not be after today"));
  // A source system may have approved what was going on already.
  if ((approved || started) && !facts.imports())
    resource::RequireOrder("approvedOn", after.approved_on(), "startedOn", after.started_on(), violations);
}

template <typename Record>
void CheckCourse(const Record* before, const Record& after, const resource::Facts& facts,
                 resource::Violations* violations) {
  using base::RefuseRule;
  resource::RequireOrder("plannedFrom", after.planned_from(), "plannedUntil", after.planned_until(),
                         violations);
  resource::RequireOrder("startedOn", after.started_on(), "endedOn", after.ended_on(), violations);
  resource::RequireOrder("endedOn", after.ended_on(), "assessedOn", after.assessed_on(), violations);
  CheckDecisions(before, after, facts, violations);
  CheckAssessor(before, after, facts, violations);
  const bool began = IsOnPost(after.state()) || HasEnded(after.state());
  if (!after.started_on().empty() && !began)
    violations->push_back(RefuseRule("startedOn", "到岗日期由到岗操作填写", "is set by starting it"));
  if (!after.ended_on().empty() && !HasEnded(after.state()))
    violations->push_back(
        RefuseRule("endedOn", "离岗日期由期满或召回操作填写", "is set by completing or recalling it"));
  if (after.started_on() > facts.today())
    violations->push_back(RefuseRule("startedOn", "到岗日期不得晚于今天", "must not be after today"));
  if (after.ended_on() > facts.today())
    violations->push_back(RefuseRule("endedOn", "离岗日期不得晚于今天", "must not be after today"));
  if (IsStep<Record>(facts, "Extend") && before != nullptr &&
      (after.planned_until() <= before->planned_until() || after.planned_until() < facts.today()))
    violations->push_back(RefuseRule("plannedUntil", "须晚于原计划结束日期且不早于今天",
                                     "must be later than what was planned, and not before today"));
  if (IsStep<Record>(facts, "Assess") && after.assessment() == v1::ASSIGNMENT_ASSESSMENT_UNSPECIFIED)
    violations->push_back(base::Refuse("assessment", base::ErrorReason::FIELD_REQUIRED));
}

template <typename Record, typename Request>
absl::StatusOr<Record> Extend(resource::Writing& writing, const Request& request) {
  ASSIGN_OR_RETURN(Record record, writing.Load<Record>(request.id(), request.etag()));
  if (!IsOnPost(record.state())) return resource::WrongState(record.state(), "ON_POST, EXTENDED");
  record.set_state(v1::ASSIGNMENT_STATE_EXTENDED);
  record.set_planned_until(request.planned_until());
  record.set_extension_reason(request.reason());
  RETURN_IF_ERROR(writing.Update(&record));
  return record;
}

}  // namespace lianqiao::exchange
