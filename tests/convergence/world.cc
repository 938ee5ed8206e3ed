// SPDX-License-Identifier: Apache-2.0
#include "tests/convergence/world.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "lianqiao/registry/v1/alliance.pb.h"
#include "lianqiao/registry/v1/jurisdiction.pb.h"
#include "lianqiao/registry/v1/membership.pb.h"
#include "lianqiao/registry/v1/organisation.pb.h"
#include "lianqiao/registry/v1/role_holder.pb.h"
#include "libs/store/scope.h"
#include "libs/testing/cluster.h"
#include "libs/testing/postgres.h"
#include "services/alliance-registry/registry.h"
#include "tests/convergence/installation.h"

namespace lianqiao::convergence {
namespace {

namespace v1 = ::lianqiao::registry::v1;

class Maker {
 public:
  explicit Maker(Installation* installation) : installation_(installation) {}

  template <typename Record>
  Record Make(const std::string& method, const google::protobuf::Message& request) {
    Record record;
    const absl::Status status = installation_->client()->CallAndWait(
        "/lianqiao.registry.v1." + method, request, &record,
        {{rpc::kAuthorization, "Bearer operator"}, {rpc::kAcceptLanguage, "en"}},
        absl::Now() + absl::Seconds(60));
    if (!status.ok()) {
      std::fprintf(stderr, "convergence: the world: %s: %s\n", method.c_str(), status.ToString().c_str());
      std::abort();
    }
    return record;
  }

  std::string Place(v1::JurisdictionKind kind, v1::JurisdictionLevel level, const std::string& name,
                    const std::string& parent_id) {
    v1::CreateJurisdictionRequest request;
    request.mutable_jurisdiction()->set_kind(kind);
    request.mutable_jurisdiction()->set_level(level);
    request.mutable_jurisdiction()->set_name(name);
    request.mutable_jurisdiction()->set_parent_id(parent_id);
    return Make<v1::Jurisdiction>("JurisdictionService/CreateJurisdiction", request).id();
  }
  std::string School(const std::string& name, const std::string& county_id) {
    v1::CreateOrganisationRequest request;
    auto& school = *request.mutable_organisation();
    school.set_kind(v1::ORGANISATION_KIND_SCHOOL);
    school.set_name(name);
    school.set_jurisdiction_id(county_id);
    school.add_stages(type::v1::STAGE_PRIMARY);
    school.set_legal_representative("p-" + name);
    return Make<v1::Organisation>("OrganisationService/CreateOrganisation", request).id();
  }
  std::string Alliance(const std::string& name, const std::string& city_id) {
    v1::CreateAllianceRequest request;
    auto& alliance = *request.mutable_alliance();
    alliance.set_name(name);
    alliance.set_type(v1::ALLIANCE_TYPE_CROSS_COUNTY);
    alliance.set_jurisdiction_id(city_id);
    alliance.set_state(v1::ALLIANCE_STATE_ACTIVE);
    return Make<v1::Alliance>("AllianceService/CreateAlliance", request).id();
  }
  std::string Member(const std::string& alliance_id, const std::string& school_id, v1::MembershipRole role) {
    v1::CreateMembershipRequest request;
    auto& membership = *request.mutable_membership();
    membership.set_alliance_id(alliance_id);
    membership.set_organisation_id(school_id);
    membership.set_role(role);
    membership.set_joined_on("2022-01-01");
    membership.set_state(v1::MEMBERSHIP_STATE_ACTIVE);
    return Make<v1::Membership>("MembershipService/CreateMembership", request).id();
  }
  void Head(const std::string& school_id, const std::string& person) {
    v1::CreateRoleHolderRequest request;
    auto& holder = *request.mutable_role_holder();
    holder.set_organisation_id(school_id);
    holder.set_person_ref(person);
    holder.set_role(v1::HOLDER_ROLE_PRINCIPAL);
    holder.set_from_on("2023-09-01");
    Make<v1::RoleHolder>("RoleHolderService/CreateRoleHolder", request);
  }

 private:
  Installation* const installation_;
};

void Fill(Installation* installation, World* world) {
  Maker maker(installation);
  world->root_id = store::kPlatformRootId;
  const std::string province =
      maker.Place(v1::JURISDICTION_KIND_PROVINCE, v1::JURISDICTION_LEVEL_PROVINCE, "陕西省", world->root_id);
  world->city_id = maker.Place(v1::JURISDICTION_KIND_CITY, v1::JURISDICTION_LEVEL_CITY, "宝鸡市", province);
  for (const char* name : {"渭滨区", "凤县", "眉县"})
    world->county_ids.push_back(
        maker.Place(v1::JURISDICTION_KIND_COUNTY, v1::JURISDICTION_LEVEL_COUNTY, name, world->city_id));
  for (int i = 0; i < 7; ++i) {
    world->school_ids.push_back(maker.School(absl::StrCat("学校", i), world->county_ids[i % 3]));
    if (i % 2 == 0) maker.Head(world->school_ids.back(), absl::StrCat("p-", i));
  }
  for (int i = 0; i < 2; ++i) {
    world->alliance_ids.push_back(maker.Alliance(absl::StrCat("联盟", i), world->city_id));
    for (int k = 0; k < 3; ++k)
      world->membership_ids.push_back(
          maker.Member(world->alliance_ids.back(), world->school_ids[i * 3 + k],
                       k == 0 ? v1::MEMBERSHIP_ROLE_LEAD_SCHOOL : v1::MEMBERSHIP_ROLE_MEMBER));
  }
}

}  // namespace

const World& BaseWorld() {
  static const World* world = [] {
    const runtime::Definition definition = ::lianqiao::registry::RegistryDefinition();
    // Kept until the process ends.
    static const auto* empty =
        new testing::TestDatabase("alliance_registry", resource::WithEngine(definition.migrations));
    const std::string connection = empty->connection();
    auto* made = new World();
    made->database = "world";
    Installation installation(connection.substr(connection.find("dbname=") + 7), 1);
    // Few buckets: more transactions meet in one.
    installation.Sql("UPDATE feed_meta SET buckets = 5");
    installation.Start();
    Fill(&installation, made);
    installation.Stop();
    installation.Disconnect();
    testing::Cluster::Instance().Administer("CREATE DATABASE world TEMPLATE " + installation.database());
    return made;
  }();
  return *world;
}

}  // namespace lianqiao::convergence
