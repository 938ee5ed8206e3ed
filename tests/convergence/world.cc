// SPDX-License-Identifier: Apache-2.0
#include "tests/convergence/world.h"

#include "absl/strings/str_cat.h"
#include "lianqiao/registry/v1/alliance.pb.h"
#include "lianqiao/registry/v1/jurisdiction.pb.h"
#include "lianqiao/registry/v1/membership.pb.h"
#include "lianqiao/registry/v1/organisation.pb.h"
#include "lianqiao/registry/v1/role_holder.pb.h"
#include "libs/store/scope.h"
#include "libs/testing/cluster.h"
#include "libs/testing/postgres.h"
#include "tests/convergence/maker.h"

namespace lianqiao::convergence {
namespace {

class RegistryMaker final : public Maker {
 public:
  using Maker::Maker;

  std::string Place(registry::v1::JurisdictionKind kind, registry::v1::JurisdictionLevel level,
                    const std::string& name, const std::string& parent_id) {
    registry::v1::CreateJurisdictionRequest request;
    request.mutable_jurisdiction()->set_kind(kind);
    request.mutable_jurisdiction()->set_level(level);
    request.mutable_jurisdiction()->set_name(name);
    request.mutable_jurisdiction()->set_parent_id(parent_id);
    return Make<registry::v1::Jurisdiction>("JurisdictionService/CreateJurisdiction", request).id();
  }
  std::string School(const std::string& name, const std::string& county_id) {
    registry::v1::CreateOrganisationRequest request;
    auto& school = *request.mutable_organisation();
    school.set_kind(registry::v1::ORGANISATION_KIND_SCHOOL);
    school.set_name(name);
    school.set_jurisdiction_id(county_id);
    school.add_stages(type::v1::STAGE_PRIMARY);
    school.set_legal_representative("p-" + name);
    return Make<registry::v1::Organisation>("OrganisationService/CreateOrganisation", request).id();
  }
  std::string Alliance(const std::string& name, const std::string& city_id) {
    registry::v1::CreateAllianceRequest request;
    auto& alliance = *request.mutable_alliance();
    alliance.set_name(name);
    alliance.set_type(registry::v1::ALLIANCE_TYPE_CROSS_COUNTY);
    alliance.set_jurisdiction_id(city_id);
    alliance.set_state(registry::v1::ALLIANCE_STATE_ACTIVE);
    return Make<registry::v1::Alliance>("AllianceService/CreateAlliance", request).id();
  }
  std::string Member(const std::string& alliance_id, const std::string& school_id,
                     registry::v1::MembershipRole role) {
    registry::v1::CreateMembershipRequest request;
    auto& membership = *request.mutable_membership();
    membership.set_alliance_id(alliance_id);
    membership.set_organisation_id(school_id);
    membership.set_role(role);
    membership.set_joined_on("2022-01-01");
    membership.set_state(registry::v1::MEMBERSHIP_STATE_ACTIVE);
    return Make<registry::v1::Membership>("MembershipService/CreateMembership", request).id();
  }
  void Head(const std::string& school_id, const std::string& person) {
    registry::v1::CreateRoleHolderRequest request;
    auto& holder = *request.mutable_role_holder();
    holder.set_organisation_id(school_id);
    holder.set_person_ref(person);
    holder.set_role(registry::v1::HOLDER_ROLE_PRINCIPAL);
    holder.set_from_on("2023-09-01");
    Make<registry::v1::RoleHolder>("RoleHolderService/CreateRoleHolder", request);
  }
};

// Under this name, until the process ends.
void Keep(Installation* installation, const std::string& name) {
  installation->Stop();
  installation->Disconnect();
  testing::Cluster::Instance().Administer(
      absl::StrCat("CREATE DATABASE ", name, " TEMPLATE ", installation->database()));
}

std::string EmptyDatabase(const Subject& subject) {
  // Kept until the process ends.
  static auto* const kept = new std::vector<std::unique_ptr<testing::TestDatabase>>();
  kept->push_back(std::make_unique<testing::TestDatabase>(
      subject.schema, resource::WithEngine(subject.definition().migrations)));
  const std::string& connection = kept->back()->connection();
  return connection.substr(connection.find("dbname=") + 7);
}

// Few buckets: more transactions meet in one.
constexpr char kFewBuckets[] = "UPDATE feed_meta SET buckets = 5";

const World* MakeRegistryWorld() {
  auto* made = new World();
  made->database = "world";
  Installation installation(RegistrySubject(), EmptyDatabase(RegistrySubject()), 1);
  installation.Sql(kFewBuckets);
  installation.Start();
  RegistrySubject().fill(&installation, made);
  Keep(&installation, made->database);
  return made;
}

// Beside the registry's world, which it has read to the end.
const World* MakeFollowersWorld(const Subject& subject) {
  auto* made = new World(BaseWorld(RegistrySubject()));
  made->followed = made->database;
  made->database = "world_" + subject.name;
  Installation registry(RegistrySubject(), made->followed, 1);
  registry.Start();
  if (subject.prepare != nullptr) subject.prepare(&registry, made);
  Installation installation(subject, EmptyDatabase(subject), 2, &registry);
  installation.Sql(kFewBuckets);
  installation.Start();
  Require(installation.CatchUp(absl::Seconds(60)) ? absl::OkStatus() : absl::UnavailableError("no copy"),
          "the world");
  subject.fill(&installation, made);
  Keep(&installation, made->database);
  if (subject.prepare == nullptr) return made;
  made->followed = made->database + "_registry";
  Keep(&registry, made->followed);
  return made;
}

}  // namespace

void FillRegistry(Installation* installation, World* world) {
  RegistryMaker maker(installation, world);
  world->root_id = store::kPlatformRootId;
  const std::string province =
      maker.Place(registry::v1::JURISDICTION_KIND_PROVINCE, registry::v1::JURISDICTION_LEVEL_PROVINCE,
                  "陕西省", world->root_id);
  world->city_id = maker.Place(registry::v1::JURISDICTION_KIND_CITY, registry::v1::JURISDICTION_LEVEL_CITY,
                               "宝鸡市", province);
  for (const char* name : {"渭滨区", "凤县", "眉县"})
    world->county_ids.push_back(maker.Place(registry::v1::JURISDICTION_KIND_COUNTY,
                                            registry::v1::JURISDICTION_LEVEL_COUNTY, name, world->city_id));
  for (int i = 0; i < 7; ++i) {
    world->school_ids.push_back(maker.School(absl::StrCat("学校", i), world->county_ids[i % 3]));
    if (i % 2 == 0) maker.Head(world->school_ids.back(), absl::StrCat("p-", i));
  }
  for (int i = 0; i < 2; ++i) {
    world->alliance_ids.push_back(maker.Alliance(absl::StrCat("联盟", i), world->city_id));
    for (int k = 0; k < 3; ++k)
      world->membership_ids.push_back(maker.Member(
          world->alliance_ids.back(), world->school_ids[i * 3 + k],
          k == 0 ? registry::v1::MEMBERSHIP_ROLE_LEAD_SCHOOL : registry::v1::MEMBERSHIP_ROLE_MEMBER));
  }
}

const World& BaseWorld(const Subject& subject) {
  static auto* const worlds = new std::map<std::string, const World*>();  // Until the process ends.
  const World*& world = (*worlds)[subject.name];
  if (world == nullptr)
    world = &subject == &RegistrySubject() ? MakeRegistryWorld() : MakeFollowersWorld(subject);
  return *world;
}

}  // namespace lianqiao::convergence
