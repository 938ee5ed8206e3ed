// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/statistics_service.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "lianqiao/registry/v1/statistics.pb.h"

namespace lianqiao::registry {

using postgres::Parameters;
using postgres::Result;
using resource::NamedQuery;
using resource::Reading;

namespace {

// Where an organisation belonged on $2: it may have moved since, or its county may have become part of
// another.
std::string PlaceOn(const char* organisation) {
  return absl::StrCat(
      "coalesce((SELECT (f->>'jurisdiction_id')::uuid FROM jsonb_array_elements(", organisation,
      ".former_jurisdictions) f WHERE f->>'valid_to' >= $2::date::text AND coalesce(f->>'valid_from', '') <="
      " $2::date::text LIMIT 1), ",
      organisation, ".jurisdiction_id)");
}

// Whether an organisation existed on $2, as far as its end tells.
std::string Existed(const char* organisation) {
  const std::string o = organisation;
  return absl::StrCat("(", o,
                      ".status NOT IN ('ORGANISATION_STATUS_PLANNED', 'ORGANISATION_STATUS_ABANDONED')"
                      " AND CASE WHEN ",
                      o, ".closed_on IS NULL THEN ", o, ".status = 'ORGANISATION_STATUS_ACTIVE' ELSE ", o,
                      ".closed_on >= $2::date END AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements(", o,
                      ".closed_periods) c WHERE coalesce(c->>'valid_from', '') <= $2::date::text"
                      " AND c->>'valid_to' >= $2::date::text))");
}

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
      PlaceOn("o"), ", j.id) AS place_id, coalesce(", PlaceOn("w"), ", ", PlaceOn("o"),
      ", j.id) AS school_place_id"
      " FROM {visible:membership m} JOIN {visible:alliance a} ON a.id = m.alliance_id"
      " LEFT JOIN {visible:organisation o} ON o.id = m.organisation_id"
      " LEFT JOIN organisation w ON w.id = o.parent_organisation_id AND o.kind = 'ORGANISATION_KIND_CAMPUS'"
      " LEFT JOIN {visible:jurisdiction j} ON j.id = m.jurisdiction_id"
      " WHERE (o.id IS NULL OR ",
      Existed("o"),
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
      absl::StrCat("SELECT EXISTS (SELECT 1 FROM organisation h JOIN jurisdiction p ON p.id = ", PlaceOn("h"),
                   " WHERE h.former_jurisdictions <> '[]' AND h.delete_time IS NULL AND h.stages <> '{}'"
                   " AND p.scope && ARRAY[$1::uuid]"
                   " AND NOT EXISTS (SELECT 1 FROM {visible:organisation o} WHERE o.id = h.id))")};
  return query;
}

// Every county and zone of $1 on $2, and whoever else runs schools or reported, with the newest accepted or
// frozen facts of that day's school year.
const NamedQuery& FactsQuery() {
  const std::string schools = absl::StrCat(
      " FROM organisation o WHERE o.delete_time IS NULL AND o.stages <> '{}'"
      " AND (o.opened_on IS NULL OR o.opened_on <= $2::date) AND ",
      Existed("o"));
  static const NamedQuery query{
      "statistics_facts",
      absl::StrCat(
          "SELECT j.id, s.id, s.state, f.schools, coalesce(f.registry_complete, false),"
          " f.compulsory_schools FROM {visible:jurisdiction j}"
          " LEFT JOIN LATERAL (SELECT s.id, s.state FROM {visible:fact_submission s}"
          " JOIN {visible:school_year y}"
          " ON y.id = s.school_year_id WHERE s.jurisdiction_id = j.id AND $2::date BETWEEN y.starts_on AND "
          "y.ends_on"
          " AND s.state IN ('FACT_SUBMISSION_STATE_ACCEPTED', 'FACT_SUBMISSION_STATE_FROZEN')"
          " ORDER BY s.restatement DESC LIMIT 1) s ON true"
          " LEFT JOIN {visible:jurisdiction_year_facts f} ON f.submission_id = s.id"
          " WHERE j.scope && ARRAY[$1::uuid] AND (j.valid_from IS NULL OR j.valid_from <= $2::date)"
          " AND (j.valid_to IS NULL OR j.valid_to >= $2::date) AND (s.id IS NOT NULL"
          " OR (j.level = 'JURISDICTION_LEVEL_COUNTY' AND j.kind <> 'JURISDICTION_KIND_STATISTICAL_ZONE')"
          " OR ",
          "EXISTS (SELECT 1", schools, " AND o.jurisdiction_id = j.id AND ", PlaceOn("o"), " = j.id)",
          // The few that moved, asked once.
          " OR j.id IN (SELECT ", PlaceOn("o"), schools, " AND o.former_jurisdictions <> '[]')",
          ") ORDER BY j.division_code, j.id")};
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
// the facts know, is no part of anything.
void SetDenominator(const Result& rows, bool moved_away, v1::Coverage* coverage) {
  bool complete = rows.rows() > 0;
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
  SetCompulsory(facts, &statistics);
  ASSIGN_OR_RETURN(const Result moved_away, reading.Query(MovedAwayQuery(), place_and_day));
  statistics.set_schools_moved_away(moved_away.Boolean(0, 0));
  SetDenominator(facts, statistics.schools_moved_away(), statistics.mutable_coverage());
  SetDenominator(facts, statistics.schools_moved_away(), statistics.mutable_coverage_of_all_types());
  return statistics;
}

}  // namespace

void AddStatistics(resource::Service& service) {
  service.on("lianqiao.registry.v1.RegistryStatisticsService", "GetRegistryStatistics",
             GetRegistryStatistics);
}

}  // namespace lianqiao::registry
