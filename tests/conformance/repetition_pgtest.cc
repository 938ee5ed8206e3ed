// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/conformance/registry_world.h"

namespace lianqiao::conformance {
namespace {

class Repetition : public RegistryWorld {};

TEST_F(Repetition, TheSameRequestIdReturnsTheFirstAnswerToTheByte) {
  auto request = NewSchool("一小", near_id_);
  request.set_request_id("first");
  const std::string bytes = request.SerializeAsString();
  const auto first = service_.Raw("OrganisationService/CreateOrganisation", bytes, "operator");
  ASSERT_TRUE(first.status.ok()) << first.status;
  registry::Organisation made;
  ASSERT_TRUE(made.ParseFromString(first.bytes));
  ASSERT_TRUE(Rename(made.id(), "改", "").ok());
  const auto again = service_.Raw("OrganisationService/CreateOrganisation", bytes, "operator");
  ASSERT_TRUE(again.status.ok()) << again.status;
  EXPECT_EQ(again.bytes, first.bytes);
  EXPECT_THAT(again.metadata,
              ::testing::Contains(std::make_pair(std::string("lianqiao-replayed"), std::string("true"))));
  EXPECT_EQ(Count("SELECT count(*) FROM organisation"), 1);
}

TEST_F(Repetition, AnotherContentUnderAKnownRequestIdIsRefused) {
  auto request = NewSchool("一小", near_id_);
  request.set_request_id("first");
  ASSERT_TRUE(service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", request).ok());
  request.mutable_organisation()->set_name("二小");
  const auto refused =
      service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", request);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(base::FailureOf(refused.status()).reason(), base::ErrorReason::REQUEST_ID_REUSED);
}

TEST_F(Repetition, AnotherClientsRequestIdIsItsOwn) {
  auto request = NewSchool("一小", near_id_);
  request.set_request_id("first");
  const auto mine = service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", request);
  const auto theirs =
      service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", request, "near");
  ASSERT_TRUE(mine.ok() && theirs.ok()) << theirs.status();
  EXPECT_NE(mine->id(), theirs->id());
}

TEST_F(Repetition, EightTwinsAtOnceMakeOneRecord) {
  for (int round = 0; round < 5; ++round) {
    auto request = NewSchool(absl::StrCat("学校", round), near_id_);
    request.set_request_id(absl::StrCat("twin", round));
    std::vector<std::string> ids(8);
    std::vector<std::thread> twins;
    for (std::string& id : ids) {
      twins.emplace_back([&] {
        const auto made =
            service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", request);
        id = made.ok() ? made->id() : made.status().ToString();
      });
    }
    for (std::thread& twin : twins) twin.join();
    EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 1u) << ids[0] << " / " << ids[1];
  }
  EXPECT_EQ(Count("SELECT count(*) FROM organisation"), 5);
}

TEST_F(Repetition, ARepeatedUpdateReturnsItsOwnRevision) {
  const auto made = School("一小", near_id_);
  registry::UpdateOrganisationRequest request;
  request.mutable_organisation()->set_id(made.id());
  request.mutable_organisation()->set_etag(made.etag());
  request.mutable_organisation()->set_short_name("改");
  request.set_request_id("update");
  ASSERT_TRUE(service_.Call<registry::Organisation>("OrganisationService/UpdateOrganisation", request).ok());
  ASSERT_TRUE(Rename(made.id(), "又改", "").ok());
  const auto again = service_.Call<registry::Organisation>("OrganisationService/UpdateOrganisation", request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->revision(), 2);
  EXPECT_EQ(again->short_name(), "改");
}

TEST_F(Repetition, EightTwinsOfAnUpdateWithAnEtagAllGetTheOneAnswer) {
  for (int round = 0; round < 5; ++round) {
    const auto made = School(absl::StrCat("学校", round), near_id_);
    registry::UpdateOrganisationRequest request;
    request.mutable_organisation()->set_id(made.id());
    request.mutable_organisation()->set_etag(made.etag());
    request.mutable_organisation()->set_short_name("改");
    request.set_request_id(absl::StrCat("update", round));
    std::vector<std::string> answers(8);
    std::vector<std::thread> twins;
    for (std::string& answer : answers) {
      twins.emplace_back([&] {
        const auto updated =
            service_.Call<registry::Organisation>("OrganisationService/UpdateOrganisation", request);
        answer = updated.ok() ? absl::StrCat(updated->revision()) : updated.status().ToString();
      });
    }
    for (std::thread& twin : twins) twin.join();
    EXPECT_THAT(answers, ::testing::Each("2"));
  }
}

TEST_F(Repetition, AnAnswerThatChangedNothingIsKeptToo) {
  const auto made = School("一小", near_id_);
  ASSERT_TRUE(Rename(made.id(), "小", "").ok());
  registry::UpdateOrganisationRequest request;
  request.mutable_organisation()->set_id(made.id());
  request.mutable_organisation()->set_short_name("小");
  request.set_request_id("same");
  const auto first = service_.Call<registry::Organisation>("OrganisationService/UpdateOrganisation", request);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->revision(), 2);
  ASSERT_TRUE(Rename(made.id(), "大", "").ok());
  const auto again = service_.Call<registry::Organisation>("OrganisationService/UpdateOrganisation", request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(Get(made.id())->short_name(), "大") << "the repetition did nothing";
}

TEST_F(Repetition, AnAnswerIsNotShownToWhoHasLostTheRecord) {
  auto request = NewSchool("一小", near_id_);
  request.set_request_id("mine");
  const auto made =
      service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", request, "near");
  ASSERT_TRUE(made.ok()) << made.status();
  registry::UpdateOrganisationRequest move;
  move.mutable_organisation()->set_id(made->id());
  move.mutable_organisation()->set_jurisdiction_id(far_id_);
  ASSERT_TRUE(service_.Call<registry::Organisation>("OrganisationService/UpdateOrganisation", move).ok());
  EXPECT_EQ(service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", request, "near")
                .status()
                .code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace lianqiao::conformance
