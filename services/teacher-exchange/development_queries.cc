// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/development_queries.h"

#include "absl/strings/str_cat.h"

namespace lianqiao::exchange {
namespace {

using resource::NamedQuery;

// Whether [from, to] has a day in common with the time asked for; an unknown bound is open.
std::string Meets(const std::string& from, const std::string& to) {
  return absl::StrCat("(", from, " IS NULL OR $3::date IS NULL OR ", from, " <= $3::date) AND (", to,
                      " IS NULL OR $2::date IS NULL OR ", to, " >= $2::date)");
}

// Whether what ended on an unknown day would have to be known: then it held on no date.
std::string EndIsKnown(const std::string& alias, const std::string& ended) {
  return absl::StrCat("(", alias, ".ended_on IS NOT NULL OR ", alias, ".state <> '", ended,
                      "' OR $2::date IS NULL)");
}

// Whether one of the organisations lies in the place.
std::string LiesThere(const std::string& organisations) {
  return absl::StrCat("EXISTS (SELECT 1 FROM registry_organisation o WHERE o.id IN (", organisations,
                      ") AND o.sync_scope && ARRAY[$1::uuid])");
}

std::string OfAlliance(const std::string& alias) {
  return absl::StrCat("($4::uuid IS NULL OR ", alias, ".alliance_id = $4::uuid)");
}

// pair, apprentice (of a pair).
std::string Pairs() {
  return absl::StrCat(
      "WITH pair AS (SELECT p.id, p.mentor_id, p.apprentice_school_id FROM {visible:mentor_pair p} WHERE"
      " p.state IN ('MENTOR_PAIR_STATE_RUNNING', 'MENTOR_PAIR_STATE_ASSESSED', 'MENTOR_PAIR_STATE_ENDED')"
      " AND ",
      Meets("p.started_on", "p.ended_on"), " AND ", EndIsKnown("p", "MENTOR_PAIR_STATE_ENDED"), " AND ",
      OfAlliance("p"), " AND ", LiesThere("p.mentor_school_id, p.apprentice_school_id"),
      "), apprentice AS (SELECT pair.id AS pair_id, pair.apprentice_school_id, a.teacher_id"
      " FROM pair JOIN {visible:mentor_apprentice a} ON a.mentor_pair_id = pair.id WHERE ",
      Meets("a.joined_on", "a.left_on"), ") ");
}

// training: of the place, the time and the alliance, in any state.
std::string Trainings() {
  return absl::StrCat(
      "WITH training_there AS (SELECT t.* FROM {visible:training t} WHERE (t.started_on IS NOT NULL OR"
      " ($2::date IS NULL AND $3::date IS NULL)) AND ($2::date IS NULL OR t.started_on >= $2::date)"
      " AND ($3::date IS NULL OR t.started_on <= $3::date) AND ",
      OfAlliance("t"), " AND ", LiesThere("t.host_organisation_id"), ") ");
}

constexpr char kVerified[] = "t.state = 'TRAINING_STATE_VERIFIED'";

std::string TrainingFigure(const std::string& unit, const std::string& field) {
  return absl::StrCat("SELECT t.kind, t.audience, '", unit, "' AS unit, sum(t.", field, ")::bigint, t.",
                      field, "_comparison, count(*) FROM training_there t WHERE ", kVerified, " AND t.",
                      field, " IS NOT NULL GROUP BY t.kind, t.audience, t.", field, "_comparison");
}

std::string Studios() {
  return absl::StrCat(
      "WITH studio_there AS (SELECT s.id, s.kind FROM {visible:studio s} WHERE"
      " s.state IN ('GROUP_STATE_ACTIVE', 'GROUP_STATE_ENDED') AND ",
      Meets("s.founded_on", "s.ended_on"), " AND ", EndIsKnown("s", "GROUP_STATE_ENDED"), " AND ",
      OfAlliance("s"), " AND ", LiesThere("s.host_organisation_id"), ") ");
}

std::string IsMember(const std::string& alias) {
  return absl::StrCat(Meets(alias + ".joined_on", alias + ".left_on"), " AND (", alias,
                      ".left_on IS NOT NULL OR ", alias,
                      ".state <> 'GROUP_MEMBER_STATE_ENDED' OR $2::date IS NULL)");
}

// Whether the place of a community or programme lies in the place asked for.
std::string PlaceLiesThere(const std::string& alias) {
  return absl::StrCat("EXISTS (SELECT 1 FROM registry_jurisdiction j WHERE j.id = ", alias,
                      ".jurisdiction_id AND j.sync_scope && ARRAY[$1::uuid])");
}

std::string Cohorts() {
  return absl::StrCat(
      "WITH cohort AS (SELECT c.id, c.talent_programme_id, p.kind, c.target_group, c.distinct_person_count,"
      " c.distinct_person_count_comparison, c.quota_count, c.rural_quota_count"
      " FROM {visible:talent_cohort c} JOIN {visible:talent_programme p} ON p.id = c.talent_programme_id"
      " WHERE p.state IN ('GROUP_STATE_ACTIVE', 'GROUP_STATE_ENDED') AND ",
      Meets("p.started_on", "p.ended_on"), " AND ", EndIsKnown("p", "GROUP_STATE_ENDED"), " AND ",
      Meets("c.started_on", "c.ended_on"), " AND $4::uuid IS NULL AND ", PlaceLiesThere("p"), ") ");
}

}  // namespace

const NamedQuery& MentoringTotalsQuery() {
  static const NamedQuery query{
      "development_mentoring",
      absl::StrCat(Pairs(),
                   "SELECT (SELECT count(*) FROM pair), (SELECT count(DISTINCT mentor_id) FROM pair),"
                   " count(*), count(DISTINCT teacher_id), (SELECT count(*) FROM (SELECT mentor_id FROM pair"
                   " UNION SELECT teacher_id FROM apprentice) teacher_there) FROM apprentice")};
  return query;
}

const NamedQuery& PairSizesQuery() {
  static const NamedQuery query{
      "development_pair_sizes",
      absl::StrCat(Pairs(),
                   "SELECT size, count(*) FROM (SELECT count(a.teacher_id) AS size FROM pair"
                   " LEFT JOIN apprentice a ON a.pair_id = pair.id GROUP BY pair.id) sized"
                   " GROUP BY size ORDER BY size")};
  return query;
}

const NamedQuery& ApprenticeSchoolsQuery() {
  static const NamedQuery query{
      "development_apprentice_schools",
      absl::StrCat(Pairs(),
                   "SELECT apprentice_school_id, count(DISTINCT pair_id), count(DISTINCT teacher_id)"
                   " FROM apprentice GROUP BY apprentice_school_id ORDER BY apprentice_school_id LIMIT ",
                   kApprenticeSchoolsMax + 1)};
  return query;
}

const NamedQuery& MentorLogQuery() {
  static const NamedQuery query{
      "development_mentor_log",
      absl::StrCat(Pairs(),
                   "SELECT count(*), coalesce(sum(e.lesson_count), 0)::bigint"
                   " FROM pair JOIN {visible:mentor_log_entry e} ON e.mentor_pair_id = pair.id WHERE ",
                   Meets("e.happened_on", "e.happened_on"))};
  return query;
}

const NamedQuery& TrainingsQuery() {
  static const NamedQuery query{
      "development_trainings",
      absl::StrCat(
          Trainings(),
          "SELECT t.kind, t.audience, sum(coalesce(t.training_count, 1))::bigint,"
          " coalesce(sum(t.session_count), 0)::bigint, coalesce(sum(t.day_count), 0),"
          " coalesce(sum(t.lesson_count), 0)::bigint, (SELECT count(DISTINCT m.teacher_id)"
          " FROM {visible:training_participant m} JOIN training_there u ON u.id = m.training_id"
          " WHERE u.state = 'TRAINING_STATE_VERIFIED' AND u.kind = t.kind AND u.audience = t.audience)"
          " FROM training_there t WHERE ",
          kVerified, " GROUP BY t.kind, t.audience ORDER BY t.kind, t.audience")};
  return query;
}

const NamedQuery& TrainingFiguresQuery() {
  static const NamedQuery query{
      "development_training_figures",
      absl::StrCat(Trainings(), TrainingFigure("person", "distinct_person_count"), " UNION ALL ",
                   TrainingFigure("person_time", "person_time_count"), " UNION ALL ",
                   TrainingFigure("pupil", "reached_pupil_count"))};
  return query;
}

const NamedQuery& UnverifiedTrainingsQuery() {
  static const NamedQuery query{
      "development_unverified_trainings",
      absl::StrCat(Trainings(),
                   "SELECT coalesce(sum(coalesce(t.training_count, 1)), 0)::bigint FROM training_there t"
                   " WHERE t.state NOT IN ('TRAINING_STATE_VERIFIED', 'TRAINING_STATE_CANCELLED')")};
  return query;
}

const NamedQuery& StudiosQuery() {
  static const NamedQuery query{
      "development_studios",
      absl::StrCat(Studios(),
                   "SELECT s.kind, count(DISTINCT s.id), count(DISTINCT m.teacher_id),"
                   " count(DISTINCT c.organisation_id) FROM studio_there s"
                   " LEFT JOIN {visible:studio_member m} ON m.studio_id = s.id AND ",
                   IsMember("m"), " LEFT JOIN {visible:studio_campus c} ON c.studio_id = s.id AND ",
                   Meets("c.covered_from", "c.covered_to"), " GROUP BY s.kind ORDER BY s.kind")};
  return query;
}

const NamedQuery& StudioSessionsQuery() {
  static const NamedQuery query{
      "development_studio_sessions",
      absl::StrCat(Studios(),
                   "SELECT s.kind, sum(coalesce(e.session_count, 1))::bigint,"
                   " coalesce(sum(e.lesson_count), 0)::bigint, coalesce(sum(e.person_time_count), 0)::bigint,"
                   " e.person_time_count_comparison, count(e.person_time_count) FROM studio_there s"
                   " JOIN {visible:studio_session e} ON e.studio_id = s.id WHERE ",
                   Meets("e.held_on", "e.held_on"), " GROUP BY s.kind, e.person_time_count_comparison")};
  return query;
}

const NamedQuery& CommunitiesQuery() {
  static const NamedQuery query{
      "development_communities",
      absl::StrCat("SELECT c.kind, count(DISTINCT c.id), count(DISTINCT m.teacher_id)"
                   " FROM {visible:research_community c} LEFT JOIN {visible:research_community_member m}"
                   " ON m.research_community_id = c.id AND ",
                   IsMember("m"), " WHERE c.state IN ('GROUP_STATE_ACTIVE', 'GROUP_STATE_ENDED') AND ",
                   Meets("c.founded_on", "c.ended_on"), " AND ", EndIsKnown("c", "GROUP_STATE_ENDED"),
                   " AND $4::uuid IS NULL AND ", PlaceLiesThere("c"), " GROUP BY c.kind ORDER BY c.kind")};
  return query;
}

const NamedQuery& TalentQuery() {
  static const NamedQuery query{
      "development_talent",
      absl::StrCat(Cohorts(),
                   "SELECT c.kind, c.target_group, count(DISTINCT c.talent_programme_id), count(*),"
                   " coalesce(sum(c.quota_count), 0)::bigint, coalesce(sum(c.rural_quota_count), 0)::bigint,"
                   " (SELECT count(DISTINCT m.teacher_id) FROM {visible:talent_member m}"
                   " JOIN cohort d ON d.id = m.talent_cohort_id"
                   " WHERE d.kind = c.kind AND d.target_group = c.target_group AND ",
                   IsMember("m"),
                   ") FROM cohort c GROUP BY c.kind, c.target_group ORDER BY c.kind, c.target_group")};
  return query;
}

const NamedQuery& TalentFiguresQuery() {
  static const NamedQuery query{
      "development_talent_figures",
      absl::StrCat(Cohorts(),
                   "SELECT c.kind, c.target_group, sum(c.distinct_person_count)::bigint,"
                   " c.distinct_person_count_comparison, count(*) FROM cohort c"
                   " WHERE c.distinct_person_count IS NOT NULL"
                   " GROUP BY c.kind, c.target_group, c.distinct_person_count_comparison")};
  return query;
}

}  // namespace lianqiao::exchange
