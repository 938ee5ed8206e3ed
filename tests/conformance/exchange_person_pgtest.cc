// SPDX-License-Identifier: Apache-2.0
// Teachers and their ethics results: who sees what of them, how they move between schools, and that nothing
// of a person is left after an erasure.
#include <functional>

#include "absl/strings/str_cat.h"
#include "lianqiao/exchange/v1/ethics_result.pb.h"
#include "lianqiao/exchange/v1/rotation_eligibility.pb.h"
#include "tests/conformance/exchange_world.h"

namespace lianqiao::conformance {
namespace {

using access::ScopeKind;
using access::testing::MakeCaller;
using access::testing::MakeGrant;
using ::testing::HasSubstr;

class ExchangePersons : public ExchangeWorld {
 protected:
  absl::StatusOr<exchange::Teacher> Change(const exchange::Teacher& change,
                                           const std::string& token = "operator") {
    exchange::UpdateTeacherRequest request;
    *request.mutable_teacher() = change;
    return exchange_.Call<exchange::Teacher>("TeacherService/UpdateTeacher", request, token);
  }
  absl::StatusOr<exchange::Teacher> Transfer(const std::string& id, const std::string& school_id,
                                             const std::string& since, const std::string& token) {
    exchange::Teacher change;
    change.set_id(id);
    change.set_school_id(school_id);
    change.set_at_school_since(since);
    return Change(change, token);
  }
  exchange::CreateEthicsResultRequest NewEthics(const std::string& teacher_id, int year,
                                                exchange::EthicsOutcome outcome) {
    exchange::CreateEthicsResultRequest request;
    request.mutable_ethics_result()->set_teacher_id(teacher_id);
    request.mutable_ethics_result()->set_year(year);
    request.mutable_ethics_result()->set_outcome(outcome);
    request.mutable_ethics_result()->set_document_number("渭教字〔2026〕7号");
    request.mutable_ethics_result()->set_jurisdiction_id(near_id_);
    return request;
  }
  // Rows of the whole schema, history and answers, in which a text stands.
  int64_t Mentions(const std::string& text) {
    int64_t count = 0;
    for (const char* table :
         {"teacher", "assignment", "ethics_result", "change", "idempotency", "external_id"})
      count +=
          ExchangeCount(absl::StrCat("SELECT count(*) FROM ", table, " t WHERE t::text LIKE '%", text, "%'"));
    return count + ExchangeCount(absl::StrCat("SELECT count(*) FROM revision WHERE position(convert_to('",
                                              text, "', 'UTF8') IN state) > 0"));
  }
};

TEST_F(ExchangePersons, ATeacherIsSeenWhereTheSchoolIs) {
  auto request = NewTeacher(near_school_);
  request.mutable_teacher()->set_name("王老师");
  const auto teacher = Must<exchange::Teacher>("TeacherService/CreateTeacher", request, "near");
  EXPECT_EQ(Read<exchange::Teacher>("Teacher", teacher.id(), "near")->name(), "王老师");
  EXPECT_EQ(Read<exchange::Teacher>("Teacher", teacher.id(), "school")->name(), "王老师");
  const auto masked = Read<exchange::Teacher>("Teacher", teacher.id(), "clerk");
  ASSERT_TRUE(masked.ok()) << masked.status();
  EXPECT_EQ(masked->name(), "") << "persons are seen by a right of its own";
  EXPECT_EQ(masked->person_ref(), "");
  EXPECT_EQ(masked->school_id(), near_school_);
  EXPECT_TRUE(absl::IsNotFound(Read<exchange::Teacher>("Teacher", teacher.id(), "far").status()));
  exchange::Teacher change;
  change.set_id(teacher.id());
  change.set_title(exchange::PROFESSIONAL_TITLE_SENIOR);
  EXPECT_TRUE(absl::IsPermissionDenied(Change(change, "reader").status()));
  EXPECT_TRUE(absl::IsNotFound(Change(change, "far").status()));
  EXPECT_TRUE(Change(change, "clerk").ok());
  EXPECT_EQ(Read<exchange::Teacher>("Teacher", teacher.id())->name(), "王老师")
      << "not lost by a blind write";
  const auto far =
      exchange_.Call<exchange::Teacher>("TeacherService/CreateTeacher", NewTeacher(far_school_), "near");
  EXPECT_THAT(base::FailureOf(far.status()).ShortDebugString(), HasSubstr("REFERENCE_NOT_FOUND"));
}

TEST_F(ExchangePersons, NumbersOfPersonsAreRefused) {
  const auto refused = [&](const std::function<void(exchange::Teacher*)>& write) {
    auto request = NewTeacher(near_school_);
    write(request.mutable_teacher());
    const absl::Status status =
        exchange_.Call<exchange::Teacher>("TeacherService/CreateTeacher", request).status();
    return base::FailureOf(status).ShortDebugString();
  };
  const char* const forbidden = "FORBIDDEN_PERSONAL_DATA";
  EXPECT_THAT(refused([](auto* teacher) { teacher->set_person_ref("11010519491231002X"); }),
              HasSubstr(forbidden));
  EXPECT_THAT(refused([](auto* teacher) { teacher->set_name("王老师 13812345678"); }), HasSubstr(forbidden));
  EXPECT_THAT(refused([](auto* teacher) {
                auto* external_id = teacher->add_external_ids();
                external_id->set_system("personnel");
                external_id->set_id("13812345678");
              }),
              HasSubstr("teacher.externalIds[0].id"));
  EXPECT_EQ(ExchangeCount("SELECT count(*) FROM teacher"), 0);
}

TEST_F(ExchangePersons, AnotherSystemsTeachersAreKnownAgain) {
  exchange::BatchUpsertTeachersRequest request;
  request.set_source_system("personnel");
  *request.add_teachers() = NewTeacher(near_school_).teacher();
  *request.add_teachers() = NewTeacher(far_school_).teacher();
  for (int i = 0; i < 2; ++i) {
    auto* external_id = request.mutable_teachers(i)->add_external_ids();
    external_id->set_system("personnel");
    external_id->set_id(absl::StrCat("p-", i));
  }
  const char* const upsert = "TeacherService/BatchUpsertTeachers";
  const auto first = Must<exchange::BatchUpsertTeachersResponse>(upsert, request, "near");
  ASSERT_EQ(first.results_size(), 2);
  EXPECT_EQ(first.results(0).outcome(), type::v1::UpsertResult::CREATED);
  EXPECT_EQ(first.results(1).outcome(), type::v1::UpsertResult::REFUSED) << "of another county";
  request.mutable_teachers()->RemoveLast();
  request.mutable_teachers(0)->set_school_id(near_rural_);
  request.mutable_teachers(0)->set_at_school_since(Day(-10));
  const auto second = Must<exchange::BatchUpsertTeachersResponse>(upsert, request, "near");
  EXPECT_EQ(second.results(0).outcome(), type::v1::UpsertResult::UPDATED);
  EXPECT_EQ(second.results(0).id(), first.results(0).id());
  type::v1::GetRequest by_id_there;
  by_id_there.set_external_id("personnel:p-0");
  const auto found = Must<exchange::Teacher>("TeacherService/GetTeacher", by_id_there, "near");
  EXPECT_EQ(found.school_id(), near_rural_);
  ASSERT_EQ(found.former_schools_size(), 1) << "an import transfers too";
  EXPECT_EQ(found.former_schools(0).school_id(), near_school_);
  EXPECT_EQ(found.former_schools(0).valid_to(), Day(-11));
  EXPECT_EQ(Must<exchange::BatchUpsertTeachersResponse>(upsert, request, "near").results(0).outcome(),
            type::v1::UpsertResult::UNCHANGED);
}

TEST_F(ExchangePersons, ATransferLeavesAssignmentsAsTheyWere) {
  const auto teacher = Teacher(near_school_);
  const auto post = OnPost(NewAssignment(teacher, far_rural_));
  EXPECT_TRUE(absl::IsPermissionDenied(Transfer(teacher.id(), near_rural_, Day(-1), "reader").status()));
  EXPECT_FALSE(Transfer(teacher.id(), far_rural_, Day(0), "near").ok()) << "a school out of sight";
  EXPECT_TRUE(absl::IsNotFound(Transfer(teacher.id(), far_rural_, Day(0), "far").status()));
  const auto moved = Transfer(teacher.id(), far_rural_, Day(0), "city");
  ASSERT_TRUE(moved.ok()) << moved.status();
  ASSERT_EQ(moved->former_schools_size(), 1);
  EXPECT_EQ(moved->former_schools(0).school_id(), near_school_);
  EXPECT_EQ(moved->former_schools(0).valid_from(), "2016-09-01");
  EXPECT_EQ(moved->former_schools(0).valid_to(), Day(-1));
  EXPECT_TRUE(absl::IsNotFound(Read<exchange::Teacher>("Teacher", teacher.id(), "near").status()));
  EXPECT_TRUE(Read<exchange::Teacher>("Teacher", teacher.id(), "far").ok());
  const auto kept = Read<exchange::Assignment>("Assignment", post.id(), "near");
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(kept->from_school_id(), near_school_);
  EXPECT_EQ(kept->revision(), post.revision());
  const auto ended = Step<exchange::Assignment>("Assignment", "Complete", post.id(), "near");
  EXPECT_TRUE(ended.ok()) << ended.status() << ": its course goes on where it was";
}

TEST_F(ExchangePersons, EthicsResultsAreNotTheSchools) {
  const auto teacher = Teacher(near_school_);
  const auto failed =
      Must<exchange::EthicsResult>("EthicsResultService/CreateEthicsResult",
                                   NewEthics(teacher.id(), 2025, exchange::ETHICS_OUTCOME_FAILED), "near");
  EXPECT_EQ(Read<exchange::EthicsResult>("EthicsResult", failed.id(), "near")->outcome(),
            exchange::ETHICS_OUTCOME_FAILED);
  EXPECT_TRUE(absl::IsNotFound(Read<exchange::EthicsResult>("EthicsResult", failed.id(), "school").status()))
      << "every right at the school does not reach it";
  const auto masked = Read<exchange::EthicsResult>("EthicsResult", failed.id(), "clerk");
  ASSERT_TRUE(masked.ok()) << masked.status();
  EXPECT_EQ(masked->outcome(), exchange::ETHICS_OUTCOME_UNSPECIFIED) << "a right of its own";
  EXPECT_EQ(masked->document_number(), "");
  EXPECT_TRUE(absl::IsNotFound(Read<exchange::EthicsResult>("EthicsResult", failed.id(), "far").status()));
  type::v1::ListRequest by_outcome;
  by_outcome.set_filter("outcome = \"ETHICS_OUTCOME_FAILED\"");
  EXPECT_FALSE(exchange_
                   .Call<exchange::ListEthicsResultsResponse>("EthicsResultService/ListEthicsResults",
                                                              by_outcome, "clerk")
                   .ok())
      << "no way round by a filter";
  const auto twice = exchange_.Call<exchange::EthicsResult>(
      "EthicsResultService/CreateEthicsResult",
      NewEthics(teacher.id(), 2025, exchange::ETHICS_OUTCOME_PASSED), "near");
  EXPECT_TRUE(absl::IsAlreadyExists(twice.status())) << twice.status();
}

TEST_F(ExchangePersons, NothingOfAPersonIsLeftAfterAnErasure) {
  auto request = NewTeacher(near_school_);
  request.mutable_teacher()->set_name("王老师");
  request.mutable_teacher()->set_person_ref("T-erased-17");
  auto* external_id = request.mutable_teacher()->add_external_ids();
  external_id->set_system("personnel");
  external_id->set_id("person-17");
  const auto teacher = Must<exchange::Teacher>("TeacherService/CreateTeacher", request);
  auto nominated = NewAssignment(teacher, far_rural_);
  nominated.mutable_assignment()->set_assessment_note("王老师工作认真");
  const auto post = OnPost(nominated, Day(0));
  Must<exchange::EthicsResult>("EthicsResultService/CreateEthicsResult",
                               NewEthics(teacher.id(), 2025, exchange::ETHICS_OUTCOME_PASSED));
  ASSERT_GT(Mentions("王老师"), 3);
  ASSERT_GT(Mentions("T-erased-17"), 0);
  ASSERT_GT(Mentions("渭教字"), 0);
  type::v1::EraseRequest erase;
  erase.set_id(teacher.id());
  erase.set_reason("本人申请");
  EXPECT_TRUE(absl::IsPermissionDenied(
      exchange_.Call<exchange::Teacher>("TeacherService/EraseTeacher", erase, "near").status()));
  const auto erased = Must<exchange::Teacher>("TeacherService/EraseTeacher", erase);
  EXPECT_TRUE(erased.has_erase_time());
  for (const char* text : {"王老师", "T-erased-17", "person-17", "渭教字"})
    EXPECT_EQ(Mentions(text), 0) << text;
  const auto kept = Read<exchange::Assignment>("Assignment", post.id());
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_TRUE(kept->has_erase_time());
  EXPECT_EQ(kept->teacher_id(), teacher.id()) << "counts stay right";
  EXPECT_EQ(kept->state(), exchange::ASSIGNMENT_STATE_ON_POST);
  EXPECT_EQ(ExchangeCount("SELECT count(*) FROM ethics_result WHERE outcome <> 'ETHICS_OUTCOME_UNSPECIFIED'"),
            0);
  const auto ended = Step<exchange::Assignment>("Assignment", "Complete", post.id());
  EXPECT_TRUE(ended.ok()) << ended.status() << ": its course goes on";
  const auto again = exchange_.Call<exchange::Assignment>("AssignmentService/CreateAssignment", nominated);
  EXPECT_FALSE(again.ok()) << "nothing more of the person";
}

TEST_F(ExchangePersons, EligibleTeachersAreCountedOncePerSchoolYearAndStage) {
  exchange::CreateRotationEligibilityRequest request;
  auto* eligibility = request.mutable_rotation_eligibility();
  eligibility->set_school_id(near_school_);
  eligibility->set_school_year_id(school_year_id_);
  eligibility->set_stage(type::v1::STAGE_PRIMARY);
  eligibility->set_eligible_count(20);
  eligibility->set_eligible_backbone_count(21);
  const char* const create = "RotationEligibilityService/CreateRotationEligibility";
  EXPECT_TRUE(absl::IsInvalidArgument(
      exchange_.Call<exchange::RotationEligibility>(create, request, "school").status()));
  eligibility->set_eligible_backbone_count(5);
  const auto made = Must<exchange::RotationEligibility>(create, request, "school");
  EXPECT_TRUE(
      absl::IsAlreadyExists(exchange_.Call<exchange::RotationEligibility>(create, request, "near").status()));
  EXPECT_TRUE(absl::IsNotFound(
      Read<exchange::RotationEligibility>("RotationEligibility", made.id(), "far").status()));
}

}  // namespace
}  // namespace lianqiao::conformance
