// SPDX-License-Identifier: Apache-2.0
#include <google/protobuf/field_mask.pb.h>

#include "absl/strings/str_cat.h"
#include "tests/conformance/registry_world.h"

namespace lianqiao::conformance {
namespace {

class ScopeOfRows : public RegistryWorld {};

TEST_F(ScopeOfRows, ARowOutOfScopeIsInvisibleEverywhere) {
  const auto hidden = School("远处小学", far_id_);
  const auto shown = School("近处小学", near_id_);
  type::v1::GetRequest get;
  get.set_id("0190a0b0-0000-7000-8000-000000000000");
  const auto missing =
      service_.Call<registry::Organisation>("OrganisationService/GetOrganisation", get, "near").status();
  const auto invisible = Get(hidden.id(), "near").status();
  EXPECT_EQ(invisible, missing) << "an invisible record must answer exactly like a missing one";
  EXPECT_EQ(Rename(hidden.id(), "x", "", "near").status().code(), absl::StatusCode::kNotFound);
  type::v1::DeleteRequest remove;
  remove.set_id(hidden.id());
  EXPECT_EQ(service_.Call<registry::Organisation>("OrganisationService/DeleteOrganisation", remove, "near")
                .status()
                .code(),
            absl::StatusCode::kNotFound);
  type::v1::BatchGetRequest batch;
  batch.add_ids(shown.id());
  batch.add_ids(hidden.id());
  EXPECT_EQ(service_
                .Call<registry::BatchGetOrganisationsResponse>("OrganisationService/BatchGetOrganisations",
                                                               batch, "near")
                .status()
                .code(),
            absl::StatusCode::kNotFound);
}

TEST_F(ScopeOfRows, NoFilterEscapesTheScope) {
  const auto hidden = School("远处小学", far_id_);
  School("近处小学", near_id_);
  for (const std::string& filter :
       {std::string(), absl::StrCat("id = \"", hidden.id(), "\""),
        std::string("name = \"*\" OR name = \"远处小学\""), std::string("NOT name = \"x\""),
        absl::StrCat("id = \"", hidden.id(), "\" OR id != \"", hidden.id(), "\"")}) {
    type::v1::ListRequest list;
    list.set_filter(filter);
    const auto page = service_.Call<registry::ListOrganisationsResponse>(
        "OrganisationService/ListOrganisations", list, "near");
    ASSERT_TRUE(page.ok()) << filter << ": " << page.status();
    for (const auto& school : page->organisations()) EXPECT_NE(school.id(), hidden.id()) << filter;
  }
}

TEST_F(ScopeOfRows, WhoHasNoRightAtAllIsDeniedBeforeAnythingIsRead) {
  const auto made = School("一小", near_id_);
  EXPECT_EQ(Get(made.id(), "stranger").status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Get("no id at all", "stranger").status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Get(made.id(), "").status().code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(ScopeOfRows, WhoMayOnlyReadIsDeniedTheWrite) {
  const auto made = School("一小", near_id_);
  EXPECT_TRUE(Get(made.id(), "reader").ok());
  EXPECT_EQ(Rename(made.id(), "x", "", "reader").status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(service_
                .Call<registry::Organisation>("OrganisationService/CreateOrganisation",
                                              NewSchool("二小", near_id_), "reader")
                .status()
                .code(),
            absl::StatusCode::kPermissionDenied);
}

TEST_F(ScopeOfRows, AReferenceOutOfScopeAnswersLikeAMissingOne) {
  const auto invisible = service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation",
                                                               NewSchool("一小", far_id_), "near");
  const auto missing = service_.Call<registry::Organisation>(
      "OrganisationService/CreateOrganisation", NewSchool("一小", "0190a0b0-0000-7000-8000-000000000000"),
      "near");
  EXPECT_EQ(invisible.status(), missing.status());
  EXPECT_EQ(invisible.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ScopeOfRows, AMoveChangesWhoSeesTheRecordAndWhatHangsOnIt) {
  const auto school = School("一小", near_id_);
  auto request = NewSchool("一小分校", near_id_);
  request.mutable_organisation()->set_kind(registry::ORGANISATION_KIND_CAMPUS);
  request.mutable_organisation()->set_parent_organisation_id(school.id());
  const auto campus =
      service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", request);
  ASSERT_TRUE(campus.ok()) << campus.status();
  EXPECT_EQ(Get(campus->id(), "far").status().code(), absl::StatusCode::kNotFound);
  registry::UpdateOrganisationRequest move;
  move.mutable_organisation()->set_id(school.id());
  move.mutable_organisation()->set_jurisdiction_id(far_id_);
  const auto moved = service_.Call<registry::Organisation>("OrganisationService/UpdateOrganisation", move);
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_TRUE(Get(school.id(), "far").ok());
  EXPECT_EQ(Get(school.id(), "near").status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(Get(campus->id(), "far").ok()) << "the campus follows its school";
  EXPECT_EQ(Count(absl::StrCat("SELECT count(*) FROM change WHERE id = '", campus->id(),
                               "' AND scope_before <> scope_after")),
            2)
      << "the creation and the stamp";
}

TEST_F(ScopeOfRows, ADeniedMoveIntoAForeignCountyIsRefused) {
  const auto school = School("一小", near_id_);
  registry::UpdateOrganisationRequest move;
  move.mutable_organisation()->set_id(school.id());
  move.mutable_organisation()->set_jurisdiction_id(far_id_);
  EXPECT_EQ(service_.Call<registry::Organisation>("OrganisationService/UpdateOrganisation", move, "near")
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Get(school.id())->revision(), 1);
}

}  // namespace
}  // namespace lianqiao::conformance
