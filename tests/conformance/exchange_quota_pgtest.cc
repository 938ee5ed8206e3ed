// SPDX-License-Identifier: Apache-2.0
// Quotas: who has to fill them, nobody takes a place twice, and what they show before, on and after their
// day.
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lianqiao/exchange/v1/statistics.pb.h"
#include "tests/conformance/exchange_world.h"

namespace lianqiao::conformance {
namespace {

using access::ScopeKind;
using access::testing::MakeCaller;
using access::testing::MakeGrant;
using ::testing::HasSubstr;

class ExchangeQuotas : public ExchangeWorld {
 protected:
  // Allotted by the city, for the near county to fill.
  exchange::CreateQuotaRequest NewQuota(int planned, const std::string& due_on) {
    exchange::CreateQuotaRequest request;
    exchange::Quota& quota = *request.mutable_quota();
    quota.set_title("2026年支教名额");
    quota.set_issuer_jurisdiction_id(city_id_);
    quota.set_jurisdiction_id(near_id_);
    quota.set_school_year_id(school_year_id_);
    quota.set_type(exchange::ASSIGNMENT_TYPE_SUPPORT_TEACHING);
    quota.set_planned_count(planned);
    quota.set_due_on(due_on);
    return request;
  }
  exchange::Quota Quota(const exchange::CreateQuotaRequest& request, const std::string& token = "city") {
    return Must<exchange::Quota>("QuotaService/CreateQuota", request, token);
  }
  exchange::CreateAssignmentRequest Filling(const std::string& quota_id, const std::string& from_school) {
    auto request = NewAssignment(Teacher(from_school), far_rural_);
    request.mutable_assignment()->set_quota_id(quota_id);
    return request;
  }
  exchange::Quota Settle(const std::string& id, const std::string& token = "city") {
    exchange::SettleQuotaRequest request;
    request.set_id(id);
    return Must<exchange::Quota>("QuotaService/SettleQuota", request, token);
  }
  exchange::QuotaProgress Progress(const std::string& id, const std::string& on_day = "",
                                   const std::string& token = "city") {
    exchange::ListQuotaProgressRequest request;
    request.set_quota_id(id);
    request.set_on_day(on_day);
    const auto answer =
        Must<exchange::ListQuotaProgressResponse>("QuotaService/ListQuotaProgress", request, token);
    EXPECT_EQ(answer.progress_size(), 1);
    return answer.progress_size() == 1 ? answer.progress(0) : exchange::QuotaProgress();
  }
  absl::StatusOr<exchange::Quota> Change(const exchange::Quota& change, const std::string& token = "city") {
    exchange::UpdateQuotaRequest request;
    *request.mutable_quota() = change;
    return exchange_.Call<exchange::Quota>("QuotaService/UpdateQuota", request, token);
  }
  // Why an assignment is not taken.
  std::string Refusal(const exchange::CreateAssignmentRequest& request,
                      const std::string& token = "operator") {
    const auto made =
        exchange_.Call<exchange::Assignment>("AssignmentService/CreateAssignment", request, token);
    return base::FailureOf(made.status()).ShortDebugString();
  }
  int Listed(const exchange::ListQuotaProgressRequest& request, const std::string& token) {
    const auto answer =
        exchange_.Call<exchange::ListQuotaProgressResponse>("QuotaService/ListQuotaProgress", request, token);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->progress_size() : -1;
  }
};

TEST_F(ExchangeQuotas, TheCityAllotsTheCountyAndItsSchoolsRead) {
  const auto quota = Quota(NewQuota(2, Day(30)));
  EXPECT_EQ(quota.state(), exchange::QUOTA_STATE_OPENED);
  EXPECT_EQ(quota.counted_on(), Day(0));
  const auto see = [&](const char* token) {
    return Read<exchange::Quota>("Quota", quota.id(), token).status();
  };
  EXPECT_TRUE(see("near").ok());
  EXPECT_TRUE(see("school").ok()) << "below the county that has to fill it";
  EXPECT_TRUE(absl::IsNotFound(see("far")));
  exchange::Quota change;
  change.set_id(quota.id());
  change.set_planned_count(1);
  EXPECT_TRUE(absl::IsPermissionDenied(Change(change, "near").status())) << "nobody lowers his own quota";
  EXPECT_TRUE(absl::IsPermissionDenied(Change(change, "school").status()));
  EXPECT_TRUE(Change(change, "city").ok());
  auto request = Filling(quota.id(), near_school_);
  EXPECT_EQ(Nominate(request, "school").quota_id(), quota.id()) << "a school names it itself";
}

TEST_F(ExchangeQuotas, OnPostFillsAPlace) {
  const auto quota = Quota(NewQuota(2, Day(30)));
  const auto first = Approved(Filling(quota.id(), near_school_));
  auto progress = Progress(quota.id());
  EXPECT_EQ(progress.filled_count(), 0) << "approved is not on post";
  EXPECT_EQ(progress.approved_count(), 1);
  EXPECT_EQ(progress.state(), exchange::QUOTA_STATE_OPENED);
  ASSERT_TRUE(Step<exchange::Assignment>("Assignment", "Start", first.id()).ok());
  progress = Progress(quota.id());
  EXPECT_EQ(progress.filled_count(), 1);
  EXPECT_EQ(progress.approved_count(), 0);
  EXPECT_EQ(progress.state(), exchange::QUOTA_STATE_FILLING);
  EXPECT_EQ(progress.planned_count(), 2);
  EXPECT_EQ(progress.due_on(), Day(30));
  const auto second = OnPost(Filling(quota.id(), near_rural_));
  EXPECT_EQ(Progress(quota.id()).state(), exchange::QUOTA_STATE_MET);
  EXPECT_EQ(Read<exchange::Quota>("Quota", quota.id())->filled_count(), 0) << "as of counted_on";
  EXPECT_EQ(Settle(quota.id()).state(), exchange::QUOTA_STATE_MET);
  EXPECT_EQ(Read<exchange::Quota>("Quota", quota.id())->filled_count(), 2);
  ASSERT_TRUE(Step<exchange::Assignment>("Assignment", "Recall", second.id()).ok());
  exchange_.clock().Advance(absl::Hours(24));
  EXPECT_EQ(Progress(quota.id()).filled_count(), 1) << "a recalled one counts to the last day";
  EXPECT_EQ(Settle(quota.id()).state(), exchange::QUOTA_STATE_FILLING);
  EXPECT_EQ(Progress(quota.id(), "", "school").filled_count(), 1)
      << "the same figure for whoever reads the quota, not the assignments";
}

TEST_F(ExchangeQuotas, TheDayAfterItSaysWhatBecameOfIt) {
  const std::string due = Day(10);
  const auto missed = Quota(NewQuota(2, due));
  const auto met = Quota(NewQuota(1, due));
  OnPost(Filling(missed.id(), near_school_));
  const auto served = OnPost(Filling(met.id(), near_school_));
  exchange_.clock().Advance(absl::Hours(24 * 10));
  EXPECT_EQ(Progress(missed.id()).state(), exchange::QUOTA_STATE_FILLING) << "the last day is one";
  exchange_.clock().Advance(absl::Hours(24));
  // Nobody has done anything since.
  EXPECT_EQ(Progress(missed.id()).state(), exchange::QUOTA_STATE_MISSED);
  EXPECT_EQ(Progress(met.id()).state(), exchange::QUOTA_STATE_MET);
  // Too late, and too late to undo.
  OnPost(Filling(missed.id(), near_rural_));
  ASSERT_TRUE(Step<exchange::Assignment>("Assignment", "Recall", served.id()).ok());
  EXPECT_EQ(Progress(missed.id()).filled_count(), 1);
  EXPECT_EQ(Settle(missed.id()).state(), exchange::QUOTA_STATE_MISSED);
  EXPECT_EQ(Settle(met.id()).state(), exchange::QUOTA_STATE_MET);
  EXPECT_EQ(Progress(missed.id(), due).state(), exchange::QUOTA_STATE_FILLING) << "as it was on that day";
  exchange::Quota later;
  later.set_id(missed.id());
  later.set_due_on(Day(20));
  const auto open_again = Change(later);
  ASSERT_TRUE(open_again.ok()) << open_again.status();
  EXPECT_EQ(open_again->state(), exchange::QUOTA_STATE_MET) << "with a later day, who came late came in time";
}

TEST_F(ExchangeQuotas, WhenItsDayHasGoneByThePlatformSettlesIt) {
  const std::string due = Day(10);
  const std::string settled = Day(11);
  const auto broken = Quota(NewQuota(1, due));
  const auto missed = Quota(NewQuota(3, due));
  const auto met = Quota(NewQuota(1, due));
  const auto open = Quota(NewQuota(1, Day(30)));
  OnPost(Filling(missed.id(), near_school_));
  OnPost(Filling(met.id(), near_school_));
  // What no rule would take any more does not keep the others from it.
  ASSERT_TRUE(
      exchange_.Query(absl::StrCat("UPDATE quota SET opened_on = due_on + 1 WHERE id = '", broken.id(), "'"))
          .ok());
  const auto run = [&] {
    for (bool more = true; more;) {
      const auto rest = exchange_.engine().RunDaily(absl::Now() + absl::Seconds(30));
      ASSERT_TRUE(rest.ok()) << rest.status();
      more = *rest;
    }
  };
  const auto stored = [&](const exchange::Quota& quota) {
    return Read<exchange::Quota>("Quota", quota.id()).value();
  };
  exchange_.clock().Advance(absl::Hours(24 * 10));
  run();
  EXPECT_EQ(stored(missed).revision(), missed.revision()) << "the last day is one";
  exchange_.clock().Advance(absl::Hours(24));
  run();
  EXPECT_EQ(stored(missed).state(), exchange::QUOTA_STATE_MISSED);
  EXPECT_EQ(stored(missed).filled_count(), 1);
  EXPECT_EQ(stored(missed).counted_on(), settled);
  EXPECT_EQ(stored(met).state(), exchange::QUOTA_STATE_MET);
  EXPECT_EQ(stored(open).revision(), open.revision());
  EXPECT_EQ(stored(broken).revision(), broken.revision());
  EXPECT_EQ(ExchangeCount(absl::StrCat("SELECT count(*) FROM change WHERE actor = 'platform' AND id IN ('",
                                       missed.id(), "', '", met.id(), "')")),
            2)
      << "followers are told";
  exchange_.clock().Advance(absl::Hours(24));
  OnPost(Filling(missed.id(), near_rural_));  // Too late.
  run();
  EXPECT_EQ(stored(missed).counted_on(), settled) << "once";
  exchange_.clock().Advance(absl::Hours(24));
  OnPost(Filling(missed.id(), near_rural_), due);  // In time, and only written down today.
  run();
  EXPECT_EQ(stored(missed).filled_count(), 2);
  EXPECT_EQ(stored(missed).counted_on(), Day(0));
}

TEST_F(ExchangeQuotas, OfTwoForTheLastPlaceOneWins) {
  for (int round = 0; round < 5; ++round) {
    const auto quota = Quota(NewQuota(1, Day(30)));
    const std::string ids[] = {Nominate(Filling(quota.id(), near_school_)).id(),
                               Nominate(Filling(quota.id(), near_rural_)).id()};
    std::atomic<int> approved{0};
    std::vector<std::thread> threads;
    for (const std::string& id : ids)
      threads.emplace_back(
          [&, id] { approved += Step<exchange::Assignment>("Assignment", "Approve", id, "near").ok(); });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(approved, 1);
    EXPECT_EQ(Progress(quota.id()).approved_count(), 1);
  }
}

TEST_F(ExchangeQuotas, SettlingBesideArrivalsCountsEveryOne) {
  const auto quota = Quota(NewQuota(8, Day(30)));
  std::vector<std::string> ids;
  for (int i = 0; i < 8; ++i) ids.push_back(Approved(Filling(quota.id(), near_school_)).id());
  std::thread arrivals([&] {
    for (const std::string& id : ids)
      EXPECT_TRUE(Step<exchange::Assignment>("Assignment", "Start", id, "near").ok());
  });
  for (int last = 0, i = 0; i < 10; ++i) {
    const int filled = Settle(quota.id()).filled_count();
    EXPECT_GE(filled, last);
    last = filled;
  }
  arrivals.join();
  EXPECT_EQ(Settle(quota.id()).filled_count(), 8);
  EXPECT_EQ(Settle(quota.id()).state(), exchange::QUOTA_STATE_MET);
}

TEST_F(ExchangeQuotas, APlaceIsFreeAgainAndNeverLessThanAreTaken) {
  const auto quota = Quota(NewQuota(1, Day(30)));
  const auto first = Approved(Filling(quota.id(), near_school_));
  const auto second = Nominate(Filling(quota.id(), near_rural_));
  const auto approve = [&] { return Step<exchange::Assignment>("Assignment", "Approve", second.id()); };
  EXPECT_THAT(approve().status().ToString(), HasSubstr("quotaId"));
  ASSERT_TRUE(Step<exchange::Assignment>("Assignment", "Withdraw", first.id()).ok());
  EXPECT_TRUE(approve().ok());
  exchange::Quota change;
  change.set_id(quota.id());
  change.set_planned_count(2);
  ASSERT_TRUE(Change(change).ok());
  Approved(Filling(quota.id(), near_school_));
  change.set_planned_count(1);
  EXPECT_THAT(Change(change).status().ToString(), HasSubstr("plannedCount"));
}

TEST_F(ExchangeQuotas, APlaceIsOnePersonsHoweverManyPosts) {
  const auto quota = Quota(NewQuota(2, Day(30)));
  const auto teacher = Teacher(near_school_);
  for (const std::string& host : {far_rural_, far_school_}) {
    auto half = NewAssignment(teacher, host, 50);
    half.mutable_assignment()->set_quota_id(quota.id());
    OnPost(half);
  }
  EXPECT_EQ(Progress(quota.id()).filled_count(), 1);
  EXPECT_EQ(Settle(quota.id()).filled_count(), 1);
  EXPECT_EQ(Settle(quota.id()).state(), exchange::QUOTA_STATE_FILLING);
  exchange::GetExchangeStatisticsRequest request;
  request.set_jurisdiction_id(near_id_);
  request.set_school_year_id(school_year_id_);
  const auto figures =
      Must<exchange::ExchangeStatistics>("ExchangeStatisticsService/GetExchangeStatistics", request);
  ASSERT_EQ(figures.quotas_size(), 1);
  EXPECT_EQ(figures.quotas(0).filled_person_count(), 1);
  EXPECT_EQ(figures.quotas(0).met_quota_count(), 0);
  const auto approved = Approved(Filling(quota.id(), near_rural_));
  EXPECT_EQ(Progress(quota.id()).approved_count(), 1);
  auto more = NewAssignment(Teacher(near_school_), far_rural_);
  more.mutable_assignment()->set_quota_id(quota.id());
  const auto third = Nominate(more);
  EXPECT_THAT(Step<exchange::Assignment>("Assignment", "Approve", third.id()).status().ToString(),
              HasSubstr("quotaId"));
  exchange::Quota fewer;
  fewer.set_id(quota.id());
  fewer.set_planned_count(1);
  EXPECT_THAT(Change(fewer).status().ToString(), HasSubstr("plannedCount"));
  ASSERT_TRUE(Step<exchange::Assignment>("Assignment", "Withdraw", approved.id()).ok());
  EXPECT_TRUE(Change(fewer).ok()) << "two posts, one person";
}

TEST_F(ExchangeQuotas, ItIsFilledByWhoBeginsInItsYear) {
  const auto quota = Quota(NewQuota(2, Day(30)));
  auto early = Filling(quota.id(), near_school_);
  early.mutable_assignment()->set_planned_from("2024-09-01");
  early.mutable_assignment()->set_planned_until("2027-08-31");
  EXPECT_THAT(Refusal(early), HasSubstr("quotaId"));
  early.mutable_assignment()->clear_quota_id();
  const auto approved = Approved(early);
  exchange::UpdateAssignmentRequest request;
  request.mutable_assignment()->set_id(approved.id());
  request.mutable_assignment()->set_quota_id(quota.id());
  const auto moved =
      exchange_.Call<exchange::Assignment>("AssignmentService/UpdateAssignment", request, "near").status();
  EXPECT_THAT(moved.ToString(), HasSubstr("was approved"));
}

TEST_F(ExchangeQuotas, AFullQuotaStaysFullForABatch) {
  const auto quota = Quota(NewQuota(1, Day(30)));
  Approved(Filling(quota.id(), near_school_));
  auto without = NewAssignment(Teacher(near_school_), far_rural_);
  const auto upsert = [&](const char* token) {
    auto record = Read<exchange::Assignment>("Assignment", without.assignment().id(), token);
    record->set_quota_id(quota.id());
    exchange::BatchUpsertAssignmentsRequest request;
    *request.add_assignments() = *record;
    return Must<exchange::BatchUpsertAssignmentsResponse>("AssignmentService/BatchUpsertAssignments", request,
                                                          token)
        .results(0)
        .outcome();
  };
  without.mutable_assignment()->set_id(Approved(without).id());
  EXPECT_EQ(upsert("clerk"), type::v1::UpsertResult::REFUSED);
  EXPECT_EQ(upsert("near"), type::v1::UpsertResult::UPDATED) << "an import brings what was";
}

TEST_F(ExchangeQuotas, OnlyItsOwnTypeAndCountyFillIt) {
  const auto quota = Quota(NewQuota(5, Day(30)));
  EXPECT_THAT(Refusal(Filling(quota.id(), far_school_)), HasSubstr("quotaId")) << "of another county";
  auto request = Filling(quota.id(), near_school_);
  request.mutable_assignment()->set_type(exchange::ASSIGNMENT_TYPE_POST_EXCHANGE);
  EXPECT_THAT(Refusal(request), HasSubstr("quotaId"));
  EXPECT_THAT(Refusal(Filling(quota.id(), far_school_), "far"), HasSubstr("REFERENCE_NOT_FOUND"))
      << "who does not see it learns nothing";
}

TEST_F(ExchangeQuotas, ASideOfAnAllianceFillsItsOwn) {
  const std::string regional = Alliance(registry::ALLIANCE_TYPE_REGIONAL, city_id_);
  Join(regional, near_id_, registry::MEMBERSHIP_ROLE_MEMBER, registry::MEMBERSHIP_SIDE_FIRST, true);
  Join(regional, far_id_, registry::MEMBERSHIP_ROLE_MEMBER, registry::MEMBERSHIP_SIDE_SECOND, true);
  exchange_.CatchUp();
  auto request = NewQuota(5, Day(30));
  request.mutable_quota()->clear_jurisdiction_id();
  request.mutable_quota()->set_alliance_id(regional);
  request.mutable_quota()->set_side(exchange::QUOTA_SIDE_FIRST);
  const auto quota = Quota(request);
  auto ours = Filling(quota.id(), near_school_);
  EXPECT_THAT(Refusal(ours), HasSubstr("quotaId")) << "not as an exchange of this alliance";
  ours.mutable_assignment()->set_alliance_id(regional);
  Approved(ours);
  auto theirs = NewAssignment(Teacher(far_school_), near_rural_);
  theirs.mutable_assignment()->set_alliance_id(regional);
  theirs.mutable_assignment()->set_quota_id(quota.id());
  EXPECT_THAT(Refusal(theirs), HasSubstr("quotaId")) << "of the other side";
  auto at_home = ours;
  at_home.mutable_assignment()->set_teacher_id(Teacher(near_school_).id());
  at_home.mutable_assignment()->set_to_school_id(near_rural_);
  EXPECT_THAT(Refusal(at_home), HasSubstr("quotaId")) << "to the same side";
  request.mutable_quota()->clear_side();
  const auto both = Quota(request);
  at_home.mutable_assignment()->set_quota_id(both.id());
  EXPECT_THAT(Refusal(at_home), HasSubstr("quotaId"));
  theirs.mutable_assignment()->set_quota_id(both.id());
  EXPECT_EQ(Nominate(theirs).quota_id(), both.id());
  const std::string schools = alliance_id_;
  request.mutable_quota()->set_alliance_id(schools);
  auto outside = NewAssignment(Teacher(near_school_), far_school_);
  outside.mutable_assignment()->set_alliance_id(schools);
  outside.mutable_assignment()->set_quota_id(Quota(request).id());
  EXPECT_THAT(Refusal(outside), HasSubstr("host school")) << "far_school_ takes no part";
  EXPECT_TRUE(Read<exchange::Quota>("Quota", quota.id(), "far").ok()) << "a party reads it";
}

TEST_F(ExchangeQuotas, ProgressOfAPlaceAnAllianceOrAYear) {
  const auto quota = Quota(NewQuota(2, Day(30)));
  Quota(NewQuota(1, Day(20)));
  exchange::ListQuotaProgressRequest request;
  const auto status = [&](const std::string& token) {
    return exchange_
        .Call<exchange::ListQuotaProgressResponse>("QuotaService/ListQuotaProgress", request, token)
        .status();
  };
  EXPECT_TRUE(absl::IsInvalidArgument(status("city"))) << "of what?";
  request.set_jurisdiction_id(near_id_);
  EXPECT_EQ(Listed(request, "city"), 2) << "that it has to fill";
  EXPECT_EQ(Listed(request, "near"), 2);
  EXPECT_TRUE(absl::IsNotFound(status("far"))) << "a place out of sight";
  request.set_school_year_id(base::RandomId());
  EXPECT_EQ(Listed(request, "city"), 0);
  request.set_school_year_id(school_year_id_);
  EXPECT_EQ(Listed(request, "city"), 2);
  request.set_jurisdiction_id(city_id_);
  EXPECT_EQ(Listed(request, "city"), 2) << "that it has allotted";
  request.set_quota_id(quota.id());
  EXPECT_TRUE(absl::IsInvalidArgument(status("city"))) << "one question at a time";
  request.clear_jurisdiction_id();
  EXPECT_EQ(Listed(request, "near"), 1);
  EXPECT_EQ(Listed(request, "far"), 0);
}

TEST_F(ExchangeQuotas, HistoryKeepsItsCounts) {
  exchange::BatchUpsertQuotasRequest request;
  request.set_source_system("personnel");
  *request.add_quotas() = NewQuota(40, "2015-12-31").quota();
  exchange::Quota& past = *request.mutable_quotas(0);
  past.set_state(exchange::QUOTA_STATE_MET);
  past.set_filled_count(41);
  auto* external_id = past.add_external_ids();
  external_id->set_system("personnel");
  external_id->set_id("q-2015");
  const char* const upsert = "QuotaService/BatchUpsertQuotas";
  const auto answer = Must<exchange::BatchUpsertQuotasResponse>(upsert, request, "city");
  ASSERT_EQ(answer.results(0).outcome(), type::v1::UpsertResult::CREATED) << answer.ShortDebugString();
  const auto kept = Read<exchange::Quota>("Quota", answer.results(0).id(), "city");
  EXPECT_EQ(kept->filled_count(), 41);
  EXPECT_EQ(kept->state(), exchange::QUOTA_STATE_MET);
  EXPECT_EQ(Must<exchange::BatchUpsertQuotasResponse>(upsert, request, "city").results(0).outcome(),
            type::v1::UpsertResult::UNCHANGED);
}

}  // namespace
}  // namespace lianqiao::conformance
