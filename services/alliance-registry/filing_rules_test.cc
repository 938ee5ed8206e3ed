// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/filing_rules.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace lianqiao::registry {
namespace {

using resource::FactRow;
using resource::Facts;
using v1::Filing;

Facts Fitting(const std::string& document_state = "PLAN_STATE_AGREED") {
  Facts facts;
  facts.set_method("CreateFiling");
  facts.Add("authority", {FactRow()});
  facts.Add("document", {FactRow({{"alliance_id", "alliance"}, {"state", document_state}})});
  return facts;
}

Filing Of(v1::FilingKind kind) {
  Filing filing;
  filing.set_alliance_id("alliance");
  filing.set_kind(kind);
  return filing;
}

TEST(FilingRules, EachKindNamesItsDocumentAndNoOther) {
  const struct {
    v1::FilingKind kind;
    const char* field;
    std::string* (Filing::*document)();
  } kinds[] = {
      {v1::FILING_KIND_IMPLEMENTATION_PLAN, "implementationPlanId", &Filing::mutable_implementation_plan_id},
      {v1::FILING_KIND_ANNUAL_PLAN, "annualPlanId", &Filing::mutable_annual_plan_id},
      {v1::FILING_KIND_DEVELOPMENT_PLAN, "developmentPlanId", &Filing::mutable_development_plan_id},
      {v1::FILING_KIND_AGREEMENT, "agreementId", &Filing::mutable_agreement_id}};
  for (const auto& kind : kinds) {
    Filing filing = Of(kind.kind);
    EXPECT_EQ(CheckFiling(nullptr, filing, Fitting()).at(0).field(), kind.field);
    *(filing.*kind.document)() = "document";
    EXPECT_TRUE(CheckFiling(nullptr, filing, Fitting()).empty());
    Filing other = Of(v1::FILING_KIND_ALLIANCE);
    *(other.*kind.document)() = "document";
    EXPECT_EQ(CheckFiling(nullptr, other, Fitting()).at(0).field(), kind.field);
  }
}

TEST(FilingRules, AnAllianceIsFiledWithoutADocument) {
  EXPECT_TRUE(CheckFiling(nullptr, Of(v1::FILING_KIND_ALLIANCE), Fitting()).empty());
}

TEST(FilingRules, TheDocumentBelongsToTheAlliance) {
  Filing filing = Of(v1::FILING_KIND_ANNUAL_PLAN);
  filing.set_annual_plan_id("plan");
  filing.set_alliance_id("another");
  EXPECT_EQ(CheckFiling(nullptr, filing, Fitting()).at(0).field(), "allianceId");
}

TEST(FilingRules, OnlyAManagingJurisdictionOrOneAboveTakesItOnFile) {
  Facts facts;
  EXPECT_EQ(CheckFiling(nullptr, Of(v1::FILING_KIND_ALLIANCE), facts).at(0).field(),
            "authorityJurisdictionId");
}

TEST(FilingRules, ADraftIsNotSubmitted) {
  Filing filing = Of(v1::FILING_KIND_ANNUAL_PLAN);
  filing.set_annual_plan_id("plan");
  Facts facts = Fitting("PLAN_STATE_DRAFTED");
  EXPECT_TRUE(CheckFiling(nullptr, filing, facts).empty()) << "it may be prepared";
  for (const char* state : {"PLAN_STATE_DRAFTED", "PLAN_STATE_WITHDRAWN", "AGREEMENT_STATE_DRAFTED"}) {
    facts = Fitting(state);
    for (const char* method : {"SubmitFiling", "AcceptFiling"}) {
      facts.set_method(method);
      EXPECT_EQ(CheckFiling(&filing, filing, facts).at(0).field(), "kind") << state << " " << method;
    }
  }
}

TEST(FilingRules, WhatWasHandedInIsNotDeleted) {
  for (const auto& [state, stays] : {std::pair{v1::FILING_STATE_DRAFT, false},
                                     {v1::FILING_STATE_RETURNED, false},
                                     {v1::FILING_STATE_SUBMITTED, true},
                                     {v1::FILING_STATE_FILED, true}}) {
    Filing filing = Of(v1::FILING_KIND_ALLIANCE);
    filing.set_state(state);
    EXPECT_EQ(!CheckFilingDeletion(filing, Facts()).empty(), stays) << v1::FilingState_Name(state);
  }
}

TEST(FilingRules, NothingIsOnFileBeforeItWasSubmitted) {
  Filing filing = Of(v1::FILING_KIND_ALLIANCE);
  filing.set_submitted_on("2023-03-02");
  filing.set_filed_on("2023-03-01");
  EXPECT_EQ(CheckFiling(nullptr, filing, Fitting()).at(0).field(), "filedOn");
}

TEST(FilingRules, DatesBelongToStepsThatWereTaken) {
  Filing filing = Of(v1::FILING_KIND_ALLIANCE);
  filing.set_state(v1::FILING_STATE_DRAFT);
  filing.set_submitted_on("2024-01-01");
  EXPECT_EQ(CheckFiling(nullptr, filing, Fitting()).at(0).field(), "submittedOn");
  filing.set_state(v1::FILING_STATE_SUBMITTED);
  filing.set_filed_on("2024-01-02");
  EXPECT_EQ(CheckFiling(nullptr, filing, Fitting()).at(0).field(), "filedOn");
  filing.set_state(v1::FILING_STATE_FILED);
  EXPECT_TRUE(CheckFiling(nullptr, filing, Fitting()).empty());
}

TEST(FilingRules, WhatIsOnFileStands) {
  Filing before = Of(v1::FILING_KIND_ALLIANCE);
  before.set_state(v1::FILING_STATE_FILED);
  before.set_filed_on("2024-01-02");
  before.set_year(2024);
  Filing after = before;
  Facts facts = Fitting();
  facts.set_method("UpdateFiling");
  after.set_filing_number("备2024-1");
  EXPECT_TRUE(CheckFiling(&before, after, facts).empty()) << "the authority numbers it";
  after.set_filed_on("2023-12-31");
  EXPECT_EQ(CheckFiling(&before, after, facts).at(0).field(), "filedOn");
  after = before;
  after.set_year(2023);
  EXPECT_EQ(CheckFiling(&before, after, facts).at(0).field(), "state");
  for (const auto& [state, stands] :
       {std::pair{v1::FILING_STATE_SUBMITTED, true}, {v1::FILING_STATE_RETURNED, false}}) {
    before = Of(v1::FILING_KIND_ALLIANCE);
    before.set_state(state);
    after = before;
    after.set_year(2023);
    EXPECT_EQ(!CheckFiling(&before, after, facts).empty(), stands) << "what came back may be mended";
  }
}

}  // namespace
}  // namespace lianqiao::registry
