// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/registry_world.h"

#include <random>

#include "absl/strings/str_cat.h"

#include "libs/store/scope.h"

namespace lianqiao::conformance {

using access::ScopeKind;
using access::testing::MakeCaller;
using access::testing::MakeGrant;

RegistryWorld::RegistryWorld() : service_(::lianqiao::registry::RegistryDefinition()) {
  const auto province = Place(registry::JURISDICTION_KIND_PROVINCE, registry::JURISDICTION_LEVEL_PROVINCE,
                              "陕西省", store::kPlatformRootId);
  const auto city =
      Place(registry::JURISDICTION_KIND_CITY, registry::JURISDICTION_LEVEL_CITY, "宝鸡市", province.id());
  city_id_ = city.id();
  near_id_ =
      Place(registry::JURISDICTION_KIND_COUNTY, registry::JURISDICTION_LEVEL_COUNTY, "渭滨区", city_id_).id();
  far_id_ =
      Place(registry::JURISDICTION_KIND_COUNTY, registry::JURISDICTION_LEVEL_COUNTY, "凤县", city_id_).id();
  for (const auto& [token, id] : {std::make_pair("near", near_id_), std::make_pair("far", far_id_)})
    service_.AddCaller(token,
                       MakeCaller({MakeGrant("registry.*", ScopeKind::kJurisdiction, id, {"near-system"})}));
  service_.AddCaller("reader",
                     MakeCaller({MakeGrant("registry.*.read", ScopeKind::kJurisdiction, near_id_)}));
  service_.AddCaller("stranger", MakeCaller({}));
}

registry::Jurisdiction RegistryWorld::Place(registry::JurisdictionKind kind,
                                            registry::JurisdictionLevel level, const std::string& name,
                                            const std::string& parent_id) {
  registry::CreateJurisdictionRequest request;
  request.mutable_jurisdiction()->set_kind(kind);
  request.mutable_jurisdiction()->set_level(level);
  request.mutable_jurisdiction()->set_name(name);
  request.mutable_jurisdiction()->set_parent_id(parent_id);
  const auto made = service_.Call<registry::Jurisdiction>("JurisdictionService/CreateJurisdiction", request);
  EXPECT_TRUE(made.ok()) << made.status();
  return made.ok() ? *made : registry::Jurisdiction();
}

registry::CreateOrganisationRequest RegistryWorld::NewSchool(const std::string& name,
                                                             const std::string& jurisdiction_id) {
  registry::CreateOrganisationRequest request;
  auto* school = request.mutable_organisation();
  school->set_name(name);
  school->set_kind(registry::ORGANISATION_KIND_SCHOOL);
  school->set_jurisdiction_id(jurisdiction_id);
  school->add_stages(type::v1::STAGE_PRIMARY);
  return request;
}

registry::Organisation RegistryWorld::School(const std::string& name, const std::string& jurisdiction_id,
                                             const std::string& token) {
  const auto made = service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation",
                                                          NewSchool(name, jurisdiction_id), token);
  EXPECT_TRUE(made.ok()) << made.status();
  return made.ok() ? *made : registry::Organisation();
}

absl::StatusOr<registry::Organisation> RegistryWorld::Get(const std::string& id, const std::string& token) {
  type::v1::GetRequest request;
  request.set_id(id);
  return service_.Call<registry::Organisation>("OrganisationService/GetOrganisation", request, token);
}

absl::StatusOr<registry::Organisation> RegistryWorld::Rename(const std::string& id,
                                                             const std::string& short_name,
                                                             const std::string& etag,
                                                             const std::string& token) {
  registry::UpdateOrganisationRequest request;
  request.mutable_organisation()->set_id(id);
  request.mutable_organisation()->set_etag(etag);
  request.mutable_organisation()->set_short_name(short_name);
  return service_.Call<registry::Organisation>("OrganisationService/UpdateOrganisation", request, token);
}

int64_t RegistryWorld::Count(const std::string& sql) {
  const auto result = service_.Query(sql);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() && result->rows() == 1 ? result->Integer(0, 0) : -1;
}

std::vector<std::thread> RegistryWorld::StartWriters(int count, const std::atomic<bool>* writing) {
  std::vector<std::thread> writers;
  for (int writer = 0; writer < count; ++writer) {
    writers.emplace_back([this, writer, writing] {
      std::mt19937 random(static_cast<unsigned>(writer));
      std::vector<std::string> ids;
      for (int i = 0; writing->load(); ++i) {
        const unsigned dice = random() % 10;
        if (ids.empty() || dice < 3) {
          ids.push_back(School(absl::StrCat("新", writer, "-", i), near_id_).id());
        } else if (dice < 8) {
          Rename(ids[random() % ids.size()], absl::StrCat("简", i), "").IgnoreError();
        } else {
          registry::UpdateOrganisationRequest move;
          move.mutable_organisation()->set_id(ids[random() % ids.size()]);
          move.mutable_organisation()->set_jurisdiction_id(random() % 2 == 0 ? near_id_ : far_id_);
          service_.Call<registry::Organisation>("OrganisationService/UpdateOrganisation", move).IgnoreError();
        }
      }
    });
  }
  return writers;
}

}  // namespace lianqiao::conformance
