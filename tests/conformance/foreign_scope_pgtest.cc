// SPDX-License-Identifier: Apache-2.0
// Scopes that come from another service's records: a remark hangs on schools of alliance-registry, which it
// follows. Who may read and write a school may read and write its remarks, also when the school moves.
#include "lianqiao/sync/v1/feed.pb.h"
#include "tests/conformance/remarks_world.h"

namespace lianqiao::conformance {
namespace {

using access::ScopeKind;
using access::testing::MakeCaller;
using access::testing::MakeGrant;

class ForeignScope : public RemarksWorld {
 protected:
  int Listed(const std::string& token) {
    const auto page = remarks_.Call<remarks::ListRemarksResponse>("RemarkService/ListRemarks",
                                                                  type::v1::ListRequest(), token);
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? page->remarks_size() : -1;
  }
  absl::Status Confirm(const std::string& id, const std::string& token) {
    type::v1::TransitionRequest confirm;
    confirm.set_id(id);
    return remarks_.Call<remarks::Remark>("RemarkService/ConfirmRemark", confirm, token).status();
  }
  void Move(const std::string& school, const std::string& place) {
    registry::UpdateOrganisationRequest move;
    move.mutable_organisation()->set_id(school);
    move.mutable_organisation()->set_jurisdiction_id(place);
    const auto moved = service_.Call<registry::Organisation>("OrganisationService/UpdateOrganisation", move);
    ASSERT_TRUE(moved.ok()) << moved.status();
    remarks_.CatchUp();
  }
  // Remarks whose scope is not that of their school.
  int64_t Stale() {
    const auto stale = remarks_.Query(
        "SELECT count(*) FROM remark r JOIN registry_organisation o ON o.id = r.organisation_id"
        " WHERE r.scope <> o.sync_scope OR r.write_scope <> o.sync_write_scope");
    EXPECT_TRUE(stale.ok()) << stale.status();
    return stale.ok() ? stale->Integer(0, 0) : -1;
  }
  static void ExpectUnknown(const absl::Status& status) {
    ASSERT_TRUE(absl::IsInvalidArgument(status)) << status;
    const base::Failure failure = base::FailureOf(status);
    ASSERT_EQ(failure.violations_size(), 1) << status;
    EXPECT_EQ(failure.violations(0).field(), "remark.organisationId");
    EXPECT_THAT(failure.ShortDebugString(), ::testing::HasSubstr("REFERENCE_NOT_FOUND"));
  }
};

TEST_F(ForeignScope, WhoeverHasTheSchoolHasWhatHangsOnIt) {
  const auto said = Say(near_school_, "near");
  ASSERT_TRUE(said.ok()) << said.status();
  EXPECT_TRUE(See(said->id(), "near").ok());
  EXPECT_TRUE(absl::IsNotFound(See(said->id(), "far")));
  EXPECT_EQ(Listed("near"), 1);
  EXPECT_EQ(Listed("far"), 0);
  EXPECT_TRUE(Edit(said->id(), "near").ok());
  EXPECT_TRUE(absl::IsNotFound(Edit(said->id(), "far")));
}

TEST_F(ForeignScope, ASchoolOutOfSightIsAsOneThatIsNotThere) {
  const absl::Status hidden = Say(far_school_, "near").status();
  const absl::Status missing = Say(base::RandomId(), "near").status();
  ExpectUnknown(hidden);
  EXPECT_EQ(hidden.message(), missing.message());
}

TEST_F(ForeignScope, APartnerOutOfSightMayBeNamedReadsAndAloneConfirms) {
  const auto said = Say(near_school_, "near", far_school_);
  ASSERT_TRUE(said.ok()) << said.status();
  EXPECT_TRUE(See(said->id(), "far").ok());
  EXPECT_TRUE(absl::IsPermissionDenied(Edit(said->id(), "far"))) << "reads, but does not write";
  EXPECT_TRUE(absl::IsPermissionDenied(Confirm(said->id(), "near")));
  const absl::Status confirmed = Confirm(said->id(), "far");
  EXPECT_TRUE(confirmed.ok()) << confirmed;
}

TEST_F(ForeignScope, WhatHangsOnASchoolFollowsItIntoAnotherCounty) {
  const auto said = Say(near_school_, "near");
  ASSERT_TRUE(said.ok()) << said.status();
  Move(near_school_, far_id_);
  // Before any job has run: whoever lost the school has lost this too.
  EXPECT_TRUE(absl::IsNotFound(See(said->id(), "near")));
  EXPECT_EQ(Listed("near"), 0);
  EXPECT_TRUE(absl::IsNotFound(Edit(said->id(), "near")));
  ExpectUnknown(Say(near_school_, "near").status());
  Stamp();
  EXPECT_TRUE(absl::IsNotFound(See(said->id(), "near")));
  EXPECT_TRUE(See(said->id(), "far").ok());
  EXPECT_TRUE(Edit(said->id(), "far").ok());
  EXPECT_EQ(Listed("far"), 1);
  EXPECT_EQ(remarks_.Query("SELECT count(*) FROM restamp_job")->Integer(0, 0), 0);
  // The change says it to the feed: the reader of before is told to let go.
  const auto change = remarks_.Query("SELECT revision FROM change WHERE kind = 'remark' ORDER BY time");
  EXPECT_EQ(change->rows(), 3) << "made, stamped, edited";
}

TEST_F(ForeignScope, AMovedCountyTakesEverythingBelowItAlong) {
  const std::string other_city =
      Place(registry::JURISDICTION_KIND_CITY, registry::JURISDICTION_LEVEL_CITY, "汉中市",
            service_.Query("SELECT parent_id FROM jurisdiction WHERE id = '" + city_id_ + "'")->Text(0, 0))
          .id();
  remarks_.AddCaller("city", MakeCaller({MakeGrant("test.*", ScopeKind::kJurisdiction, city_id_)}));
  remarks_.AddCaller("other", MakeCaller({MakeGrant("test.*", ScopeKind::kJurisdiction, other_city)}));
  const auto said = Say(near_school_, "near");
  ASSERT_TRUE(said.ok()) << said.status();
  EXPECT_TRUE(See(said->id(), "city").ok());
  registry::UpdateJurisdictionRequest move;
  move.mutable_jurisdiction()->set_id(near_id_);
  move.mutable_jurisdiction()->set_parent_id(other_city);
  const auto moved = service_.Call<registry::Jurisdiction>("JurisdictionService/UpdateJurisdiction", move);
  ASSERT_TRUE(moved.ok()) << moved.status();
  while (*service_.engine().RestampSome(absl::Now() + absl::Seconds(30)) > 0) continue;
  remarks_.CatchUp();
  EXPECT_TRUE(absl::IsNotFound(See(said->id(), "city")));
  Stamp();
  EXPECT_TRUE(absl::IsNotFound(See(said->id(), "city")));
  EXPECT_TRUE(See(said->id(), "other").ok());
  EXPECT_TRUE(See(said->id(), "near").ok());
}

TEST_F(ForeignScope, ManyAtOnceAreStampedAsOneByOne) {
  remarks::BatchUpsertRemarksRequest request;
  request.set_source_system("bureau");
  for (int i = 0; i < 6; ++i) {
    remarks::Remark* remark = request.add_remarks();
    remark->set_organisation_id(i % 2 == 0 ? near_school_ : far_school_);
    auto* external_id = remark->add_external_ids();
    external_id->set_system("bureau");
    external_id->set_id(std::to_string(i));
  }
  const auto answer =
      remarks_.Call<remarks::BatchUpsertRemarksResponse>("RemarkService/BatchUpsertRemarks", request, "near");
  ASSERT_TRUE(answer.ok()) << answer.status();
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(answer->results(i).outcome() == type::v1::UpsertResult::REFUSED, i % 2 == 1) << i;
  EXPECT_EQ(Listed("near"), 3);
  EXPECT_EQ(Listed("far"), 0);
}

// A write that copies the scope of a school and the batch that moves it never miss each other: the move
// waits.
TEST_F(ForeignScope, AWriteUnderWayHoldsTheMoveUp) {
  std::thread writer([&] {
    const absl::Status said = Say(near_school_, "operator", "", "slow").status();
    EXPECT_TRUE(said.ok()) << said;
  });
  absl::SleepFor(absl::Milliseconds(300));  // It has the scope and sleeps.
  Move(near_school_, far_id_);
  Stamp();
  writer.join();
  Stamp();
  EXPECT_EQ(Stale(), 0);
  EXPECT_EQ(Listed("far"), 1);
}

TEST_F(ForeignScope, WritesBesideMovesAreStampedByOneOrTheOther) {
  std::atomic<bool> writing{true};
  std::vector<std::thread> writers;
  for (int i = 0; i < 3; ++i)
    writers.emplace_back([&] {
      for (; writing; absl::SleepFor(absl::Milliseconds(5))) {
        const absl::Status said = Say(near_school_, "operator").status();
        EXPECT_TRUE(said.ok()) << said;
      }
    });
  std::thread stamper([&] {
    while (writing) (void)remarks_.engine().RestampSome(absl::Now() + absl::Seconds(30));
  });
  for (int i = 0; i < 6; ++i) Move(near_school_, i % 2 == 0 ? far_id_ : near_id_);
  writing = false;
  for (std::thread& writer : writers) writer.join();
  stamper.join();
  remarks_.CatchUp();
  Stamp();
  EXPECT_EQ(Stale(), 0);
  EXPECT_GT(remarks_.Query("SELECT count(*) FROM remark")->Integer(0, 0), 10);
}

TEST_F(ForeignScope, OnlyWhoMayKnowScopesIsTold) {
  sync::v1::ListChangesRequest request;
  const auto list = [&](const std::string& token) {
    return service_.Call<sync::v1::ListChangesResponse>("/lianqiao.sync.v1.FeedService/ListChanges", request,
                                                        token);
  };
  const auto without = list("operator");
  ASSERT_TRUE(without.ok()) << without.status();
  for (const auto& change : without->changes()) EXPECT_EQ(change.scope_size(), 0);
  request.set_include_scopes(true);
  const auto with = list("operator");
  ASSERT_TRUE(with.ok()) << with.status();
  ASSERT_GT(with->changes_size(), 0);
  for (const auto& change : with->changes()) EXPECT_GT(change.scope_size(), 0) << change.ShortDebugString();
  service_.AddCaller("curious",
                     MakeCaller({MakeGrant("registry.*.changes", ScopeKind::kJurisdiction, near_id_)}));
  EXPECT_TRUE(absl::IsPermissionDenied(list("curious").status()));
  request.set_include_scopes(false);
  EXPECT_TRUE(list("curious").ok());
}

// As source systems name schools; also those who import name records of other services so.
TEST_F(ForeignScope, ABatchNamesRecordsOfTheFollowedServiceByTheirExternalIds) {
  registry::UpdateOrganisationRequest known;
  known.mutable_organisation()->set_id(near_school_);
  known.mutable_organisation()->add_external_ids()->set_system("register");
  known.mutable_organisation()->mutable_external_ids(0)->set_id("17\"1");
  ASSERT_TRUE(service_.Call<registry::Organisation>("OrganisationService/UpdateOrganisation", known).ok());
  remarks_.CatchUp();
  remarks::BatchUpsertRemarksRequest request;
  request.set_source_system("bureau");
  for (const char* school : {"register:17\"1", "register:18", "register:17\"1"}) {
    remarks::Remark* remark = request.add_remarks();
    remark->set_organisation_id(school);
    remark->add_external_ids()->set_system("bureau");
    remark->mutable_external_ids(0)->set_id(std::to_string(request.remarks_size()));
  }
  request.mutable_remarks(2)->set_partner_id("register:18");
  const auto answer =
      remarks_.Call<remarks::BatchUpsertRemarksResponse>("RemarkService/BatchUpsertRemarks", request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->results(0).outcome(), type::v1::UpsertResult::CREATED) << answer->ShortDebugString();
  EXPECT_EQ(Look(answer->results(0).id())->organisation_id(), near_school_);
  for (const auto& [i, field] :
       {std::make_pair(1, "remarks[1].organisationId"), std::make_pair(2, "remarks[2].partnerId")}) {
    EXPECT_EQ(answer->results(i).outcome(), type::v1::UpsertResult::REFUSED) << answer->ShortDebugString();
    ASSERT_EQ(answer->results(i).violations_size(), 1) << answer->ShortDebugString();
    EXPECT_EQ(answer->results(i).violations(0).field(), field);
    EXPECT_EQ(answer->results(i).violations(0).reason(), "REFERENCE_NOT_FOUND");
  }
  // A school out of sight is as one that is not there.
  const auto hidden =
      remarks_.Call<remarks::BatchUpsertRemarksResponse>("RemarkService/BatchUpsertRemarks", request, "far");
  ASSERT_TRUE(hidden.ok()) << hidden.status();
  EXPECT_EQ(hidden->results(0).outcome(), type::v1::UpsertResult::REFUSED);
}

}  // namespace
}  // namespace lianqiao::conformance
