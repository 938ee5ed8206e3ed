// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/talent_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/teacher-exchange/rules_testing.h"

namespace lianqiao::exchange {
namespace {

using resource::FactRow;
using resource::Facts;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(TalentProgrammeRules, AProjectBelongsToAWholeAndHasNoneOfItsOwn) {
  v1::TalentProgramme project;
  project.set_id("project");
  Facts facts = By("CreateTalentProgramme");
  facts.Add("projects", {Row({{"id", "other"}})});
  EXPECT_THAT(FieldsOf(CheckTalentProgramme(nullptr, project, facts)), IsEmpty()) << "a whole";
  project.set_parent_programme_id("whole");
  EXPECT_THAT(FieldsOf(CheckTalentProgramme(nullptr, project, facts)), ElementsAre("parentProgrammeId"));
  facts.Add("projects", {});
  facts.Add("whole", {Row({{"parent_programme_id", ""}})});
  EXPECT_THAT(FieldsOf(CheckTalentProgramme(nullptr, project, facts)), IsEmpty());
  facts.Add("whole", {Row({{"parent_programme_id", "yet another"}})});
  EXPECT_THAT(FieldsOf(CheckTalentProgramme(nullptr, project, facts)), ElementsAre("parentProgrammeId"));
  facts.Add("whole", {Row({{"parent_programme_id", ""}})});
  project.set_parent_programme_id("project");
  EXPECT_THAT(FieldsOf(CheckTalentProgramme(nullptr, project, facts)), ElementsAre("parentProgrammeId"));
}

// Members of what teaches would else become members of an honour, whom nobody has asked about.
TEST(TalentProgrammeRules, ItsKindStandsOnceItHasTakenSomebodyIn) {
  v1::TalentProgramme before;
  before.set_kind(v1::TALENT_PROGRAMME_KIND_PRINCIPALS);
  v1::TalentProgramme after = before;
  after.set_kind(v1::TALENT_PROGRAMME_KIND_NAMED_TEACHERS);
  Facts facts = By("UpdateTalentProgramme");
  EXPECT_THAT(FieldsOf(CheckTalentProgramme(&before, after, facts)), IsEmpty());
  facts.Add("taken_in", {Row({{"one", "1"}})});
  EXPECT_THAT(FieldsOf(CheckTalentProgramme(&before, after, facts)), ElementsAre("kind"));
  EXPECT_THAT(FieldsOf(CheckTalentProgramme(&before, before, facts)), IsEmpty());
  facts.set_method("BatchUpsertTalentProgrammes");
  EXPECT_THAT(FieldsOf(CheckTalentProgramme(&before, after, facts)), ElementsAre("kind"));
  EXPECT_THAT(FieldsOf(CheckTalentProgramme(&before, after, Imported(facts))), IsEmpty());
}

TEST(TalentProgrammeRules, ItEndsByItsStep) {
  v1::TalentProgramme programme;
  programme.set_state(v1::GROUP_STATE_ACTIVE);
  programme.set_started_on("2024-01-01");
  programme.set_ended_on("2023-12-31");
  EXPECT_THAT(FieldsOf(CheckTalentProgramme(nullptr, programme, By("UpdateTalentProgramme"))),
              ElementsAre("endedOn", "endedOn"));
  programme.set_state(v1::GROUP_STATE_ENDED);
  programme.set_ended_on("2026-12-31");
  EXPECT_THAT(FieldsOf(CheckTalentProgramme(nullptr, programme, By("EndTalentProgramme"))), IsEmpty());
}

std::vector<std::string> RefusedCohort(const v1::TalentCohort& cohort, int members = 0,
                                       const std::string& state = "ACTIVE") {
  Facts facts = By("CreateTalentCohort");
  facts.Add("members", {Row({{"count", absl::StrCat(members)}})});
  facts.Add("group", {Row({{"state", "GROUP_STATE_" + state}})});
  return FieldsOf(CheckTalentCohort(nullptr, cohort, facts));
}

TEST(TalentCohortRules, FiguresAreNeverBelowTheMembersOnRecord) {
  v1::TalentCohort cohort;
  EXPECT_THAT(RefusedCohort(cohort, 41), IsEmpty());
  cohort.set_distinct_person_count(40);
  EXPECT_THAT(RefusedCohort(cohort, 40), IsEmpty());
  EXPECT_THAT(RefusedCohort(cohort, 41), ElementsAre("distinctPersonCount"));
  cohort.set_distinct_person_count_comparison(type::v1::COMPARISON_MORE_THAN);
  EXPECT_THAT(RefusedCohort(cohort, 41), IsEmpty());
  cohort.clear_distinct_person_count();
  EXPECT_THAT(RefusedCohort(cohort), ElementsAre("distinctPersonCountComparison"));
}

TEST(TalentCohortRules, RuralPlacesArePartOfTheQuota) {
  v1::TalentCohort cohort;
  cohort.set_rural_quota_count(30);
  EXPECT_THAT(RefusedCohort(cohort), IsEmpty()) << "the whole is not known";
  cohort.set_quota_count(30);
  EXPECT_THAT(RefusedCohort(cohort), IsEmpty());
  cohort.set_quota_count(29);
  EXPECT_THAT(RefusedCohort(cohort), ElementsAre("ruralQuotaCount"));
}

TEST(TalentCohortRules, AProgrammeThatIsOverTakesNoCohort) {
  EXPECT_THAT(RefusedCohort({}, 0, "PLANNED"), IsEmpty());
  EXPECT_THAT(RefusedCohort({}, 0, "ENDED"), ElementsAre("talentProgrammeId"));
  EXPECT_THAT(RefusedCohort({}, 0, "ABANDONED"), ElementsAre("talentProgrammeId"));
  v1::TalentCohort cohort;
  cohort.set_started_on("2026-09-01");
  cohort.set_ended_on("2026-08-31");
  EXPECT_THAT(RefusedCohort(cohort), ElementsAre("endedOn"));
  Facts batch = By("BatchUpsertTalentCohorts");
  batch.Add("group", {Row({{"state", "GROUP_STATE_ENDED"}})});
  EXPECT_THAT(FieldsOf(CheckTalentCohort(nullptr, {}, batch)), ElementsAre("talentProgrammeId"));
  EXPECT_THAT(FieldsOf(CheckTalentCohort(nullptr, {}, Imported(batch))), IsEmpty());
}

class TalentMemberRules : public testing::Test {
 protected:
  TalentMemberRules() {
    member_.set_talent_programme_id("programme");
    member_.set_state(v1::GROUP_MEMBER_STATE_ACTIVE);
  }
  Facts InCohort(const std::string& programme, const std::string& group, const std::string& persons = "",
                 int others = 0, const std::string& comparison = "COMPARISON_UNSPECIFIED") {
    Facts facts = By("CreateTalentMember");
    facts.Add("cohort", {Row({{"talent_programme_id", programme},
                              {"target_group", "TALENT_GROUP_" + group},
                              {"distinct_person_count", persons},
                              {"comparison", comparison}})});
    facts.Add("other_members", {Row({{"count", absl::StrCat(others)}})});
    return facts;
  }
  std::vector<std::string> Refused(const Facts& facts) {
    return FieldsOf(CheckTalentMember(nullptr, member_, facts));
  }
  v1::TalentMember member_;
};

TEST_F(TalentMemberRules, AMemberIsOfACohortOfTheProgramme) {
  EXPECT_THAT(Refused(InCohort("programme", "LEADING_TEACHERS")), IsEmpty());
  EXPECT_THAT(Refused(InCohort("other", "LEADING_TEACHERS")), ElementsAre("talentCohortId"));
}

TEST_F(TalentMemberRules, PupilsAndStudentsAreFiguresOnly) {
  for (const char* group : {"PUPILS", "NORMAL_STUDENTS"})
    EXPECT_THAT(Refused(InCohort("programme", group)), ElementsAre("talentCohortId")) << group;
}

TEST_F(TalentMemberRules, ThereAreNoMoreThanTheCohortReports) {
  EXPECT_THAT(Refused(InCohort("programme", "LEADING_TEACHERS", "155", 154)), IsEmpty());
  EXPECT_THAT(Refused(InCohort("programme", "LEADING_TEACHERS", "155", 155)), ElementsAre("talentCohortId"));
  EXPECT_THAT(Refused(InCohort("programme", "NAMED_TEACHERS", "40", 40, "COMPARISON_MORE_THAN")), IsEmpty());
  EXPECT_THAT(Refused(InCohort("programme", "NAMED_TEACHERS", "", 40)), IsEmpty());
}

TEST_F(TalentMemberRules, AFailedYearStandsAgainstHonoursAndTitles) {
  Facts facts = InCohort("programme", "LEADING_TEACHERS");
  facts.Add("ethics", {Row({{"outcome", "ETHICS_OUTCOME_FAILED"}})});
  EXPECT_THAT(Refused(facts), ElementsAre("teacherId"));
  facts.set_method("BatchUpsertTalentMembers");
  EXPECT_THAT(Refused(facts), ElementsAre("teacherId"));
  EXPECT_THAT(Refused(Imported(facts)), IsEmpty()) << "history";
  const v1::TalentMember before = member_;
  EXPECT_THAT(FieldsOf(CheckTalentMember(&before, member_, facts)), IsEmpty()) << "was one before";
  facts.Add("ethics", {Row({{"outcome", "ETHICS_OUTCOME_PASSED"}})});
  EXPECT_THAT(Refused(facts), IsEmpty());
}

TEST_F(TalentMemberRules, TheGroupIsTheCohorts) {
  member_.set_target_group(v1::TALENT_GROUP_OTHER);
  DeriveTalentMember(&member_, InCohort("programme", "RISING_TEACHERS"));
  EXPECT_EQ(member_.target_group(), v1::TALENT_GROUP_RISING_TEACHERS);
  DeriveTalentMember(&member_, Facts());
  EXPECT_EQ(member_.target_group(), v1::TALENT_GROUP_UNSPECIFIED);
}

TEST_F(TalentMemberRules, NobodyJoinsWhatIsOverAndLeavesBeforeJoining) {
  Facts facts = InCohort("programme", "NEW_TEACHERS");
  facts.Add("group", {Row({{"state", "GROUP_STATE_ENDED"}})});
  EXPECT_THAT(Refused(facts), ElementsAre("talentProgrammeId"));
  facts.set_method("BatchUpsertTalentMembers");
  EXPECT_THAT(Refused(facts), ElementsAre("talentProgrammeId"));
  facts.set_imports(true);
  EXPECT_THAT(Refused(facts), IsEmpty());
  member_.set_left_on("2026-01-01");
  EXPECT_THAT(Refused(facts), ElementsAre("leftOn"));
  member_.set_state(v1::GROUP_MEMBER_STATE_ENDED);
  member_.set_joined_on("2026-01-02");
  EXPECT_THAT(Refused(facts), ElementsAre("leftOn"));
  member_.add_external_ids()->set_id("13800138000");
  EXPECT_THAT(Refused(facts), ElementsAre("externalIds[0].id", "leftOn"));
}

}  // namespace
}  // namespace lianqiao::exchange
