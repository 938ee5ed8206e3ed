// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "libs/base/ids.h"
#include "tests/conformance/registry_world.h"

namespace lianqiao::conformance {
namespace {

using ::testing::HasSubstr;
using type::v1::UpsertResult;

class BatchUpsert : public RegistryWorld {
 protected:
  void Add(registry::BatchUpsertOrganisationsRequest* request, const std::string& source_id,
           const std::string& name, const std::string& jurisdiction_id) {
    request->set_source_system("near-system");
    auto* school = request->add_organisations();
    *school = NewSchool(name, jurisdiction_id).organisation();
    auto* external = school->add_external_ids();
    external->set_system("near-system");
    external->set_id(source_id);
  }
  absl::StatusOr<registry::BatchUpsertOrganisationsResponse> Send(
      const registry::BatchUpsertOrganisationsRequest& request, const std::string& token = "operator") {
    return service_.Call<registry::BatchUpsertOrganisationsResponse>(
        "OrganisationService/BatchUpsertOrganisations", request, token);
  }
};

TEST_F(BatchUpsert, CreatesThenLeavesThenUpdatesAndRevives) {
  registry::BatchUpsertOrganisationsRequest request;
  Add(&request, "1", "一小", near_id_);
  Add(&request, "2", "二小", near_id_);
  auto answer = Send(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->results(0).outcome(), UpsertResult::CREATED);
  const std::string id = answer->results(0).id();
  EXPECT_EQ(id, base::ImportedId("organisation", "near-system", "1"))
      << "the first id of an imported record never varies";
  answer = Send(request);
  EXPECT_EQ(answer->results(1).outcome(), UpsertResult::UNCHANGED);
  request.mutable_organisations(0)->set_name("第一小学");
  type::v1::DeleteRequest remove;
  remove.set_id(Send(request)->results(1).id());
  ASSERT_TRUE(service_.Call<registry::Organisation>("OrganisationService/DeleteOrganisation", remove).ok());
  answer = Send(request);
  EXPECT_EQ(answer->results(0).outcome(), UpsertResult::UNCHANGED);
  EXPECT_EQ(answer->results(1).outcome(), UpsertResult::UPDATED)
      << "a deleted record that comes again is undeleted";
  EXPECT_EQ(answer->results(1).revision(), 3);
  EXPECT_EQ(Count("SELECT count(*) FROM organisation"), 2);
}

// The source has not heard of the merger: its news of the retired school goes nowhere, and says where to.
TEST_F(BatchUpsert, RefusesNewsOfARecordThatAMergeRetired) {
  registry::BatchUpsertOrganisationsRequest request;
  Add(&request, "1", "一小", near_id_);
  Add(&request, "2", "二小", near_id_);
  auto answer = Send(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  const std::string retired = answer->results(0).id();
  const std::string successor = answer->results(1).id();
  registry::MergeRequest merge;
  merge.add_source_ids(retired);
  merge.set_target_id(successor);
  merge.set_document("合并示例");
  ASSERT_TRUE(
      service_.Call<registry::MergeOrganisationsResponse>("OrganisationService/MergeOrganisations", merge)
          .ok());
  answer = Send(request);
  EXPECT_EQ(answer->results(0).outcome(), UpsertResult::UNCHANGED) << "nothing new in it";
  request.mutable_organisations(0)->set_name("第一小学");
  request.mutable_organisations(1)->set_name("第二小学");
  answer = Send(request);
  ASSERT_EQ(answer->results(0).outcome(), UpsertResult::REFUSED);
  EXPECT_THAT(answer->results(0).message(), HasSubstr(successor));
  EXPECT_EQ(answer->results(1).outcome(), UpsertResult::UPDATED);
  EXPECT_EQ(Count(absl::StrCat("SELECT revision FROM organisation WHERE id = '", retired, "'")), 2);
}

TEST_F(BatchUpsert, RefusesOneRecordAndStoresTheOthers) {
  registry::BatchUpsertOrganisationsRequest request;
  Add(&request, "1", "一小", near_id_);
  Add(&request, "2", "", near_id_);
  Add(&request, "3", "三小", "0190a0b0-0000-7000-8000-000000000000");
  const auto answer = Send(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->results(0).outcome(), UpsertResult::CREATED);
  ASSERT_EQ(answer->results(1).outcome(), UpsertResult::REFUSED);
  EXPECT_EQ(answer->results(1).violations(0).field(), "organisations[1].name");
  ASSERT_EQ(answer->results(2).outcome(), UpsertResult::REFUSED);
  EXPECT_EQ(answer->results(2).violations(0).reason(), "REFERENCE_NOT_FOUND");
  EXPECT_EQ(Count("SELECT count(*) FROM organisation"), 1);
}

// Else a source could take the id under which another source's record is going to come.
TEST_F(BatchUpsert, AnIdThatTheClientMadeUpMakesNoRecord) {
  registry::BatchUpsertOrganisationsRequest request;
  Add(&request, "1", "一小", near_id_);
  request.mutable_organisations(0)->set_id(base::ImportedId("organisation", "student-register", "61030001"));
  const auto answer = Send(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->results(0).outcome(), UpsertResult::REFUSED);
  EXPECT_EQ(answer->results(0).code(), static_cast<int>(absl::StatusCode::kNotFound));
  EXPECT_EQ(Count("SELECT count(*) FROM organisation"), 0);
}

TEST_F(BatchUpsert, AtomicStoresAllOrNothing) {
  registry::BatchUpsertOrganisationsRequest request;
  request.set_atomic(true);
  Add(&request, "1", "一小", near_id_);
  Add(&request, "2", "", near_id_);
  EXPECT_EQ(Send(request).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Count("SELECT count(*) FROM organisation"), 0);
}

TEST_F(BatchUpsert, AUniqueKeyRefusesOnlyTheRecordThatMeetsIt) {
  registry::BatchUpsertOrganisationsRequest request;
  for (int i = 0; i < 3; ++i) {
    Add(&request, absl::StrCat(i), absl::StrCat("学校", i), near_id_);
    request.mutable_organisations(i)->set_school_code(i == 2 ? "2161000001"
                                                             : absl::StrCat("216100000", i + 1));
  }
  const auto answer = Send(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->results(1).outcome(), UpsertResult::CREATED);
  EXPECT_EQ(answer->results(2).outcome(), UpsertResult::REFUSED);
  EXPECT_EQ(Count("SELECT count(*) FROM organisation"), 2);
}

TEST_F(BatchUpsert, ResolvesParentsByExternalIdInsideTheBatch) {
  registry::BatchUpsertOrganisationsRequest request;
  Add(&request, "campus", "分校", near_id_);
  request.mutable_organisations(0)->set_kind(registry::ORGANISATION_KIND_CAMPUS);
  request.mutable_organisations(0)->set_parent_organisation_id("near-system:school");
  Add(&request, "school", "一小", near_id_);
  const auto answer = Send(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->results(0).outcome(), UpsertResult::CREATED) << answer->results(0).ShortDebugString();
  EXPECT_EQ(Get(answer->results(0).id())->parent_organisation_id(), answer->results(1).id());
}

TEST_F(BatchUpsert, ARepeatedRequestIdReturnsTheFirstResults) {
  registry::BatchUpsertOrganisationsRequest request;
  Add(&request, "1", "一小", near_id_);
  Add(&request, "2", "", near_id_);
  request.set_request_id("batch");
  const auto first = Send(request);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(Rename(first->results(0).id(), "改", "").ok());
  const auto again = Send(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  request.mutable_organisations(0)->set_name("别的");
  EXPECT_EQ(Send(request).status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(BatchUpsert, WritesOnlySourceSystemsOfTheGrantAndOnlyInScope) {
  registry::BatchUpsertOrganisationsRequest request;
  Add(&request, "1", "一小", far_id_);
  const auto answer = Send(request, "near");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->results(0).outcome(), UpsertResult::REFUSED);
  request.set_source_system("other");
  EXPECT_EQ(Send(request, "near").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(BatchUpsert, ARepetitionAfterAConstraintReturnsTheFirstResults) {
  registry::BatchUpsertOrganisationsRequest request;
  for (int i = 0; i < 3; ++i) {
    Add(&request, absl::StrCat(i), absl::StrCat("学校", i), near_id_);
    request.mutable_organisations(i)->set_school_code(i == 2 ? "2161000001"
                                                             : absl::StrCat("216100000", i + 1));
  }
  request.set_request_id("constraint");
  const auto first = Send(request);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_EQ(first->results(0).outcome(), UpsertResult::CREATED);
  ASSERT_EQ(first->results(2).outcome(), UpsertResult::REFUSED);
  const auto again = Send(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  request.mutable_organisations(0)->set_name("别的");
  EXPECT_EQ(Send(request).status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(BatchUpsert, ARepetitionOfABatchThatChangedNothingDoesNothing) {
  registry::BatchUpsertOrganisationsRequest request;
  Add(&request, "1", "一小", near_id_);
  request.mutable_organisations(0)->set_short_name("小");
  ASSERT_TRUE(Send(request).ok());
  request.set_request_id("again");
  const auto first = Send(request);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_EQ(first->results(0).outcome(), UpsertResult::UNCHANGED);
  ASSERT_TRUE(Rename(first->results(0).id(), "大", "").ok());
  EXPECT_EQ(Send(request)->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(Get(first->results(0).id())->short_name(), "大");
}

TEST_F(BatchUpsert, ACollisionWithAnInvisibleRecordTellsNothingOfIt) {
  auto hidden = NewSchool("远处小学", far_id_);
  hidden.mutable_organisation()->set_school_code("2161000001");
  auto* external = hidden.mutable_organisation()->add_external_ids();
  external->set_system("near-system");
  external->set_id("held");
  ASSERT_TRUE(service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", hidden).ok());
  registry::BatchUpsertOrganisationsRequest request;
  Add(&request, "1", "一小", near_id_);
  request.mutable_organisations(0)->set_school_code("2161000001 ");
  const auto answer = Send(request, "near");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->results(0).code(), static_cast<int>(absl::StatusCode::kInvalidArgument));
  ASSERT_EQ(answer->results(0).violations_size(), 1) << answer->results(0).ShortDebugString();
  EXPECT_EQ(answer->results(0).violations(0).reason(), "REFERENCE_NOT_FOUND");
  EXPECT_EQ(answer->results(0).violations(0).field(), "organisations[0].schoolCode");

  auto single = NewSchool("一小", near_id_);
  single.mutable_organisation()->set_school_code(" 2161000001");
  EXPECT_EQ(service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", single, "near")
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
  single = NewSchool("一小", near_id_);
  *single.mutable_organisation()->add_external_ids() = *external;
  EXPECT_EQ(service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", single, "near")
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(
      service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", single).status().code(),
      absl::StatusCode::kAlreadyExists)
      << "who sees it is told";
}

TEST_F(BatchUpsert, AnUnknownAndAnInvisibleReferenceAnswerAlikeInChinese) {
  auto hidden = NewSchool("远处小学", far_id_);
  auto* external = hidden.mutable_organisation()->add_external_ids();
  external->set_system("near-system");
  external->set_id("held");
  ASSERT_TRUE(service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", hidden).ok());
  registry::BatchUpsertOrganisationsRequest request;
  for (const std::string parent : {"near-system:held", "near-system:nobody"}) {
    Add(&request, parent, "分校", near_id_);
    auto* campus = request.mutable_organisations(request.organisations_size() - 1);
    campus->set_kind(registry::ORGANISATION_KIND_CAMPUS);
    campus->set_parent_organisation_id(parent);
    campus->mutable_external_ids(0)->set_id(absl::StrCat("campus", request.organisations_size()));
  }
  const auto raw = service_.Raw("OrganisationService/BatchUpsertOrganisations", request.SerializeAsString(),
                                "near", {{rpc::kAcceptLanguage, "zh"}});
  ASSERT_TRUE(raw.status.ok()) << raw.status;
  registry::BatchUpsertOrganisationsResponse answer;
  ASSERT_TRUE(answer.ParseFromString(raw.bytes));
  ASSERT_EQ(answer.results(0).violations_size(), 1) << answer.ShortDebugString();
  EXPECT_EQ(answer.results(0).violations(0).description(), answer.results(1).violations(0).description());
}

TEST_F(BatchUpsert, OneRecordNamedTwiceIsADuplicate) {
  registry::BatchUpsertOrganisationsRequest request;
  Add(&request, "1", "一小", near_id_);
  const std::string id = Send(request)->results(0).id();
  auto* again = request.add_organisations();
  again->set_id(id);
  again->set_short_name("小");
  request.set_atomic(true);
  const auto refused = Send(request).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument) << refused;
  const auto failure = base::FailureOf(refused);
  ASSERT_EQ(failure.violations_size(), 1);
  EXPECT_EQ(failure.violations(0).field(), "organisations[1]");
}

TEST_F(BatchUpsert, ARecordDoesNotComeBackUnderADeletedParent) {
  registry::BatchUpsertOrganisationsRequest request;
  Add(&request, "school", "一小", near_id_);
  Add(&request, "campus", "分校", near_id_);
  request.mutable_organisations(1)->set_kind(registry::ORGANISATION_KIND_CAMPUS);
  request.mutable_organisations(1)->set_parent_organisation_id("near-system:school");
  const auto made = Send(request);
  ASSERT_TRUE(made.ok()) << made.status();
  type::v1::DeleteRequest remove;
  for (int i : {1, 0}) {
    remove.set_id(made->results(i).id());
    const auto removed =
        service_.Call<registry::Organisation>("OrganisationService/DeleteOrganisation", remove);
    ASSERT_TRUE(removed.ok()) << removed.status();
  }
  remove.set_id(made->results(1).id());
  EXPECT_EQ(service_.Call<registry::Organisation>("OrganisationService/UndeleteOrganisation", remove)
                .status()
                .code(),
            absl::StatusCode::kFailedPrecondition);
  remove.set_id(made->results(0).id());
  ASSERT_TRUE(service_.Call<registry::Organisation>("OrganisationService/UndeleteOrganisation", remove).ok());
  remove.set_id(made->results(1).id());
  EXPECT_TRUE(service_.Call<registry::Organisation>("OrganisationService/UndeleteOrganisation", remove).ok());
}

}  // namespace
}  // namespace lianqiao::conformance
