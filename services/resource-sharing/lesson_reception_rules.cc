// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/lesson_reception_rules.h"

#include <string>

#include "libs/resource/date_order.h"
#include "libs/resource/record_content.h"
#include "services/resource-sharing/lesson_hours.h"

namespace lianqiao::resources {
namespace {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::FactRow;
using resource::Facts;
using resource::Violations;
using v1::LessonReception;

const FactRow* First(const Facts& facts, const std::string& query) {
  const auto& rows = facts.rows(query);
  return rows.empty() ? nullptr : &rows.front();
}

bool IsConfirmed(v1::LessonReceptionState state) {
  return state != v1::LESSON_RECEPTION_STATE_UNSPECIFIED && state != v1::LESSON_RECEPTION_STATE_PROPOSED &&
         state != v1::LESSON_RECEPTION_STATE_DECLINED;
}

bool NeedsItsHour(const LessonReception& reception) {
  return reception.state() == v1::LESSON_RECEPTION_STATE_CONFIRMED ||
         reception.state() == v1::LESSON_RECEPTION_STATE_HELD;
}

bool IsPast(v1::LessonReceptionState state) {
  return state == v1::LESSON_RECEPTION_STATE_HELD || state == v1::LESSON_RECEPTION_STATE_MISSED ||
         state == v1::LESSON_RECEPTION_STATE_MADE_UP;
}

bool IsRecorded(const FactRow& lesson) {
  return lesson.Text("mode") == "LESSON_MODE_RECORDED";
}

bool IsGiven(const FactRow& lesson) {
  const std::string state = lesson.Text("state");
  return state == "ONLINE_LESSON_STATE_HELD" || state == "ONLINE_LESSON_STATE_LOGGED";
}

LessonHours HoursOf(const LessonReception& reception) {
  return {reception.id(),
          reception.confirmed_date(),
          reception.confirmed_from(),
          reception.confirmed_until(),
          reception.receiver_school_id(),
          reception.room(),
          reception.class_name(),
          reception.assistant_teacher_id()};
}

void CheckReceiver(const LessonReception& reception, const FactRow& lesson, const Facts& facts,
                   Violations* violations) {
  const std::string& school = reception.receiver_school_id();
  if (school == lesson.Text("sender_school_id")) {
    violations->push_back(
        RefuseRule("receiverSchoolId", "主讲学校不能接收自己的课", "is the school that sends the lesson"));
    return;
  }
  const bool takes_part = lesson.Boolean("on_pair")
                              ? school == lesson.Text("school_a_id") || school == lesson.Text("school_b_id")
                              : First(facts, "party") != nullptr;
  if (!takes_part)
    violations->push_back(RefuseRule("receiverSchoolId", "当日不是该联盟的成员或该对远程互动教室的学校",
                                     "is no party of the lesson's alliance or pair on that day"));
}

void CheckPlaying(const LessonReception& reception, const FactRow& lesson, Violations* violations) {
  const bool plays =
      !reception.plays_on().empty() || !reception.plays_from().empty() || !reception.plays_until().empty();
  if (!IsRecorded(lesson)) {
    if (plays)
      violations->push_back(RefuseRule("playsOn", "只有录播课可另定播放时间",
                                       "is for recorded lessons: this one is received when it is given"));
    return;
  }
  resource::RequireOrder("lessonDate", lesson.Text("lesson_date"), "playsOn", reception.plays_on(),
                         violations);
  if (!reception.plays_from().empty() && !reception.plays_until().empty() &&
      reception.plays_until() <= reception.plays_from())
    violations->push_back(RefuseRule("playsUntil", "结束时间必须晚于开始时间", "is not after the start"));
}

// What a school knows of its own hour once it has said yes.
void CheckConfirmed(const LessonReception& reception, const FactRow& lesson, const Facts& facts,
                    Violations* violations) {
  const auto require = [&](const char* field, const std::string& value) {
    if (value.empty()) violations->push_back(Refuse(field, ErrorReason::FIELD_REQUIRED));
  };
  require("bellScheduleId", reception.bell_schedule_id());
  require("className", reception.class_name());
  require("room", reception.room());
  if (IsRecorded(lesson)) {
    require("playsOn", reception.plays_on());
    require("playsFrom", reception.plays_from());
    require("playsUntil", reception.plays_until());
  }
  const FactRow* schedule = First(facts, "schedule");
  if (schedule != nullptr && schedule->Text("school_id") != reception.receiver_school_id())
    violations->push_back(
        RefuseRule("bellScheduleId", "不是接收学校的作息时间表", "is another school's bell schedule"));
}

void CheckJoining(const FactRow& lesson, const Facts& facts, Violations* violations) {
  const int64_t most = lesson.Integer("max_receiver_count");
  const FactRow* others = First(facts, "others");
  if (most > 0 && others != nullptr && others->Integer("school_count") >= most)
    violations->push_back(
        RefuseRule("onlineLessonId", "接收学校已满", "has as many receiving schools as it takes"));
}

// Also the count: the hour of a lesson that was moved away was free, and may be taken when it comes back.
bool IsCurrent(const LessonReception& reception, const FactRow& lesson) {
  return IsRecorded(lesson) || (reception.confirmed_move_count() == lesson.Integer("move_count") &&
                                reception.confirmed_date() == lesson.Text("lesson_date") &&
                                reception.confirmed_from() == lesson.Text("starts_at") &&
                                reception.confirmed_until() == lesson.Text("ends_at"));
}

void CheckStep(const LessonReception& after, const FactRow& lesson, const Facts& facts,
               Violations* violations) {
  const std::string& method = facts.method();
  if (after.state() == v1::LESSON_RECEPTION_STATE_HELD && !IsGiven(lesson))
    violations->push_back(RefuseRule("onlineLessonId", "线上课未开课,不能登记为已接收",
                                     "was not given, or has not been reported as given yet"));
  if (IsPast(after.state()) && after.confirmed_date() > facts.today())
    violations->push_back(RefuseRule("confirmedDate", "上课日期未到", "lies ahead"));
  if (method == "HoldLessonReception" && !IsCurrent(after, lesson))
    violations->push_back(RefuseRule("confirmedDate", "课已调整时间,请重新确认",
                                     "is not when the lesson was given: it has been moved since"));
  if (method == "HoldLessonReception" && !after.has_pupil_count())
    violations->push_back(Refuse("pupilCount", ErrorReason::FIELD_REQUIRED));
  if (method == "MakeUpLessonReception" && after.make_up_note().empty())
    violations->push_back(Refuse("makeUpNote", ErrorReason::FIELD_REQUIRED));
  resource::RequireOrder("confirmedDate", after.confirmed_date(), "madeUpOn", after.made_up_on(), violations);
}

void CheckSettled(const LessonReception& before, const LessonReception& after, const Facts& facts,
                  Violations* violations) {
  if (!resource::IsEdit(facts) || !IsPast(before.state())) return;
  if (resource::ContentDiffers(before, after, {"feedback", "pupil_count", "make_up_note"}))
    violations->push_back(RefuseRule("state", "接收情况已登记,除人数、反馈与补课方式外不得修改",
                                     "has settled the reception: only what is told of it may change"));
}

}  // namespace

void FillLessonReception(LessonReception* reception, const Facts& facts) {
  const FactRow* lesson = First(facts, "lesson");
  if (lesson == nullptr) return;
  if (lesson->Boolean("on_pair") && (!IsPast(reception->state()) || reception->room().empty())) {
    const std::string& school = reception->receiver_school_id();
    if (school == lesson->Text("school_a_id")) reception->set_room(lesson->Text("room_a"));
    if (school == lesson->Text("school_b_id")) reception->set_room(lesson->Text("room_b"));
  }
  if (!IsConfirmed(reception->state())) {
    reception->clear_confirmed_date();
    reception->clear_confirmed_from();
    reception->clear_confirmed_until();
    reception->clear_confirmed_move_count();
  } else if (IsRecorded(*lesson)) {
    reception->set_confirmed_date(reception->plays_on());
    reception->set_confirmed_from(reception->plays_from());
    reception->set_confirmed_until(reception->plays_until());
  } else if (facts.method() == "ConfirmLessonReception" || reception->confirmed_date().empty()) {
    reception->set_confirmed_date(lesson->Text("lesson_date"));
    reception->set_confirmed_from(lesson->Text("starts_at"));
    reception->set_confirmed_until(lesson->Text("ends_at"));
    reception->set_confirmed_move_count(static_cast<int32_t>(lesson->Integer("move_count")));
  }
}

Violations CheckLessonReception(const LessonReception* before, const LessonReception& after,
                                const Facts& facts) {
  Violations violations;
  const FactRow* lesson = First(facts, "lesson");
  if (lesson == nullptr) return violations;
  const bool anew = before == nullptr || before->has_delete_time();
  if (anew) CheckReceiver(after, *lesson, facts, &violations);
  const bool made = before == nullptr && !facts.imports();
  const bool agrees = made || facts.method() == "ConfirmLessonReception";
  // Moved on its very day, and the class was there: a school that had agreed says so afterwards.
  const bool late =
      before != nullptr && before->state() == v1::LESSON_RECEPTION_STATE_CONFIRMED && IsGiven(*lesson);
  if (agrees && !late && !IsPast(after.state()) && lesson->Text("state") != "ONLINE_LESSON_STATE_PLANNED")
    violations.push_back(
        RefuseRule("onlineLessonId", "线上课已开、未开或已取消", "is no lesson that is still planned"));
  CheckPlaying(after, *lesson, &violations);
  if (IsConfirmed(after.state())) CheckConfirmed(after, *lesson, facts, &violations);
  CheckStep(after, *lesson, facts, &violations);
  if (before != nullptr) CheckSettled(*before, after, facts, &violations);
  const bool needed = !anew && NeedsItsHour(*before);
  // A confirmation that counts no longer holds neither place nor hour, until it is given anew.
  const bool had_place =
      needed && (before->state() == v1::LESSON_RECEPTION_STATE_HELD || IsCurrent(*before, *lesson));
  const bool has_place =
      NeedsItsHour(after) && (after.state() == v1::LESSON_RECEPTION_STATE_HELD || IsCurrent(after, *lesson));
  if (has_place && !had_place) CheckJoining(*lesson, facts, &violations);
  // The same hours again after the lesson was away are taken anew.
  const bool takes_hour = NeedsItsHour(after) && IsCurrent(after, *lesson) &&
                          (!needed || !(HoursOf(*before) == HoursOf(after)) ||
                           before->confirmed_move_count() != after.confirmed_move_count());
  if (violations.empty() && takes_hour)
    RefuseConflicts(HoursOf(after), facts, {"room", "className", "assistantTeacherId"}, &violations);
  return violations;
}

}  // namespace lianqiao::resources
