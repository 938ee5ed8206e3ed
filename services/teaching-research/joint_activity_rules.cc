// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/joint_activity_rules.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/time/civil_time.h"
#include "libs/resource/date_order.h"
#include "libs/resource/record_content.h"
#include "libs/resource/reported_count.h"

namespace lianqiao::research {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::Facts;
using resource::Violations;
using v1::ActivityParty;
using v1::JointActivity;

namespace {

constexpr unsigned Of(v1::JointActivityCategory category) {
  return 1U << static_cast<unsigned>(category);
}
constexpr unsigned kParty = Of(v1::JOINT_ACTIVITY_CATEGORY_PARTY_BUILDING);
constexpr unsigned kIdeas = Of(v1::JOINT_ACTIVITY_CATEGORY_IDEAS);
constexpr unsigned kTeachers = Of(v1::JOINT_ACTIVITY_CATEGORY_TEACHER_EXCHANGE);
constexpr unsigned kResearch = Of(v1::JOINT_ACTIVITY_CATEGORY_TEACHING_RESEARCH);
constexpr unsigned kManagement = Of(v1::JOINT_ACTIVITY_CATEGORY_MANAGEMENT);

// Types that are not here may be any of the five: a seminar, a lecture, a result show.
constexpr struct {
  v1::JointActivityType type;
  unsigned categories;
} kCategories[] = {
    {v1::JOINT_ACTIVITY_TYPE_COLLECTIVE_PREPARATION, kResearch},
    {v1::JOINT_ACTIVITY_TYPE_ONLINE_PREPARATION, kResearch},
    {v1::JOINT_ACTIVITY_TYPE_SAME_TOPIC_LESSON_STUDY, kResearch},
    {v1::JOINT_ACTIVITY_TYPE_MASTER_DEMONSTRATION, kResearch | kTeachers},
    {v1::JOINT_ACTIVITY_TYPE_LESSON_OBSERVATION_AND_REVIEW, kResearch},
    {v1::JOINT_ACTIVITY_TYPE_SUBJECT_EXCHANGE, kResearch},
    {v1::JOINT_ACTIVITY_TYPE_JOINT_ATTACK, kResearch},
    {v1::JOINT_ACTIVITY_TYPE_RESEARCH_OBSERVATION, kResearch},
    {v1::JOINT_ACTIVITY_TYPE_SCHOOL_BASED_STUDY, kResearch},
    {v1::JOINT_ACTIVITY_TYPE_OUTREACH_LESSON, kResearch | kTeachers},
    {v1::JOINT_ACTIVITY_TYPE_SHOWCASE, kResearch},
    {v1::JOINT_ACTIVITY_TYPE_CLASS_MEETING_DEMONSTRATION, kResearch | kManagement | kIdeas},
    {v1::JOINT_ACTIVITY_TYPE_LESSON_RATIONALE, kResearch},
    {v1::JOINT_ACTIVITY_TYPE_EXPERIENCE_MEETING, kResearch | kIdeas},
    {v1::JOINT_ACTIVITY_TYPE_MANAGEMENT_EXCHANGE, kManagement},
    {v1::JOINT_ACTIVITY_TYPE_CLASSROOM_TEACHING_RESEARCH, kResearch},
    {v1::JOINT_ACTIVITY_TYPE_TEACHING_TRAINING, kResearch | kTeachers},
    {v1::JOINT_ACTIVITY_TYPE_SHADOWING_TRAINING, kTeachers},
    {v1::JOINT_ACTIVITY_TYPE_MENTORING, kTeachers},
    {v1::JOINT_ACTIVITY_TYPE_WORKSHOP, kTeachers | kResearch},
    {v1::JOINT_ACTIVITY_TYPE_THEME_PARTY_DAY, kParty},
    {v1::JOINT_ACTIVITY_TYPE_PARTY_PLAN, kParty},
    {v1::JOINT_ACTIVITY_TYPE_PARTY_SEMINAR, kParty},
    {v1::JOINT_ACTIVITY_TYPE_PARTY_STANDARDS, kParty},
    {v1::JOINT_ACTIVITY_TYPE_IDEA_SEMINAR, kIdeas},
    {v1::JOINT_ACTIVITY_TYPE_MUTUAL_VISIT, kManagement | kTeachers | kIdeas},
    {v1::JOINT_ACTIVITY_TYPE_CADRE_SHADOWING, kManagement},
    {v1::JOINT_ACTIVITY_TYPE_CLASS_TEACHER_EXCHANGE, kManagement},
};

std::string LastDay(const JointActivity& activity) {
  return activity.ends_on().empty() ? activity.starts_on() : activity.ends_on();
}

bool HasTakenPlace(v1::JointActivityState state) {
  return state == v1::JOINT_ACTIVITY_STATE_HELD || state == v1::JOINT_ACTIVITY_STATE_REPORTED ||
         state == v1::JOINT_ACTIVITY_STATE_VERIFIED || state == v1::JOINT_ACTIVITY_STATE_REJECTED;
}

void CheckPersons(bool has_persons, int64_t persons, type::v1::Comparison of_persons, bool has_times,
                  int64_t times, type::v1::Comparison of_times, Violations* violations) {
  resource::RequireNumber("distinctPersonCountComparison", has_persons, of_persons, violations);
  resource::RequireNumber("personTimeCountComparison", has_times, of_times, violations);
  const bool exact = resource::IsExact(of_persons) && resource::IsExact(of_times);
  if (has_persons && has_times && exact && persons > times)
    violations->push_back(RefuseRule("personTimeCount", "人次不得少于人数",
                                     "is less than the distinct persons, each of whom came at least once"));
}

void CheckDays(const JointActivity& activity, Violations* violations) {
  absl::CivilDay first;
  absl::CivilDay last;
  const std::string to = LastDay(activity);
  const bool known = activity.has_day_count() && !resource::MayBeLess(activity.day_count_comparison()) &&
                     absl::ParseCivilTime(activity.starts_on(), &first) && absl::ParseCivilTime(to, &last);
  if (known && activity.day_count() > last - first + 1)
    violations->push_back(RefuseRule("dayCount", "天数多于起止日期之间的天数",
                                     "is more days than lie between the first and the last day"));
}

void CheckFigures(const JointActivity& activity, Violations* violations) {
  resource::RequireNumber("sessionCountComparison", activity.has_session_count(),
                          activity.session_count_comparison(), violations);
  resource::RequireNumber("dayCountComparison", activity.has_day_count(), activity.day_count_comparison(),
                          violations);
  resource::RequireNumber("lessonCountComparison", activity.has_lesson_count(),
                          activity.lesson_count_comparison(), violations);
  resource::RequireNumber("pupilCountComparison", activity.has_pupil_count(),
                          activity.pupil_count_comparison(), violations);
  CheckPersons(activity.has_distinct_person_count(), activity.distinct_person_count(),
               activity.distinct_person_count_comparison(), activity.has_person_time_count(),
               activity.person_time_count(), activity.person_time_count_comparison(), violations);
  CheckDays(activity, violations);
}

// Where and when it belongs; what was said before is let be, whatever the calendar has become since.
void CheckPlaceInTime(const JointActivity* before, const JointActivity& after, const Facts& facts,
                      Violations* violations) {
  const bool said_before =
      before != nullptr && before->term_id() == after.term_id() && before->starts_on() == after.starts_on();
  if (said_before) return;
  const auto& terms = facts.rows("terms");
  const bool fits = std::any_of(terms.begin(), terms.end(), [&](const resource::FactRow& term) {
    return term.Text("id") == after.term_id();
  });
  if (!terms.empty() && !fits)
    violations->push_back(
        RefuseRule("termId", "开始日期属于另一学期", "is not the term in which the first day lies"));
  for (const resource::FactRow& alliance : facts.rows("alliance")) {
    const std::string ended = alliance.Text("ended_on");
    if (!ended.empty() && after.starts_on() > ended)
      violations->push_back(
          RefuseRule("startsOn", "联盟在此之前已终止", "lies behind the end of the alliance"));
  }
}

// A report that nobody could verify is not made.
void CheckReport(const JointActivity& activity, Violations* violations) {
  if (activity.host_organisation_id().empty() && activity.host_jurisdiction_id().empty())
    violations->push_back(Refuse("hostOrganisationId", ErrorReason::FIELD_REQUIRED));
  if (activity.mode() == v1::JOINT_ACTIVITY_MODE_UNSPECIFIED)
    violations->push_back(Refuse("mode", ErrorReason::FIELD_REQUIRED));
  const bool any_figure = activity.has_session_count() || activity.has_day_count() ||
                          activity.has_lesson_count() || activity.has_distinct_person_count() ||
                          activity.has_person_time_count();
  if (!any_figure)
    violations->push_back(RefuseRule("sessionCount", "上报须填写场次、天数、课时、人数、人次中的至少一项",
                                     "a report states sessions, days, lessons, persons or person-times"));
}

void CheckCourse(const JointActivity& activity, const Facts& facts, Violations* violations) {
  if (HasTakenPlace(activity.state()) && LastDay(activity) > facts.today())
    violations->push_back(RefuseRule(activity.ends_on().empty() ? "startsOn" : "endsOn", "活动尚未结束",
                                     "lies ahead: the activity is not over"));
  for (const auto& [field, date] : {std::make_pair("reportedOn", &activity.reported_on()),
                                    std::make_pair("verifiedOn", &activity.verified_on())}) {
    if (*date > facts.today()) violations->push_back(RefuseRule(field, "日期不得晚于今天", "lies ahead"));
  }
  resource::RequireOrder("startsOn", LastDay(activity), "reportedOn", activity.reported_on(), violations);
  resource::RequireOrder("reportedOn", activity.reported_on(), "verifiedOn", activity.verified_on(),
                         violations);
  if (facts.method() == "ReportJointActivity") CheckReport(activity, violations);
}

// What is reported stands as the verifying place reads it, until that place gives it back; what is cancelled
// is over.
void CheckStands(const JointActivity* before, const JointActivity& after, Violations* violations) {
  const bool stands = before != nullptr && before->state() == after.state() &&
                      (after.state() == v1::JOINT_ACTIVITY_STATE_REPORTED ||
                       after.state() == v1::JOINT_ACTIVITY_STATE_VERIFIED ||
                       after.state() == v1::JOINT_ACTIVITY_STATE_CANCELLED);
  if (!stands || !resource::ContentDiffers(*before, after, {"authority_jurisdiction_id"})) return;
  violations->push_back(
      RefuseRule("state", "已上报、已核实或已取消的活动不得修改;须由核实辖区退回后更正",
                 "what is reported, verified or cancelled stands: the verifying place rejects it first"));
}

}  // namespace

bool BelongsTo(v1::JointActivityType type, v1::JointActivityCategory category) {
  const auto* known = std::find_if(std::begin(kCategories), std::end(kCategories),
                                   [&](const auto& entry) { return entry.type == type; });
  return known == std::end(kCategories) || (known->categories & Of(category)) != 0;
}

void FillJointActivity(JointActivity* activity, const Facts& facts) {
  const auto& rows = facts.rows("authority");
  if (!rows.empty()) activity->set_authority_jurisdiction_id(rows.front().Text("id"));
  if (activity->state() != v1::JOINT_ACTIVITY_STATE_VERIFIED) activity->clear_verified_on();
}

Violations CheckJointActivity(const JointActivity* before, const JointActivity& after, const Facts& facts) {
  Violations violations;
  resource::RequireOrder("startsOn", after.starts_on(), "endsOn", after.ends_on(), &violations);
  if (!after.host_organisation_id().empty() && !after.host_jurisdiction_id().empty())
    violations.push_back(
        Refuse("hostJurisdictionId", ErrorReason::FIELD_CONFLICT, {{"other", "hostOrganisationId"}}));
  if (!BelongsTo(after.type(), after.category()))
    violations.push_back(Refuse("type", ErrorReason::FIELD_CONFLICT, {{"other", "category"}}));
  CheckFigures(after, &violations);
  CheckPlaceInTime(before, after, facts, &violations);
  CheckCourse(after, facts, &violations);
  CheckStands(before, after, &violations);
  return violations;
}

Violations CheckJointActivityDeletion(const JointActivity& activity, const Facts& facts) {
  if (activity.state() != v1::JOINT_ACTIVITY_STATE_VERIFIED) return {};
  return {RefuseRule("state", "已核实的活动不得删除", "is verified: the verifying place rejects it first")};
}

void FillActivityParty(ActivityParty* party, const Facts& facts) {
  if (party->state() != v1::ACTIVITY_PARTY_STATE_CONFIRMED) party->clear_confirmed_on();
}

namespace {

void CheckWho(const ActivityParty& party, Violations* violations) {
  const bool organisation = !party.organisation_id().empty();
  const bool jurisdiction = !party.jurisdiction_id().empty();
  if (!organisation && !jurisdiction)
    violations->push_back(Refuse("organisationId", ErrorReason::FIELD_REQUIRED));
  if (organisation && jurisdiction)
    violations->push_back(
        Refuse("jurisdictionId", ErrorReason::FIELD_CONFLICT, {{"other", "organisationId"}}));
}

// Only who may import says of a new party more than that it is invited.
bool IsInvited(const ActivityParty* before, const ActivityParty& after, const Facts& facts) {
  const bool anew =
      before == nullptr || before->state() != after.state() || facts.method() == "UndeleteActivityParty";
  return anew && after.state() == v1::ACTIVITY_PARTY_STATE_INVITED;
}

void CheckWithActivity(const ActivityParty* before, const ActivityParty& after, const Facts& facts,
                       Violations* violations) {
  const auto& rows = facts.rows("activity");
  if (rows.empty()) return;  // The reference is refused already.
  v1::JointActivityState activity = v1::JOINT_ACTIVITY_STATE_UNSPECIFIED;
  v1::JointActivityState_Parse(rows.front().Text("state"), &activity);
  const bool verified = activity == v1::JOINT_ACTIVITY_STATE_VERIFIED;
  const bool confirms = after.state() == v1::ACTIVITY_PARTY_STATE_CONFIRMED &&
                        (before == nullptr || before->state() != after.state());
  if (confirms && !HasTakenPlace(activity))
    violations->push_back(
        RefuseRule("state", "活动举办后方可确认", "can be confirmed once the activity has been held"));
  if (IsInvited(before, after, facts) && (verified || activity == v1::JOINT_ACTIVITY_STATE_CANCELLED))
    violations->push_back(RefuseRule("jointActivityId", "已核实或已取消的活动不再邀请参与方",
                                     "is verified or cancelled: nobody is invited any more"));
  const bool takes_back = before != nullptr && before->state() == v1::ACTIVITY_PARTY_STATE_CONFIRMED &&
                          after.state() != v1::ACTIVITY_PARTY_STATE_CONFIRMED;
  if (takes_back && verified)
    violations->push_back(RefuseRule("state", "活动已核实,须由核实辖区退回后方可撤回确认",
                                     "is part of a verified activity: the verifying place rejects it first"));
  resource::RequireOrder("startsOn", rows.front().Text("starts_on"), "confirmedOn", after.confirmed_on(),
                         violations);
}

}  // namespace

Violations CheckActivityParty(const ActivityParty* before, const ActivityParty& after, const Facts& facts) {
  Violations violations;
  CheckWho(after, &violations);
  CheckPersons(after.has_distinct_person_count(), after.distinct_person_count(),
               after.distinct_person_count_comparison(), after.has_person_time_count(),
               after.person_time_count(), after.person_time_count_comparison(), &violations);
  if (after.confirmed_on() > facts.today())
    violations.push_back(RefuseRule("confirmedOn", "日期不得晚于今天", "lies ahead"));
  CheckWithActivity(before, after, facts, &violations);
  const bool stands = before != nullptr && before->state() == v1::ACTIVITY_PARTY_STATE_CONFIRMED &&
                      after.state() == v1::ACTIVITY_PARTY_STATE_CONFIRMED;
  if (stands && resource::ContentDiffers(*before, after, {}))
    violations.push_back(RefuseRule("state", "参与方已确认的内容不得修改",
                                    "what the party has confirmed stands: it declines first"));
  return violations;
}

Violations CheckActivityPartyDeletion(const ActivityParty& party, const Facts& facts) {
  if (party.state() != v1::ACTIVITY_PARTY_STATE_CONFIRMED) return {};
  return {RefuseRule("state", "已确认的参与方不得删除", "has confirmed: its record stays")};
}

}  // namespace lianqiao::research
