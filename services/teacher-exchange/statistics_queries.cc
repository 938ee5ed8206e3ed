// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/statistics_queries.h"

#include "absl/strings/str_cat.h"

namespace lianqiao::exchange {

using resource::NamedQuery;

namespace {

// Whether membership m of alliance l held on some day between two days, as SQL: by its own days, whatever has
// become of both since. An alliance that ends or merges ends its memberships.
std::string TookPart(const std::string& first_day, const std::string& last_day) {
  return absl::StrCat(
      "l.state IN ('ALLIANCE_STATE_ACTIVE', 'ALLIANCE_STATE_UNDER_ASSESSMENT',"
      " 'ALLIANCE_STATE_RENEWED', 'ALLIANCE_STATE_MERGED', 'ALLIANCE_STATE_DISSOLVED')"
      " AND coalesce(m.joined_on, '-infinity') <= ",
      last_day,
      " AND (m.state IN ('MEMBERSHIP_STATE_ACTIVE', 'MEMBERSHIP_STATE_SUSPENDED')"
      " OR m.state = 'MEMBERSHIP_STATE_ENDED' AND m.left_on >= ",
      first_day, ")");
}

// Called back, and on post between two days that are known.
constexpr char kRecalled[] =
    "(state = 'ASSIGNMENT_STATE_RECALLED' AND started_on IS NOT NULL AND ended_on IS NOT NULL)";
constexpr char kServed[] =
    "('ASSIGNMENT_STATE_ON_POST', 'ASSIGNMENT_STATE_EXTENDED', 'ASSIGNMENT_STATE_COMPLETED',"
    " 'ASSIGNMENT_STATE_ASSESSED')";

// Assignments from or to the jurisdiction, `counted` those that count in the period. On post is whoever
// nobody has called back or let go; when an ended one was on post is not known without its last day. `held`
// leaves out what by its days can neither count nor be planned for the period, before anything is joined.
std::string Counted() {
  return absl::StrCat(
      "WITH here AS MATERIALIZED (SELECT id FROM registry_organisation WHERE sync_scope && ARRAY[$1::uuid]),"
      " held AS (SELECT a.*, coalesce(a.from_school_id IN (SELECT id FROM here), false) AS sent,"
      " coalesce(a.to_school_id IN (SELECT id FROM here), false) AS received FROM {visible:assignment a}"
      " WHERE ($4::uuid IS NULL OR a.alliance_id = $4::uuid)"
      " AND (a.started_on IS NULL OR a.started_on <= $3::date)"
      " AND (a.ended_on IS NULL OR a.ended_on >= $2::date)"
      " AND (a.from_school_id IN (SELECT id FROM here) OR a.to_school_id IN (SELECT id FROM here))),"
      " judged AS (SELECT *, (state IN ",
      kServed, " OR ", kRecalled,
      ") AND CASE WHEN $5::boolean THEN coalesce(started_on BETWEEN $2::date AND $3::date, false)"
      " ELSE coalesce(started_on, '-infinity') <= $3::date AND CASE"
      " WHEN state IN ('ASSIGNMENT_STATE_ON_POST', 'ASSIGNMENT_STATE_EXTENDED') THEN true"
      " ELSE coalesce(ended_on, '-infinity') >= $2::date END END AS counts FROM held),"
      " counted AS (SELECT * FROM judged WHERE counts) ");
}

// Assignments, persons, backbone persons of those for which `condition` holds.
std::string Figures(const std::string& condition) {
  return absl::StrCat("count(*) FILTER (WHERE ", condition, "), count(DISTINCT teacher_id) FILTER (WHERE ",
                      condition, "), count(DISTINCT teacher_id) FILTER (WHERE ", condition, " AND backbone)");
}

std::string Persons(const std::string& condition) {
  return absl::StrCat("count(DISTINCT teacher_id) FILTER (WHERE ", condition, ")");
}

// Whether the school in column `school` lies in a place that is a central urban one on some day of the
// period.
std::string FromCentralUrban(const std::string& school) {
  return absl::StrCat(
      "EXISTS (SELECT 1 FROM registry_organisation o JOIN registry_jurisdiction j ON j.id = ANY "
      "(o.sync_scope),"
      " jsonb_array_elements(j.central_urban) p WHERE o.id = ",
      school,
      " AND coalesce(p->>'valid_from', '') <= ($3::date)::text"
      " AND coalesce(nullif(p->>'valid_to', ''), '9999-12-31') >= ($2::date)::text)");
}

// Lower is stronger; null: not known.
std::string TierOf(const std::string& column) {
  return absl::StrCat("CASE ", column,
                      " WHEN 'SCHOOL_TIER_QUALITY' THEN 1 WHEN 'SCHOOL_TIER_ORDINARY' THEN 2"
                      " WHEN 'SCHOOL_TIER_WEAK' THEN 3 END");
}

std::string FirstDayOf(const std::string& school_year) {
  return absl::StrCat("(SELECT starts_on FROM registry_school_year WHERE id = ", school_year, ")");
}

// Schools o that took part in alliance $4 in a school year until $3, if one is asked for.
std::string OfAlliance(const std::string& school_year) {
  return absl::StrCat(
      " AND ($4::uuid IS NULL OR EXISTS (SELECT 1 FROM registry_membership m JOIN registry_alliance l"
      " ON l.id = m.alliance_id WHERE m.alliance_id = $4::uuid AND ",
      TookPart(FirstDayOf(school_year), "$3::date"),
      " AND (m.organisation_id IN (o.id, o.parent_organisation_id) OR m.jurisdiction_id = ANY "
      "(o.sync_scope))))");
}

// Schools of the jurisdiction that told how many are eligible in a school year.
std::string Told(const std::string& school_year) {
  return absl::StrCat(
      "told AS (SELECT e.school_id, e.stage, e.eligible_count"
      " FROM {visible:rotation_eligibility e} JOIN registry_organisation o ON o.id = e.school_id"
      " WHERE e.school_year_id = ",
      school_year, " AND o.sync_scope && ARRAY[$1::uuid]", OfAlliance(school_year), ")");
}

constexpr char kAccepted[] = "IN ('FACT_SUBMISSION_STATE_ACCEPTED', 'FACT_SUBMISSION_STATE_FROZEN')";
// To a school of a weaker tier: the lower number is the stronger one.
constexpr char kOutflow[] = "from_rank < to_rank";
constexpr char kRotated[] = "type = ANY ($6::text[])";

std::string Ranked() {
  return absl::StrCat("SELECT *, ", TierOf("from_tier"), " AS from_rank, ", TierOf("to_tier"), " AS to_rank");
}

}  // namespace

const NamedQuery& StatisticsTotals() {
  static const NamedQuery query{
      "exchange_statistics_totals",
      absl::StrCat(Counted(), "SELECT ", Figures("sent"), ", ", Figures("received"), " FROM counted")};
  return query;
}

const NamedQuery& StatisticsGroups() {
  static const NamedQuery query{
      "exchange_statistics_groups",
      absl::StrCat(Counted(), "SELECT type, direction, host_role, ", Figures("true"),
                   " FROM counted WHERE sent GROUP BY GROUPING SETS ((type), (direction), (host_role))")};
  return query;
}

const NamedQuery& StatisticsNotCounted() {
  static const NamedQuery query{
      "exchange_statistics_not_counted",
      absl::StrCat(Counted(), "SELECT state, ", Figures("true"),
                   " FROM judged WHERE sent AND NOT counts AND CASE WHEN $5::boolean"
                   " THEN coalesce(started_on, planned_from) BETWEEN $2::date AND $3::date"
                   " ELSE coalesce(started_on, planned_from, '-infinity') <= $3::date"
                   " AND coalesce(ended_on, planned_until, 'infinity') >= $2::date END GROUP BY state")};
  return query;
}

const NamedQuery& StatisticsRules() {
  const std::string to_rural = "direction IN ('DIRECTION_URBAN_TO_RURAL', 'DIRECTION_RURAL_TO_RURAL')";
  const std::string from_rural = "direction IN ('DIRECTION_RURAL_TO_URBAN', 'DIRECTION_RURAL_TO_RURAL')";
  const std::string cadre =
      "type = 'ASSIGNMENT_TYPE_CADRE_DISPATCH' AND cadre_rank IN ('CADRE_RANK_MID_LEVEL',"
      " 'CADRE_RANK_VICE_PRINCIPAL', 'CADRE_RANK_PRINCIPAL')";
  const std::string needy = absl::StrCat("(", to_rural, " OR to_tier = 'SCHOOL_TIER_WEAK')");
  const std::string dispatched = absl::StrCat(cadre, " AND ", needy);
  const std::string unknown =
      "(direction IN ('DIRECTION_UNKNOWN', 'DIRECTION_UNSPECIFIED')"
      " OR to_tier IN ('SCHOOL_TIER_UNKNOWN', 'SCHOOL_TIER_UNSPECIFIED'))";
  const std::string reserve = absl::StrCat(
      "type = 'ASSIGNMENT_TYPE_RESERVE_CADRE_TRAINING' AND reserve_cadre AND to_tier = 'SCHOOL_TIER_QUALITY'"
      " AND (",
      from_rural, " OR from_tier = 'SCHOOL_TIER_WEAK')");
  const std::string support =
      "type = 'ASSIGNMENT_TYPE_SUPPORT_TEACHING' AND direction = 'DIRECTION_URBAN_TO_RURAL' AND "
      "central_urban";
  const std::string rotated = kRotated;
  const std::string outflow = kOutflow;
  static const NamedQuery query{
      "exchange_statistics_rules",
      absl::StrCat(Counted(), ", ranked AS (", Ranked(), ", ", FromCentralUrban("counted.from_school_id"),
                   " AS central_urban FROM counted WHERE sent) SELECT ", Persons(dispatched), ", ",
                   Persons(dispatched + " AND host_role = 'HOST_ROLE_PRINCIPAL'"), ", ",
                   Persons(dispatched + " AND from_tier = 'SCHOOL_TIER_QUALITY'"), ", ",
                   Persons(absl::StrCat(cadre, " AND NOT ", needy, " AND ", unknown)), ", ", Persons(reserve),
                   ", ", Persons(support), ", count(*) FILTER (WHERE ", support, "), ", Persons(rotated),
                   ", ", Persons(rotated + " AND backbone"), ", ", Persons(outflow), ", ",
                   Persons(outflow + " AND backbone"), ", ",
                   Persons(outflow + " AND planned_until + 1 >= coalesce(started_on, planned_from)"
                                     " + interval '3 years'"),
                   ", ", Persons("from_rank IS NULL OR to_rank IS NULL"), " FROM ranked")};
  return query;
}

// A campus is a part of its school, which tells for it.
const NamedQuery& StatisticsOfTold() {
  static const NamedQuery query{
      "exchange_statistics_of_told",
      absl::StrCat(Counted(), ", ", Told("$7::uuid"), ", ranked AS (", Ranked(),
                   " FROM counted c WHERE sent AND EXISTS (SELECT 1 FROM told, registry_organisation f"
                   " WHERE f.id = c.from_school_id AND (told.school_id = f.id OR f.kind ="
                   " 'ORGANISATION_KIND_CAMPUS' AND told.school_id = f.parent_organisation_id))) SELECT ",
                   Persons(kRotated), ", ", Persons(kOutflow), " FROM ranked")};
  return query;
}

const NamedQuery& StatisticsHidden() {
  static const NamedQuery query{
      "exchange_statistics_hidden",
      absl::StrCat(Counted(),
                   "SELECT EXISTS (SELECT 1 FROM assignment WHERE delete_time IS NULL AND (state IN ",
                   kServed, " OR ", kRecalled,
                   ") AND from_school_id IN (SELECT id FROM here)"
                   " AND ($4::uuid IS NULL OR alliance_id = $4::uuid)"
                   " AND (started_on IS NULL OR started_on <= $3::date)"
                   " AND (ended_on IS NULL OR ended_on >= $2::date)"
                   " AND NOT EXISTS (SELECT 1 FROM held WHERE held.id = assignment.id))")};
  return query;
}

const NamedQuery& StatisticsQuotas() {
  static const NamedQuery query{
      "exchange_statistics_quotas",
      absl::StrCat(
          "WITH asked AS (SELECT q.*, (SELECT count(DISTINCT a.teacher_id) FROM assignment a WHERE "
          "a.quota_id = q.id"
          " AND a.delete_time IS NULL AND coalesce(a.started_on, '-infinity') <= least(q.due_on, $3::date)"
          " AND (a.state IN ",
          kServed,
          " OR (a.state = 'ASSIGNMENT_STATE_RECALLED' AND a.ended_on >= least(q.due_on, $3::date)))) AS "
          "filled"
          " FROM {visible:quota q} LEFT JOIN registry_jurisdiction i ON i.id = q.issuer_jurisdiction_id"
          " LEFT JOIN registry_jurisdiction j ON j.id = q.jurisdiction_id WHERE q.school_year_id = $2::uuid"
          " AND ($4::uuid IS NULL OR q.alliance_id = $4::uuid)"
          " AND (i.sync_scope && ARRAY[$1::uuid] OR j.sync_scope && ARRAY[$1::uuid] OR EXISTS"
          " (SELECT 1 FROM registry_membership m JOIN registry_alliance l ON l.id = m.alliance_id"
          " LEFT JOIN registry_organisation o ON o.id = m.organisation_id"
          " LEFT JOIN registry_jurisdiction p ON p.id = m.jurisdiction_id WHERE m.alliance_id = q.alliance_id"
          " AND ",
          TookPart(FirstDayOf("$2::uuid"), "$3::date"),
          " AND (o.sync_scope && ARRAY[$1::uuid] OR p.sync_scope && ARRAY[$1::uuid]))))"
          " SELECT alliance_id, jurisdiction_id, count(*), count(*) FILTER (WHERE filled >= planned_count),"
          " sum(planned_count), sum(filled), sum(least(filled, planned_count)) FROM asked"
          " GROUP BY alliance_id, jurisdiction_id ORDER BY alliance_id, jurisdiction_id LIMIT ",
          kStatisticsRowsMax + 1)};
  return query;
}

const NamedQuery& StatisticsSeconded() {
  static const NamedQuery query{
      "exchange_statistics_seconded",
      absl::StrCat(Counted(),
                   "SELECT l.id, o.id, count(DISTINCT c.teacher_id) FROM {visible:registry/alliance l}"
                   " JOIN registry_membership m ON m.alliance_id = l.id"
                   " JOIN registry_organisation o ON o.id = m.organisation_id"
                   " LEFT JOIN counted c ON c.alliance_id = l.id AND c.from_school_id = o.id"
                   " AND c.type = 'ASSIGNMENT_TYPE_SECONDED_TEAM'"
                   " WHERE l.type = 'ALLIANCE_TYPE_CHARACTERISTIC' AND m.role = 'MEMBERSHIP_ROLE_LEAD_SCHOOL'"
                   " AND ",
                   TookPart("$2::date", "$3::date"),
                   " AND o.sync_scope && ARRAY[$1::uuid] AND ($4::uuid IS NULL OR l.id = $4::uuid)"
                   " GROUP BY l.id, o.id ORDER BY l.id, o.id LIMIT ",
                   kStatisticsRowsMax + 1)};
  return query;
}

// A school owes the number of each compulsory stage that it teaches (CN-06 is about compulsory education);
// others may tell and count as well. One that is closed by now owes the number of a year whose facts name it.
const NamedQuery& StatisticsEligible() {
  static const NamedQuery query{
      "exchange_statistics_eligible",
      absl::StrCat(
          "WITH ", Told("$2::uuid"),
          " SELECT (SELECT coalesce(sum(eligible_count), 0) FROM told),"
          " (SELECT count(DISTINCT school_id) FROM told),"
          " (SELECT count(*) FROM registry_organisation o WHERE o.sync_scope && ARRAY[$1::uuid]"
          " AND (o.status = 'ORGANISATION_STATUS_ACTIVE' OR o.status IN ('ORGANISATION_STATUS_CLOSED',"
          " 'ORGANISATION_STATUS_MERGED') AND EXISTS (SELECT 1 FROM registry_school_year_facts y"
          " JOIN registry_fact_submission s ON s.id = y.submission_id WHERE y.organisation_id = o.id"
          " AND y.school_year_id = $2::uuid AND s.state ",
          kAccepted,
          ")) AND o.kind IN ('ORGANISATION_KIND_SCHOOL',"
          " 'ORGANISATION_KIND_COMPLETE_PRIMARY', 'ORGANISATION_KIND_TEACHING_POINT',"
          " 'ORGANISATION_KIND_CENTRAL_SCHOOL', 'ORGANISATION_KIND_SPECIAL_EDUCATION_UNIT')",
          OfAlliance("$2::uuid"),
          " AND EXISTS (SELECT 1 FROM unnest(o.stages) AS taught (stage)"
          " WHERE taught.stage IN ('STAGE_PRIMARY', 'STAGE_JUNIOR') AND NOT EXISTS"
          " (SELECT 1 FROM told WHERE told.school_id = o.id AND told.stage = taught.stage)))")};
  return query;
}

// Of each county's facts of the year the newest version that somebody has accepted: what a restatement leaves
// out is no more.
const NamedQuery& StatisticsPaired() {
  const std::string took_part = TookPart(FirstDayOf("$2::uuid"), "$3::date");
  static const NamedQuery query{
      "exchange_statistics_paired",
      absl::StrCat(
          "WITH pairs AS (SELECT DISTINCT l.id, l.state FROM {visible:registry/alliance l}"
          " JOIN registry_membership m ON m.alliance_id = l.id"
          " JOIN registry_organisation o ON o.id = m.organisation_id"
          " WHERE CASE WHEN $4::uuid IS NULL THEN l.type = 'ALLIANCE_TYPE_SCHOOL_PAIR' ELSE l.id = $4::uuid "
          "END AND ",
          took_part,
          " AND o.sync_scope && ARRAY[$1::uuid]),"
          // Both schools of a pair, wherever the other one lies.
          " paired AS (SELECT DISTINCT o.id FROM pairs l JOIN registry_membership m ON m.alliance_id = l.id"
          " JOIN registry_organisation o ON o.id = m.organisation_id WHERE ",
          took_part,
          "),"
          " facts AS (SELECT DISTINCT ON (y.organisation_id, y.stage) y.organisation_id, s.id, "
          "s.jurisdiction_id, s.state, y.full_time_teachers"
          " FROM registry_school_year_facts y JOIN registry_fact_submission s ON s.id = y.submission_id"
          " JOIN paired p ON p.id = y.organisation_id WHERE y.school_year_id = $2::uuid AND s.state ",
          kAccepted,
          " AND NOT EXISTS (SELECT 1 FROM registry_fact_submission newer"
          " WHERE newer.jurisdiction_id = s.jurisdiction_id AND newer.school_year_id = s.school_year_id"
          " AND newer.restatement > s.restatement AND newer.state ",
          kAccepted,
          ") ORDER BY y.organisation_id, y.stage, s.restatement DESC, s.id),"
          // Without the number of one stage the school's own is not known.
          " reported AS (SELECT organisation_id, id, jurisdiction_id, state, sum(full_time_teachers) AS "
          "teachers"
          " FROM facts GROUP BY organisation_id, id, jurisdiction_id, state"
          " HAVING bool_and(full_time_teachers IS NOT NULL))"
          " SELECT f.id, f.jurisdiction_id, f.state, count(DISTINCT p.id), coalesce(sum(f.teachers), 0)"
          " FROM paired p LEFT JOIN reported f ON f.organisation_id = p.id"
          " GROUP BY f.id, f.jurisdiction_id, f.state ORDER BY f.id")};
  return query;
}

}  // namespace lianqiao::exchange
