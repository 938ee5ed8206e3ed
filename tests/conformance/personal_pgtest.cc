// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "lianqiao/registry/v1/restructuring.pb.h"
#include "tests/conformance/registry_world.h"

namespace lianqiao::conformance {
namespace {

using access::ScopeKind;
using access::testing::MakeCaller;
using access::testing::MakeGrant;

constexpr char kPerson[] = "p-7f3a";

class PersonalFields : public RegistryWorld {
 protected:
  PersonalFields() {
    const auto in = [&](const std::string& permission, const std::string& id) {
      return MakeGrant(permission, ScopeKind::kJurisdiction, id);
    };
    service_.AddCaller(
        "plain", MakeCaller({in("registry.*.read", near_id_), in("registry.organisation.write", near_id_),
                             in("registry.organisation.restructure.write", near_id_)}));
    service_.AddCaller("half", MakeCaller({in("registry.*.read", city_id_),
                                           in("registry.organisation.personal", near_id_)}));
  }
  std::string Headed(const std::string& name, const std::string& jurisdiction_id) {
    auto request = NewSchool(name, jurisdiction_id);
    request.mutable_organisation()->set_legal_representative(kPerson);
    const auto made =
        service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", request);
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? made->id() : "";
  }
};

TEST_F(PersonalFields, AreShownOnlyWhereTheRightToThemLies) {
  const std::string near = Headed("近处小学", near_id_);
  const std::string far = Headed("远处小学", far_id_);
  EXPECT_EQ(Get(near, "half")->legal_representative(), kPerson);
  EXPECT_EQ(Get(far, "half")->legal_representative(), "");
  EXPECT_EQ(Get(near, "plain")->legal_representative(), "");
  const auto page = service_.Call<registry::ListOrganisationsResponse>(
      "OrganisationService/ListOrganisations", type::v1::ListRequest(), "half");
  ASSERT_TRUE(page.ok()) << page.status();
  for (const auto& school : page->organisations())
    EXPECT_EQ(school.legal_representative(), school.id() == near ? kPerson : "") << school.name();
  type::v1::BatchGetRequest batch;
  batch.add_ids(near);
  batch.add_ids(far);
  const auto both = service_.Call<registry::BatchGetOrganisationsResponse>(
      "OrganisationService/BatchGetOrganisations", batch, "half");
  ASSERT_TRUE(both.ok()) << both.status();
  EXPECT_EQ(both->organisations(0).legal_representative(), kPerson);
  EXPECT_EQ(both->organisations(1).legal_representative(), "");
}

TEST_F(PersonalFields, AreLeftOutOfTheAnswerOfAMethodOfItsOwnAndOfItsRepetition) {
  registry::MergeRequest merge;
  merge.add_source_ids(Headed("乙小学", near_id_));
  merge.set_target_id(Headed("甲小学", near_id_));
  merge.set_document("合并示例");
  merge.set_request_id("merge");
  const auto first = service_.Call<registry::MergeOrganisationsResponse>(
      "OrganisationService/MergeOrganisations", merge, "plain");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->organisation().legal_representative(), "");
  EXPECT_EQ(first->merged(0).legal_representative(), "");
  const auto again = service_.Call<registry::MergeOrganisationsResponse>(
      "OrganisationService/MergeOrganisations", merge, "plain");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
}

TEST_F(PersonalFields, SurviveAWholeUpdateByWhoCannotSeeThem) {
  const std::string id = Headed("近处小学", near_id_);
  registry::UpdateOrganisationRequest update;
  *update.mutable_organisation() = *Get(id, "plain");
  update.mutable_organisation()->set_short_name("近小");
  update.mutable_update_mask()->add_paths("*");
  const auto updated =
      service_.Call<registry::Organisation>("OrganisationService/UpdateOrganisation", update, "plain");
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(Get(id)->short_name(), "近小");
  EXPECT_EQ(Get(id)->legal_representative(), kPerson);
  *update.mutable_organisation() = *Get(id);
  update.mutable_organisation()->clear_legal_representative();
  ASSERT_TRUE(service_.Call<registry::Organisation>("OrganisationService/UpdateOrganisation", update).ok());
  EXPECT_EQ(Get(id)->legal_representative(), "") << "who sees the field means it";
}

TEST_F(PersonalFields, LeaveALineInTheAccessLogWhenTheyAreRead) {
  const std::string near = Headed("近处小学", near_id_);
  const std::string far = Headed("远处小学", far_id_);
  service_.access_log().Flush(absl::Now() + absl::Seconds(10));
  const std::string count =
      "SELECT count(*) FROM access_log WHERE event = 'ACCESS_EVENT_PERSONAL_READ' AND kind = 'organisation' "
      "AND "
      "permission = 'registry.organisation.personal' AND method LIKE '%/GetOrganisation' AND record_ids = "
      "ARRAY['";
  ASSERT_TRUE(Get(near, "half").ok());
  ASSERT_TRUE(Get(far, "half").ok());
  ASSERT_TRUE(Get(near, "plain").ok());
  service_.access_log().Flush(absl::Now() + absl::Seconds(10));
  EXPECT_EQ(Count(absl::StrCat(count, near, "']")), 1);
  EXPECT_EQ(Count(absl::StrCat(count, far, "']")), 0) << "masked, so not read";
}

}  // namespace
}  // namespace lianqiao::conformance
