// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/project_rules.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace lianqiao::registry {
namespace {

using resource::Facts;

TEST(ProjectRules, ACompletedProjectSaysItsOutcome) {
  v1::CooperationProject project;
  Facts facts;
  facts.set_method("CompleteCooperationProject");
  EXPECT_EQ(CheckCooperationProject(&project, project, facts).at(0).field(), "outcome");
  project.set_outcome("共同开发校本课程3门");
  EXPECT_TRUE(CheckCooperationProject(&project, project, facts).empty());
}

TEST(ProjectRules, AProjectFinishesAfterItStarts) {
  v1::CooperationProject project;
  project.set_started_on("2023-05-01");
  project.set_finished_on("2023-04-30");
  EXPECT_EQ(CheckCooperationProject(nullptr, project, Facts()).at(0).field(), "finishedOn");
}

TEST(ProjectRules, MoneyHasOnePayer) {
  v1::Funding funding;
  funding.set_payer_organisation_id("bureau");
  EXPECT_TRUE(CheckFunding(nullptr, funding, Facts()).empty());
  funding.set_payer_jurisdiction_id("county");
  EXPECT_EQ(CheckFunding(nullptr, funding, Facts()).at(0).field(), "payerJurisdictionId");
}

TEST(ProjectRules, MoneyIsPaidAfterItIsAllocated) {
  v1::Funding funding;
  funding.set_allocated_on("2023-05-01");
  funding.set_paid_on("2023-04-30");
  EXPECT_EQ(CheckFunding(nullptr, funding, Facts()).at(0).field(), "paidOn");
}

Facts Payer(const std::string& kind, const std::string& level, const std::string& partner = "") {
  const std::map<std::string, std::string> row = {
      {"kind", kind.empty() ? "" : "ORGANISATION_KIND_" + kind},
      {"level", "JURISDICTION_LEVEL_" + level},
      {"partner_kind", partner.empty() ? "" : "PARTNER_KIND_" + partner}};
  Facts facts;
  facts.Add("payer", {resource::FactRow(row)});
  return facts;
}

TEST(FundingRules, ThePayerPaysAtItsOwnLevel) {
  const struct {
    Facts payer;
    v1::PayerLevel level;
  } cases[] = {{Payer("EDUCATION_BUREAU", "CITY"), v1::PAYER_LEVEL_CITY},
               {Payer("BUREAU_UNIT", "COUNTY"), v1::PAYER_LEVEL_COUNTY},
               {Payer("AFFILIATED_BODY", "PROVINCE"), v1::PAYER_LEVEL_PROVINCE},
               {Payer("TOWNSHIP_EDUCATION_POST", "COUNTY"), v1::PAYER_LEVEL_TOWNSHIP},
               {Payer("SCHOOL", "CITY"), v1::PAYER_LEVEL_SCHOOL},
               {Payer("PARTNER", "CITY", "COMPANY"), v1::PAYER_LEVEL_OUTSIDE},
               {Payer("", "NATION"), v1::PAYER_LEVEL_CENTRAL},
               {Payer("", "TOWNSHIP"), v1::PAYER_LEVEL_TOWNSHIP}};
  for (const auto& known : cases) {
    v1::Funding funding;
    funding.set_payer_level(known.level);
    EXPECT_TRUE(CheckFunding(nullptr, funding, known.payer).empty()) << v1::PayerLevel_Name(known.level);
    const bool county = known.level == v1::PAYER_LEVEL_COUNTY;
    funding.set_payer_level(county ? v1::PAYER_LEVEL_CITY : v1::PAYER_LEVEL_COUNTY);
    ASSERT_EQ(CheckFunding(nullptr, funding, known.payer).size(), 1) << v1::PayerLevel_Name(known.level);
    EXPECT_EQ(CheckFunding(nullptr, funding, known.payer).at(0).field(), "payerLevel");
    const v1::Funding before = funding;
    funding.set_purpose("教研");
    EXPECT_TRUE(CheckFunding(&before, funding, known.payer).empty()) << "it says what it said before";
  }
}

TEST(FundingRules, WhoseMoneyAUniversityHasIsNotKnown) {
  v1::Funding funding;
  for (const auto level : {v1::PAYER_LEVEL_PROVINCE, v1::PAYER_LEVEL_OUTSIDE}) {
    funding.set_payer_level(level);
    EXPECT_TRUE(CheckFunding(nullptr, funding, Payer("PARTNER", "CITY", "UNIVERSITY")).empty());
    EXPECT_TRUE(CheckFunding(nullptr, funding, Facts()).empty()) << "no payer is named";
  }
}

}  // namespace
}  // namespace lianqiao::registry
