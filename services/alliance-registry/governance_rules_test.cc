// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/governance_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lianqiao/registry/v1/annual_plan.pb.h"
#include "lianqiao/registry/v1/organisation.pb.h"
#include "libs/contract/contract.h"

namespace lianqiao::registry {
namespace {

using resource::Facts;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST(GovernanceRules, ABodyOfAnAllianceNamesTheAlliance) {
  v1::GoverningBody body;
  body.set_level(v1::GOVERNANCE_LEVEL_ALLIANCE);
  EXPECT_EQ(CheckGoverningBody(nullptr, body, Facts()).at(0).field(), "allianceId");
  body.set_level(v1::GOVERNANCE_LEVEL_CITY);
  EXPECT_TRUE(CheckGoverningBody(nullptr, body, Facts()).empty());
}

TEST(GovernanceRules, ABodyHasOneHeadAndAnyNumberOfDeputies) {
  v1::GoverningBody body;
  body.add_seats()->set_role(v1::SEAT_ROLE_HEAD);
  for (int i = 0; i < 3; ++i) body.add_seats()->set_role(v1::SEAT_ROLE_DEPUTY_HEAD);
  EXPECT_TRUE(CheckGoverningBody(nullptr, body, Facts()).empty());
  body.add_seats()->set_role(v1::SEAT_ROLE_HEAD);
  EXPECT_EQ(CheckGoverningBody(nullptr, body, Facts()).at(0).field(), "seats");
}

TEST(GovernanceRules, RolesInABodyNameTheBodyAndOthersDoNot) {
  v1::RoleHolder holder;
  holder.set_role(v1::HOLDER_ROLE_BODY_HEAD);
  EXPECT_EQ(CheckRoleHolder(nullptr, holder, Facts()).at(0).field(), "governingBodyId");
  holder.set_governing_body_id("body");
  EXPECT_TRUE(CheckRoleHolder(nullptr, holder, Facts()).empty());
  holder.set_role(v1::HOLDER_ROLE_MENTOR);
  EXPECT_EQ(CheckRoleHolder(nullptr, holder, Facts()).at(0).field(), "governingBodyId");
}

TEST(GovernanceRules, ARoleEndsAfterItBegins) {
  v1::RoleHolder holder;
  holder.set_role(v1::HOLDER_ROLE_PRINCIPAL);
  holder.set_from_on("2023-09-01");
  holder.set_to_on("2023-08-31");
  EXPECT_EQ(CheckRoleHolder(nullptr, holder, Facts()).at(0).field(), "toOn");
}

// Domain §1.13: the contract looks at every free text; the ids of other systems are a rule of persons.
TEST(GovernanceRules, NoNumberOfAPersonSlipsIntoTextOrIds) {
  const auto refused = [](const google::protobuf::Message& record) {
    std::vector<base::Violation> violations;
    contract::Validate(record, "", &violations);
    std::vector<std::string> fields;
    for (const base::Violation& violation : violations) {
      if (violation.reason() == base::ErrorReason::FORBIDDEN_PERSONAL_DATA)
        fields.push_back(violation.field());
    }
    return fields;
  };
  v1::RoleHolder holder;
  holder.set_role(v1::HOLDER_ROLE_PRINCIPAL);
  holder.set_remark("电话13812345678");
  EXPECT_THAT(refused(holder), ElementsAre("remark"));
  holder.set_remark("兼任");
  EXPECT_THAT(refused(holder), IsEmpty());
  holder.add_external_ids()->set_id("p-1");
  holder.add_external_ids()->set_id("110101199003077758");
  EXPECT_EQ(CheckRoleHolder(nullptr, holder, {}).at(0).field(), "externalIds[1].id");
  v1::GoverningBody body;
  body.add_seats()->set_post("局长 13812345678");
  EXPECT_THAT(refused(body), ElementsAre("seats[0].post"));
  v1::AnnualPlan plan;
  plan.add_tasks()->set_owner_text("王老师 13812345678");
  EXPECT_THAT(refused(plan), ElementsAre("tasks[0].ownerText"));
  v1::Organisation school;
  school.set_name("渭滨小学");
  school.set_school_code("2161000001");
  school.set_liaison_unit("教务处 13812345678");
  school.set_sponsor("110101199003077758");
  EXPECT_THAT(refused(school), UnorderedElementsAre("liaisonUnit", "sponsor"));
}

}  // namespace
}  // namespace lianqiao::registry
