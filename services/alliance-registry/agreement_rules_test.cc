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
  agreement.set_in_force_on("2024-01-01");
  agreement.set_ends_on("2023-12-31");
  EXPECT_EQ(CheckAgreement(nullptr, agreement, Facts()).at(0).field(), "endsOn");
}

}  // namespace
}  // namespace lianqiao::registry
