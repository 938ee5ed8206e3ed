// SPDX-License-Identifier: Apache-2.0
// Preparation groups, plans and joint timetables over a real registry: nobody and nothing twice at a time,
// whoever asks first, and persons that are taken out again.
#include <gmock/gmock.h>

#include <atomic>
#include <map>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "lianqiao/research/v1/joint_timetable.pb.h"
#include "lianqiao/research/v1/plan_deviation.pb.h"
#include "lianqiao/research/v1/preparation_group.pb.h"
#include "lianqiao/research/v1/preparation_group_member.pb.h"
#include "lianqiao/research/v1/synchronous_plan.pb.h"
#include "lianqiao/research/v1/timetable_lesson.pb.h"
#include "lianqiao/research/v1/timetable_teacher.pb.h"
#include "services/teaching-research/timetable_rules.h"
#include "tests/conformance/research_world.h"

namespace lianqiao::conformance {
namespace {

namespace research = ::lianqiao::research::v1;
using research::JointTimetable;
using research::PreparationGroup;
using research::PreparationGroupMember;
using research::SynchronousPlan;
using research::TimetableLesson;
using research::TimetableTeacher;

class ResearchTimetables : public ResearchWorld {
 protected:
  // "eraser" may erase at the lead school, and nothing else.
  ResearchTimetables() {
    research_.AddCaller(
        "eraser",
        access::testing::MakeCaller(
            {access::testing::MakeGrant("research.*.erase", access::ScopeKind::kOrganisation, near_school_),
             access::testing::MakeGrant("research.*.read", access::ScopeKind::kOrganisation, near_school_)},
            near_school_));
  }
  std::string Timetable(const std::string& alliance = "") {
    JointTimetable timetable;
    timetable.set_alliance_id(alliance.empty() ? alliance_id_ : alliance);
    timetable.set_term_id(term_id_);
    timetable.set_title("联排课表");
    return Must(Make(timetable, alliance.empty() ? "lead" : "operator")).id();
  }
  std::string Teacher(const std::string& timetable, const std::string& ref,
                      const std::string& token = "lead") {
    TimetableTeacher teacher;
    teacher.set_joint_timetable_id(timetable);
    teacher.set_organisation_id(near_school_);
    teacher.set_teacher_ref(ref);
    return Must(Make(teacher, token)).id();
  }
  TimetableLesson Lesson(const std::string& timetable, const std::string& teacher, const std::string& school,
                         const std::string& class_name, int weekday = 3, int period = 2) {
    TimetableLesson lesson;
    lesson.set_joint_timetable_id(timetable);
    lesson.set_weekday(weekday);
    lesson.set_period(period);
    lesson.set_timetable_teacher_id(teacher);
    lesson.set_organisation_id(school);
    lesson.set_class_name(class_name);
    lesson.set_subject(type::v1::SUBJECT_MUSIC);
    return lesson;
  }
  std::string Group(const std::string& token = "lead") {
    PreparationGroup group;
    group.set_alliance_id(alliance_id_);
    group.set_kind(research::PREPARATION_GROUP_KIND_SUBJECT);
    group.set_name("数学备课组");
    group.add_subjects(type::v1::SUBJECT_MATHEMATICS);
    return Must(Make(group, token)).id();
  }
  PreparationGroupMember Member(const std::string& group, const std::string& ref,
                                research::PreparationGroupRole role) {
    PreparationGroupMember member;
    member.set_preparation_group_id(group);
    member.set_organisation_id(far_school_);
    member.set_teacher_ref(ref);
    member.set_role(role);
    return member;
  }
};

TEST_F(ResearchTimetables, ATeacherIsInOneSchoolAtATime) {
  const std::string timetable = Timetable();
  const std::string wang = Teacher(timetable, "t-wang");
  const std::string first = Must(Make(Lesson(timetable, wang, near_school_, "五年级1班"), "lead")).id();
  const absl::Status second = Make(Lesson(timetable, wang, far_school_, "五年级1班"), "lead").status();
  EXPECT_EQ(FieldsOf(second), "timetableLesson.timetableTeacherId");
  EXPECT_THAT(Explain(second), ::testing::HasSubstr(first)) << "the lesson in the way is named";
  EXPECT_THAT(Explain(second), ::testing::HasSubstr(wang));
  EXPECT_THAT(Explain(second), ::testing::Not(::testing::HasSubstr("t-wang"))) << "the person is not";
  EXPECT_TRUE(Make(Lesson(timetable, wang, far_school_, "五年级1班", 3, 3), "lead").ok());
  EXPECT_EQ(FieldsOf(Make(Lesson(timetable, "", near_school_, "五年级1班"), "lead").status()),
            "timetableLesson.className");
}

TEST_F(ResearchTimetables, AMovedOrRevivedLessonIsCheckedAgain) {
  const std::string timetable = Timetable();
  const std::string wang = Teacher(timetable, "t-wang");
  const std::string first = Must(Make(Lesson(timetable, wang, near_school_, "五年级1班"), "lead")).id();
  const std::string second = Must(Make(Lesson(timetable, wang, far_school_, "五年级1班", 4, 2), "lead")).id();
  TimetableLesson move;
  move.set_id(second);
  move.set_weekday(3);
  EXPECT_EQ(FieldsOf(Edit(move, "lead").status()), "timetableLesson.timetableTeacherId");
  Must(Drop<TimetableLesson>(first, "lead"));
  EXPECT_EQ(Must(Edit(move, "lead")).weekday(), 3);
  type::v1::DeleteRequest undelete;
  undelete.set_id(first);
  const auto revived =
      research_.Call<TimetableLesson>("TimetableLessonService/UndeleteTimetableLesson", undelete, "lead");
  EXPECT_EQ(FieldsOf(revived.status()), "timetableTeacherId");
}

TEST_F(ResearchTimetables, OfManyLessonsForOneSlotOneWins) {
  const std::string timetable = Timetable();
  const std::string wang = Teacher(timetable, "t-wang");
  std::atomic<int> done{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i)
    threads.emplace_back([&, i] {
      const absl::Status status =
          Make(Lesson(timetable, wang, i % 2 == 0 ? near_school_ : far_school_, absl::StrCat(i, "班")),
               "lead")
              .status();
      if (status.ok()) ++done;
      if (FieldsOf(status) == "timetableLesson.timetableTeacherId") ++refused;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(refused, 5);
  EXPECT_EQ(research_.Query("SELECT count(*) FROM timetable_lesson")->Integer(0, 0), 1);
}

// An alliance may timetable its stages apart: the same teacher, class and room is still there only once.
TEST_F(ResearchTimetables, NobodyAndNothingIsInTwoTimetablesAtATime) {
  const std::string primary = Timetable();
  const std::string junior = Timetable();
  TimetableLesson lesson = Lesson(primary, Teacher(primary, "t-wang"), near_school_, "1班");
  lesson.set_room("音乐教室");
  const std::string first = Must(Make(lesson, "lead")).id();
  const std::string wang = Teacher(junior, "t-wang");
  const absl::Status twice = Make(Lesson(junior, wang, far_school_, "2班"), "lead").status();
  EXPECT_EQ(FieldsOf(twice), "timetableLesson.timetableTeacherId");
  EXPECT_THAT(Explain(twice), ::testing::HasSubstr(first));
  EXPECT_THAT(Explain(twice), ::testing::HasSubstr(primary)) << "and where it stands";
  EXPECT_THAT(Explain(twice), ::testing::Not(::testing::HasSubstr("t-wang")));
  EXPECT_EQ(FieldsOf(Make(Lesson(junior, "", near_school_, "1班"), "lead").status()),
            "timetableLesson.className");
  lesson = Lesson(junior, "", near_school_, "2班");
  lesson.set_room("音乐教室");
  EXPECT_EQ(FieldsOf(Make(lesson, "lead").status()), "timetableLesson.room");
  Must(Make(Lesson(junior, wang, far_school_, "2班", 3, 3), "lead"));
  JointTimetable other_term;
  other_term.set_alliance_id(alliance_id_);
  other_term.set_term_id(spring_term_id_);
  other_term.set_title("下学期");
  Must(Make(Lesson(Must(Make(other_term, "lead")).id(), "", near_school_, "1班"), "lead"));
  // What is closed is over.
  Must(Move<JointTimetable>("Close", primary, "lead"));
  Must(Make(Lesson(junior, wang, near_school_, "1班"), "lead"));
}

TEST_F(ResearchTimetables, OfAnotherAlliancesTimetableOnlyTheSlotIsTold) {
  const std::string counties = Timetable(county_alliance_id_);
  TimetableLesson lesson = Lesson(counties, Teacher(counties, "t-wang", "operator"), far_school_, "9班");
  const std::string first = Must(Make(lesson)).id();
  const std::string schools = Timetable();
  const absl::Status refused =
      Make(Lesson(schools, Teacher(schools, "t-wang"), near_school_, "1班"), "lead").status();
  EXPECT_EQ(FieldsOf(refused), "timetableLesson.timetableTeacherId");
  for (const std::string& told : {first, counties, std::string("9班"), std::string("t-wang")})
    EXPECT_THAT(Explain(refused), ::testing::Not(::testing::HasSubstr(told)));
}

TEST_F(ResearchTimetables, OfManyLessonsInTwoTimetablesForOneSlotOneWins) {
  const std::vector<std::string> timetables = {Timetable(), Timetable()};
  const std::vector<std::string> wang = {Teacher(timetables[0], "t-wang"), Teacher(timetables[1], "t-wang")};
  for (int period = 1; period <= 8; ++period) {
    std::atomic<int> done{0};
    std::atomic<int> refused{0};
    std::vector<std::thread> threads;
    for (size_t i = 0; i < 6; ++i)
      threads.emplace_back([&, i] {
        const std::string& school = i < 3 ? near_school_ : far_school_;
        const absl::Status status = Make(Lesson(timetables[i % 2], wang[i % 2], school,
                                                absl::StrCat(period, "-", i, "班"), 3, period),
                                         "lead")
                                        .status();
        if (status.ok()) ++done;
        if (FieldsOf(status) == "timetableLesson.timetableTeacherId") ++refused;
      });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(done, 1) << period;
    EXPECT_EQ(refused, 5) << period;
  }
}

TEST_F(ResearchTimetables, ABatchIsCheckedAgainstItself) {
  const std::string timetable = Timetable();
  const std::string wang = Teacher(timetable, "t-wang");
  research::BatchUpsertTimetableLessonsRequest request;
  request.set_source_system("lead-system");
  for (int i = 0; i < 20; ++i) {
    TimetableLesson& lesson = *request.add_timetable_lessons();
    // Ten slots, each wanted twice.
    lesson = Lesson(timetable, wang, near_school_, absl::StrCat(i, "班"), 1 + i % 5, 1 + i / 5 % 2);
    lesson.add_external_ids()->set_system("lead-system");
    lesson.mutable_external_ids(0)->set_id(absl::StrCat(i));
  }
  const auto answer = research_.Call<research::BatchUpsertTimetableLessonsResponse>(
      "TimetableLessonService/BatchUpsertTimetableLessons", request, "lead");
  ASSERT_TRUE(answer.ok()) << Explain(answer.status());
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(answer->results(i).outcome(),
              i < 10 ? type::v1::UpsertResult::CREATED : type::v1::UpsertResult::REFUSED)
        << i;
}

// Whatever the order of their lines: one batch wants school A, t-0, school B, the other B, t-1, A. Somebody
// who holds both teachers lets either come to its second step.
TEST_F(ResearchTimetables, BatchesThatShareSchoolsNeverWaitCrosswise) {
  const std::string timetables[] = {Timetable(), Timetable()};
  const std::string teachers[] = {Teacher(timetables[0], "t-0"), Teacher(timetables[1], "t-1")};
  const std::string schools[] = {near_school_, far_school_};
  const auto deadlocks = [&] {
    return research_.Query("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        ->Integer(0, 0);
  };
  const int64_t before = deadlocks();
  std::thread holder([&] {
    const auto key = [&](const char* teacher) {
      return absl::StrCat("pg_advisory_xact_lock(hashtextextended('lesson/", term_id_, "/1/teacher/", teacher,
                          "', 0))");
    };
    EXPECT_TRUE(research_.Query(absl::StrCat("SELECT ", key("t-0"), ", ", key("t-1"), ", pg_sleep(1)")).ok());
  });
  absl::SleepFor(absl::Milliseconds(200));
  std::vector<std::thread> batches;
  for (size_t t = 0; t < 2; ++t) {
    batches.emplace_back([&, t] {
      research::BatchUpsertTimetableLessonsRequest request;
      request.set_source_system("lead-system");
      for (size_t i = 0; i < 2; ++i) {
        TimetableLesson& lesson = *request.add_timetable_lessons();
        lesson = Lesson(timetables[t], teachers[t], schools[(t + i) % 2], absl::StrCat(t, i, "班"), 1,
                        static_cast<int>(1 + i));
        lesson.add_external_ids()->set_system("lead-system");
        lesson.mutable_external_ids(0)->set_id(absl::StrCat(t, "/", i));
      }
      const auto answer = research_.Call<research::BatchUpsertTimetableLessonsResponse>(
          "TimetableLessonService/BatchUpsertTimetableLessons", request, "lead");
      ASSERT_TRUE(answer.ok()) << Explain(answer.status());
      for (const auto& result : answer->results())
        EXPECT_EQ(result.outcome(), type::v1::UpsertResult::CREATED) << result.ShortDebugString();
    });
  }
  for (std::thread& batch : batches) batch.join();
  holder.join();
  EXPECT_EQ(deadlocks(), before);
}

TEST_F(ResearchTimetables, OnlyALessonOfItsOwnTeachersAndWhileItIsOpen) {
  const std::string timetable = Timetable();
  EXPECT_TRUE(absl::IsFailedPrecondition(Move<JointTimetable>("Publish", timetable, "lead").status()))
      << "it is empty";
  const std::string stranger = Teacher(Timetable(), "t-wang");
  EXPECT_EQ(FieldsOf(Make(Lesson(timetable, stranger, near_school_, "1班"), "lead").status()),
            "timetableLesson.timetableTeacherId");
  Must(Make(Lesson(timetable, "", near_school_, "1班"), "lead"));
  EXPECT_TRUE(absl::IsPermissionDenied(Make(Lesson(timetable, "", far_school_, "1班"), "member").status()))
      << "a member reads, the lead's side timetables";
  Must(Move<JointTimetable>("Publish", timetable, "lead"));
  Must(Make(Lesson(timetable, "", near_school_, "2班"), "lead"));
  Must(Move<JointTimetable>("Close", timetable, "lead"));
  EXPECT_EQ(FieldsOf(Make(Lesson(timetable, "", near_school_, "3班"), "lead").status()),
            "timetableLesson.jointTimetableId");
}

TEST_F(ResearchTimetables, WhatIsClosedIsNotDeletedPieceByPiece) {
  const std::string timetable = Timetable();
  const std::string wang = Teacher(timetable, "t-wang");
  const std::string unused = Teacher(timetable, "t-li");
  const std::string first = Must(Make(Lesson(timetable, wang, near_school_, "1班"), "lead")).id();
  const std::string second = Must(Make(Lesson(timetable, "", near_school_, "2班"), "lead")).id();
  Must(Drop<TimetableLesson>(second, "lead"));
  Must(Move<JointTimetable>("Close", timetable, "lead"));
  EXPECT_EQ(FieldsOf(Drop<TimetableLesson>(first, "lead").status()), "jointTimetableId");
  EXPECT_EQ(FieldsOf(Drop<TimetableTeacher>(unused, "lead").status()), "jointTimetableId");
  const std::string empty = Timetable();
  Must(Move<JointTimetable>("Close", empty, "lead"));
  EXPECT_EQ(FieldsOf(Drop<JointTimetable>(empty, "lead").status()), "state");
}

// Sources know teachers by numbers that are not to be kept here.
TEST_F(ResearchTimetables, NoPersonalNumberComesAsAnExternalId) {
  TimetableTeacher teacher;
  teacher.set_joint_timetable_id(Timetable());
  teacher.set_organisation_id(near_school_);
  teacher.set_teacher_ref("t-wang");
  teacher.add_external_ids()->set_system("lead-system");
  PreparationGroupMember member = Member(Group(), "t-1", research::PREPARATION_GROUP_ROLE_MEMBER);
  member.add_external_ids()->set_system("lead-system");
  for (const char* number : {"13800138000", "11010519491231002X", "T-13800138000"}) {
    teacher.mutable_external_ids(0)->set_id(number);
    EXPECT_EQ(FieldsOf(Make(teacher, "lead").status()), "timetableTeacher.externalIds[0].id") << number;
    EXPECT_EQ(Upsert<research::BatchUpsertTimetableTeachersResponse>(teacher, "lead", "lead-system"),
              "timetableTeachers[0].externalIds[0].id");
    member.mutable_external_ids(0)->set_id(number);
    EXPECT_EQ(FieldsOf(Make(member, "lead").status()), "preparationGroupMember.externalIds[0].id") << number;
  }
  teacher.mutable_external_ids(0)->set_id("10086");
  const std::string id = Must(Make(teacher, "lead")).id();
  TimetableTeacher changed;
  changed.set_id(id);
  *changed.add_external_ids() = teacher.external_ids(0);
  changed.mutable_external_ids(0)->set_id("13800138000");
  EXPECT_EQ(FieldsOf(Edit(changed, "lead").status()), "timetableTeacher.externalIds[0].id");
}

TEST_F(ResearchTimetables, AnErasedTeacherLeavesTheTimetableWhole) {
  const std::string timetable = Timetable();
  const std::string wang = Teacher(timetable, "t-wang");
  const std::string lesson = Must(Make(Lesson(timetable, wang, near_school_, "1班"), "lead")).id();
  TimetableTeacher again;
  again.set_joint_timetable_id(timetable);
  again.set_organisation_id(near_school_);
  again.set_teacher_ref("t-wang");
  EXPECT_TRUE(absl::IsAlreadyExists(Make(again, "lead").status()));
  type::v1::EraseRequest erase;
  erase.set_id(wang);
  erase.set_reason("本人申请");
  const auto call = [&](const std::string& token) {
    return research_.Call<TimetableTeacher>("TimetableTeacherService/EraseTimetableTeacher", erase, token);
  };
  EXPECT_TRUE(absl::IsPermissionDenied(call("lead").status())) << "a right of its own";
  const auto erased = call("eraser");
  ASSERT_TRUE(erased.ok()) << Explain(erased.status());
  EXPECT_EQ(erased->teacher_ref(), "");
  EXPECT_TRUE(erased->has_erase_time());
  EXPECT_EQ(Must(Look<TimetableLesson>(lesson)).timetable_teacher_id(), wang);
  EXPECT_EQ(FieldsOf(Make(Lesson(timetable, wang, far_school_, "1班"), "lead").status()),
            "timetableLesson.timetableTeacherId")
      << "still somebody who teaches then";
}

TEST_F(ResearchTimetables, GroupsHaveMembersOnceAndOneHead) {
  const std::string group = Group();
  Must(Make(Member(group, "t-1", research::PREPARATION_GROUP_ROLE_HEAD), "lead"));
  EXPECT_EQ(FieldsOf(Make(Member(group, "t-1", research::PREPARATION_GROUP_ROLE_MEMBER), "lead").status()),
            "preparationGroupMember.fromOn");
  EXPECT_EQ(FieldsOf(Make(Member(group, "t-2", research::PREPARATION_GROUP_ROLE_HEAD), "lead").status()),
            "preparationGroupMember.role");
  const std::string member =
      Must(Make(Member(group, "t-2", research::PREPARATION_GROUP_ROLE_MEMBER), "lead")).id();
  EXPECT_TRUE(Look<PreparationGroupMember>(member, "member").ok());
  Must(Move<PreparationGroup>("Form", group, "lead"));
  EXPECT_TRUE(absl::IsInvalidArgument(Move<PreparationGroup>("Dissolve", group, "lead").status()));
  Must(Move<PreparationGroup>("Dissolve", group, "lead", "并入学区备课组"));
  EXPECT_EQ(FieldsOf(Make(Member(group, "t-3", research::PREPARATION_GROUP_ROLE_MEMBER), "lead").status()),
            "preparationGroupMember.preparationGroupId");
}

TEST_F(ResearchTimetables, TwoHeadsAtOnceAreOne) {
  const std::string group = Group();
  std::atomic<int> done{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      const auto head = Member(group, absl::StrCat("t-", i), research::PREPARATION_GROUP_ROLE_HEAD);
      if (Make(head, "lead").ok()) ++done;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 1);
}

TEST_F(ResearchTimetables, ASchoolNotesWhereItLeavesTheAgreedPlan) {
  SynchronousPlan plan;
  plan.set_alliance_id(alliance_id_);
  plan.set_preparation_group_id(Group());
  plan.set_term_id(term_id_);
  plan.set_title("五年级数学上册");
  plan.set_grade(type::v1::GRADE_5);
  plan.set_subject(type::v1::SUBJECT_MATHEMATICS);
  plan.add_units()->set_week(1);
  plan.mutable_units(0)->set_topic("小数乘法");
  const std::string id = Must(Make(plan, "lead")).id();
  EXPECT_TRUE(absl::IsAlreadyExists(Make(plan, "lead").status())) << "one plan per group, term and course";
  research::PlanDeviation deviation;
  deviation.set_synchronous_plan_id(id);
  deviation.set_organisation_id(far_school_);
  deviation.set_week(3);
  deviation.set_kind(research::PLAN_DEVIATION_KIND_BEHIND);
  deviation.set_reason("停课一周");
  EXPECT_EQ(FieldsOf(Make(deviation, "member").status()), "planDeviation.synchronousPlanId");
  Must(Move<SynchronousPlan>("Agree", id, "lead"));
  EXPECT_EQ(FieldsOf(Drop<SynchronousPlan>(id, "lead").status()), "state") << "what was agreed on stays";
  EXPECT_TRUE(Make(deviation, "member").ok()) << "the school writes what is its own";
  deviation.set_organisation_id(near_school_);
  EXPECT_TRUE(absl::IsPermissionDenied(Make(deviation, "member").status()) ||
              absl::IsInvalidArgument(Make(deviation, "member").status()));
  EXPECT_TRUE(Make(deviation, "lead").ok());
  SynchronousPlan change;
  change.set_id(id);
  change.set_title("改");
  EXPECT_EQ(FieldsOf(Edit(change, "lead").status()), "synchronousPlan.state");
}

// The conflict check of a term's timetable reads what may be in the way and not the other 5,000 lessons.
TEST_F(ResearchTimetables, OneMoreLessonAmongFiveThousandIsChecked) {
  const std::string timetable = Timetable();
  const std::string wang = Teacher(timetable, "t-wang");
  const auto filled = research_.Query(absl::StrCat(
      "WITH made AS (INSERT INTO timetable_lesson (id, revision, create_time, update_time, bucket, scope,"
      " write_scope, joint_timetable_id, weekday, period, organisation_id, class_name, subject, room)"
      " SELECT gen_random_uuid(), 1, now(), now(), 0, t.scope, t.write_scope, t.id, 1 + n % 5, 1 + n / 5 % "
      "8, '",
      near_school_,
      "', n / 40 || '班', 'SUBJECT_MUSIC', n / 40 || '室' FROM joint_timetable t,"
      " generate_series(0, 4999) n WHERE t.id = '",
      timetable, "' RETURNING 1) SELECT count(*) FROM made"));
  ASSERT_TRUE(filled.ok()) << filled.status();
  ASSERT_EQ(filled->Integer(0, 0), 5000);
  EXPECT_EQ(FieldsOf(Make(Lesson(timetable, wang, near_school_, "7班", 3, 2), "lead").status()),
            "timetableLesson.className");
  // The service's own statement.
  const auto check = lianqiao::research::LessonFacts();
  const std::map<std::string, std::string> values = {{"joint_timetable_id", timetable},
                                                     {"weekday", "3"},
                                                     {"id", base::RandomId()},
                                                     {"timetable_teacher_id", wang},
                                                     {"organisation_id", near_school_},
                                                     {"class_name", "7班"},
                                                     {"room", "7室"}};
  std::string sql = check.sql;
  for (size_t i = 0; i < check.fields.size(); ++i)
    absl::StrReplaceAll({{absl::StrCat("$", i + 1), absl::StrCat("'", values.at(check.fields[i]), "'")}},
                        &sql);
  const auto plan = research_.Query("EXPLAIN (ANALYZE, FORMAT TEXT) " + sql);
  ASSERT_TRUE(plan.ok()) << plan.status();
  std::string text;
  for (int i = 0; i < plan->rows(); ++i) absl::StrAppend(&text, plan->Text(i, 0), "\n");
  EXPECT_THAT(text, ::testing::HasSubstr("Index Scan")) << text;
  EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr("Seq Scan on timetable_lesson"))) << text;
}

}  // namespace
}  // namespace lianqiao::conformance
