// SPDX-License-Identifier: Apache-2.0
// Short ways to found alliances and take parties in, for tests that run the whole registry. Tests only.
#pragma once

#include <string>

#include "lianqiao/registry/v1/alliance.pb.h"
#include "lianqiao/registry/v1/membership.pb.h"
#include "services/alliance-registry/places_fixture.h"

namespace lianqiao::registry {

class AllianceFixture : public PlacesFixture {
 protected:
  v1::Alliance Draft(v1::AllianceType type, const std::string& jurisdiction_id,
                     const std::string& parent_id = "") {
    v1::CreateAllianceRequest request;
    request.mutable_alliance()->set_name(v1::AllianceType_Name(type));
    request.mutable_alliance()->set_type(type);
    request.mutable_alliance()->set_jurisdiction_id(jurisdiction_id);
    request.mutable_alliance()->set_parent_alliance_id(parent_id);
    return Must<v1::Alliance>("AllianceService/CreateAlliance", request);
  }

  // An alliance of the past, as an import brings it.
  v1::Alliance Existing(v1::AllianceType type, v1::AllianceState state, const std::string& jurisdiction_id) {
    v1::CreateAllianceRequest request;
    request.mutable_alliance()->set_name(v1::AllianceType_Name(type));
    request.mutable_alliance()->set_type(type);
    request.mutable_alliance()->set_jurisdiction_id(jurisdiction_id);
    request.mutable_alliance()->set_state(state);
    return Must<v1::Alliance>("AllianceService/CreateAlliance", request);
  }

  // `party` is a school, or a jurisdiction for roles of counties.
  v1::CreateMembershipRequest Membership(const std::string& alliance_id, const std::string& party,
                                         v1::MembershipRole role, bool jurisdiction = false) {
    v1::CreateMembershipRequest request;
    v1::Membership& membership = *request.mutable_membership();
    membership.set_alliance_id(alliance_id);
    jurisdiction ? membership.set_jurisdiction_id(party) : membership.set_organisation_id(party);
    membership.set_role(role);
    return request;
  }

  v1::Membership Propose(const v1::CreateMembershipRequest& request, const std::string& token = "operator") {
    return Must<v1::Membership>("MembershipService/CreateMembership", request, token);
  }

  // Proposed, agreed, active.
  v1::Membership Join(const v1::CreateMembershipRequest& request) {
    const std::string id = Propose(request).id();
    Move<v1::Membership>("Membership", "Agree", id);
    return Move<v1::Membership>("Membership", "Activate", id);
  }

  // Two counties, in the order of the founding document.
  v1::Alliance CountyAlliance() {
    const v1::Alliance alliance = Draft(v1::ALLIANCE_TYPE_COUNTY, city_.id());
    auto lead = Membership(alliance.id(), weibin_.id(), v1::MEMBERSHIP_ROLE_LEAD_COUNTY, true);
    lead.mutable_membership()->set_position(1);
    auto member = Membership(alliance.id(), feng_.id(), v1::MEMBERSHIP_ROLE_MEMBER, true);
    member.mutable_membership()->set_position(2);
    Join(lead);
    Join(member);
    return alliance;
  }

  v1::Alliance Start(const std::string& id) {
    Move<v1::Alliance>("Alliance", "Sign", id);
    Move<v1::Alliance>("Alliance", "File", id);
    return Move<v1::Alliance>("Alliance", "Activate", id);
  }

  absl::Status TryMove(const std::string& noun, const std::string& verb, const std::string& id,
                       const std::string& reason = "", const std::string& token = "operator") {
    type::v1::TransitionRequest request;
    request.set_id(id);
    request.set_reason(reason);
    const std::string method = noun + "Service/" + verb + noun;
    const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
        "lianqiao.registry.v1." + noun);
    std::unique_ptr<google::protobuf::Message> response(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
    return service_.Invoke(method, request, response.get(), token);
  }

  // A client of a jurisdiction or school with every right of the registry there.
  void AddClient(const std::string& token, access::ScopeKind kind, const std::string& id) {
    service_.AddCaller(token,
                       access::testing::MakeCaller({access::testing::MakeGrant("registry.*", kind, id)},
                                                   kind == access::ScopeKind::kOrganisation ? id : ""));
  }
};

}  // namespace lianqiao::registry
