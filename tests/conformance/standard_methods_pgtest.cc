// SPDX-License-Identifier: Apache-2.0
#include <google/protobuf/field_mask.pb.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "lianqiao/registry/v1/funding.pb.h"
#include "lianqiao/registry/v1/restructuring.pb.h"
#include "tests/conformance/registry_world.h"

namespace lianqiao::conformance {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class StandardMethods : public RegistryWorld {};

type::v1::DeleteRequest Of(const std::string& id) {
  type::v1::DeleteRequest request;
  request.set_id(id);
  return request;
}

TEST_F(StandardMethods, ARecordLivesThroughEveryMethodWithOneRevisionEach) {
  const auto made = School("渭滨区第一小学", near_id_);
  EXPECT_EQ(made.revision(), 1);
  EXPECT_EQ(made.etag(), "\"1\"");
  const auto read = Get(made.id());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->SerializeAsString(), made.SerializeAsString());
  const auto renamed = Rename(made.id(), "一小", made.etag());
  ASSERT_TRUE(renamed.ok()) << renamed.status();
  EXPECT_EQ(renamed->revision(), 2);
  ASSERT_TRUE(
      service_.Call<registry::Organisation>("OrganisationService/DeleteOrganisation", Of(made.id())).ok());
  EXPECT_EQ(Get(made.id()).status().code(), absl::StatusCode::kNotFound);
  const auto back =
      service_.Call<registry::Organisation>("OrganisationService/UndeleteOrganisation", Of(made.id()));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->revision(), 4);
  EXPECT_EQ(Count(absl::StrCat("SELECT count(*) FROM revision WHERE id = '", made.id(), "'")), 4);
  const auto operations = service_.Query(absl::StrCat(
      "SELECT string_agg(operation, ' ' ORDER BY pos) FROM change WHERE id = '", made.id(), "'"));
  EXPECT_EQ(operations->Text(0, 0), "CREATE UPDATE DELETE UNDELETE");
}

TEST_F(StandardMethods, AnUpdateThatChangesNothingWritesNothing) {
  const auto made = School("一小", near_id_);
  registry::UpdateOrganisationRequest request;
  *request.mutable_organisation() = made;
  const auto same = service_.Call<registry::Organisation>("OrganisationService/UpdateOrganisation", request);
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_EQ(same->revision(), 1);
}

TEST_F(StandardMethods, AMaskClearsAndLeavesTheRestAlone) {
  const auto made = School("一小", near_id_);
  ASSERT_TRUE(Rename(made.id(), "小", "").ok());
  registry::UpdateOrganisationRequest request;
  request.mutable_organisation()->set_id(made.id());
  request.mutable_organisation()->set_name("not meant");
  request.mutable_update_mask()->add_paths("short_name");
  const auto cleared =
      service_.Call<registry::Organisation>("OrganisationService/UpdateOrganisation", request);
  ASSERT_TRUE(cleared.ok()) << cleared.status();
  EXPECT_EQ(cleared->short_name(), "");
  EXPECT_EQ(cleared->name(), "一小");
}

TEST_F(StandardMethods, EveryViolationIsNamedAtOnceAndNothingIsWritten) {
  auto request = NewSchool("", near_id_);
  request.mutable_organisation()->set_id("0190a0b0-0000-7000-8000-000000000000");
  request.mutable_organisation()->set_school_code("12");
  const auto refused =
      service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", request);
  ASSERT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  std::vector<std::string> fields;
  const auto failure = base::FailureOf(refused.status());  // Outlives the loop over its violations.
  for (const auto& violation : failure.violations()) fields.push_back(violation.field());
  EXPECT_THAT(fields, ::testing::UnorderedElementsAre("organisation.id", "organisation.name",
                                                      "organisation.schoolCode"));
  EXPECT_EQ(Count("SELECT count(*) FROM organisation"), 0);
}

TEST_F(StandardMethods, OfTwoWritersWithOneEtagOneWinsAndTheOtherIsAborted) {
  const auto made = School("一小", near_id_);
  for (int round = 0; round < 20; ++round) {
    const std::string etag = Get(made.id())->etag();
    absl::Status first;
    absl::Status second;
    std::thread other([&] { first = Rename(made.id(), absl::StrCat("a", round), etag).status(); });
    second = Rename(made.id(), absl::StrCat("b", round), etag).status();
    other.join();
    EXPECT_NE(first.ok(), second.ok()) << first << " / " << second;
    EXPECT_EQ((first.ok() ? second : first).code(), absl::StatusCode::kAborted);
  }
}

TEST_F(StandardMethods, ListPagesInOrderFiltersAndMasks) {
  for (int i = 0; i < 25; ++i) School(absl::StrCat("学校", i), i % 2 == 0 ? near_id_ : far_id_);
  type::v1::ListRequest request;
  request.set_page_size(7);
  request.set_filter(absl::StrCat("jurisdiction_id = \"", near_id_, "\""));
  request.mutable_read_mask()->add_paths("name");
  std::vector<std::string> names;
  do {
    const auto page =
        service_.Call<registry::ListOrganisationsResponse>("OrganisationService/ListOrganisations", request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const auto& school : page->organisations()) {
      names.push_back(school.name());
      EXPECT_EQ(school.id(), "");
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(names.size(), 13u);
}

TEST_F(StandardMethods, TextOfAnInjectionIsStoredAsText) {
  for (const std::string text :
       {"'; DROP TABLE organisation; --", "\" OR \"\"=\"", "$1", "{visible:organisation o}", "\\x00"}) {
    const auto made = School(text, near_id_);
    EXPECT_EQ(Get(made.id())->name(), text);
    type::v1::ListRequest request;
    request.set_filter("name = \"" + text + "\" OR TRUE");
    service_.Call<registry::ListOrganisationsResponse>("OrganisationService/ListOrganisations", request)
        .IgnoreError();
  }
  EXPECT_EQ(Count("SELECT count(*) FROM organisation"), 5);
}

TEST_F(StandardMethods, AReadInThePastShowsWhatWasKnownThen) {
  const auto made = School("一小", near_id_);
  service_.clock().Advance(absl::Minutes(5));
  const absl::Time before = service_.clock().Now() - absl::Minutes(2);
  ASSERT_TRUE(Rename(made.id(), "新名", "").ok());
  service_.clock().Advance(absl::Minutes(5));
  type::v1::GetRequest request;
  request.set_id(made.id());
  request.mutable_read_time()->set_seconds(absl::ToUnixSeconds(before));
  const auto then = service_.Call<registry::Organisation>("OrganisationService/GetOrganisation", request);
  ASSERT_TRUE(then.ok()) << then.status();
  EXPECT_EQ(then->short_name(), "");
  EXPECT_EQ(then->revision(), 1);
  type::v1::ListRequest list;
  *list.mutable_read_time() = request.read_time();
  list.set_filter("short_name = \"\"");
  const auto page =
      service_.Call<registry::ListOrganisationsResponse>("OrganisationService/ListOrganisations", list);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->organisations_size(), 1);
  request.mutable_read_time()->set_seconds(absl::ToUnixSeconds(service_.clock().Now()) - 30);
  EXPECT_EQ(
      service_.Call<registry::Organisation>("OrganisationService/GetOrganisation", request).status().code(),
      absl::StatusCode::kInvalidArgument);
}

TEST_F(StandardMethods, ValidateOnlyAnswersAsIfAndWritesNothing) {
  auto request = NewSchool("一小", near_id_);
  request.set_validate_only(true);
  const auto tried = service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", request);
  ASSERT_TRUE(tried.ok()) << tried.status();
  EXPECT_EQ(tried->name(), "一小");
  EXPECT_EQ(Count("SELECT count(*) FROM organisation"), 0);
  EXPECT_EQ(Count("SELECT count(*) FROM change WHERE kind = 'organisation'"), 0);
}

TEST_F(StandardMethods, WhatIsReferredToCannotBeDeleted) {
  School("一小", near_id_);
  const auto refused =
      service_.Call<registry::Jurisdiction>("JurisdictionService/DeleteJurisdiction", Of(near_id_));
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("still referenced"));
}

TEST_F(StandardMethods, AnExternalIdResolvesInGetAndFilterAndIsUnique) {
  auto request = NewSchool("一小", near_id_);
  auto* external = request.mutable_organisation()->add_external_ids();
  external->set_system("near-system");
  external->set_id("42");
  const auto made = service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", request);
  ASSERT_TRUE(made.ok()) << made.status();
  type::v1::GetRequest get;
  get.set_external_id("near-system:42");
  EXPECT_EQ(service_.Call<registry::Organisation>("OrganisationService/GetOrganisation", get)->id(),
            made->id());
  type::v1::ListRequest list;
  list.set_filter("external_id(\"near-system\", \"42\")");
  EXPECT_EQ(service_.Call<registry::ListOrganisationsResponse>("OrganisationService/ListOrganisations", list)
                ->organisations_size(),
            1);
  EXPECT_EQ(service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", request)
                .status()
                .code(),
            absl::StatusCode::kAlreadyExists);
}

// Rows of a table made from one, without the work of writing each.
constexpr char kCopies[] =
    "INSERT INTO organisation SELECT (jsonb_populate_record(o, jsonb_build_object('id', "
    "gen_random_uuid()))).* FROM"
    " organisation o, generate_series(1, ";

TEST_F(StandardMethods, ATokenOfLongValuesAndALongFilterAreTaken) {
  for (int i = 0; i < 3; ++i) {
    std::string name = absl::StrCat(i);
    while (name.size() < 290) name += "远";
    School(name, near_id_);
  }
  type::v1::ListRequest request;
  request.set_page_size(1);
  request.set_order_by("name");
  request.set_filter("name != \"x\"");
  while (request.filter().size() < 1000) request.set_filter(request.filter() + " AND name != \"x\"");
  int count = 0;
  do {
    const auto page =
        service_.Call<registry::ListOrganisationsResponse>("OrganisationService/ListOrganisations", request);
    ASSERT_TRUE(page.ok()) << page.status();
    count += page->organisations_size();
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(count, 3);
}

TEST_F(StandardMethods, APageEndsBeforeItIsTooLargeForAClient) {
  auto large = NewSchool("一小", near_id_);
  for (int i = 0; i < 50; ++i) {
    auto* external = large.mutable_organisation()->add_external_ids();
    external->set_system("near-system");
    external->set_id(absl::StrCat(i, "-", std::string(120, 'x')));
  }
  ASSERT_TRUE(service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", large).ok());
  ASSERT_TRUE(service_.Query(absl::StrCat(kCopies, "600)")).ok());
  type::v1::ListRequest request;
  request.set_page_size(1000);
  int count = 0;
  int pages = 0;
  do {
    const auto page =
        service_.Call<registry::ListOrganisationsResponse>("OrganisationService/ListOrganisations", request);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_LT(page->ByteSizeLong(), 4u << 20);
    count += page->organisations_size();
    ++pages;
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(count, 601);
  EXPECT_GT(pages, 1);
}

TEST_F(StandardMethods, AListOfThePastLooksAtABoundedNumberOfRowsPerPage) {
  School("一小", near_id_);
  ASSERT_TRUE(service_.Query(absl::StrCat(kCopies, "4500)")).ok());  // Without a past.
  service_.clock().Advance(absl::Minutes(10));
  type::v1::ListRequest request;
  request.mutable_read_time()->set_seconds(absl::ToUnixSeconds(service_.clock().Now()) - 120);
  int count = 0;
  int pages = 0;
  do {
    const auto page =
        service_.Call<registry::ListOrganisationsResponse>("OrganisationService/ListOrganisations", request);
    ASSERT_TRUE(page.ok()) << page.status();
    count += page->organisations_size();
    ++pages;
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(count, 1);
  EXPECT_GE(pages, 3) << "a short page still carries a token";
}

TEST_F(StandardMethods, ADeletedRecordIsListedInThePastByItsLastScope) {
  const auto made = School("一小", near_id_);
  service_.clock().Advance(absl::Minutes(5));
  const absl::Time before = service_.clock().Now();
  service_.clock().Advance(absl::Minutes(5));
  ASSERT_TRUE(
      service_.Call<registry::Organisation>("OrganisationService/DeleteOrganisation", Of(made.id())).ok());
  type::v1::ListRequest request;
  request.mutable_read_time()->set_seconds(absl::ToUnixSeconds(before));
  for (const std::string token : {"near", "far"}) {
    const auto page = service_.Call<registry::ListOrganisationsResponse>(
        "OrganisationService/ListOrganisations", request, token);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(page->organisations_size(), token == "near" ? 1 : 0) << token;
  }
  request.set_order_by("name");
  EXPECT_EQ(
      service_.Call<registry::ListOrganisationsResponse>("OrganisationService/ListOrganisations", request)
          .status()
          .code(),
      absl::StatusCode::kInvalidArgument);
}

TEST_F(StandardMethods, AReferenceToAMergedRecordFollowsIt) {
  const auto target = School("甲小学", near_id_);
  const auto source = School("乙小学", near_id_);
  registry::MergeRequest merge;
  merge.add_source_ids(source.id());
  merge.set_target_id(target.id());
  merge.set_document("合并示例");
  ASSERT_TRUE(
      service_.Call<registry::MergeOrganisationsResponse>("OrganisationService/MergeOrganisations", merge)
          .ok());
  registry::CreateFundingRequest request;
  auto* funding = request.mutable_funding();
  funding->set_jurisdiction_id(near_id_);
  funding->set_year(2024);
  funding->set_source(registry::FUNDING_SOURCE_PUBLIC_FUNDS);
  funding->set_payer_level(registry::PAYER_LEVEL_COUNTY);
  funding->set_beneficiary_organisation_id(source.id());
  funding->set_amount_fen(100);
  const auto made = service_.Call<registry::Funding>("FundingService/CreateFunding", request);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->beneficiary_organisation_id(), target.id());
}

// A service that does not fit its contract does not start, and says everything that is wrong at once.
TEST_F(StandardMethods, AServiceThatDoesNotFitItsContractRefusesToStart) {
  resource::Engine::Options options;
  const auto contract = contract::Contract::Load(::lianqiao::registry::RegistryDefinition().packages);
  ASSERT_TRUE(contract.ok()) << contract.status();
  options.contract = *contract;
  resource::Engine engine(options);
  const type::v1::GetRequest wrong;
  const auto read = [](resource::Reading&, const google::protobuf::Message&)
      -> absl::StatusOr<std::unique_ptr<google::protobuf::Message>> { return absl::CancelledError(""); };
  engine.AddRead("/lianqiao.registry.v1.RegistryStatisticsService/GetRegistryStatistics", wrong, wrong, read);
  engine.AddRead("/lianqiao.registry.v1.OrganisationService/FlyOrganisation", wrong, wrong, read);
  rpc::Server server{rpc::Server::Options()};
  const absl::Status refused = engine.Bind(&server);
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.message()),
              AllOf(HasSubstr("AllianceService/MergeAlliance is not bound: add .on("),
                    HasSubstr("GetRegistryStatistics is bound to a function of other types"),
                    HasSubstr("FlyOrganisation is bound but is no custom method")));
}

}  // namespace
}  // namespace lianqiao::conformance
