// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/ranking_rules.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace lianqiao::research {
namespace {

using Columns = std::map<std::string, std::string>;
using resource::FactRow;
using resource::Facts;
using resource::Violations;
using Names = std::vector<std::string>;

Names Fields(const Violations& violations) {
  Names fields;
  for (const auto& violation : violations) fields.push_back(violation.field());
  return fields;
}

// Grade 3 of 小街: 16 of the townships' primary schools, then 5.
v1::RankingRecord Rank(int rank) {
  v1::RankingRecord record;
  record.set_id("after");
  record.set_unit_kind(v1::UNIT_KIND_ORGANISATION);
  record.set_unit_id("school");
  record.set_ranking_scope("全市乡镇小学");
  record.set_measure(v1::RANK_MEASURE_ALL_SUBJECTS);
  record.set_grade(type::v1::GRADE_3);
  record.set_term("2021-2022-1");
  record.set_rank(rank);
  record.add_evidence()->set_title("典型经验材料");
  return record;
}

TEST(RankingRules, ARankLiesWithinItsField) {
  v1::RankingRecord record = Rank(5);
  EXPECT_EQ(Fields(CheckRankingRecord(nullptr, record, Facts())), Names()) << "the field may be unknown";
  record.set_field_size(4);
  EXPECT_EQ(Fields(CheckRankingRecord(nullptr, record, Facts())), Names({"rank"}));
  record.set_field_size(5);
  EXPECT_EQ(Fields(CheckRankingRecord(nullptr, record, Facts())), Names());
}

TEST(RankingRules, ASubjectBelongsToRanksInOne) {
  v1::RankingRecord record = Rank(10);
  record.set_subject(type::v1::SUBJECT_CHINESE);
  EXPECT_EQ(Fields(CheckRankingRecord(nullptr, record, Facts())), Names({"subject"}));
  record.set_measure(v1::RANK_MEASURE_SINGLE_SUBJECT);
  EXPECT_EQ(Fields(CheckRankingRecord(nullptr, record, Facts())), Names());
  record.clear_subject();
  EXPECT_EQ(Fields(CheckRankingRecord(nullptr, record, Facts())), Names({"subject"}));
}

TEST(RankingRules, TheGradeBelongsToTheStage) {
  v1::RankingRecord record = Rank(5);
  record.set_stage(type::v1::STAGE_PRIMARY);
  EXPECT_EQ(Fields(CheckRankingRecord(nullptr, record, Facts())), Names());
  record.set_stage(type::v1::STAGE_JUNIOR);
  EXPECT_EQ(Fields(CheckRankingRecord(nullptr, record, Facts())), Names({"grade"}));
}

TEST(RankingRules, ARankOfTheCompulsoryStagesNamesItsDocument) {
  v1::RankingRecord record = Rank(5);
  record.clear_evidence();
  record.set_compulsory(true);
  EXPECT_EQ(Fields(CheckRankingRecord(nullptr, record, Facts())), Names({"evidence"}));
  record.set_compulsory(false);
  EXPECT_EQ(Fields(CheckRankingRecord(nullptr, record, Facts())), Names());
}

TEST(RankingRules, WhatIsNotKnownToBeBeyondCountsAsCompulsory) {
  struct Case {
    type::v1::Stage stage;
    type::v1::Grade grade;
    const char* unit_stages;  // Null: the unit is no organisation.
    bool compulsory;
  };
  const Case cases[] = {
      {type::v1::STAGE_PRIMARY, type::v1::GRADE_UNSPECIFIED, "{STAGE_SENIOR}", true},
      {type::v1::STAGE_JUNIOR, type::v1::GRADE_9, "{STAGE_SENIOR}", true},
      {type::v1::STAGE_SPECIAL, type::v1::GRADE_UNSPECIFIED, nullptr, true},
      {type::v1::STAGE_SENIOR, type::v1::GRADE_UNSPECIFIED, "{STAGE_JUNIOR,STAGE_SENIOR}", false},
      {type::v1::STAGE_VOCATIONAL, type::v1::GRADE_UNSPECIFIED, nullptr, false},
      {type::v1::STAGE_KINDERGARTEN, type::v1::GRADE_UNSPECIFIED, nullptr, false},
      {type::v1::STAGE_UNSPECIFIED, type::v1::GRADE_3, nullptr, true},
      {type::v1::STAGE_UNSPECIFIED, type::v1::GRADE_9, nullptr, true},
      {type::v1::STAGE_UNSPECIFIED, type::v1::GRADE_10, "{STAGE_JUNIOR}", false},
      {type::v1::STAGE_UNSPECIFIED, type::v1::GRADE_UNSPECIFIED, "{STAGE_SENIOR}", false},
      {type::v1::STAGE_UNSPECIFIED, type::v1::GRADE_UNSPECIFIED, "{STAGE_JUNIOR,STAGE_SENIOR}", true},
      {type::v1::STAGE_UNSPECIFIED, type::v1::GRADE_UNSPECIFIED, "{}", true},
      {type::v1::STAGE_UNSPECIFIED, type::v1::GRADE_UNSPECIFIED, nullptr, true}};
  for (const Case& known : cases) {
    v1::RankingRecord record;
    record.set_stage(known.stage);
    record.set_grade(known.grade);
    record.set_compulsory(!known.compulsory);  // What a client says of it does not count.
    Facts facts;
    if (known.unit_stages != nullptr) facts.Add("unit", {FactRow(Columns{{"stages", known.unit_stages}})});
    DeriveCompulsory(&record, facts);
    EXPECT_EQ(record.compulsory(), known.compulsory)
        << type::v1::Stage_Name(known.stage) << " " << type::v1::Grade_Name(known.grade) << " "
        << (known.unit_stages == nullptr ? "-" : known.unit_stages);
  }
}

Facts Earlier(const std::string& changed = "", const std::string& value = "") {
  std::map<std::string, std::string> row = {{"unit_id", "school"},
                                            {"ranking_scope", "全市乡镇小学"},
                                            {"measure", "RANK_MEASURE_ALL_SUBJECTS"},
                                            {"subject", "SUBJECT_UNSPECIFIED"},
                                            {"stage", "STAGE_UNSPECIFIED"},
                                            {"grade", "GRADE_3"},
                                            {"term", ""}};
  if (!changed.empty()) row[changed] = value;
  Facts facts;
  facts.Add("earlier", {FactRow(row)});
  return facts;
}

TEST(RankingRules, OnlyAnEarlierRankOfTheSameSeriesIsCompared) {
  v1::RankingRecord record = Rank(5);
  record.set_compared_with_id("before");
  EXPECT_EQ(Fields(CheckRankingRecord(nullptr, record, Earlier())), Names());
  EXPECT_EQ(Fields(CheckRankingRecord(nullptr, record, Earlier("term", "2020-2021-2"))), Names());
  for (const auto& [column, value] : std::map<std::string, std::string>{{"unit_id", "other"},
                                                                        {"ranking_scope", "全市小学"},
                                                                        {"measure", "RANK_MEASURE_OTHER"},
                                                                        {"subject", "SUBJECT_CHINESE"},
                                                                        {"stage", "STAGE_PRIMARY"},
                                                                        {"grade", "GRADE_4"},
                                                                        {"term", "2021-2022-1"}})
    EXPECT_EQ(Fields(CheckRankingRecord(nullptr, record, Earlier(column, value))), Names({"comparedWithId"}))
        << column;
  EXPECT_EQ(Fields(CheckRankingRecord(nullptr, record, Earlier("term", "2022-2023-1"))),
            Names({"comparedWithId"}));
  record.set_compared_with_id("after");
  EXPECT_EQ(Fields(CheckRankingRecord(nullptr, record, Facts())), Names({"comparedWithId"}));
}

TEST(RankingRules, ARecordWithoutATermIsComparedWithNone) {
  v1::RankingRecord record = Rank(17);
  record.clear_term();
  record.set_compared_with_id("before");
  EXPECT_EQ(Fields(CheckRankingRecord(nullptr, record, Earlier())), Names({"comparedWithId"}));
}

}  // namespace
}  // namespace lianqiao::research
