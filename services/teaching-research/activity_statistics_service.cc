// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/activity_statistics_service.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lianqiao/research/v1/activity_statistics.pb.h"
#include "libs/resource/date_order.h"
#include "libs/resource/reported_count.h"

namespace lianqiao::research {

using base::ErrorReason;
using base::Refuse;
using postgres::Parameters;
using postgres::Result;
using resource::NamedQuery;
using resource::Reading;
using v1::ActivityTotals;

namespace {

constexpr int64_t kAlliancesDefault = 100;

// Units as the queries number them.
enum Unit { kActivity, kSession, kDay, kLesson, kDistinctPerson, kPersonTime, kPupil };

// $1 place, $2 alliance, $3 term, $4 and $5 first and last day, $6 stage; empty: whichever. `placed`: the
// activities of that time which belong to the place.
constexpr char kPlaced[] =
    "WITH asked AS (SELECT a.*, a.state = 'JOINT_ACTIVITY_STATE_VERIFIED' AS verified"
    " FROM {visible:joint_activity a}"
    " WHERE a.state NOT IN ('JOINT_ACTIVITY_STATE_CANCELLED', 'JOINT_ACTIVITY_STATE_UNSPECIFIED')"
    " AND ($2::text = '' OR a.alliance_id = nullif($2::text, '')::uuid)"
    " AND ($3::text = '' OR a.term_id = nullif($3::text, '')::uuid)"
    " AND ($4::text = '' OR a.starts_on BETWEEN nullif($4::text, '')::date AND nullif($5::text, '')::date)"
    " AND ($6::text = '' OR $6::text = ANY(a.stages))),"
    " place AS (SELECT j.id FROM registry_jurisdiction j"
    " WHERE nullif($1::text, '')::uuid = ANY(j.sync_scope)),"
    " organisation_there AS (SELECT o.id FROM registry_organisation o"
    " WHERE nullif($1::text, '')::uuid = ANY(o.sync_scope)),"
    " taking_part AS (SELECT DISTINCT p.joint_activity_id FROM asked a"
    " JOIN {visible:activity_party p} ON p.joint_activity_id = a.id"
    " WHERE p.state IN ('ACTIVITY_PARTY_STATE_INVITED', 'ACTIVITY_PARTY_STATE_CONFIRMED')"
    " AND (p.organisation_id IN (SELECT id FROM organisation_there)"
    " OR p.jurisdiction_id IN (SELECT id FROM place))),"
    " placed AS (SELECT a.* FROM asked a LEFT JOIN taking_part t ON t.joint_activity_id = a.id"
    " WHERE $1::text = '' OR t.joint_activity_id IS NOT NULL"
    " OR a.alliance_id IN (SELECT l.id FROM registry_alliance l"
    " WHERE l.jurisdiction_id IN (SELECT id FROM place))"
    " OR a.host_organisation_id IN (SELECT id FROM organisation_there)"
    " OR a.host_jurisdiction_id IN (SELECT id FROM place))";

// `chosen`: those of `examined` with a `reason`, a v1::UncountedReason, 0 where the activity counts. A party
// of an alliance is a membership on the activity's first day: it takes part itself, or by what belongs to it
// (a county by its schools, a school by its campuses); the nearest one counts. Others may come, but do not
// make an activity a joint one.
constexpr char kChosen[] =
    ", represented AS (SELECT DISTINCT ON (p.id) p.joint_activity_id, m.id AS membership_id FROM examined a"
    " JOIN {visible:activity_party p} ON p.joint_activity_id = a.id"
    " AND p.state = 'ACTIVITY_PARTY_STATE_CONFIRMED'"
    " LEFT JOIN registry_organisation o ON o.id = p.organisation_id"
    " LEFT JOIN registry_jurisdiction j ON j.id = p.jurisdiction_id"
    " JOIN registry_membership m ON m.alliance_id = a.alliance_id AND m.state NOT IN"
    " ('MEMBERSHIP_STATE_PROPOSED', 'MEMBERSHIP_STATE_AGREED', 'MEMBERSHIP_STATE_WITHDRAWN')"
    " AND (m.joined_on IS NULL OR m.joined_on <= a.starts_on)"
    " AND CASE WHEN m.left_on IS NULL THEN m.state <> 'MEMBERSHIP_STATE_ENDED'"
    " ELSE m.left_on >= a.starts_on END"
    " AND coalesce(m.organisation_id, m.jurisdiction_id) = ANY(coalesce(o.sync_scope, j.sync_scope))"
    " LEFT JOIN registry_jurisdiction mj ON mj.id = m.jurisdiction_id"
    " WHERE a.verified ORDER BY p.id, (coalesce(m.organisation_id, m.jurisdiction_id)"
    " = coalesce(p.organisation_id, p.jurisdiction_id)) DESC, m.organisation_id IS NOT NULL DESC,"
    " cardinality(mj.sync_scope) DESC, m.id),"
    " confirmed AS (SELECT joint_activity_id, count(DISTINCT membership_id) AS parties FROM represented"
    " GROUP BY joint_activity_id),"
    " chosen AS (SELECT a.*, CASE a.state WHEN 'JOINT_ACTIVITY_STATE_PLANNED' THEN 1"
    " WHEN 'JOINT_ACTIVITY_STATE_HELD' THEN 2 WHEN 'JOINT_ACTIVITY_STATE_REPORTED' THEN 3"
    " WHEN 'JOINT_ACTIVITY_STATE_REJECTED' THEN 4 ELSE CASE WHEN k.parties >= 2 THEN 0 ELSE 5 END END AS "
    "reason"
    " FROM examined a LEFT JOIN confirmed k ON k.joint_activity_id = a.id) ";

// Every figure by what it is of, its unit and how exactly it is known.
const NamedQuery& FiguresQuery() {
  static const NamedQuery query{
      "activity_figures",
      absl::StrCat(kPlaced, ", examined AS (SELECT * FROM placed)", kChosen,
                   "SELECT c.category, c.type, c.reason, u.unit, u.comparison, sum(u.value)::bigint, count(*)"
                   " FROM chosen c CROSS JOIN LATERAL (VALUES (0, 1::bigint, 'COMPARISON_EQUAL'),"
                   " (1, c.session_count, c.session_count_comparison),"
                   " (2, c.day_count, c.day_count_comparison),"
                   " (3, c.lesson_count, c.lesson_count_comparison),"
                   " (4, c.distinct_person_count, c.distinct_person_count_comparison),"
                   " (5, c.person_time_count, c.person_time_count_comparison),"
                   " (6, c.pupil_count, c.pupil_count_comparison)) u (unit, value, comparison)"
                   " WHERE u.value IS NOT NULL GROUP BY c.category, c.type, c.reason, u.unit, u.comparison"
                   " ORDER BY c.category, c.type, c.reason, u.unit, u.comparison")};
  return query;
}

// The same of the alliances behind $7, at most $8 of them; activities and sessions only.
const NamedQuery& AlliancesQuery() {
  static const NamedQuery query{
      "activity_figures_of_alliances",
      absl::StrCat(kPlaced,
                   ", paged AS (SELECT DISTINCT alliance_id FROM placed WHERE alliance_id"
                   " > coalesce(nullif($7::text, ''), '00000000-0000-0000-0000-000000000000')::uuid"
                   " ORDER BY alliance_id LIMIT $8::integer),"
                   " examined AS (SELECT * FROM placed JOIN paged USING (alliance_id))",
                   kChosen,
                   "SELECT c.alliance_id, c.type, c.reason, u.unit, u.comparison, sum(u.value)::bigint,"
                   " count(*) FROM chosen c CROSS JOIN LATERAL (VALUES (0, 1::bigint, 'COMPARISON_EQUAL'),"
                   " (1, c.session_count, c.session_count_comparison)) u (unit, value, comparison)"
                   " WHERE u.value IS NOT NULL"
                   " GROUP BY c.alliance_id, c.type, c.reason, u.unit, u.comparison"
                   " ORDER BY c.alliance_id, c.type, c.reason, u.unit, u.comparison")};
  return query;
}

// One row of these queries.
struct Figure {
  v1::JointActivityType type = v1::JOINT_ACTIVITY_TYPE_UNSPECIFIED;
  int reason = 0;
  int unit = 0;
  type::v1::Comparison comparison = type::v1::COMPARISON_EQUAL;
  int64_t value = 0;
  int64_t record_count = 0;
};

Figure FigureOf(const Result& rows, int row) {
  Figure figure;
  v1::JointActivityType_Parse(rows.Text(row, 1), &figure.type);
  figure.reason = static_cast<int>(rows.Integer(row, 2));
  figure.unit = static_cast<int>(rows.Integer(row, 3));
  type::v1::Comparison_Parse(rows.Text(row, 4), &figure.comparison);
  figure.value = rows.Integer(row, 5);
  figure.record_count = rows.Integer(row, 6);
  return figure;
}

void Add(const Figure& figure, ActivityTotals* totals) {
  if (figure.unit == kActivity) return totals->set_activity_count(totals->activity_count() + figure.value);
  type::v1::ReportedTotal* total = figure.unit == kSession  ? totals->mutable_session()
                                   : figure.unit == kDay    ? totals->mutable_day()
                                   : figure.unit == kLesson ? totals->mutable_lesson()
                                   : figure.unit == kDistinctPerson
                                       ? totals->mutable_distinct_person_per_activity()
                                   : figure.unit == kPersonTime ? totals->mutable_person_time()
                                                                : totals->mutable_pupil_per_activity();
  resource::AddTo(total, figure.value, figure.comparison, figure.record_count);
}

// Which types a policy rule counts (domain §1.11); UNSPECIFIED: all of them.
constexpr struct {
  const char* rule;
  v1::JointActivityType type;
} kRules[] = {{"BJ-01", v1::JOINT_ACTIVITY_TYPE_UNSPECIFIED},
              {"WS-01", v1::JOINT_ACTIVITY_TYPE_COLLECTIVE_PREPARATION},
              {"WS-01", v1::JOINT_ACTIVITY_TYPE_ONLINE_PREPARATION},
              {"WS-02", v1::JOINT_ACTIVITY_TYPE_CLASSROOM_TEACHING_RESEARCH},
              {"WS-03", v1::JOINT_ACTIVITY_TYPE_EXPERIENCE_MEETING},
              {"WS-04", v1::JOINT_ACTIVITY_TYPE_LESSON_RATIONALE},
              {"WS-05", v1::JOINT_ACTIVITY_TYPE_SHADOWING_TRAINING}};

// By the rule's code, in their order.
using RuleInputs = std::map<std::string, v1::ActivityRuleInput>;

void AddToRules(const Figure& figure, RuleInputs* inputs) {
  for (const auto& [rule, type] : kRules) {
    if (type != v1::JOINT_ACTIVITY_TYPE_UNSPECIFIED && type != figure.type) continue;
    v1::ActivityRuleInput& input = (*inputs)[rule];
    input.set_rule(rule);
    if (figure.unit == kActivity && figure.reason == 0)
      input.set_counted_activity_count(input.counted_activity_count() + figure.value);
    if (figure.unit == kActivity && figure.reason != 0)
      input.set_not_yet_counted_activity_count(input.not_yet_counted_activity_count() + figure.value);
    if (figure.unit == kSession && figure.reason == 0)
      resource::AddTo(input.mutable_counted_session(), figure.value, figure.comparison, figure.record_count);
  }
}

// Every rule, also those without an activity.
RuleInputs NoInputs() {
  RuleInputs inputs;
  for (const auto& [rule, type] : kRules) inputs[rule].set_rule(rule);
  return inputs;
}

void SetFigures(const Result& rows, v1::ActivityStatistics* statistics) {
  RuleInputs inputs = NoInputs();
  std::map<int, ActivityTotals> uncounted;  // By reason.
  std::map<int, v1::CategoryStatistics> categories;
  std::map<int, v1::TypeStatistics> types;
  statistics->mutable_counted();  // Also where nothing counts.
  for (int row = 0; row < rows.rows(); ++row) {
    const Figure figure = FigureOf(rows, row);
    v1::JointActivityCategory category = v1::JOINT_ACTIVITY_CATEGORY_UNSPECIFIED;
    v1::JointActivityCategory_Parse(rows.Text(row, 0), &category);
    const bool counts = figure.reason == 0;
    Add(figure, counts ? statistics->mutable_counted() : &uncounted[figure.reason]);
    v1::CategoryStatistics& of_category = categories[category];
    of_category.set_category(category);
    Add(figure, counts ? of_category.mutable_counted() : of_category.mutable_not_yet_counted());
    v1::TypeStatistics& of_type = types[figure.type];
    of_type.set_type(figure.type);
    Add(figure, counts ? of_type.mutable_counted() : of_type.mutable_not_yet_counted());
    AddToRules(figure, &inputs);
  }
  for (const auto& [reason, totals] : uncounted) {
    v1::UncountedActivities& entry = *statistics->add_not_yet_counted();
    entry.set_reason(static_cast<v1::UncountedReason>(reason));
    *entry.mutable_totals() = totals;
  }
  for (const auto& [category, entry] : categories) *statistics->add_categories() = entry;
  for (const auto& [type, entry] : types) *statistics->add_types() = entry;
  for (const auto& [rule, input] : inputs) *statistics->add_rule_inputs() = input;
}

// `rows` may hold one alliance more than the page: there are others.
void SetAlliances(const Result& rows, int64_t page_size, v1::ActivityStatistics* statistics) {
  RuleInputs inputs;
  std::string alliance_id;
  const auto finish = [&] {
    if (alliance_id.empty()) return;
    v1::AllianceActivityStatistics& entry = *statistics->add_alliances();
    entry.set_alliance_id(alliance_id);
    for (const auto& [rule, input] : inputs) *entry.add_rule_inputs() = input;
    inputs.clear();
  };
  for (int row = 0; row < rows.rows(); ++row) {
    if (rows.Text(row, 0) != alliance_id) finish();
    if (statistics->alliances_size() == page_size) return statistics->set_more_alliances(true);
    alliance_id = rows.Text(row, 0);
    AddToRules(FigureOf(rows, row), &inputs);
  }
  finish();
}

absl::Status CheckRequest(const v1::GetActivityStatisticsRequest& request) {
  std::vector<base::Violation> violations;
  if (request.jurisdiction_id().empty() && request.alliance_id().empty())
    violations.push_back(Refuse("jurisdictionId", ErrorReason::FIELD_REQUIRED));
  const bool days = !request.from_on().empty() || !request.to_on().empty();
  if (days && !request.term_id().empty())
    violations.push_back(Refuse("termId", ErrorReason::FIELD_CONFLICT, {{"other", "fromOn"}}));
  if (!days && request.term_id().empty()) violations.push_back(Refuse("termId", ErrorReason::FIELD_REQUIRED));
  if (days && request.from_on().empty()) violations.push_back(Refuse("fromOn", ErrorReason::FIELD_REQUIRED));
  if (days && request.to_on().empty()) violations.push_back(Refuse("toOn", ErrorReason::FIELD_REQUIRED));
  resource::RequireOrder("fromOn", request.from_on(), "toOn", request.to_on(), &violations);
  return base::FailIfAny(violations);
}

// The days asked for, of a term its own.
absl::Status SetDays(Reading& reading, v1::ActivityStatistics* statistics) {
  static const NamedQuery term_days{
      "term_days", "SELECT t.starts_on, t.ends_on FROM registry_term t WHERE t.id = $1::uuid"};
  if (statistics->term_id().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Result row, reading.Query(term_days, Parameters().Text(statistics->term_id())));
  if (row.rows() == 0)
    return base::FailIfAny(
        {Refuse("termId", ErrorReason::REFERENCE_NOT_FOUND, {{"kind", "term"}, {"kind_zh", "学期"}})});
  statistics->set_from_on(row.Text(0, 0));
  statistics->set_to_on(row.Text(0, 1));
  return absl::OkStatus();
}

absl::StatusOr<v1::ActivityStatistics> GetActivityStatistics(
    Reading& reading, const v1::GetActivityStatisticsRequest& request) {
  RETURN_IF_ERROR(CheckRequest(request));
  v1::ActivityStatistics statistics;
  statistics.set_jurisdiction_id(request.jurisdiction_id());
  statistics.set_alliance_id(request.alliance_id());
  statistics.set_term_id(request.term_id());
  statistics.set_from_on(request.from_on());
  statistics.set_to_on(request.to_on());
  statistics.set_stage(request.stage());
  RETURN_IF_ERROR(SetDays(reading, &statistics));
  const std::string stage =
      request.stage() == type::v1::STAGE_UNSPECIFIED ? "" : type::v1::Stage_Name(request.stage());
  Parameters chosen;
  chosen.Text(request.jurisdiction_id()).Text(request.alliance_id()).Text(request.term_id());
  chosen.Text(request.from_on()).Text(request.to_on()).Text(stage);
  ASSIGN_OR_RETURN(const Result figures, reading.Query(FiguresQuery(), chosen));
  SetFigures(figures, &statistics);
  const int64_t page_size =
      request.alliance_page_size() == 0 ? kAlliancesDefault : request.alliance_page_size();
  chosen.Text(request.after_alliance_id()).Integer(page_size + 1);
  ASSIGN_OR_RETURN(const Result alliances, reading.Query(AlliancesQuery(), chosen));
  SetAlliances(alliances, page_size, &statistics);
  return statistics;
}

}  // namespace

void AddActivityStatistics(resource::Service& service) {
  service.on("lianqiao.research.v1.ResearchStatisticsService", "GetActivityStatistics",
             GetActivityStatistics);
}

}  // namespace lianqiao::research
