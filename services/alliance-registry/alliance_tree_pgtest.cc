// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "lianqiao/registry/v1/alliance_tree.pb.h"
#include "services/alliance-registry/alliance_fixture.h"

namespace lianqiao::registry {
namespace {

using ::testing::SizeIs;

// A county alliance with one cross-county alliance inside; 甲 was a member of another one until 2020.
class AllianceTreePgTest : public AllianceFixture {
 protected:
  AllianceTreePgTest() {
    root_ = Start(CountyAlliance().id());
    school_ = School("甲小学", weibin_.id());
    child_ = Started("甲—乙联盟", root_.id());
    Member(child_.id(), school_.id(), v1::MEMBERSHIP_ROLE_LEAD_SCHOOL, "2021-09-01");
    Member(child_.id(), School("乙小学", feng_.id()).id(), v1::MEMBERSHIP_ROLE_MEMBER, "2021-09-01");
    former_ = Started("甲—丙联盟", "");
    Member(former_.id(), school_.id(), v1::MEMBERSHIP_ROLE_MEMBER, "2018-09-01", "2020-08-31");
  }
  v1::Alliance Started(const std::string& name, const std::string& parent_id) {
    v1::CreateAllianceRequest request;
    v1::Alliance& alliance = *request.mutable_alliance();
    alliance.set_name(name);
    alliance.set_type(v1::ALLIANCE_TYPE_CROSS_COUNTY);
    alliance.set_jurisdiction_id(city_.id());
    alliance.set_parent_alliance_id(parent_id);
    alliance.set_state(v1::ALLIANCE_STATE_ACTIVE);
    return Must<v1::Alliance>("AllianceService/CreateAlliance", request);
  }
  void Member(const std::string& alliance_id, const std::string& school_id, v1::MembershipRole role,
              const std::string& from, const std::string& to = "") {
    auto request = Membership(alliance_id, school_id, role);
    request.mutable_membership()->set_joined_on(from);
    request.mutable_membership()->set_left_on(to);
    request.mutable_membership()->set_state(to.empty() ? v1::MEMBERSHIP_STATE_ACTIVE
                                                       : v1::MEMBERSHIP_STATE_ENDED);
    Propose(request);
  }
  v1::GetAllianceTreeResponse Tree(const std::string& id, const std::string& token = "operator") {
    v1::GetAllianceTreeRequest request;
    request.set_id(id);
    return Must<v1::GetAllianceTreeResponse>("AllianceTreeService/GetAllianceTree", request, token);
  }
  v1::ListPartyAlliancesResponse Of(const v1::ListPartyAlliancesRequest& request) {
    return Must<v1::ListPartyAlliancesResponse>("AllianceTreeService/ListPartyAlliances", request);
  }

  v1::Alliance root_, child_, former_;
  v1::Organisation school_;
};

TEST_F(AllianceTreePgTest, ATreeShowsChildrenBelowTheirParentWithNamedMembers) {
  const auto tree = Tree(root_.id());
  ASSERT_THAT(tree.nodes(), SizeIs(2));
  EXPECT_EQ(tree.nodes(0).alliance().id(), root_.id());
  ASSERT_THAT(tree.nodes(0).members(), SizeIs(2));
  EXPECT_EQ(tree.nodes(0).members(0).party_name(), "渭滨区") << "in the order of the founding document";
  EXPECT_EQ(tree.nodes(1).alliance().id(), child_.id());
  EXPECT_EQ(tree.nodes(1).depth(), 1);
  EXPECT_THAT(tree.nodes(1).members(), SizeIs(2));
  EXPECT_FALSE(tree.truncated());
}

TEST_F(AllianceTreePgTest, ASchoolHasItsAlliancesNowAndThen) {
  v1::ListPartyAlliancesRequest request;
  request.set_organisation_id(school_.id());
  ASSERT_THAT(Of(request).alliances(), SizeIs(1));
  EXPECT_EQ(Of(request).alliances(0).alliance().id(), child_.id());
  request.set_valid_on("2019-12-31");
  ASSERT_THAT(Of(request).alliances(), SizeIs(1));
  EXPECT_EQ(Of(request).alliances(0).alliance().id(), former_.id());
  request.set_include_past(true);
  EXPECT_THAT(Of(request).alliances(), SizeIs(2));
}

TEST_F(AllianceTreePgTest, ListsArePagedToTheEnd) {
  v1::ListPartyAlliancesRequest request;
  request.set_organisation_id(school_.id());
  request.set_include_past(true);
  request.set_page_size(1);
  const auto first = Of(request);
  ASSERT_THAT(first.alliances(), SizeIs(1));
  ASSERT_NE(first.next_page_token(), "");
  request.set_page_token(first.next_page_token());
  const auto second = Of(request);
  ASSERT_THAT(second.alliances(), SizeIs(1));
  EXPECT_NE(second.alliances(0).membership().id(), first.alliances(0).membership().id());
  EXPECT_EQ(second.next_page_token(), "");
}

TEST_F(AllianceTreePgTest, AJurisdictionIsAPartyToo) {
  v1::ListPartyAlliancesRequest request;
  request.set_jurisdiction_id(feng_.id());
  ASSERT_THAT(Of(request).alliances(), SizeIs(1));
  EXPECT_EQ(Of(request).alliances(0).membership().role(), v1::MEMBERSHIP_ROLE_MEMBER);
}

TEST_F(AllianceTreePgTest, BadRequestsNameTheirFields) {
  v1::ListPartyAlliancesRequest request;
  EXPECT_THAT(
      ViolatedFields(Try<v1::ListPartyAlliancesResponse>("AllianceTreeService/ListPartyAlliances", request)),
      ::testing::ElementsAre("organisationId"));
  request.set_organisation_id(school_.id());
  request.set_page_token("' OR true --");
  EXPECT_THAT(
      ViolatedFields(Try<v1::ListPartyAlliancesResponse>("AllianceTreeService/ListPartyAlliances", request)),
      ::testing::ElementsAre("pageToken"));
}

TEST_F(AllianceTreePgTest, AForeignCallerSeesNothingOfTheTree) {
  const auto mei =
      Place(v1::JURISDICTION_KIND_COUNTY, v1::JURISDICTION_LEVEL_COUNTY, "眉县", "610326", city_.id());
  AddClient("mei", access::ScopeKind::kJurisdiction, mei.id());
  v1::GetAllianceTreeRequest request;
  request.set_id(root_.id());
  EXPECT_TRUE(absl::IsNotFound(
      Try<v1::GetAllianceTreeResponse>("AllianceTreeService/GetAllianceTree", request, "mei")));
}

TEST_F(AllianceTreePgTest, APartyOfTheParentReadsTheChildrenItTakesPartIn) {
  AddClient("feng", access::ScopeKind::kJurisdiction, feng_.id());
  EXPECT_THAT(Tree(root_.id(), "feng").nodes(), SizeIs(2));
}

}  // namespace
}  // namespace lianqiao::registry
