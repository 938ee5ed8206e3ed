// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "lianqiao/registry/v1/organisation.pb.h"
#include "libs/bulk/limits.h"

namespace lianqiao::bulk {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

IdBytes Id(int number) {
  IdBytes id = {};
  id[0] = static_cast<unsigned char>(number);
  id[1] = static_cast<unsigned char>(number >> 8);
  id[2] = static_cast<unsigned char>(number >> 16);
  return id;
}

TEST(KindOrder, PutsWhatIsReferredToFirst) {
  registry::v1::Organisation::default_instance();
  const auto contract = contract::Contract::Load({"lianqiao.registry.v1"});
  ASSERT_TRUE(contract.ok()) << contract.status();
  const KindOrder order(**contract);
  const auto rank = [&](const char* kind) { return order.RankOf(*(*contract)->FindKind(kind)); };
  for (const auto& resource : (*contract)->resources()) {
    for (const auto* field : order.References(*resource)) {
      const auto* target = (*contract)->FindKind(field->rule->reference());
      EXPECT_GE(order.RankOf(*resource), order.RankOf(*target)) << resource->kind << "." << field->name;
    }
  }
  EXPECT_LT(rank("jurisdiction"), rank("organisation"));
  EXPECT_LT(rank("organisation"), rank("school_year_facts"));
  EXPECT_LT(rank("fact_submission"), rank("school_year_facts"));
  EXPECT_FALSE(order.Tangled(*(*contract)->FindKind("jurisdiction")).empty()) << "places lie in places";
  EXPECT_TRUE(order.Tangled(*(*contract)->FindKind("school_year_facts")).empty());
}

TEST(LineIndex, FindsTheFirstLineOfARecordAndItsDuplicates) {
  LineIndex index;
  index.Add(0, Id(5), 9);
  index.Add(0, Id(5), 2);
  index.Add(1, Id(5), 3);
  index.Add(0, Id(5), 4);
  index.Sort();
  EXPECT_EQ(index.Find(0, Id(5)), 2u);
  EXPECT_EQ(index.Find(1, Id(5)), 3u);
  EXPECT_EQ(index.Find(1, Id(6)), 0u);
  std::vector<std::string> told;
  index.ForDuplicates([&](uint32_t line, uint32_t first) { told.push_back(absl::StrCat(line, ">", first)); });
  EXPECT_THAT(told, ElementsAre("4>2", "9>2"));
}

class LevelsOf : public ::testing::Test {
 protected:
  // Line n holds record n.
  void Compute(int lines, const std::vector<std::pair<int, int>>& references,
               const std::vector<bool>& refused = {}) {
    LineIndex index;
    for (int line = 1; line <= lines; ++line) index.Add(0, Id(line), static_cast<uint32_t>(line));
    index.Sort();
    for (const auto& [line, parent] : references) levels_.Add(static_cast<uint32_t>(line), 0, Id(parent));
    levels_.Compute(index, refused, [&](uint32_t line, Levels::Outcome outcome, uint32_t parent) {
      told_.push_back(absl::StrCat(
          line, outcome == Levels::Outcome::kCircle ? " circle" : absl::StrCat(" behind ", parent)));
    });
  }
  Levels levels_;
  std::vector<std::string> told_;
};

TEST_F(LevelsOf, ParentsComeFirstWhereverTheyStand) {
  Compute(5, {{1, 2}, {2, 4}, {3, 4}, {5, 99}});
  EXPECT_TRUE(told_.empty());
  EXPECT_EQ(levels_.LevelOf(4), 0);
  EXPECT_EQ(levels_.LevelOf(2), 1);
  EXPECT_EQ(levels_.LevelOf(3), 1);
  EXPECT_EQ(levels_.LevelOf(1), 2);
  EXPECT_EQ(levels_.LevelOf(5), 0) << "its parent is not in the file";
  EXPECT_EQ(levels_.deepest(), 2);
}

TEST_F(LevelsOf, TheLongestWayCounts) {
  Compute(4, {{4, 1}, {4, 3}, {3, 2}, {2, 1}});
  EXPECT_EQ(levels_.LevelOf(4), 3);
}

TEST_F(LevelsOf, CirclesAreToldApartFromWhatHangsOnThem) {
  Compute(7, {{1, 2}, {2, 3}, {3, 1}, {4, 1}, {5, 4}, {6, 7}, {7, 7}});
  EXPECT_THAT(told_, UnorderedElementsAre("1 circle", "2 circle", "3 circle", "7 circle", "4 behind 1",
                                          "5 behind 4", "6 behind 7"));
}

TEST_F(LevelsOf, ARefusedLineCarriesNobody) {
  std::vector<bool> refused(10, false);
  refused[2] = true;
  Compute(3, {{1, 2}, {2, 1}, {3, 1}}, refused);
  EXPECT_TRUE(told_.empty());
  EXPECT_EQ(levels_.LevelOf(3), 1);
}

TEST_F(LevelsOf, AChainOfAHundredThousandIsQuickAndTooDeep) {
  std::vector<std::pair<int, int>> chain;
  for (int line = 2; line <= 100000; ++line) chain.emplace_back(line, line - 1);
  Compute(100000, chain);
  EXPECT_FALSE(told_.empty());
  EXPECT_EQ(levels_.LevelOf(kDepthMax), kDepthMax - 1);
}

}  // namespace
}  // namespace lianqiao::bulk
