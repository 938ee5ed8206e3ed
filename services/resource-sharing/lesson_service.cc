// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/lesson_service.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lianqiao/type/v1/standard.pb.h"
#include "libs/base/ids.h"
#include "libs/resource/wrong_state.h"
#include "services/resource-sharing/lesson_reception_rules.h"
#include "services/resource-sharing/online_lesson_rules.h"
#include "services/resource-sharing/party_on_day.h"
#include "services/resource-sharing/weekly_dates.h"

namespace lianqiao::resources {
namespace {

using postgres::Parameters;
using resource::FactQuery;
using resource::NamedQuery;
using resource::Writing;
using v1::LessonReception;
using v1::OnlineLesson;

// What needs a school or a teacher on a day: lessons that are sent there, and receptions whose confirmation
// still says when the lesson is. Each argument is an SQL expression; `other` leaves out more receptions. Both
// halves stand on an index by school and one by teacher.
std::string TakenSql(const std::string& id, const std::string& school_id, const std::string& teacher_id,
                     const std::string& day, const std::string& other) {
  return absl::StrCat(
      "SELECT 'online_lesson' AS record, t.id, t.sender_school_id AS school_id, t.room, t.class_name,"
      " t.lesson_teacher_id AS teacher_id, t.starts_at, t.ends_at FROM online_lesson t"
      " WHERE t.lesson_date = ",
      day, " AND (t.sender_school_id = ", school_id, " OR t.lesson_teacher_id = ", teacher_id,
      ") AND t.id <> ", id,
      " AND t.delete_time IS NULL AND t.state IN ('ONLINE_LESSON_STATE_PLANNED', 'ONLINE_LESSON_STATE_HELD',"
      " 'ONLINE_LESSON_STATE_LOGGED')"
      " UNION ALL SELECT 'lesson_reception', r.id, r.receiver_school_id, r.room, r.class_name,"
      " r.assistant_teacher_id, r.confirmed_from, r.confirmed_until FROM lesson_reception r"
      " JOIN online_lesson s ON s.id = r.online_lesson_id WHERE r.confirmed_date = ",
      day, " AND (r.receiver_school_id = ", school_id, " OR r.assistant_teacher_id = ", teacher_id,
      ") AND r.id <> ", id, other,
      " AND r.delete_time IS NULL AND (r.state = 'LESSON_RECEPTION_STATE_HELD'"
      " OR r.state = 'LESSON_RECEPTION_STATE_CONFIRMED' AND s.state NOT IN ('ONLINE_LESSON_STATE_MISSED',"
      " 'ONLINE_LESSON_STATE_MADE_UP', 'ONLINE_LESSON_STATE_CANCELLED') AND ",
      CurrentSql("r", "s"), ")");
}

// The reception (an alias) takes one of the places of its lesson.
std::string HoldsPlaceSql(const std::string& reception, const std::string& lesson) {
  return absl::StrCat("(", reception, ".state = 'LESSON_RECEPTION_STATE_HELD' OR ", reception,
                      ".state = 'LESSON_RECEPTION_STATE_CONFIRMED' AND ", CurrentSql(reception, lesson), ")");
}

FactQuery ScheduleOfPeriod() {
  return {
      "schedule",
      "SELECT b.school_id, p.starts_at, p.ends_at FROM bell_schedule b LEFT JOIN LATERAL"
      " (SELECT e.value->>'starts_at' AS starts_at, e.value->>'ends_at' AS ends_at"
      " FROM jsonb_array_elements(b.periods) AS e (value) WHERE (e.value->>'number')::int = $2::int LIMIT 1)"
      " p ON true WHERE b.id = $1::uuid",
      {"bell_schedule_id", "period"},
      {}};
}

void AddOnlineLessons(resource::Resource<OnlineLesson>& lessons) {
  lessons.facts(ScheduleOfPeriod())
      .facts({"party",
              absl::StrCat("SELECT 1 AS found WHERE ", PartyOnDaySql("$1::uuid", "$2::uuid", "$3::date")),
              {"alliance_id", "sender_school_id", "lesson_date"},
              {}})
      .facts({"pair",
              "SELECT p.school_a_id, p.school_b_id, p.room_a, p.room_b, p.state, p.in_service_on,"
              " p.out_of_service_on FROM remote_classroom_pair p WHERE p.id = $1::uuid",
              {"remote_classroom_pair_id"},
              {},
              true})
      .facts({"stored",
              "SELECT o.lesson_date, o.starts_at, o.ends_at, o.move_count FROM online_lesson o"
              " WHERE o.id = $1::uuid",
              {"id"},
              {}})
      .facts({"term",
              "SELECT t.starts_on, t.ends_on FROM registry_term t WHERE t.id = $1::uuid",
              {"term_id"},
              {},
              true})
      .facts({"missed",
              "SELECT m.sender_school_id, m.state, m.lesson_date FROM online_lesson m WHERE m.id = $1::uuid",
              {"makes_up_for_id"},
              {},
              true})
      .facts({"made_up",
              "SELECT 1 AS found FROM online_lesson m WHERE m.makes_up_for_id = $1::uuid"
              " AND m.delete_time IS NULL AND m.state IN ('ONLINE_LESSON_STATE_HELD',"
              " 'ONLINE_LESSON_STATE_LOGGED') LIMIT 1",
              {"id"},
              {"MakeUpOnlineLesson"}})
      .facts(
          {"confirmed",
           absl::StrCat("SELECT count(DISTINCT r.receiver_school_id) FILTER (WHERE ", HoldsPlaceSql("r", "s"),
                        ") AS school_count, count(*) FILTER (WHERE r.state <>"
                        " 'LESSON_RECEPTION_STATE_DECLINED') AS asked_count FROM lesson_reception r"
                        " JOIN online_lesson s ON s.id = r.online_lesson_id"
                        " WHERE r.online_lesson_id = $1::uuid AND r.delete_time IS NULL"),
           {"id"},
           {"UpdateOnlineLesson", "BatchUpsertOnlineLessons"}})
      .facts(
          {"taken", TakenByLessonSql(), {"id", "sender_school_id", "lesson_teacher_id", "lesson_date"}, {}})
      .derives(FillOnlineLesson)
      .rules(CheckOnlineLesson);
}

// No transition: a confirmation of an hour that is no longer the lesson's is given again.
absl::StatusOr<LessonReception> ConfirmLessonReception(Writing& writing,
                                                       const type::v1::TransitionRequest& request) {
  ASSIGN_OR_RETURN(LessonReception reception, writing.Load<LessonReception>(request.id(), request.etag()));
  switch (reception.state()) {
    case v1::LESSON_RECEPTION_STATE_PROPOSED:
    case v1::LESSON_RECEPTION_STATE_CONFIRMED:
    case v1::LESSON_RECEPTION_STATE_DECLINED:
      break;
    default:
      return resource::WrongState(reception.state(), "PROPOSED, CONFIRMED, DECLINED");
  }
  reception.set_state(v1::LESSON_RECEPTION_STATE_CONFIRMED);
  RETURN_IF_ERROR(writing.Update(&reception));
  return reception;
}

void AddLessonReceptions(resource::Service& service) {
  // A recorded lesson is received when the school plays it.
  const std::string day =
      "(SELECT CASE d.mode WHEN 'LESSON_MODE_RECORDED' THEN $5::date ELSE d.lesson_date END"
      " FROM online_lesson d WHERE d.id = $4::uuid)";
  resource::Resource<LessonReception>(service)
      .facts(
          {"lesson",
           "SELECT l.sender_school_id, l.mode, l.lesson_date, l.starts_at, l.ends_at, l.move_count, l.state,"
           " l.max_receiver_count, l.remote_classroom_pair_id IS NOT NULL AS on_pair, p.school_a_id,"
           " p.school_b_id, p.room_a, p.room_b FROM online_lesson l LEFT JOIN remote_classroom_pair p"
           " ON p.id = l.remote_classroom_pair_id WHERE l.id = $1::uuid",
           {"online_lesson_id"},
           {}})
      .facts({"party",
              absl::StrCat("SELECT 1 AS found FROM online_lesson l WHERE l.id = $1::uuid AND ",
                           PartyOnDaySql("l.alliance_id", "$2::uuid", "l.lesson_date")),
              {"online_lesson_id", "receiver_school_id"},
              {}})
      .facts({"schedule",
              "SELECT b.school_id FROM bell_schedule b WHERE b.id = $1::uuid",
              {"bell_schedule_id"},
              {},
              true})
      .facts({"others",
              absl::StrCat("SELECT count(DISTINCT r.receiver_school_id) AS school_count"
                           " FROM lesson_reception r JOIN online_lesson s ON s.id = r.online_lesson_id"
                           " WHERE r.online_lesson_id = $1::uuid AND r.receiver_school_id <> $2::uuid"
                           " AND r.delete_time IS NULL AND ",
                           HoldsPlaceSql("r", "s")),
              {"online_lesson_id", "receiver_school_id"},
              {}})
      // Classes of a school that see one lesson may sit together.
      .facts({"taken",
              TakenSql("$1::uuid", "$2::uuid", "$3::uuid", day, " AND r.online_lesson_id <> $4::uuid"),
              {"id", "receiver_school_id", "assistant_teacher_id", "online_lesson_id", "plays_on"},
              {}})
      .derives(FillLessonReception)
      .rules(CheckLessonReception)
      .on("ConfirmLessonReception", ConfirmLessonReception);
}

absl::StatusOr<v1::PlanWeeklyOnlineLessonsResponse> PlanWeeklyOnlineLessons(
    Writing& writing, const v1::PlanWeeklyOnlineLessonsRequest& request) {
  resource::Violations violations;
  const std::vector<std::string> dates = WeeklyDates(request, &violations);
  RETURN_IF_ERROR(base::FailIfAny(violations));
  const std::string series_id = base::NewId(writing.now());
  v1::PlanWeeklyOnlineLessonsResponse response;
  for (const std::string& date : dates) {
    OnlineLesson lesson = request.online_lesson();
    lesson.clear_id();
    lesson.clear_delete_time();
    lesson.clear_external_ids();
    lesson.set_lesson_date(date);
    lesson.set_series_id(series_id);
    lesson.set_state(v1::ONLINE_LESSON_STATE_PLANNED);
    RETURN_IF_ERROR(writing.Create(&lesson));
    *response.add_online_lessons() = std::move(lesson);
  }
  return response;
}

absl::StatusOr<v1::InviteLessonReceiversResponse> InviteLessonReceivers(
    Writing& writing, const v1::InviteLessonReceiversRequest& request) {
  // Of any state and whoever may read them: who has answered is not asked again.
  static const NamedQuery kAsked{"schools_asked",
                                 "SELECT DISTINCT r.receiver_school_id FROM lesson_reception r"
                                 " WHERE r.online_lesson_id = $1::uuid AND r.delete_time IS NULL"};
  ASSIGN_OR_RETURN(const OnlineLesson lesson, writing.Load<OnlineLesson>(request.id(), request.etag()));
  ASSIGN_OR_RETURN(const postgres::Result rows, writing.Query(kAsked, Parameters().Text(lesson.id())));
  std::set<std::string> asked;
  for (int i = 0; i < rows.rows(); ++i) asked.insert(rows.Text(i, 0));
  v1::InviteLessonReceiversResponse response;
  for (const std::string& school_id : request.receiver_school_ids()) {
    if (!asked.insert(school_id).second) continue;
    LessonReception reception;
    reception.set_online_lesson_id(lesson.id());
    reception.set_receiver_school_id(school_id);
    reception.set_state(v1::LESSON_RECEPTION_STATE_PROPOSED);
    RETURN_IF_ERROR(writing.Create(&reception));
    *response.add_lesson_receptions() = std::move(reception);
  }
  return response;
}

}  // namespace

std::string CurrentSql(const std::string& reception, const std::string& lesson) {
  const std::string& l = lesson;
  const std::string& r = reception;
  return absl::StrCat("(", l, ".mode = 'LESSON_MODE_RECORDED' OR (", l, ".move_count, ", l, ".lesson_date, ",
                      l, ".starts_at, ", l, ".ends_at) = (", r, ".confirmed_move_count, ", r,
                      ".confirmed_date, ", r, ".confirmed_from, ", r, ".confirmed_until))");
}

std::string TakenByLessonSql() {
  return TakenSql("$1::uuid", "$2::uuid", "$3::uuid", "$4::date", "");
}

void AddLessons(resource::Service& service) {
  resource::Resource<v1::BellSchedule>(service).facts(SchoolFacts()).rules(CheckBellSchedule);
  resource::Resource<OnlineLesson> lessons(service);
  AddOnlineLessons(lessons);
  lessons.on("PlanWeeklyOnlineLessons", PlanWeeklyOnlineLessons)
      .on("InviteLessonReceivers", InviteLessonReceivers);
  AddLessonReceptions(service);
}

}  // namespace lianqiao::resources
