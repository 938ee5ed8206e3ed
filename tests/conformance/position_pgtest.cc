// SPDX-License-Identifier: Apache-2.0
// What a write leaves behind beside its row: positions, who did it, when.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/conformance/registry_world.h"

namespace lianqiao::conformance {
namespace {

class Positions : public RegistryWorld {
 protected:
  static std::string PositionIn(const rpc::Answer& answer) {
    for (const auto& [name, value] : answer.metadata) {
      if (name == rpc::kPosition) return value;
    }
    return "";
  }
  absl::Status ReadAfter(const std::string& after) {
    type::v1::GetRequest get;
    get.set_id(near_id_);
    return service_
        .Raw("JurisdictionService/GetJurisdiction", get.SerializeAsString(), "operator",
             {{rpc::kAfter, after}})
        .status;
  }
  registry::BatchUpsertOrganisationsRequest Batch(int schools) {
    registry::BatchUpsertOrganisationsRequest request;
    request.set_source_system("near-system");
    request.set_request_id("batch");
    for (int i = 0; i < schools; ++i) {
      auto* school = request.add_organisations();
      *school = NewSchool(absl::StrCat("学校", i), near_id_).organisation();
      school->add_external_ids()->set_system("near-system");
      school->mutable_external_ids(0)->set_id(absl::StrCat(i));
    }
    return request;
  }
};

TEST_F(Positions, OfEveryBucketAWriteTouchedAreAnsweredAndAnsweredAgain) {
  const std::string bytes = Batch(40).SerializeAsString();
  const auto first = service_.Raw("OrganisationService/BatchUpsertOrganisations", bytes, "operator");
  ASSERT_TRUE(first.status.ok()) << first.status;
  const std::vector<std::string> positions = absl::StrSplit(PositionIn(first), ',');
  EXPECT_EQ(static_cast<int64_t>(positions.size()),
            Count("SELECT count(DISTINCT bucket) FROM change WHERE kind = 'organisation'"));
  for (const std::string& position : positions) {
    const std::vector<std::string> parts = absl::StrSplit(position, ':');
    ASSERT_EQ(parts.size(), 3u) << position;
    EXPECT_EQ(Count(absl::StrCat("SELECT pos FROM feed_head WHERE bucket = ", parts[1])),
              std::stoll(parts[2]));
  }
  EXPECT_TRUE(ReadAfter(PositionIn(first)).ok()) << ReadAfter(PositionIn(first));
  const auto again = service_.Raw("OrganisationService/BatchUpsertOrganisations", bytes, "operator");
  ASSERT_TRUE(again.status.ok()) << again.status;
  EXPECT_EQ(PositionIn(again), PositionIn(first));
}

TEST_F(Positions, ThatAreNoneOrNotReachedAreRefused) {
  EXPECT_EQ(ReadAfter("nonsense").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadAfter("lianqiao.registry.v1:1:x").code(), absl::StatusCode::kInvalidArgument);
  const absl::Status future = ReadAfter("lianqiao.registry.v1:1:1000000");
  EXPECT_EQ(future.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(base::FailureOf(future).reason(), base::ErrorReason::REFERENCE_NOT_YET_VISIBLE);
  EXPECT_TRUE(ReadAfter("lianqiao.exchange.v1:1:1000000").ok()) << "not followed by this service";
}

TEST_F(Positions, AChangeNamesPersonAndRole) {
  const rpc::Client::Metadata clerk = {{rpc::kActingPerson, "p-00077"}, {rpc::kActingRole, "bureau_clerk"}};
  const std::string one = NewSchool("一小", near_id_).SerializeAsString();
  const std::string two = Batch(2).SerializeAsString();
  ASSERT_TRUE(service_.Raw("OrganisationService/CreateOrganisation", one, "operator", clerk).status.ok());
  ASSERT_TRUE(
      service_.Raw("OrganisationService/BatchUpsertOrganisations", two, "operator", clerk).status.ok());
  EXPECT_EQ(Count("SELECT count(*) FROM change WHERE acting_person = 'p-00077' AND acting_role = "
                  "'bureau_clerk'"),
            3);
}

TEST_F(Positions, TimeGoesOnWithTheRevisions) {
  const std::string id = School("一小", near_id_).id();
  service_.clock().Advance(absl::Seconds(20));
  ASSERT_TRUE(Rename(id, "第一小学", "").ok());
  service_.clock().Advance(absl::Seconds(-15));  // As a call that arrived earlier and waited for the row.
  ASSERT_TRUE(Rename(id, "一小", "").ok());
  EXPECT_EQ(Count(absl::StrCat("SELECT count(*) FROM revision a JOIN revision b ON b.id = a.id AND "
                               "b.revision = a.revision + 1 AND b.time > a.time WHERE a.id = '",
                               id, "'")),
            2);
  EXPECT_EQ(Count(absl::StrCat("SELECT count(*) FROM organisation o JOIN revision r ON r.id = o.id AND "
                               "r.revision = o.revision AND r.time = o.update_time WHERE o.id = '",
                               id, "'")),
            1);
}

TEST_F(Positions, WhatAContractDoesNotKnowIsRefused) {
  auto request = NewSchool("一小", near_id_);
  request.mutable_organisation()
      ->GetReflection()
      ->MutableUnknownFields(request.mutable_organisation())
      ->AddLengthDelimited(900, "610302199001011234");
  const auto answer =
      service_.Raw("OrganisationService/CreateOrganisation", request.SerializeAsString(), "operator");
  EXPECT_EQ(answer.status.code(), absl::StatusCode::kInvalidArgument);
  const auto failure = base::FailureOf(answer.status);
  ASSERT_EQ(failure.violations_size(), 1);
  EXPECT_EQ(failure.violations(0).field(), "organisation.900");
}

// A write that hangs in COMMIT will appear with the time at which it began.
TEST_F(Positions, ReadTimeWaitsForWritesThatHaveNotEnded) {
  const std::string id = School("一小", near_id_).id();
  const auto read = [&] {
    type::v1::GetRequest get;
    get.set_id(id);
    const absl::Time time = service_.clock().Now() - absl::Seconds(61);
    get.mutable_read_time()->set_seconds(absl::ToUnixSeconds(time));
    return service_.Call<registry::Organisation>("OrganisationService/GetOrganisation", get).status();
  };
  service_.clock().Advance(absl::Hours(1));
  EXPECT_TRUE(read().ok()) << read();
  absl::Status during;
  const absl::Status held = service_.writes().Run(absl::Now() + absl::Seconds(20), [&](postgres::Session&
                                                                                           session) {
    return session.Transact([&](postgres::Statements& transaction) -> absl::Status {
      RETURN_IF_ERROR(transaction.Execute({"test_write", "SELECT pg_current_xact_id()::text"}, {}).status());
      during = read();
      return absl::OkStatus();
    });
  });
  ASSERT_TRUE(held.ok()) << held;
  EXPECT_EQ(during.code(), absl::StatusCode::kUnavailable) << during;
  EXPECT_TRUE(read().ok()) << read();
}

}  // namespace
}  // namespace lianqiao::conformance
