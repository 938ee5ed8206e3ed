// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/agreement_rules.h"

#include <gtest/gtest.h>

namespace lianqiao::registry {
namespace {

using resource::Facts;
using v1::Agreement;

Agreement Signed() {
  Agreement agreement;
  agreement.set_kind(v1::AGREEMENT_KIND_COOPERATION);
  agreement.set_state(v1::AGREEMENT_STATE_SIGNED);
  agreement.add_parties()->set_organisation_id("school");
  agreement.add_parties()->set_name("教育部");
  return agreement;
}

TEST(AgreementRules, ASignedPaperHasTwoParties) {
  Agreement agreement = Signed();
  EXPECT_TRUE(CheckAgreement(nullptr, agreement, Facts()).empty());
  agreement.mutable_parties()->RemoveLast();
  EXPECT_EQ(CheckAgreement(nullptr, agreement, Facts()).at(0).field(), "parties");
  agreement.set_state(v1::AGREEMENT_STATE_DRAFTED);
  EXPECT_TRUE(CheckAgreement(nullptr, agreement, Facts()).empty());
}

TEST(AgreementRules, APartyIsAnOrganisationOrAJurisdictionOrANameAlone) {
  Agreement agreement = Signed();
  agreement.mutable_parties(0)->set_jurisdiction_id("county");
  EXPECT_EQ(CheckAgreement(nullptr, agreement, Facts()).at(0).field(), "parties[0].jurisdictionId");
  agreement.mutable_parties(0)->Clear();
  EXPECT_EQ(CheckAgreement(nullptr, agreement, Facts()).at(0).field(), "parties[0].name");
}

TEST(AgreementRules, OnlyContractsOnManagementOrServicesHaveAPrice) {
  Agreement agreement = Signed();
  agreement.set_price_fen(100);
  EXPECT_EQ(CheckAgreement(nullptr, agreement, Facts()).at(0).field(), "priceFen");
  for (const auto kind : {v1::AGREEMENT_KIND_ENTRUSTED_MANAGEMENT, v1::AGREEMENT_KIND_PURCHASED_SERVICE}) {
    agreement.set_kind(kind);
    EXPECT_TRUE(CheckAgreement(nullptr, agreement, Facts()).empty());
  }
}

TEST(AgreementRules, ItEndsAfterItBegins) {
  Agreement agreement = Signed();
  agreement.set_state(v1::AGREEMENT_STATE_IN_FORCE);
  agreement.set_in_force_on("2024-01-01");
  agreement.set_ends_on("2023-12-31");
  EXPECT_EQ(CheckAgreement(nullptr, agreement, Facts()).at(0).field(), "endsOn");
}

TEST(AgreementRules, WhatIsSignedStands) {
  const Agreement before = Signed();
  Agreement after = before;
  Facts facts;
  facts.set_method("UpdateAgreement");
  after.add_evidence()->set_title("扫描件");
  after.set_document_number("1号");
  EXPECT_TRUE(CheckAgreement(&before, after, facts).empty()) << "where the paper lies may be added";
  after.set_terms("别的条款");
  EXPECT_EQ(CheckAgreement(&before, after, facts).at(0).field(), "state");
  facts.set_method("BatchUpsertAgreements");
  EXPECT_EQ(CheckAgreement(&before, after, facts).at(0).field(), "state");
  facts.set_imports(true);
  EXPECT_TRUE(CheckAgreement(&before, after, facts).empty()) << "a source that may import corrects its own";
  Agreement drafted = before;
  drafted.set_state(v1::AGREEMENT_STATE_DRAFTED);
  after.set_state(v1::AGREEMENT_STATE_DRAFTED);
  facts.set_method("UpdateAgreement");
  EXPECT_TRUE(CheckAgreement(&drafted, after, facts).empty());
}

TEST(AgreementRules, ItExpiresWhenItsTermIsOver) {
  Agreement agreement = Signed();
  agreement.set_state(v1::AGREEMENT_STATE_EXPIRED);
  Facts facts;
  facts.set_method("ExpireAgreement");
  facts.set_today("2024-06-01");
  EXPECT_EQ(CheckAgreement(&agreement, agreement, facts).at(0).field(), "endsOn") << "it has no term";
  agreement.set_ends_on("2024-06-01");
  EXPECT_EQ(CheckAgreement(&agreement, agreement, facts).at(0).field(), "endsOn") << "its last day is today";
  agreement.set_ends_on("2024-05-31");
  EXPECT_TRUE(CheckAgreement(&agreement, agreement, facts).empty());
}

TEST(AgreementRules, ItIsTerminatedWithinItsTerm) {
  Agreement before = Signed();
  before.set_state(v1::AGREEMENT_STATE_IN_FORCE);
  Agreement after = before;
  after.set_state(v1::AGREEMENT_STATE_TERMINATED);
  after.set_ends_on("2024-06-01");
  Facts facts;
  facts.set_method("TerminateAgreement");
  EXPECT_TRUE(CheckAgreement(&before, after, facts).empty()) << "it had no fixed term";
  before.set_ends_on("2024-05-31");
  EXPECT_EQ(CheckAgreement(&before, after, facts).at(0).field(), "endsOn");
  before.set_ends_on("2024-06-01");
  EXPECT_TRUE(CheckAgreement(&before, after, facts).empty());
}

TEST(AgreementRules, WhatWasAbandonedWasNeverInForce) {
  Agreement agreement = Signed();
  agreement.set_state(v1::AGREEMENT_STATE_ABANDONED);
  agreement.clear_parties();
  EXPECT_TRUE(CheckAgreement(nullptr, agreement, Facts()).empty()) << "a draft may have had no parties yet";
  agreement.set_in_force_on("2024-01-01");
  EXPECT_EQ(CheckAgreement(nullptr, agreement, Facts()).at(0).field(), "inForceOn");
}

TEST(AgreementRules, DatesOfStepsAreSetBySteps) {
  Agreement agreement = Signed();
  agreement.set_in_force_on("2024-01-01");
  EXPECT_EQ(CheckAgreement(nullptr, agreement, Facts()).at(0).field(), "inForceOn");
  agreement.clear_in_force_on();
  agreement.set_state(v1::AGREEMENT_STATE_DRAFTED);
  agreement.set_signed_on("2024-01-01");
  EXPECT_EQ(CheckAgreement(nullptr, agreement, Facts()).at(0).field(), "signedOn");
}

TEST(AgreementRules, EntrustedManagementHasATermAndChangesNeitherNatureNorFunding) {
  Agreement agreement = Signed();
  agreement.set_kind(v1::AGREEMENT_KIND_ENTRUSTED_MANAGEMENT);
  Facts facts;
  facts.set_method("SignAgreement");
  EXPECT_EQ(CheckAgreement(nullptr, agreement, facts).at(0).field(), "endsOn");
  agreement.set_ends_on("2027-08-31");
  agreement.set_nature_unchanged(false);
  EXPECT_EQ(CheckAgreement(nullptr, agreement, facts).at(0).field(), "natureUnchanged");
  agreement.set_nature_unchanged(true);
  agreement.set_funding_unchanged(false);
  EXPECT_EQ(CheckAgreement(nullptr, agreement, facts).at(0).field(), "fundingUnchanged");
}

TEST(AgreementRules, PartiesThatDoNotExistAreNamed) {
  Facts facts;
  facts.Add("unknown_parties",
            {resource::FactRow({{"position", "1"}, {"field", "jurisdiction_id"}, {"kind", "jurisdiction"}})});
  EXPECT_EQ(CheckAgreement(nullptr, Signed(), facts).at(0).field(), "parties[1].jurisdictionId");
}

}  // namespace
}  // namespace lianqiao::registry
