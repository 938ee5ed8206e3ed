// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/membership_rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace lianqiao::registry {
namespace {

using resource::FactRow;
using resource::Facts;
using v1::Membership;

bool Names(const resource::Violations& violations, const std::string& field) {
  return std::any_of(violations.begin(), violations.end(),
                     [&](const base::Violation& violation) { return violation.field() == field; });
}

Membership School(v1::MembershipRole role, v1::MembershipState state) {
  Membership membership;
  membership.set_alliance_id("alliance");
  membership.set_organisation_id("school");
  membership.set_role(role);
  membership.set_state(state);
  return membership;
}

FactRow SchoolRow(const std::string& role, const std::string& county, const std::string& joined = "",
                  const std::string& left = "") {
  return FactRow({{"role", role.empty() ? "" : "MEMBERSHIP_ROLE_" + role},
                  {"organisation_kind", "ORGANISATION_KIND_SCHOOL"},
                  {"jurisdiction_id", county},
                  {"jurisdiction_level", "JURISDICTION_LEVEL_COUNTY"},
                  {"stages", "{STAGE_PRIMARY}"},
                  {"joined_on", joined},
                  {"left_on", left}});
}

Facts In(const std::string& type, const std::string& state, const std::string& method,
         std::vector<FactRow> others = {}) {
  Facts facts;
  facts.set_method(method);
  facts.Add("alliance", {FactRow({{"type", "ALLIANCE_TYPE_" + type}, {"state", "ALLIANCE_STATE_" + state}})});
  facts.Add("party", {SchoolRow("", "眉县")});
  facts.Add("parties", std::move(others));
  return facts;
}

TEST(MembershipRules, ExactlyOneParty) {
  Membership membership = School(v1::MEMBERSHIP_ROLE_MEMBER, v1::MEMBERSHIP_STATE_PROPOSED);
  EXPECT_TRUE(CheckMembership(nullptr, membership, Facts()).empty());
  membership.set_jurisdiction_id("county");
  EXPECT_TRUE(Names(CheckMembership(nullptr, membership, Facts()), "jurisdictionId"));
  membership.clear_jurisdiction_id();
  membership.clear_organisation_id();
  EXPECT_TRUE(Names(CheckMembership(nullptr, membership, Facts()), "organisationId"));
}

TEST(MembershipRules, DatesFollowEachOther) {
  Membership membership = School(v1::MEMBERSHIP_ROLE_MEMBER, v1::MEMBERSHIP_STATE_ENDED);
  membership.set_joined_on("2020-09-01");
  membership.set_left_on("2023-08-31");
  EXPECT_TRUE(CheckMembership(nullptr, membership, Facts()).empty());
  membership.set_left_on("2020-08-31");
  EXPECT_TRUE(Names(CheckMembership(nullptr, membership, Facts()), "leftOn"));
  membership.set_left_on("2023-08-31");
  membership.set_agreed_on("2020-09-10");
  EXPECT_TRUE(CheckMembership(nullptr, membership, Facts()).empty())
      << "a confirmation may be recorded later";
  membership.set_proposed_on("2020-09-11");
  EXPECT_TRUE(Names(CheckMembership(nullptr, membership, Facts()), "agreedOn"));
}

TEST(MembershipRules, OnlyAnEndedMembershipHasALastDay) {
  Membership membership = School(v1::MEMBERSHIP_ROLE_MEMBER, v1::MEMBERSHIP_STATE_ACTIVE);
  membership.set_left_on("2023-08-31");
  EXPECT_TRUE(Names(CheckMembership(nullptr, membership, Facts()), "leftOn"));
}

TEST(MembershipRules, TheDateOfAgreementIsSetByThePartysAgreement) {
  Membership membership = School(v1::MEMBERSHIP_ROLE_MEMBER, v1::MEMBERSHIP_STATE_PROPOSED);
  membership.set_agreed_on("2024-01-01");
  EXPECT_TRUE(Names(CheckMembership(nullptr, membership, Facts()), "agreedOn"));
  membership.set_state(v1::MEMBERSHIP_STATE_AGREED);
  EXPECT_TRUE(CheckMembership(nullptr, membership, Facts()).empty());
}

TEST(MembershipRules, ARoleMustBelongToTheType) {
  const Membership membership = School(v1::MEMBERSHIP_ROLE_GUIDANCE_CENTRE, v1::MEMBERSHIP_STATE_PROPOSED);
  EXPECT_TRUE(
      Names(CheckMembership(nullptr, membership, In("IN_COUNTY", "DRAFTED", "CreateMembership")), "role"));
}

TEST(MembershipRules, ASchoolCannotStandForACounty) {
  const Membership membership = School(v1::MEMBERSHIP_ROLE_LEAD_COUNTY, v1::MEMBERSHIP_STATE_PROPOSED);
  EXPECT_TRUE(
      Names(CheckMembership(nullptr, membership, In("COUNTY", "DRAFTED", "CreateMembership")), "role"));
}

TEST(MembershipRules, PairsNeedASide) {
  Membership membership = School(v1::MEMBERSHIP_ROLE_MEMBER, v1::MEMBERSHIP_STATE_PROPOSED);
  EXPECT_TRUE(
      Names(CheckMembership(nullptr, membership, In("SCHOOL_PAIR", "DRAFTED", "CreateMembership")), "side"));
  membership.set_side(v1::MEMBERSHIP_SIDE_SECOND);
  EXPECT_TRUE(CheckMembership(nullptr, membership, In("SCHOOL_PAIR", "DRAFTED", "CreateMembership")).empty());
}

TEST(MembershipRules, ASecondLeadAtTheSameTimeIsRefusedHoweverItComes) {
  Membership lead = School(v1::MEMBERSHIP_ROLE_LEAD_SCHOOL, v1::MEMBERSHIP_STATE_ACTIVE);
  lead.set_joined_on("2022-09-01");
  for (const std::string method : {"ActivateMembership", "BatchUpsertMemberships"}) {
    EXPECT_TRUE(CheckMembership(nullptr, lead, In("EDUCATION_GROUP", "ACTIVE", method)).empty());
    EXPECT_FALSE(CheckMembership(nullptr, lead,
                                 In("EDUCATION_GROUP", "ACTIVE", method,
                                    {SchoolRow("LEAD_SCHOOL", "眉县", "2020-09-01")}))
                     .empty());
  }
}

TEST(MembershipRules, AnEarlierLeadDoesNotCount) {
  Membership lead = School(v1::MEMBERSHIP_ROLE_LEAD_SCHOOL, v1::MEMBERSHIP_STATE_ACTIVE);
  lead.set_joined_on("2022-09-01");
  EXPECT_TRUE(CheckMembership(nullptr, lead,
                              In("EDUCATION_GROUP", "ACTIVE", "BatchUpsertMemberships",
                                 {SchoolRow("LEAD_SCHOOL", "眉县", "2019-09-01", "2022-08-31")}))
                  .empty());
}

TEST(MembershipRules, AProposalMayPrepareTheSuccessionOfALead) {
  EXPECT_TRUE(
      CheckMembership(nullptr, School(v1::MEMBERSHIP_ROLE_LEAD_SCHOOL, v1::MEMBERSHIP_STATE_PROPOSED),
                      In("EDUCATION_GROUP", "ACTIVE", "CreateMembership", {SchoolRow("LEAD_SCHOOL", "眉县")}))
          .empty());
}

TEST(MembershipRules, JoiningAnAllianceInForceKeepsItsShape) {
  const Membership member = School(v1::MEMBERSHIP_ROLE_MEMBER, v1::MEMBERSHIP_STATE_ACTIVE);
  EXPECT_TRUE(
      CheckMembership(&member, member,
                      In("IN_COUNTY", "ACTIVE", "ActivateMembership", {SchoolRow("LEAD_SCHOOL", "眉县")}))
          .empty());
  EXPECT_TRUE(Names(
      CheckMembership(&member, member,
                      In("IN_COUNTY", "ACTIVE", "ActivateMembership", {SchoolRow("LEAD_SCHOOL", "凤县")})),
      "memberships"));
  EXPECT_TRUE(
      CheckMembership(&member, member,
                      In("IN_COUNTY", "DRAFTED", "ActivateMembership", {SchoolRow("LEAD_SCHOOL", "凤县")}))
          .empty())
      << "a draft is checked when it is activated";
}

TEST(MembershipRules, NobodyJoinsAnAllianceThatHasEnded) {
  const Membership member = School(v1::MEMBERSHIP_ROLE_MEMBER, v1::MEMBERSHIP_STATE_ACTIVE);
  EXPECT_TRUE(Names(CheckMembership(&member, member, In("IN_COUNTY", "DISSOLVED", "ActivateMembership")),
                    "allianceId"));
}

TEST(MembershipRules, AMembershipMayNameItsStages) {
  Membership head = School(v1::MEMBERSHIP_ROLE_DISTRICT_HEAD, v1::MEMBERSHIP_STATE_ACTIVE);
  head.add_stages(type::v1::STAGE_JUNIOR);
  EXPECT_TRUE(CheckMembership(
                  &head, head,
                  In("SCHOOL_DISTRICT", "ACTIVE", "ActivateMembership", {SchoolRow("DISTRICT_HEAD", "眉县")}))
                  .empty());
  head.set_stages(0, type::v1::STAGE_PRIMARY);
  EXPECT_FALSE(CheckMembership(&head, head,
                               In("SCHOOL_DISTRICT", "ACTIVE", "ActivateMembership",
                                  {SchoolRow("DISTRICT_HEAD", "眉县")}))
                   .empty());
}

FactRow OnSide(const std::string& role, const std::string& side) {
  return FactRow({{"role", "MEMBERSHIP_ROLE_" + role},
                  {"side", "MEMBERSHIP_SIDE_" + side},
                  {"organisation_kind", "ORGANISATION_KIND_SCHOOL"},
                  {"jurisdiction_level", "JURISDICTION_LEVEL_COUNTY"}});
}

TEST(MembershipRules, SidesAndStagesInForceChangeLikeAJoining) {
  Membership before = School(v1::MEMBERSHIP_ROLE_HELPED, v1::MEMBERSHIP_STATE_ACTIVE);
  before.set_side(v1::MEMBERSHIP_SIDE_SECOND);
  Membership after = before;
  after.set_side(v1::MEMBERSHIP_SIDE_FIRST);
  const auto pair = [&](const std::string& state) {
    return In("SCHOOL_PAIR", state, "UpdateMembership", {OnSide("HELPER", "FIRST")});
  };
  EXPECT_TRUE(Names(CheckMembership(&before, after, pair("ACTIVE")), "memberships"));
  EXPECT_TRUE(CheckMembership(&before, after, pair("DRAFTED")).empty());

  Membership head = School(v1::MEMBERSHIP_ROLE_DISTRICT_HEAD, v1::MEMBERSHIP_STATE_ACTIVE);
  head.add_stages(type::v1::STAGE_JUNIOR);
  Membership other = head;
  other.set_stages(0, type::v1::STAGE_PRIMARY);
  const auto district =
      In("SCHOOL_DISTRICT", "ACTIVE", "UpdateMembership", {SchoolRow("DISTRICT_HEAD", "眉县")});
  EXPECT_TRUE(Names(CheckMembership(&head, other, district), "memberships"));
  EXPECT_TRUE(CheckMembership(&other, other, district).empty()) << "an edit of something else is none of it";
}

TEST(MembershipRules, WhoDoesNotExistDoesNotJoin) {
  const Membership member = School(v1::MEMBERSHIP_ROLE_MEMBER, v1::MEMBERSHIP_STATE_ACTIVE);
  const auto facts = [&](const std::string& status, const std::string& closed_on) {
    Facts facts = In("EDUCATION_GROUP", "ACTIVE", "ActivateMembership");
    facts.set_today("2024-06-01");
    facts.Add("party", {FactRow({{"organisation_kind", "ORGANISATION_KIND_SCHOOL"},
                                 {"organisation_status", "ORGANISATION_STATUS_" + status},
                                 {"closed_on", closed_on}})});
    return facts;
  };
  EXPECT_TRUE(CheckMembership(&member, member, facts("ACTIVE", "")).empty());
  EXPECT_TRUE(CheckMembership(&member, member, facts("CLOSED", "2024-06-01")).empty()) << "its last day";
  EXPECT_TRUE(Names(CheckMembership(&member, member, facts("CLOSED", "2024-05-31")), "memberships"));
  EXPECT_TRUE(Names(CheckMembership(&member, member, facts("CLOSED", "")), "memberships"));
  for (const char* status : {"PLANNED", "ABANDONED"})
    EXPECT_TRUE(Names(CheckMembership(&member, member, facts(status, "")), "memberships")) << status;
}

}  // namespace
}  // namespace lianqiao::registry
