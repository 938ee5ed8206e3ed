// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/online_lesson_rules.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
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
using v1::OnlineLesson;

const FactRow* First(const Facts& facts, const std::string& query) {
  const auto& rows = facts.rows(query);
  return rows.empty() ? nullptr : &rows.front();
}

bool NeedsItsHour(const OnlineLesson& lesson) {
  return lesson.state() == v1::ONLINE_LESSON_STATE_PLANNED ||
         lesson.state() == v1::ONLINE_LESSON_STATE_HELD || lesson.state() == v1::ONLINE_LESSON_STATE_LOGGED;
}

// Its day has come: what happened on it is known.
bool IsPast(v1::OnlineLessonState state) {
  return state == v1::ONLINE_LESSON_STATE_HELD || state == v1::ONLINE_LESSON_STATE_LOGGED ||
         state == v1::ONLINE_LESSON_STATE_MISSED || state == v1::ONLINE_LESSON_STATE_MADE_UP;
}

LessonHours HoursOf(const OnlineLesson& lesson) {
  return {lesson.id(),         lesson.lesson_date(),      lesson.starts_at(),
          lesson.ends_at(),    lesson.sender_school_id(), lesson.room(),
          lesson.class_name(), lesson.lesson_teacher_id()};
}

void CheckOwner(const OnlineLesson& lesson, const Facts& facts, Violations* violations) {
  if (lesson.alliance_id().empty() == lesson.remote_classroom_pair_id().empty()) {
    violations->push_back(
        lesson.alliance_id().empty()
            ? Refuse("allianceId", ErrorReason::FIELD_REQUIRED)
            : Refuse("remoteClassroomPairId", ErrorReason::FIELD_CONFLICT, {{"other", "allianceId"}}));
    return;
  }
  if (!lesson.alliance_id().empty()) {
    if (First(facts, "party") == nullptr)
      violations->push_back(RefuseRule("senderSchoolId", "主讲学校当日不是该联盟的成员",
                                       "is no party of the alliance on that day"));
    return;
  }
  const FactRow* pair = First(facts, "pair");
  if (pair == nullptr) return;
  if (lesson.sender_school_id() != pair->Text("school_a_id") &&
      lesson.sender_school_id() != pair->Text("school_b_id"))
    violations->push_back(RefuseRule("senderSchoolId", "主讲学校不属于该对远程互动教室",
                                     "is none of the two schools of the remote-classroom pair"));
  const std::string ended = pair->Text("out_of_service_on");
  const bool begun = pair->Text("state") != "REMOTE_CLASSROOM_PAIR_STATE_PLANNED" &&
                     pair->Text("in_service_on") <= lesson.lesson_date();
  if (!begun || (!ended.empty() && ended < lesson.lesson_date()))
    violations->push_back(RefuseRule("lessonDate", "远程互动教室当日未启用或已停用",
                                     "is a day on which the remote classrooms are not in service"));
}

void CheckHours(const OnlineLesson& lesson, const Facts& facts, Violations* violations) {
  const FactRow* schedule = First(facts, "schedule");
  if (schedule != nullptr && schedule->Text("school_id") != lesson.sender_school_id())
    violations->push_back(
        RefuseRule("bellScheduleId", "不是主讲学校的作息时间表", "is another school's bell schedule"));
  if (schedule != nullptr && lesson.period() > 0 && schedule->Text("starts_at").empty())
    violations->push_back(
        RefuseRule("period", "作息时间表中没有该节次", "is no period of the bell schedule"));
  for (const auto& [field, value] :
       {std::make_pair("startsAt", lesson.starts_at()), std::make_pair("endsAt", lesson.ends_at())}) {
    if (value.empty()) violations->push_back(Refuse(field, ErrorReason::FIELD_REQUIRED));
  }
  if (!lesson.starts_at().empty() && !lesson.ends_at().empty() && lesson.ends_at() <= lesson.starts_at())
    violations->push_back(RefuseRule("endsAt", "结束时间必须晚于开始时间", "is not after the start"));
  const FactRow* term = First(facts, "term");
  if (term != nullptr &&
      (lesson.lesson_date() < term->Text("starts_on") || lesson.lesson_date() > term->Text("ends_on")))
    violations->push_back(RefuseRule("lessonDate", "日期不在该学期内", "does not lie in the term"));
}

void CheckMakingUp(const OnlineLesson& lesson, const Facts& facts, Violations* violations) {
  const FactRow* missed = First(facts, "missed");
  if (missed == nullptr) return;
  const std::string state = missed->Text("state");
  if (missed->Text("sender_school_id") != lesson.sender_school_id())
    violations->push_back(
        RefuseRule("makesUpForId", "补课须由同一主讲学校开设", "is another school's lesson"));
  if (state != "ONLINE_LESSON_STATE_MISSED" && state != "ONLINE_LESSON_STATE_MADE_UP")
    violations->push_back(RefuseRule("makesUpForId", "只能补未开的课", "is no lesson that was missed"));
  if (lesson.lesson_date() < missed->Text("lesson_date"))
    violations->push_back(
        RefuseRule("lessonDate", "补课不得早于原课日期", "is before the day of the lesson that was missed"));
}

// What somebody edits may no longer be changed once it has happened, but for how it is told.
void CheckSettled(const OnlineLesson& before, const OnlineLesson& after, const Facts& facts,
                  Violations* violations) {
  if (!resource::IsEdit(facts) || before.state() == v1::ONLINE_LESSON_STATE_PLANNED) return;
  std::vector<std::string> open = {"recording_url", "shows_minors", "consent_basis"};
  if (before.state() == v1::ONLINE_LESSON_STATE_HELD) {
    open.push_back("summary");
    open.push_back("pupil_count");
  }
  if (resource::ContentDiffers(before, after, open))
    violations->push_back(RefuseRule("state", "课已结束,除教学记录与实录外不得修改",
                                     "has settled the lesson: only its log and its recording may change"));
}

void CheckStep(const OnlineLesson& after, const Facts& facts, Violations* violations) {
  if (IsPast(after.state()) && after.lesson_date() > facts.today())
    violations->push_back(
        RefuseRule("lessonDate", "上课日期未到", "lies ahead: nothing has become of the lesson yet"));
  if (facts.method() == "CancelOnlineLesson" && after.lesson_date() < facts.today())
    violations->push_back(RefuseRule("lessonDate", "上课日期已过,请登记为未开课",
                                     "has passed: the lesson was missed rather than cancelled"));
  if (facts.method() == "LogOnlineLesson" && after.summary().empty())
    violations->push_back(Refuse("summary", ErrorReason::FIELD_REQUIRED));
  if (facts.method() == "MakeUpOnlineLesson" && First(facts, "made_up") == nullptr)
    violations->push_back(
        RefuseRule("madeUpOn", "没有已开的补课", "needs another lesson, held to make up for it"));
  resource::RequireOrder("lessonDate", after.lesson_date(), "loggedOn", after.logged_on(), violations);
  resource::RequireOrder("lessonDate", after.lesson_date(), "madeUpOn", after.made_up_on(), violations);
}

// A recorded lesson is received when each school plays it, any other when it is given: that is what they have
// been asked for.
void CheckMode(const OnlineLesson& before, const OnlineLesson& after, const Facts& facts,
               Violations* violations) {
  const bool was = before.mode() == v1::LESSON_MODE_RECORDED;
  const bool is = after.mode() == v1::LESSON_MODE_RECORDED;
  const FactRow* receptions = First(facts, "confirmed");
  if (was != is && receptions != nullptr && receptions->Integer("asked_count") > 0)
    violations->push_back(RefuseRule("mode", "已有学校受邀或接收,不得在录播与其他方式之间更改",
                                     "turns to or from a recording while schools are asked or receive it"));
}

void CheckRecording(const OnlineLesson& lesson, Violations* violations) {
  if (!lesson.recording_url().empty() && lesson.shows_minors() && lesson.consent_basis().empty())
    violations->push_back(
        RefuseRule("consentBasis", "含未成年人影像的实录未经同意不得离开录制学校",
                   "is missing: without consent a recording of minors stays in the school"));
}

}  // namespace

Violations CheckBellSchedule(const v1::BellSchedule* before, const v1::BellSchedule& after,
                             const Facts& facts) {
  Violations violations;
  const FactRow* school = First(facts, "school");
  if (before == nullptr && school != nullptr && !school->Boolean("teaches"))
    violations.push_back(RefuseRule("schoolId", "不是学校", "is no school"));
  for (int i = 0; i < after.periods_size(); ++i) {
    const v1::BellPeriod& period = after.periods(i);
    const std::string path = absl::StrCat("periods[", i, "]");
    if (period.ends_at() <= period.starts_at())
      violations.push_back(
          RefuseRule(path + ".endsAt", "结束时间必须晚于开始时间", "is not after the start"));
    for (int j = 0; j < i; ++j) {
      const v1::BellPeriod& other = after.periods(j);
      if (period.number() == other.number())
        violations.push_back(RefuseRule(path + ".number", "节次重复", "stands there twice"));
      if (period.starts_at() < other.ends_at() && other.starts_at() < period.ends_at())
        violations.push_back(RefuseRule(path, "与其他节次时间重叠", "overlaps another period"));
    }
  }
  return violations;
}

void FillOnlineLesson(OnlineLesson* lesson, const Facts& facts) {
  lesson->set_weekday(static_cast<v1::Weekday>(WeekdayOf(lesson->lesson_date())));
  // When it was and where stays what it was, whatever has become of the bells and the rooms since.
  const bool planned = lesson->state() == v1::ONLINE_LESSON_STATE_PLANNED;
  const FactRow* schedule = First(facts, "schedule");
  const bool period = lesson->period() > 0 && schedule != nullptr && !schedule->Text("starts_at").empty();
  if (period && (planned || lesson->starts_at().empty())) {
    lesson->set_starts_at(schedule->Text("starts_at"));
    lesson->set_ends_at(schedule->Text("ends_at"));
  }
  // Counted from what is stored: what a client says of it does not count.
  const FactRow* stored = First(facts, "stored");
  const bool moved = stored != nullptr && (stored->Text("lesson_date") != lesson->lesson_date() ||
                                           stored->Text("starts_at") != lesson->starts_at() ||
                                           stored->Text("ends_at") != lesson->ends_at());
  const int64_t moves = stored == nullptr ? 0 : stored->Integer("move_count");
  lesson->set_move_count(static_cast<int32_t>(moves + (moved ? 1 : 0)));
  const FactRow* pair = First(facts, "pair");
  if (pair == nullptr || !(planned || lesson->room().empty())) return;
  if (lesson->sender_school_id() == pair->Text("school_a_id")) lesson->set_room(pair->Text("room_a"));
  if (lesson->sender_school_id() == pair->Text("school_b_id")) lesson->set_room(pair->Text("room_b"));
}

Violations CheckOnlineLesson(const OnlineLesson* before, const OnlineLesson& after, const Facts& facts) {
  Violations violations;
  const bool moved =
      before == nullptr || before->has_delete_time() || before->lesson_date() != after.lesson_date();
  if (moved) CheckOwner(after, facts, &violations);
  const bool hours = moved || !(HoursOf(*before) == HoursOf(after)) || before->mode() != after.mode() ||
                     before->period() != after.period() ||
                     before->bell_schedule_id() != after.bell_schedule_id() ||
                     before->term_id() != after.term_id();
  if (hours) CheckHours(after, facts, &violations);
  if (after.mode() != v1::LESSON_MODE_RECORDED && after.lesson_teacher_id().empty() && hours)
    violations.push_back(Refuse("lessonTeacherId", ErrorReason::FIELD_REQUIRED));
  if (moved) CheckMakingUp(after, facts, &violations);
  if (before != nullptr) {
    CheckMode(*before, after, facts, &violations);
    CheckSettled(*before, after, facts, &violations);
  }
  CheckStep(after, facts, &violations);
  CheckRecording(after, &violations);
  const FactRow* confirmed = First(facts, "confirmed");
  if (after.max_receiver_count() > 0 && confirmed != nullptr &&
      confirmed->Integer("school_count") > after.max_receiver_count())
    violations.push_back(RefuseRule("maxReceiverCount", "少于已确认接收的学校数",
                                    "is less than the schools that have confirmed"));
  const bool takes_hour = NeedsItsHour(after) && (hours || !NeedsItsHour(*before));
  if (violations.empty() && takes_hour)
    RefuseConflicts(HoursOf(after), facts, {"room", "className", "lessonTeacherId"}, &violations);
  return violations;
}

}  // namespace lianqiao::resources
