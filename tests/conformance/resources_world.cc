// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/resources_world.h"

#include "libs/base/clock.h"

namespace lianqiao::conformance {

using access::ScopeKind;
using access::testing::MakeCaller;
using access::testing::MakeGrant;

ResourcesWorld::ResourcesWorld() : resources_(::lianqiao::resources::ResourcesDefinition(), {&service_}) {
  near_school_ = School("渭滨区第一小学", near_id_).id();
  near_other_ = School("渭滨区第二小学", near_id_).id();
  far_school_ = School("凤县第一小学", far_id_).id();
  near_office_ = Office("渭滨区教研室", near_id_).id();
  AddReader("near_school", ScopeKind::kOrganisation, near_school_);
  AddReader("near_other", ScopeKind::kOrganisation, near_other_);
  AddReader("far_school", ScopeKind::kOrganisation, far_school_);
  AddReader("near_office", ScopeKind::kOrganisation, near_office_);
  AddReader("near", ScopeKind::kJurisdiction, near_id_);
  AddReader("far", ScopeKind::kJurisdiction, far_id_);
  AddReader("city", ScopeKind::kJurisdiction, city_id_);
  CatchUp();
}

void ResourcesWorld::AddReader(const std::string& token, ScopeKind kind, const std::string& id,
                               const std::string& organisation_id) {
  resources_.AddCaller(
      token, MakeCaller({MakeGrant("resources.*", kind, id, {token}), MakeGrant("registry.*.read", kind, id),
                         MakeGrant("resources.*.changes", kind, id)},
                        organisation_id));
}

registry::Organisation ResourcesWorld::Office(const std::string& name, const std::string& jurisdiction_id) {
  registry::CreateOrganisationRequest request;
  request.mutable_organisation()->set_name(name);
  request.mutable_organisation()->set_kind(registry::ORGANISATION_KIND_AFFILIATED_BODY);
  request.mutable_organisation()->set_jurisdiction_id(jurisdiction_id);
  const auto made = service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", request);
  EXPECT_TRUE(made.ok()) << made.status();
  return made.value_or(registry::Organisation());
}

registry::Alliance ResourcesWorld::Alliance(registry::AllianceType type, const std::string& jurisdiction_id) {
  registry::CreateAllianceRequest request;
  request.mutable_alliance()->set_name("城乡联盟");
  request.mutable_alliance()->set_type(type);
  request.mutable_alliance()->set_jurisdiction_id(jurisdiction_id);
  request.mutable_alliance()->set_state(registry::ALLIANCE_STATE_ACTIVE);
  const auto made = service_.Call<registry::Alliance>("AllianceService/CreateAlliance", request);
  EXPECT_TRUE(made.ok()) << made.status();
  return made.value_or(registry::Alliance());
}

registry::Membership ResourcesWorld::Join(const std::string& alliance_id, const std::string& party_id,
                                          bool leads) {
  registry::CreateMembershipRequest request;
  registry::Membership& membership = *request.mutable_membership();
  membership.set_alliance_id(alliance_id);
  const bool county = party_id == near_id_ || party_id == far_id_;
  if (county) {
    membership.set_jurisdiction_id(party_id);
  } else {
    membership.set_organisation_id(party_id);
  }
  membership.set_role(!leads   ? registry::MEMBERSHIP_ROLE_MEMBER
                      : county ? registry::MEMBERSHIP_ROLE_LEAD_COUNTY
                               : registry::MEMBERSHIP_ROLE_LEAD_SCHOOL);
  membership.set_position(leads ? 1 : 2);
  membership.set_state(registry::MEMBERSHIP_STATE_ACTIVE);
  membership.set_joined_on("2024-09-01");
  const auto made = service_.Call<registry::Membership>("MembershipService/CreateMembership", request);
  EXPECT_TRUE(made.ok()) << made.status();
  return made.value_or(registry::Membership());
}

void ResourcesWorld::MoveSchool(const std::string& school, const std::string& place) {
  registry::UpdateOrganisationRequest move;
  move.mutable_organisation()->set_id(school);
  move.mutable_organisation()->set_jurisdiction_id(place);
  const auto moved = service_.Call<registry::Organisation>("OrganisationService/UpdateOrganisation", move);
  ASSERT_TRUE(moved.ok()) << moved.status();
  CatchUp();
}

void ResourcesWorld::Stamp() {
  while (*resources_.engine().RestampSome(absl::Now() + absl::Seconds(30)) > 0) continue;
}

resources::ResourceItem ResourcesWorld::NewItem(const std::string& organisation,
                                                resources::ResourceAudience audience,
                                                resources::ResourceLevel level, const std::string& title) {
  resources::ResourceItem item;
  item.set_title(title);
  item.set_kind(resources::RESOURCE_KIND_TEACHING_DESIGN);
  item.set_purpose(resources::RESOURCE_PURPOSE_TEACHING);
  item.add_stages(type::v1::STAGE_PRIMARY);
  item.add_subjects(type::v1::SUBJECT_MATHEMATICS);
  item.set_author_organisation_id(organisation);
  item.set_licence(resources::RESOURCE_LICENCE_CC_BY_NC);
  item.set_audience(audience);
  item.set_level(level);
  item.set_url("https://cloud.example.cn/item/1");
  item.set_synthetic(true);
  return item;
}

absl::StatusOr<resources::ResourceItem> ResourcesWorld::Make(const resources::ResourceItem& item,
                                                             const std::string& token) {
  resources::CreateResourceItemRequest request;
  *request.mutable_resource_item() = item;
  return resources_.Call<resources::ResourceItem>("ResourceItemService/CreateResourceItem", request, token);
}

absl::StatusOr<resources::ResourceItem> ResourcesWorld::Look(const std::string& id,
                                                             const std::string& token) {
  type::v1::GetRequest get;
  get.set_id(id);
  return resources_.Call<resources::ResourceItem>("ResourceItemService/GetResourceItem", get, token);
}

absl::StatusOr<resources::ResourceItem> ResourcesWorld::Move(const std::string& verb, const std::string& id,
                                                             const std::string& token,
                                                             const std::string& reason) {
  type::v1::TransitionRequest request;
  request.set_id(id);
  request.set_reason(reason);
  return resources_.Call<resources::ResourceItem>("ResourceItemService/" + verb + "ResourceItem", request,
                                                  token);
}

absl::Status ResourcesWorld::Edit(const resources::ResourceItem& item, const std::vector<std::string>& fields,
                                  const std::string& token) {
  resources::UpdateResourceItemRequest request;
  *request.mutable_resource_item() = item;
  for (const std::string& field : fields) request.mutable_update_mask()->add_paths(field);
  return resources_.Call<resources::ResourceItem>("ResourceItemService/UpdateResourceItem", request, token)
      .status();
}

resources::ResourceItem ResourcesWorld::Published(const std::string& organisation,
                                                  resources::ResourceAudience audience,
                                                  resources::ResourceLevel level,
                                                  const std::string& alliance_id, const std::string& title) {
  resources::ResourceItem item = NewItem(organisation, audience, level, title);
  item.set_alliance_id(alliance_id);
  item.set_state(resources::RESOURCE_STATE_PUBLISHED);
  item.set_published_on(base::BusinessDate(resources_.clock().Now()));
  const auto made = Make(item);
  EXPECT_TRUE(made.ok()) << made.status();
  return made.value_or(resources::ResourceItem());
}

}  // namespace lianqiao::conformance
