// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/teacher_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/teacher-exchange/rules_testing.h"

namespace lianqiao::exchange {
namespace {

using resource::Facts;
using testing::ElementsAre;
using testing::IsEmpty;
using v1::Teacher;

std::vector<std::string> Refused(const Teacher& teacher) {
  return FieldsOf(CheckTeacher(nullptr, teacher, By("CreateTeacher")));
}

Facts Moved(const std::string& since, int kept = 0, bool same_school = false) {
  Facts facts = By("UpdateTeacher");
  facts.Add("former_school", {Row({{"school_id", "old"},
                                   {"at_school_since", since},
                                   {"kept", std::to_string(kept)},
                                   {"same_school", same_school ? "t" : "f"}})});
  return facts;
}

TEST(TeacherRules, WhatHoldsFromADayToADay) {
  EXPECT_TRUE(HeldOn("", "", "2026-01-01"));
  EXPECT_TRUE(HeldOn("2026-01-01", "2026-01-01", "2026-01-01"));
  EXPECT_FALSE(HeldOn("2026-01-02", "", "2026-01-01"));
  EXPECT_FALSE(HeldOn("", "2025-12-31", "2026-01-01"));
}

TEST(TeacherRules, AnEmptyTeacherViolatesNothing) {
  EXPECT_THAT(Refused(Teacher()), IsEmpty());
}

TEST(TeacherRules, ABirthYearIsOneOfATeacher) {
  Teacher teacher;
  for (const int good : {1920, 1980, 2010}) {
    teacher.set_birth_year(good);
    EXPECT_THAT(Refused(teacher), IsEmpty()) << good;
  }
  for (const int bad : {1, 1919, 2011, 2026}) {
    teacher.set_birth_year(bad);
    EXPECT_THAT(Refused(teacher), ElementsAre("birthYear")) << bad;
  }
}

TEST(TeacherRules, DaysBelongToAStandingAndStandInOrder) {
  Teacher teacher;
  teacher.set_backbone_from("2025-01-01");
  teacher.set_master_until("2025-01-01");
  teacher.set_cadre_rank_from("2025-01-01");
  teacher.set_reserve_cadre_from("2025-01-01");
  teacher.set_employment_status_since("2025-01-01");
  EXPECT_THAT(Refused(teacher),
              ElementsAre("backboneLevel", "masterLevel", "cadreRank", "reserveCadre", "employmentStatus"));
  teacher.set_backbone_level(v1::RECOGNITION_LEVEL_COUNTY);
  teacher.set_master_level(v1::RECOGNITION_LEVEL_CITY);
  teacher.set_cadre_rank(v1::CADRE_RANK_MID_LEVEL);
  teacher.set_reserve_cadre(true);
  teacher.set_employment_status(v1::EMPLOYMENT_STATUS_COUNTY_MANAGED);
  EXPECT_THAT(Refused(teacher), IsEmpty());
  teacher.set_backbone_until("2024-12-31");
  teacher.set_master_from("2025-01-02");
  teacher.set_cadre_rank_until("2024-12-31");
  teacher.set_reserve_cadre_until("2024-12-31");
  EXPECT_THAT(Refused(teacher),
              ElementsAre("backboneUntil", "masterUntil", "cadreRankUntil", "reserveCadreUntil"));
}

TEST(TeacherRules, FormerSchoolsLieBeforeTheSchool) {
  Teacher teacher;
  teacher.set_at_school_since("2020-09-01");
  auto* former = teacher.add_former_schools();
  former->set_valid_from("2010-09-01");
  former->set_valid_to("2020-08-31");
  EXPECT_THAT(Refused(teacher), IsEmpty());
  *teacher.add_former_schools() = *former;
  EXPECT_THAT(Refused(teacher), ElementsAre("formerSchools[1]")) << "at two schools at once";
  teacher.mutable_former_schools()->RemoveLast();
  teacher.mutable_former_schools(0)->set_valid_to("2021-08-31");
  EXPECT_THAT(Refused(teacher), ElementsAre("atSchoolSince"));
  teacher.clear_former_schools();
  teacher.set_left_on("2020-08-31");
  EXPECT_THAT(Refused(teacher), ElementsAre("leftOn"));
}

TEST(TeacherRules, NoIdElsewhereIsAResidentIdOrAMobileNumber) {
  Teacher teacher;
  teacher.add_external_ids()->set_id("personnel-17");
  EXPECT_THAT(Refused(teacher), IsEmpty());
  teacher.add_external_ids()->set_id("11010519491231002X");
  teacher.add_external_ids()->set_id("13812345678");
  EXPECT_THAT(Refused(teacher), ElementsAre("externalIds[1].id", "externalIds[2].id"));
}

TEST(Transfer, KeepsTheFormerSchool) {
  Teacher teacher;
  teacher.set_school_id("new");
  teacher.set_at_school_since("2026-09-01");
  KeepFormerSchool(&teacher, Moved("2016-09-01"));
  ASSERT_EQ(teacher.former_schools_size(), 1);
  EXPECT_EQ(teacher.former_schools(0).school_id(), "old");
  EXPECT_EQ(teacher.former_schools(0).valid_from(), "2016-09-01");
  EXPECT_EQ(teacher.former_schools(0).valid_to(), "2026-08-31");
  EXPECT_EQ(teacher.at_school_since(), "2026-09-01");
}

TEST(Transfer, CountsFromTodayUnlessToldSinceWhen) {
  Teacher teacher;
  teacher.set_at_school_since("2016-09-01");
  KeepFormerSchool(&teacher, Moved("2016-09-01"));
  EXPECT_EQ(teacher.at_school_since(), "2026-11-26");
  ASSERT_EQ(teacher.former_schools_size(), 1);
  EXPECT_EQ(teacher.former_schools(0).valid_to(), "2026-11-25");
}

TEST(Transfer, FollowsTheLatestFormerSchoolWhereTheBeginIsUnknown) {
  Teacher teacher;
  teacher.set_at_school_since("2026-09-01");
  teacher.add_former_schools()->set_valid_to("2018-08-31");
  KeepFormerSchool(&teacher, Moved("", 1));
  ASSERT_EQ(teacher.former_schools_size(), 2);
  EXPECT_EQ(teacher.former_schools(1).valid_from(), "2018-09-01");
  EXPECT_EQ(teacher.former_schools(1).valid_to(), "2026-08-31");
}

TEST(Transfer, LeavesAloneWhatIsNone) {
  Teacher teacher;
  teacher.set_at_school_since("2016-09-01");
  KeepFormerSchool(&teacher, By("UpdateTeacher"));
  KeepFormerSchool(&teacher, Moved("2016-09-01", 0, /*same_school=*/true));
  EXPECT_EQ(teacher.former_schools_size(), 0) << "a campus of the same school";
  EXPECT_EQ(teacher.at_school_since(), "2016-09-01");
  teacher.add_former_schools()->set_valid_to("2020-08-31");
  teacher.set_at_school_since("2020-09-01");
  KeepFormerSchool(&teacher, Moved("2016-09-01"));
  EXPECT_EQ(teacher.former_schools_size(), 1) << "the writer says it himself";
  Teacher corrected;
  corrected.set_at_school_since("2015-09-01");
  KeepFormerSchool(&corrected, Moved("2016-09-01"));
  EXPECT_EQ(corrected.former_schools_size(), 0) << "at the other school on no day";
}

TEST(EthicsRules, AYearThatHasBegunAndADecisionNotBefore) {
  v1::EthicsResult result;
  result.set_year(2026);
  const auto refused = [&] { return FieldsOf(CheckEthicsResult(nullptr, result, By("CreateEthicsResult"))); };
  EXPECT_THAT(refused(), IsEmpty());
  result.set_decided_on("2025-12-31");
  EXPECT_THAT(refused(), ElementsAre("decidedOn"));
  result.set_decided_on("2026-11-27");
  EXPECT_THAT(refused(), ElementsAre("decidedOn"));
  result.set_decided_on("2026-11-26");
  EXPECT_THAT(refused(), IsEmpty());
  result.clear_decided_on();
  result.set_year(2027);
  result.add_external_ids()->set_id("13812345678");
  EXPECT_THAT(refused(), ElementsAre("externalIds[0].id", "year"));
}

TEST(EligibilityRules, BackboneTeachersAreAPart) {
  v1::RotationEligibility eligibility;
  eligibility.set_eligible_count(10);
  eligibility.set_eligible_backbone_count(10);
  EXPECT_THAT(CheckRotationEligibility(nullptr, eligibility, Facts()), IsEmpty());
  eligibility.set_eligible_backbone_count(11);
  EXPECT_THAT(FieldsOf(CheckRotationEligibility(nullptr, eligibility, Facts())),
              ElementsAre("eligibleBackboneCount"));
}

}  // namespace
}  // namespace lianqiao::exchange
