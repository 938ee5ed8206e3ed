// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/assignment_snapshot.h"

#include <gtest/gtest.h>

#include "services/teacher-exchange/rules_testing.h"

namespace lianqiao::exchange {
namespace {

using resource::FactRow;
using resource::Facts;
using v1::Assignment;

FactRow Schools(const std::string& from_class, const std::string& to_class, const std::string& from_tier = "",
                const std::string& to_tier = "") {
  return Row(
      {{"from_class", from_class}, {"to_class", to_class}, {"from_tier", from_tier}, {"to_tier", to_tier}});
}

FactRow BackboneSince(const std::string& day) {
  return Row({{"backbone_level", "RECOGNITION_LEVEL_CITY"},
              {"backbone_from", day},
              {"master_level", "RECOGNITION_LEVEL_UNSPECIFIED"},
              {"cadre_rank", "CADRE_RANK_VICE_PRINCIPAL"},
              {"cadre_rank_until", "2026-08-31"},
              {"reserve_cadre", "t"},
              {"reserve_cadre_from", "2026-01-01"}});
}

Assignment In(v1::AssignmentState state, const std::string& planned_from) {
  Assignment assignment;
  assignment.set_state(state);
  assignment.set_planned_from(planned_from);
  return assignment;
}

v1::Direction DirectionBetween(const std::string& from_class, const std::string& to_class) {
  Assignment assignment = In(v1::ASSIGNMENT_STATE_NOMINATED, "2026-09-01");
  Facts facts = By("CreateAssignment");
  facts.Add("schools", {Schools(from_class, to_class)});
  TakeSnapshot(&assignment, facts);
  return assignment.direction();
}

TEST(Snapshot, EveryDirection) {
  struct Place {
    const char* name;
    int kind;  // 0 unknown, 1 urban, 2 rural
  };
  const Place places[] = {{"", 0},
                          {"URBAN_RURAL_CLASS_UNSPECIFIED", 0},
                          {"URBAN_RURAL_CLASS_URBAN_CORE", 1},
                          {"URBAN_RURAL_CLASS_URBAN_FRINGE", 1},
                          {"URBAN_RURAL_CLASS_TOWN_CENTRE", 1},
                          {"URBAN_RURAL_CLASS_TOWN_FRINGE", 1},
                          {"URBAN_RURAL_CLASS_SPECIAL_AREA", 1},
                          {"URBAN_RURAL_CLASS_TOWNSHIP_CENTRE", 2},
                          {"URBAN_RURAL_CLASS_VILLAGE", 2}};
  const v1::Direction expected[3][3] = {
      {v1::DIRECTION_UNKNOWN, v1::DIRECTION_UNKNOWN, v1::DIRECTION_UNKNOWN},
      {v1::DIRECTION_UNKNOWN, v1::DIRECTION_URBAN_TO_URBAN, v1::DIRECTION_URBAN_TO_RURAL},
      {v1::DIRECTION_UNKNOWN, v1::DIRECTION_RURAL_TO_URBAN, v1::DIRECTION_RURAL_TO_RURAL}};
  for (const Place& from : places)
    for (const Place& to : places)
      EXPECT_EQ(DirectionBetween(from.name, to.name), expected[from.kind][to.kind])
          << from.name << " → " << to.name;
}

TEST(Snapshot, TiersOrUnknown) {
  Assignment assignment = In(v1::ASSIGNMENT_STATE_NOMINATED, "2026-09-01");
  Facts facts = By("CreateAssignment");
  facts.Add("schools", {Schools("", "", "QUALITY_TIER_QUALITY", "QUALITY_TIER_WEAK")});
  TakeSnapshot(&assignment, facts);
  EXPECT_EQ(assignment.from_tier(), v1::SCHOOL_TIER_QUALITY);
  EXPECT_EQ(assignment.to_tier(), v1::SCHOOL_TIER_WEAK);
  Assignment other = In(v1::ASSIGNMENT_STATE_NOMINATED, "2026-09-01");
  TakeSnapshot(&other, By("CreateAssignment"));
  EXPECT_EQ(other.from_tier(), v1::SCHOOL_TIER_UNKNOWN);
  EXPECT_EQ(other.direction(), v1::DIRECTION_UNKNOWN) << "the copy has no such school";
}

TEST(Snapshot, TheTeacherAsOnTheDay) {
  Facts facts = By("CreateAssignment");
  facts.Add("teacher", {BackboneSince("2026-09-01")});
  Assignment before = In(v1::ASSIGNMENT_STATE_NOMINATED, "2026-08-31");
  TakeSnapshot(&before, facts);
  EXPECT_FALSE(before.backbone());
  EXPECT_EQ(before.cadre_rank(), v1::CADRE_RANK_VICE_PRINCIPAL);
  Assignment after = In(v1::ASSIGNMENT_STATE_NOMINATED, "2026-09-01");
  TakeSnapshot(&after, facts);
  EXPECT_TRUE(after.backbone());
  EXPECT_FALSE(after.master_teacher());
  EXPECT_TRUE(after.has_master_teacher()) << "known not to be one";
  EXPECT_TRUE(after.reserve_cadre());
  EXPECT_EQ(after.cadre_rank(), v1::CADRE_RANK_NONE) << "the rank has ended";
  Assignment undated = In(v1::ASSIGNMENT_STATE_NOMINATED, "");
  TakeSnapshot(&undated, facts);
  EXPECT_TRUE(undated.backbone()) << "as today";
}

TEST(Snapshot, StaysOnceOnPost) {
  Facts facts = By("UpdateAssignment");
  facts.Add("teacher", {BackboneSince("2020-01-01")});
  facts.Add("schools", {Schools("URBAN_RURAL_CLASS_VILLAGE", "URBAN_RURAL_CLASS_VILLAGE", "QUALITY_TIER_WEAK",
                                "QUALITY_TIER_WEAK")});
  Assignment assignment = In(v1::ASSIGNMENT_STATE_ON_POST, "2026-09-01");
  assignment.set_started_on("2026-09-01");
  assignment.set_backbone(false);
  assignment.set_master_teacher(true);
  assignment.set_reserve_cadre(false);
  assignment.set_cadre_rank(v1::CADRE_RANK_PRINCIPAL);
  assignment.set_direction(v1::DIRECTION_URBAN_TO_RURAL);
  assignment.set_from_tier(v1::SCHOOL_TIER_QUALITY);
  assignment.set_to_tier(v1::SCHOOL_TIER_UNKNOWN);
  const Assignment given = assignment;
  TakeSnapshot(&assignment, facts);
  EXPECT_EQ(assignment.to_tier(), v1::SCHOOL_TIER_WEAK) << "what was not known is filled in";
  assignment.set_to_tier(v1::SCHOOL_TIER_UNKNOWN);
  EXPECT_EQ(assignment.SerializeAsString(), given.SerializeAsString());
  facts.set_method("StartAssignment");
  TakeSnapshot(&assignment, facts);
  EXPECT_TRUE(assignment.backbone()) << "the day on which it begins decides";
  EXPECT_EQ(assignment.direction(), v1::DIRECTION_RURAL_TO_RURAL);
}

TEST(Snapshot, HistoryWithoutADayIsNotGuessed) {
  Facts facts = By("BatchUpsertAssignments");
  facts.Add("teacher", {BackboneSince("2020-01-01")});
  Assignment assignment = In(v1::ASSIGNMENT_STATE_ASSESSED, "");
  TakeSnapshot(&assignment, facts);
  EXPECT_FALSE(assignment.has_backbone());
  EXPECT_EQ(assignment.cadre_rank(), v1::CADRE_RANK_UNSPECIFIED);
}

// What an import does not say begins with the first value of its list.
TEST(Snapshot, HistoryFillsInWhatItDoesNotSay) {
  ASSERT_EQ(v1::Direction_descriptor()->value(1)->number(), v1::DIRECTION_UNKNOWN);
  ASSERT_EQ(v1::SchoolTier_descriptor()->value(1)->number(), v1::SCHOOL_TIER_UNKNOWN);
  ASSERT_EQ(v1::CadreRank_descriptor()->value(1)->number(), v1::CADRE_RANK_UNKNOWN);
  Facts facts = By("BatchUpsertAssignments");
  facts.Add("teacher", {BackboneSince("2020-01-01")});
  facts.Add("schools", {Schools("URBAN_RURAL_CLASS_VILLAGE", "URBAN_RURAL_CLASS_URBAN_CORE",
                                "QUALITY_TIER_WEAK", "QUALITY_TIER_QUALITY")});
  Assignment assignment = In(v1::ASSIGNMENT_STATE_ASSESSED, "2025-09-01");
  assignment.set_direction(v1::DIRECTION_UNKNOWN);
  assignment.set_from_tier(v1::SCHOOL_TIER_UNKNOWN);
  assignment.set_to_tier(v1::SCHOOL_TIER_UNKNOWN);
  assignment.set_cadre_rank(v1::CADRE_RANK_UNKNOWN);
  TakeSnapshot(&assignment, facts);
  EXPECT_EQ(assignment.direction(), v1::DIRECTION_RURAL_TO_URBAN);
  EXPECT_EQ(assignment.from_tier(), v1::SCHOOL_TIER_WEAK);
  EXPECT_EQ(assignment.to_tier(), v1::SCHOOL_TIER_QUALITY);
  EXPECT_EQ(assignment.cadre_rank(), v1::CADRE_RANK_VICE_PRINCIPAL);
  EXPECT_TRUE(assignment.backbone());
}

}  // namespace
}  // namespace lianqiao::exchange
