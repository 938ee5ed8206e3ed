// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/project_rules.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace lianqiao::registry
