// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/statistics_service.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "lianqiao/registry/v1/statistics.pb.h"
#include "services/alliance-registry/organisation_on_day.h"

namespace lianqiao::registry {

using postgres::Parameters;
using postgres::Result;
using resource::NamedQuery;
using resource::Reading;

namespace {

constexpr char kDay[] = "$2::date";
// Since when the facts of the school year of $2 hold; $2 itself where there are none or not yet.
constexpr char kSince[] = "(SELECT since FROM asked)";

// Memberships in force on $2, each with the type of its alliance, itself in force. `here`: the party lies in
// jurisdiction $1; `school_here`: the school that it counts as in a coverage does. A school's place is its
// education jurisdiction of that day, a campus may lie elsewhere than its school. An unset end of an ended
// record means unknown: it counts on no day.
std::string Counted() {
  return absl::StrCat(
      "WITH held AS (SELECT a.id AS alliance_id, a.type, m.role, m.organisation_id, m.jurisdiction_id,"
      " o.kind IN ('ORGANISATION_KIND_SCHOOL', 'ORGANISATION_KIND_CAMPUS',"
      " 'ORGANISATION_KIND_COMPLETE_PRIMARY', 'ORGANISATION_KIND_TEACHING_POINT',"
      " 'ORGANISATION_KIND_CENTRAL_SCHOOL', 'ORGANISATION_KIND_KINDERGARTEN',"
      " 'ORGANISATION_KIND_SPECIAL_EDUCATION_UNIT') AS school,"
      " a.type IN ('ALLIANCE_TYPE_IN_COUNTY', 'ALLIANCE_TYPE_CROSS_COUNTY') AS school_alliance,"
      " o.stages && ARRAY['STAGE_PRIMARY', 'STAGE_JUNIOR'] AS compulsory,"
      " coalesce(w.id, o.id) AS whole_school_id, coalesce(",
      PlaceOn("o", kDay), ", j.id) AS place_id, coalesce(", PlaceOn("w", kDay), ", ", PlaceOn("o", kDay),
      ", j.id) AS school_place_id"
      " FROM {visible:membership m} JOIN {visible:alliance a} ON a.id = m.alliance_id"
      " LEFT JOIN {visible:organisation o} ON o.id = m.organisation_id"
      " LEFT JOIN organisation w ON w.id = o.parent_organisation_id AND o.kind = 'ORGANISATION_KIND_CAMPUS'"
      " LEFT JOIN {visible:jurisdiction j} ON j.id = m.jurisdiction_id"
      " WHERE (o.id IS NULL OR ",
      NotEndedOn("o", kDay),
      ") AND (j.id IS NULL OR j.valid_to IS NULL OR j.valid_to >= $2::date)"
      " AND m.state NOT IN ('MEMBERSHIP_STATE_PROPOSED', 'MEMBERSHIP_STATE_AGREED',"
      " 'MEMBERSHIP_STATE_WITHDRAWN')"
      " AND (m.joined_on IS NULL OR m.joined_on <= $2::date)"
      " AND CASE WHEN m.left_on IS NULL THEN m.state <> 'MEMBERSHIP_STATE_ENDED' ELSE m.left_on >= $2::date "
      "END"
      " AND a.state NOT IN ('ALLIANCE_STATE_DRAFTED', 'ALLIANCE_STATE_AGREEMENT_SIGNED',"
      " 'ALLIANCE_STATE_FILED', 'ALLIANCE_STATE_ABANDONED')"
      " AND (a.active_on IS NULL OR a.active_on <= $2::date)"
      " AND CASE WHEN a.ended_on IS NULL"
      " THEN a.state NOT IN ('ALLIANCE_STATE_MERGED', 'ALLIANCE_STATE_DISSOLVED')"
      " ELSE a.ended_on >= $2::date END),"
      " counted AS (SELECT h.*, p.scope && ARRAY[$1::uuid] AS here, s.scope && ARRAY[$1::uuid] AS school_here"
      " FROM held h JOIN jurisdiction p ON p.id = h.place_id JOIN jurisdiction s ON s.id = h.school_place_id"
      " WHERE p.scope && ARRAY[$1::uuid] OR s.scope && ARRAY[$1::uuid]) ");
}

const NamedQuery& TypesQuery() {
  static const NamedQuery query{
      "statistics_types",
      absl::StrCat(
          Counted(),
          "SELECT type, count(DISTINCT alliance_id), count(*), count(DISTINCT organisation_id)"
          " FILTER (WHERE school), count(DISTINCT jurisdiction_id),"
          " count(DISTINCT organisation_id) FILTER (WHERE school AND compulsory) FROM counted WHERE here"
          " GROUP BY type")};
  return query;
}

const NamedQuery& TotalsQuery() {
  static const NamedQuery query{
      "statistics_totals",
      absl::StrCat(
          Counted(),
          ", counted_here AS (SELECT *, type = 'ALLIANCE_TYPE_EDUCATION_GROUP' AS grouped FROM counted WHERE "
          "here)"
          " SELECT count(DISTINCT alliance_id) FILTER (WHERE school_alliance),"
          " count(*) FILTER (WHERE school_alliance),"
          " count(DISTINCT organisation_id) FILTER (WHERE school_alliance AND school),"
          " (SELECT count(*) FROM (SELECT organisation_id FROM counted_here WHERE school_alliance AND school"
          " GROUP BY organisation_id HAVING count(DISTINCT type) = 2) both_types),"
          " (SELECT count(DISTINCT whole_school_id) FROM counted WHERE school AND school_here),"
          " count(DISTINCT alliance_id) FILTER (WHERE grouped),"
          " count(*) FILTER (WHERE grouped),"
          " count(DISTINCT organisation_id) FILTER (WHERE grouped AND school AND role <> "
          "'MEMBERSHIP_ROLE_LEAD_SCHOOL'),"
          " count(DISTINCT organisation_id) FILTER (WHERE grouped AND school AND role = "
          "'MEMBERSHIP_ROLE_LEAD_SCHOOL'),"
          " count(DISTINCT organisation_id) FILTER (WHERE grouped AND school),"
          " (SELECT count(DISTINCT whole_school_id) FROM counted"
          " WHERE school_alliance AND school AND school_here)"
          " FROM counted_here")};
  return query;
}

// Whether a school that lay in $1 on $2 has moved to where the caller may not read.
const NamedQuery& MovedAwayQuery() {
  static const NamedQuery query{
      "statistics_moved_away",
      absl::StrCat(
          "SELECT EXISTS (SELECT 1 FROM organisation h JOIN jurisdiction p ON p.id = ", PlaceOn("h", kDay),
          " WHERE h.former_jurisdictions <> '[]' AND h.delete_time IS NULL AND h.stages <> '{}' AND ",
          ExistedOn("h", kDay),
          " AND p.scope && ARRAY[$1::uuid]"
          " AND NOT EXISTS (SELECT 1 FROM {visible:organisation o} WHERE o.id = h.id))")};
  return query;
}

// The places whose facts count for $1 on $2: those that lie in it, and those that have become part of one of
// them since the statistics day and reported for themselves.
constexpr char kCountedPlaces[] =
    "WITH RECURSIVE year AS (SELECT y.id, y.statistics_on FROM {visible:school_year y}"
    " WHERE $2::date BETWEEN y.starts_on AND y.ends_on ORDER BY y.starts_on DESC LIMIT 1),"
    " asked AS (SELECT least((SELECT statistics_on FROM year), $2::date) AS since),"
    " counted_place (id) AS (SELECT j.id FROM {visible:jurisdiction j} WHERE j.scope && ARRAY[$1::uuid]"
    " AND (j.valid_from IS NULL OR j.valid_from <= $2::date) AND (j.valid_to IS NULL OR j.valid_to >= "
    "$2::date)"
    " UNION SELECT p.id FROM counted_place c JOIN jurisdiction p ON p.replaced_by = c.id"
    " WHERE p.delete_time IS NULL AND p.valid_to >= (SELECT since FROM asked) AND p.valid_to < $2::date) ";

// Whether a school of the statistics day has come to $1 since, or left it, in another way than with its whole
// county: the facts count another set of schools than lies there on $2.
const NamedQuery& MovedSinceQuery() {
  static const NamedQuery query{
      "statistics_moved_since",
      absl::StrCat(kCountedPlaces,
                   "SELECT EXISTS (SELECT 1 FROM organisation o WHERE o.former_jurisdictions <> '[]'"
                   " AND o.delete_time IS NULL AND o.stages <> '{}' AND o.kind <> 'ORGANISATION_KIND_CAMPUS'"
                   " AND ",
                   ExistedOn("o", kSince), " AND (", PlaceOn("o", kSince),
                   " IN (SELECT id FROM counted_place)) <> (", PlaceOn("o", kDay),
                   " IN (SELECT id FROM counted_place)))")};
  return query;
}

// Every county and zone that counts and was there on the statistics day, and whoever else ran schools then or
// reported, with the newest accepted or frozen facts of that school year.
const NamedQuery& FactsQuery() {
  const std::string schools = absl::StrCat(
      " FROM organisation o WHERE o.delete_time IS NULL AND o.stages <> '{}' AND ", ExistedOn("o", kSince));
  static const NamedQuery query{
      "statistics_facts",
      absl::StrCat(
          kCountedPlaces,
          "SELECT j.id, s.id, s.state, f.schools, coalesce(f.registry_complete, false),"
          " f.compulsory_schools FROM counted_place c JOIN jurisdiction j ON j.id = c.id"
          " LEFT JOIN LATERAL (SELECT s.id, s.state FROM {visible:fact_submission s}"
          " WHERE s.jurisdiction_id = j.id AND s.school_year_id = (SELECT id FROM year)"
          " AND s.state IN ('FACT_SUBMISSION_STATE_ACCEPTED', 'FACT_SUBMISSION_STATE_FROZEN')"
          " ORDER BY s.restatement DESC LIMIT 1) s ON true"
          " LEFT JOIN {visible:jurisdiction_year_facts f} ON f.submission_id = s.id"
          " WHERE s.id IS NOT NULL OR (j.level = 'JURISDICTION_LEVEL_COUNTY'"
          " AND j.kind <> 'JURISDICTION_KIND_STATISTICAL_ZONE' AND (j.valid_from IS NULL OR j.valid_from <= ",
          kSince, ")) OR EXISTS (SELECT 1", schools, " AND o.jurisdiction_id = j.id AND ",
          PlaceOn("o", kSince), " = j.id)",
          // The few that moved, asked once.
          " OR j.id IN (SELECT ", PlaceOn("o", kSince), schools,
          " AND o.former_jurisdictions <> '[]') ORDER BY j.division_code, j.id")};
  return query;
}

void SetTypes(const Result& rows, v1::RegistryStatistics* statistics) {
  for (int i = 0; i < rows.rows(); ++i) {
    v1::AllianceTypeStatistics& entry = *statistics->add_alliance_types();
    v1::AllianceType type = v1::ALLIANCE_TYPE_UNSPECIFIED;
    v1::AllianceType_Parse(rows.Text(i, 0), &type);
    entry.set_type(type);
    entry.set_alliance_count(rows.Integer(i, 1));
    entry.set_membership_count(rows.Integer(i, 2));
    entry.set_distinct_school_count(rows.Integer(i, 3));
    entry.set_distinct_jurisdiction_count(rows.Integer(i, 4));
    entry.set_distinct_compulsory_school_count(rows.Integer(i, 5));
  }
  std::sort(statistics->mutable_alliance_types()->begin(), statistics->mutable_alliance_types()->end(),
            [](const auto& a, const auto& b) { return a.type() < b.type(); });
}

void SetTotals(const Result& row, v1::RegistryStatistics* statistics) {
  v1::SchoolAllianceStatistics& schools = *statistics->mutable_school_alliances();
  schools.set_alliance_count(row.Integer(0, 0));
  schools.set_membership_count(row.Integer(0, 1));
  schools.set_distinct_school_count(row.Integer(0, 2));
  schools.set_distinct_school_in_both_count(row.Integer(0, 3));
  statistics->mutable_coverage()->set_distinct_school_count(row.Integer(0, 10));
  statistics->mutable_coverage_of_all_types()->set_distinct_school_count(row.Integer(0, 4));
  v1::GroupStatistics& groups = *statistics->mutable_education_groups();
  groups.set_group_count(row.Integer(0, 5));
  groups.set_membership_count(row.Integer(0, 6));
  groups.set_distinct_member_school_count(row.Integer(0, 7));
  groups.set_distinct_lead_school_count(row.Integer(0, 8));
  groups.set_distinct_school_count(row.Integer(0, 9));
}

// Denominator and ratio; the numerator is set. A numerator that lacks schools, or counts more of them than
// the facts know, is no part of anything. Where schools have moved since the facts, nobody has reported those
// that lie there now.
void SetDenominator(const Result& rows, bool moved_away, bool moved_since, v1::Coverage* coverage) {
  bool complete = rows.rows() > 0 && !moved_since;
  for (int i = 0; i < rows.rows(); ++i) {
    complete = complete && rows.Boolean(i, 4);
    if (rows.IsNull(i, 1)) continue;
    v1::CoverageBasis& basis = *coverage->add_basis();
    basis.set_jurisdiction_id(rows.Text(i, 0));
    basis.set_submission_id(rows.Text(i, 1));
    v1::FactSubmissionState state = v1::FACT_SUBMISSION_STATE_UNSPECIFIED;
    v1::FactSubmissionState_Parse(rows.Text(i, 2), &state);
    basis.set_state(state);
    basis.set_registry_complete(rows.Boolean(i, 4));
    if (rows.IsNull(i, 3)) continue;
    basis.set_school_count(rows.Integer(i, 3));
    coverage->set_school_count(coverage->school_count() + rows.Integer(i, 3));
  }
  coverage->set_registry_complete(complete);
  const bool within = coverage->distinct_school_count() <= coverage->school_count();
  if (complete && !moved_away && within && coverage->school_count() > 0) {
    coverage->set_ratio(static_cast<double>(coverage->distinct_school_count()) /
                        static_cast<double>(coverage->school_count()));
  }
}

void SetCompulsory(const Result& rows, v1::RegistryStatistics* statistics) {
  for (int i = 0; i < rows.rows(); ++i) {
    if (!rows.IsNull(i, 5))
      statistics->set_compulsory_school_count(statistics->compulsory_school_count() + rows.Integer(i, 5));
  }
}

absl::StatusOr<v1::RegistryStatistics> GetRegistryStatistics(
    Reading& reading, const v1::GetRegistryStatisticsRequest& request) {
  v1::RegistryStatistics statistics;
  statistics.set_jurisdiction_id(request.jurisdiction_id());
  statistics.set_date(request.date().empty() ? reading.today() : request.date());
  Parameters place_and_day;
  place_and_day.Text(statistics.jurisdiction_id()).Text(statistics.date());
  ASSIGN_OR_RETURN(const Result types, reading.Query(TypesQuery(), place_and_day));
  SetTypes(types, &statistics);
  ASSIGN_OR_RETURN(const Result totals, reading.Query(TotalsQuery(), place_and_day));
  SetTotals(totals, &statistics);
  ASSIGN_OR_RETURN(const Result facts, reading.Query(FactsQuery(), place_and_day));
  ASSIGN_OR_RETURN(const Result moved, reading.Query(MovedSinceQuery(), place_and_day));
  const bool moved_since = moved.Boolean(0, 0);
  if (!moved_since) SetCompulsory(facts, &statistics);
  ASSIGN_OR_RETURN(const Result moved_away, reading.Query(MovedAwayQuery(), place_and_day));
  statistics.set_schools_moved_away(moved_away.Boolean(0, 0));
  SetDenominator(facts, moved_away.Boolean(0, 0), moved_since, statistics.mutable_coverage());
  SetDenominator(facts, moved_away.Boolean(0, 0), moved_since, statistics.mutable_coverage_of_all_types());
  return statistics;
}

}  // namespace

void AddStatistics(resource::Service& service) {
  service.on("lianqiao.registry.v1.RegistryStatisticsService", "GetRegistryStatistics",
             GetRegistryStatistics);
}

}  // namespace lianqiao::registry
