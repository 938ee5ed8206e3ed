// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/lesson_statistics_service.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "lianqiao/resources/v1/lesson_statistics.pb.h"
#include "libs/resource/date_order.h"
#include "libs/resource/period_rules.h"
#include "services/resource-sharing/lesson_service.h"
#include "services/resource-sharing/party_on_day.h"

namespace lianqiao::resources {
namespace {

using postgres::Parameters;
using postgres::Result;
using resource::NamedQuery;
using resource::Reading;

// The school lies in $1; a copy of the registry's organisations.
std::string SchoolInPlace(const std::string& school_id) {
  return absl::StrCat(" JOIN registry_organisation o ON o.id = ", school_id,
                      " AND o.sync_scope && ARRAY[$1::uuid]");
}

// $1 the place, $2 the day. Rooms are those of the alliance, or, without naming it, of the schools that were
// its parties on that day. Parties follow a merger and rooms keep the school that they were made for: both
// are compared as the schools that they are today.
std::string SchoolPairs() {
  return absl::StrCat(
      "WITH served AS MATERIALIZED (SELECT p.*, ", SchoolSql("p.school_a_id"), " AS a_id, ",
      SchoolSql("p.school_b_id"),
      " AS b_id FROM {visible:remote_classroom_pair p} WHERE p.in_service_on <= $2::date"
      " AND (p.state = 'REMOTE_CLASSROOM_PAIR_STATE_IN_SERVICE' OR p.out_of_service_on >= $2::date)),"
      " party AS MATERIALIZED (SELECT m.id, m.alliance_id, ",
      SchoolSql("m.organisation_id"),
      " AS school_id FROM registry_membership m JOIN registry_alliance a ON a.id = m.alliance_id"
      " AND a.type = 'ALLIANCE_TYPE_SCHOOL_PAIR' WHERE m.organisation_id IS NOT NULL AND ",
      HeldOnDaySql("m", "$2::date"),
      "), school_pair AS (SELECT a.id, EXISTS (SELECT 1 FROM served s WHERE s.alliance_id = a.id)"
      " OR EXISTS (SELECT 1 FROM served s JOIN party ma ON ma.school_id = s.a_id"
      " JOIN party mb ON mb.school_id = s.b_id AND mb.id <> ma.id WHERE s.alliance_id IS NULL"
      " AND ma.alliance_id = a.id AND mb.alliance_id = a.id) AS covered FROM {visible:registry/alliance a} "
      "WHERE a.type = 'ALLIANCE_TYPE_SCHOOL_PAIR'"
      " AND a.sync_scope && ARRAY[$1::uuid] AND a.state NOT IN ('ALLIANCE_STATE_DRAFTED',"
      " 'ALLIANCE_STATE_AGREEMENT_SIGNED', 'ALLIANCE_STATE_FILED', 'ALLIANCE_STATE_ABANDONED')"
      " AND (a.active_on IS NULL OR a.active_on <= $2::date) AND CASE WHEN a.ended_on IS NULL"
      " THEN a.state NOT IN ('ALLIANCE_STATE_MERGED', 'ALLIANCE_STATE_DISSOLVED')"
      " ELSE a.ended_on >= $2::date END) ");
}

const NamedQuery& CoverageQuery() {
  static const NamedQuery query{
      "remote_classroom_coverage",
      absl::StrCat(
          SchoolPairs(),
          "SELECT (SELECT count(*) FROM school_pair), (SELECT count(*) FROM school_pair WHERE covered),"
          " (SELECT count(DISTINCT s.id) FROM served s JOIN registry_organisation o"
          " ON o.id IN (s.school_a_id, s.school_b_id) AND o.sync_scope && ARRAY[$1::uuid]),"
          " (SELECT count(DISTINCT o.id) FROM served s JOIN registry_organisation o"
          " ON o.id IN (s.school_a_id, s.school_b_id) AND o.sync_scope && ARRAY[$1::uuid]),"
          " (SELECT count(DISTINCT q.id) FROM {visible:remote_classroom_pair q}"
          " JOIN registry_organisation o ON o.id IN (q.school_a_id, q.school_b_id)"
          " AND o.sync_scope && ARRAY[$1::uuid]"
          " WHERE q.state = 'REMOTE_CLASSROOM_PAIR_STATE_PLANNED')")};
  return query;
}

const NamedQuery& UncoveredQuery() {
  static const NamedQuery query{
      "remote_classroom_uncovered",
      absl::StrCat(SchoolPairs(), "SELECT id FROM school_pair WHERE NOT covered ORDER BY id LIMIT 1000")};
  return query;
}

// $3 is the first day of the sessions.
const NamedQuery& SessionsQuery() {
  static const NamedQuery query{
      "remote_sessions",
      "SELECT count(*) FILTER (WHERE counts), count(*) FILTER (WHERE counts AND lesson),"
      " count(*) FILTER (WHERE failed) FROM (SELECT t.quality = 'REMOTE_SESSION_QUALITY_FAILED' AS failed,"
      " t.quality <> 'REMOTE_SESSION_QUALITY_FAILED' AS counts,"
      " t.purpose = 'REMOTE_SESSION_PURPOSE_LESSON' AS lesson FROM {visible:remote_session t}"
      " JOIN {visible:remote_classroom_pair p} ON p.id = t.remote_classroom_pair_id"
      " WHERE t.held_on BETWEEN $3::date AND $2::date AND t.purpose <> 'REMOTE_SESSION_PURPOSE_TEST_RUN'"
      " AND EXISTS (SELECT 1 FROM registry_organisation o WHERE o.id IN (p.school_a_id, p.school_b_id)"
      " AND o.sync_scope && ARRAY[$1::uuid])) sessions"};
  return query;
}

absl::StatusOr<v1::RemoteClassroomStatistics> GetRemoteClassroomStatistics(
    Reading& reading, const v1::GetRemoteClassroomStatisticsRequest& request) {
  v1::RemoteClassroomStatistics statistics;
  statistics.set_jurisdiction_id(request.jurisdiction_id());
  statistics.set_date(request.date().empty() ? reading.today() : request.date());
  statistics.set_from_on(request.from_on().empty() ? resource::ShiftDate(statistics.date(), -364)
                                                   : request.from_on());
  resource::Violations violations;
  resource::RequireOrder("fromOn", statistics.from_on(), "date", statistics.date(), &violations);
  RETURN_IF_ERROR(base::FailIfAny(violations));
  Parameters place_and_day;
  place_and_day.Text(statistics.jurisdiction_id()).Text(statistics.date());
  ASSIGN_OR_RETURN(const Result counts, reading.Query(CoverageQuery(), place_and_day));
  statistics.set_school_pair_count(counts.Integer(0, 0));
  statistics.set_covered_school_pair_count(counts.Integer(0, 1));
  if (statistics.school_pair_count() > 0)
    statistics.set_coverage(static_cast<double>(statistics.covered_school_pair_count()) /
                            static_cast<double>(statistics.school_pair_count()));
  statistics.set_in_service_pair_count(counts.Integer(0, 2));
  statistics.set_distinct_school_count(counts.Integer(0, 3));
  statistics.set_planned_pair_count(counts.Integer(0, 4));
  ASSIGN_OR_RETURN(const Result uncovered, reading.Query(UncoveredQuery(), place_and_day));
  for (int i = 0; i < uncovered.rows(); ++i) statistics.add_uncovered_alliance_ids(uncovered.Text(i, 0));
  Parameters period = place_and_day;
  period.Text(statistics.from_on());
  ASSIGN_OR_RETURN(const Result sessions, reading.Query(SessionsQuery(), period));
  statistics.set_session_count(sessions.Integer(0, 0));
  statistics.set_lesson_session_count(sessions.Integer(0, 1));
  statistics.set_failed_session_count(sessions.Integer(0, 2));
  return statistics;
}

// $1 the place, $2 to $3 the period, $4 today. The row without a mode is of all of them.
const NamedQuery& LessonsQuery() {
  static const NamedQuery query{
      "online_lessons_by_mode",
      absl::StrCat(
          "SELECT l.mode, count(*) FILTER (WHERE l.state = 'ONLINE_LESSON_STATE_PLANNED'),"
          " count(*) FILTER (WHERE l.state IN ('ONLINE_LESSON_STATE_HELD', 'ONLINE_LESSON_STATE_LOGGED')),"
          " count(*) FILTER (WHERE l.state = 'ONLINE_LESSON_STATE_MISSED'),"
          " count(*) FILTER (WHERE l.state = 'ONLINE_LESSON_STATE_MADE_UP'),"
          " count(*) FILTER (WHERE l.state = 'ONLINE_LESSON_STATE_CANCELLED'),"
          " count(*) FILTER (WHERE l.state = 'ONLINE_LESSON_STATE_PLANNED' AND l.lesson_date < $4::date),"
          " count(DISTINCT l.sender_school_id) FILTER (WHERE l.state IN ('ONLINE_LESSON_STATE_HELD',"
          " 'ONLINE_LESSON_STATE_LOGGED')) FROM {visible:online_lesson l}",
          SchoolInPlace("l.sender_school_id"),
          " WHERE l.lesson_date BETWEEN $2::date AND $3::date GROUP BY GROUPING SETS ((l.mode), ())")};
  return query;
}

// A reception of a lesson that the sender missed is missed with it, and made up with it. One that was
// confirmed for another hour waits for its answer again.
const NamedQuery& ReceptionsQuery() {
  static const NamedQuery query{
      "lesson_receptions",
      absl::StrCat(
          "SELECT count(*) FILTER (WHERE state = 'PROPOSED' OR state = 'CONFIRMED'"
          " AND current IS NOT TRUE AND lesson_state NOT IN ('MISSED', 'MADE_UP')),"
          " count(*) FILTER (WHERE state = 'CONFIRMED'"
          " AND current AND lesson_state NOT IN ('MISSED', 'MADE_UP')), count(*) FILTER (WHERE state = "
          "'HELD'),"
          " count(*) FILTER (WHERE state = 'MISSED' OR state = 'CONFIRMED' AND lesson_state = 'MISSED'),"
          " count(*) FILTER (WHERE state = 'MADE_UP' OR state = 'CONFIRMED' AND lesson_state = 'MADE_UP'),"
          " count(*) FILTER (WHERE state = 'DECLINED'),"
          " count(DISTINCT receiver_school_id) FILTER (WHERE state = 'HELD'),"
          " count(DISTINCT receiver_school_id) FILTER (WHERE state = 'HELD' AND rural),"
          " coalesce(sum(pupil_count) FILTER (WHERE state = 'HELD'), 0)"
          " FROM (SELECT r.receiver_school_id, r.pupil_count,"
          " replace(r.state, 'LESSON_RECEPTION_STATE_', '') AS state,"
          " replace(l.state, 'ONLINE_LESSON_STATE_', '') AS lesson_state, ",
          CurrentSql("r", "l"),
          " AS current,"
          " o.urban_rural_class IN ('URBAN_RURAL_CLASS_TOWNSHIP_CENTRE', 'URBAN_RURAL_CLASS_VILLAGE') AS "
          "rural"
          " FROM {visible:lesson_reception r} JOIN {visible:online_lesson l} ON l.id = r.online_lesson_id",
          SchoolInPlace("r.receiver_school_id"),
          " WHERE l.lesson_date BETWEEN $2::date AND $3::date"
          " AND l.state <> 'ONLINE_LESSON_STATE_CANCELLED') receptions")};
  return query;
}

void SetLessons(const Result& rows, int row, v1::OnlineLessonCounts* counts) {
  counts->set_planned_count(rows.Integer(row, 1));
  counts->set_held_count(rows.Integer(row, 2));
  counts->set_missed_count(rows.Integer(row, 3));
  counts->set_made_up_count(rows.Integer(row, 4));
  counts->set_cancelled_count(rows.Integer(row, 5));
  counts->set_overdue_count(rows.Integer(row, 6));
  counts->set_distinct_sender_school_count(rows.Integer(row, 7));
}

absl::StatusOr<v1::OnlineLessonStatistics> GetOnlineLessonStatistics(
    Reading& reading, const v1::GetOnlineLessonStatisticsRequest& request) {
  resource::Violations violations;
  resource::RequireOrder("fromOn", request.from_on(), "toOn", request.to_on(), &violations);
  RETURN_IF_ERROR(base::FailIfAny(violations));
  v1::OnlineLessonStatistics statistics;
  statistics.set_jurisdiction_id(request.jurisdiction_id());
  statistics.set_from_on(request.from_on());
  statistics.set_to_on(request.to_on());
  Parameters period;
  period.Text(request.jurisdiction_id()).Text(request.from_on()).Text(request.to_on());
  Parameters period_and_day = period;
  period_and_day.Text(reading.today());
  ASSIGN_OR_RETURN(const Result lessons, reading.Query(LessonsQuery(), period_and_day));
  for (int i = 0; i < lessons.rows(); ++i) {
    if (lessons.IsNull(i, 0)) {
      SetLessons(lessons, i, statistics.mutable_lessons());
      continue;
    }
    v1::LessonMode mode = v1::LESSON_MODE_UNSPECIFIED;
    v1::LessonMode_Parse(lessons.Text(i, 0), &mode);
    v1::OnlineLessonModeCounts& entry = *statistics.add_modes();
    entry.set_mode(mode);
    SetLessons(lessons, i, entry.mutable_lessons());
  }
  std::sort(statistics.mutable_modes()->begin(), statistics.mutable_modes()->end(),
            [](const auto& a, const auto& b) { return a.mode() < b.mode(); });
  ASSIGN_OR_RETURN(const Result receptions, reading.Query(ReceptionsQuery(), period));
  v1::LessonReceptionCounts& counts = *statistics.mutable_receptions();
  counts.set_proposed_count(receptions.Integer(0, 0));
  counts.set_confirmed_count(receptions.Integer(0, 1));
  counts.set_held_count(receptions.Integer(0, 2));
  counts.set_missed_count(receptions.Integer(0, 3));
  counts.set_made_up_count(receptions.Integer(0, 4));
  counts.set_declined_count(receptions.Integer(0, 5));
  counts.set_distinct_receiver_school_count(receptions.Integer(0, 6));
  counts.set_distinct_rural_receiver_school_count(receptions.Integer(0, 7));
  counts.set_pupil_time_count(receptions.Integer(0, 8));
  return statistics;
}

}  // namespace

void AddLessonStatistics(resource::Service& service) {
  service.on("lianqiao.resources.v1.RemoteClassroomStatisticsService", "GetRemoteClassroomStatistics",
             GetRemoteClassroomStatistics);
  service.on("lianqiao.resources.v1.OnlineLessonStatisticsService", "GetOnlineLessonStatistics",
             GetOnlineLessonStatistics);
}

}  // namespace lianqiao::resources
