// SPDX-License-Identifier: Apache-2.0
// Joint activities over a real registry: who sees and writes them, who confirms, who verifies.
#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "lianqiao/research/v1/activity_party.pb.h"
#include "lianqiao/research/v1/joint_activity.pb.h"
#include "tests/conformance/research_world.h"

namespace lianqiao::conformance {
namespace {

namespace research = ::lianqiao::research::v1;
using research::ActivityParty;
using research::JointActivity;

class ResearchActivities : public ResearchWorld {
 protected:
  // Everybody has every right there is, by name, on what is its own: what holds then is a matter of scope.
  ResearchActivities() {
    const auto add = [&](const std::string& token, access::ScopeKind kind, const std::string& id) {
      std::vector<access::Grant> grants;
      for (const char* permission :
           {"registry.*", "research.*", "research.*.import", "research.joint_activity.verify"})
        grants.push_back(access::testing::MakeGrant(permission, kind, id, {token + "-system"}));
      research_.AddCaller(
          token, access::testing::MakeCaller(grants, kind == access::ScopeKind::kOrganisation ? id : ""));
    };
    add("city", access::ScopeKind::kJurisdiction, city_id_);
    add("near", access::ScopeKind::kJurisdiction, near_id_);
    add("far", access::ScopeKind::kJurisdiction, far_id_);
    add("lead", access::ScopeKind::kOrganisation, near_school_);
    add("member", access::ScopeKind::kOrganisation, far_school_);
  }
  JointActivity New(const std::string& alliance_id) {
    JointActivity activity;
    activity.set_alliance_id(alliance_id);
    activity.set_category(research::JOINT_ACTIVITY_CATEGORY_TEACHING_RESEARCH);
    activity.set_type(research::JOINT_ACTIVITY_TYPE_COLLECTIVE_PREPARATION);
    activity.set_title("集体备课");
    activity.set_term_id(term_id_);
    activity.set_starts_on("2023-10-09");
    activity.set_ends_on("2023-10-10");
    activity.set_host_organisation_id(near_school_);
    activity.set_mode(research::JOINT_ACTIVITY_MODE_MIXED);
    activity.set_day_count(2);
    activity.set_distinct_person_count(267);
    return activity;
  }
  ActivityParty Invited(const std::string& activity_id, const std::string& organisation_id) {
    ActivityParty party;
    party.set_joint_activity_id(activity_id);
    party.set_organisation_id(organisation_id);
    return party;
  }
  // Made, held and reported by the lead's side.
  JointActivity Reported(const std::string& alliance_id, const std::string& token = "lead") {
    const JointActivity made = Must(Make(New(alliance_id), token));
    Must(Move<JointActivity>("Hold", made.id(), token));
    return Must(Move<JointActivity>("Report", made.id(), token));
  }
};

TEST_F(ResearchActivities, TheLeadReportsThePartiesConfirmAndTheCityVerifies) {
  const JointActivity made = Must(Make(New(alliance_id_), "lead"));
  EXPECT_EQ(made.state(), research::JOINT_ACTIVITY_STATE_PLANNED);
  EXPECT_EQ(made.authority_jurisdiction_id(), city_id_);
  const std::string own = Must(Make(Invited(made.id(), near_school_), "lead")).id();
  const std::string others = Must(Make(Invited(made.id(), far_school_), "lead")).id();
  EXPECT_TRUE(absl::IsFailedPrecondition(Move<ActivityParty>("Confirm", others, "member").status()))
      << "not held yet";
  Must(Move<JointActivity>("Hold", made.id(), "lead"));
  EXPECT_EQ(Must(Move<ActivityParty>("Confirm", own, "lead", "", "2023-10-11")).state(),
            research::ACTIVITY_PARTY_STATE_CONFIRMED);
  EXPECT_TRUE(absl::IsPermissionDenied(Move<ActivityParty>("Confirm", others, "lead").status()))
      << "only the party confirms for itself";
  EXPECT_EQ(Must(Move<ActivityParty>("Confirm", others, "member", "", "2023-10-12")).confirmed_on(),
            "2023-10-12");
  EXPECT_TRUE(absl::IsPermissionDenied(Move<JointActivity>("Report", made.id(), "member").status()));
  const JointActivity reported = Must(Move<JointActivity>("Report", made.id(), "lead", "", "2023-10-15"));
  EXPECT_EQ(reported.reported_on(), "2023-10-15");
  for (const std::string token : {"lead", "near", "member", "far"})
    EXPECT_TRUE(absl::IsPermissionDenied(Move<JointActivity>("Verify", made.id(), token).status())) << token;
  const JointActivity verified = Must(Move<JointActivity>("Verify", made.id(), "city", "", "2023-10-20"));
  EXPECT_EQ(verified.state(), research::JOINT_ACTIVITY_STATE_VERIFIED);
  EXPECT_EQ(verified.verified_on(), "2023-10-20");
}

TEST_F(ResearchActivities, WhatIsNotAcceptedIsPutRightAndReportedAgain) {
  const JointActivity reported = Reported(alliance_id_);
  JointActivity change;
  change.set_id(reported.id());
  change.set_distinct_person_count(260);
  EXPECT_EQ(FieldsOf(Edit(change, "lead").status()), "jointActivity.state") << "a report stands";
  EXPECT_TRUE(absl::IsInvalidArgument(Move<JointActivity>("Reject", reported.id(), "city").status()))
      << "says no reason";
  const JointActivity rejected =
      Must(Move<JointActivity>("Reject", reported.id(), "city", "人数与签到表不符"));
  EXPECT_EQ(rejected.reject_reason(), "人数与签到表不符");
  EXPECT_EQ(Must(Edit(change, "lead")).distinct_person_count(), 260);
  Must(Move<JointActivity>("Report", reported.id(), "lead"));
  Must(Move<JointActivity>("Verify", reported.id(), "city"));
  EXPECT_TRUE(absl::IsFailedPrecondition(Drop<JointActivity>(reported.id(), "lead").status()));
  const JointActivity again = Must(Move<JointActivity>("Reject", reported.id(), "city", "复核发现重复上报"));
  EXPECT_EQ(again.verified_on(), "") << "no longer verified";
  EXPECT_FALSE(Must(Drop<JointActivity>(reported.id(), "lead")).delete_time().seconds() == 0);
}

TEST_F(ResearchActivities, APlaceThatIsAPartyDoesNotVerifyItself) {
  const std::string own = Alliance(registry::ALLIANCE_TYPE_COUNTY, near_id_);
  Join(own, near_id_, registry::MEMBERSHIP_ROLE_LEAD_COUNTY, true);
  Join(own, far_id_, registry::MEMBERSHIP_ROLE_MEMBER, true);
  const std::string inside = Alliance(registry::ALLIANCE_TYPE_IN_COUNTY, near_id_);
  Join(inside, near_school_, registry::MEMBERSHIP_ROLE_LEAD_SCHOOL);
  research_.CatchUp();
  EXPECT_EQ(Must(Make(New(own), "near")).authority_jurisdiction_id(), city_id_);
  const JointActivity reported = Reported(inside);
  EXPECT_EQ(reported.authority_jurisdiction_id(), near_id_);
  EXPECT_TRUE(absl::IsPermissionDenied(Move<JointActivity>("Verify", reported.id(), "lead").status()));
  EXPECT_EQ(Must(Move<JointActivity>("Verify", reported.id(), "near")).state(),
            research::JOINT_ACTIVITY_STATE_VERIFIED);
}

TEST_F(ResearchActivities, VerifyingIsARightOfItsOwn) {
  research_.AddCaller(
      "writer",
      access::testing::MakeCaller({access::testing::MakeGrant("research.joint_activity.read",
                                                              access::ScopeKind::kJurisdiction, city_id_),
                                   access::testing::MakeGrant("research.joint_activity.write",
                                                              access::ScopeKind::kJurisdiction, city_id_)}));
  research_.AddCaller(
      "verifier",
      access::testing::MakeCaller({access::testing::MakeGrant("research.joint_activity.read",
                                                              access::ScopeKind::kJurisdiction, city_id_),
                                   access::testing::MakeGrant("research.joint_activity.verify",
                                                              access::ScopeKind::kJurisdiction, city_id_)}));
  const JointActivity reported = Reported(alliance_id_);
  EXPECT_TRUE(absl::IsPermissionDenied(Move<JointActivity>("Verify", reported.id(), "writer").status()));
  EXPECT_TRUE(
      absl::IsPermissionDenied(Move<JointActivity>("Cancel", reported.id(), "verifier", "无").status()));
  Must(Move<JointActivity>("Verify", reported.id(), "verifier"));
}

TEST_F(ResearchActivities, StatesAreImportedByRightOnly) {
  research_.AddCaller(
      "writer", access::testing::MakeCaller(
                    {access::testing::MakeGrant("research.*", access::ScopeKind::kJurisdiction, city_id_),
                     access::testing::MakeGrant("registry.*", access::ScopeKind::kJurisdiction, city_id_)}));
  JointActivity activity = New(alliance_id_);
  activity.set_state(research::JOINT_ACTIVITY_STATE_VERIFIED);
  EXPECT_FALSE(Make(activity, "writer").ok());
  EXPECT_EQ(Must(Make(activity, "city")).state(), research::JOINT_ACTIVITY_STATE_VERIFIED);
  const std::string id = Must(Make(New(alliance_id_), "writer")).id();
  ActivityParty party = Invited(id, far_school_);
  party.set_state(research::ACTIVITY_PARTY_STATE_CONFIRMED);
  EXPECT_FALSE(Make(party, "writer").ok()) << "nobody confirms for a party";
}

TEST_F(ResearchActivities, OnlyWhoHasToDoWithTheAllianceSeesIt) {
  const std::string inside = Alliance(registry::ALLIANCE_TYPE_IN_COUNTY, near_id_);
  Join(inside, near_school_, registry::MEMBERSHIP_ROLE_LEAD_SCHOOL);
  research_.CatchUp();
  const JointActivity made = Must(Make(New(inside), "lead"));
  EXPECT_TRUE(Look<JointActivity>(made.id(), "near").ok());
  EXPECT_TRUE(absl::IsNotFound(Look<JointActivity>(made.id(), "far").status()));
  EXPECT_TRUE(absl::IsNotFound(Look<JointActivity>(made.id(), "member").status()));
  EXPECT_TRUE(absl::IsPermissionDenied(Look<JointActivity>(made.id(), "stranger").status()));
  EXPECT_EQ(FieldsOf(Make(New(inside), "far").status()), "jointActivity.allianceId")
      << "as if it were not there";
  // Who is invited from elsewhere reads the invitation and answers it; the activity stays out of sight.
  const std::string guest = Must(Make(Invited(made.id(), far_school_), "lead")).id();
  EXPECT_TRUE(Look<ActivityParty>(guest, "member").ok());
  EXPECT_TRUE(absl::IsNotFound(Look<JointActivity>(made.id(), "member").status()));
  EXPECT_EQ(Must(Move<ActivityParty>("Decline", guest, "member", "无法参加")).decline_reason(), "无法参加");
  EXPECT_TRUE(absl::IsPermissionDenied(Move<ActivityParty>("Withdraw", guest, "member", "无").status()));
}

TEST_F(ResearchActivities, AHostFromElsewhereReadsWhatItHosts) {
  const std::string inside = Alliance(registry::ALLIANCE_TYPE_IN_COUNTY, near_id_);
  Join(inside, near_school_, registry::MEMBERSHIP_ROLE_LEAD_SCHOOL);
  research_.CatchUp();
  JointActivity activity = New(inside);
  activity.set_host_organisation_id(far_school_);
  const JointActivity made = Must(Make(activity, "lead"));
  EXPECT_TRUE(Look<JointActivity>(made.id(), "member").ok());
  JointActivity change;
  change.set_id(made.id());
  change.set_title("改题");
  EXPECT_TRUE(absl::IsPermissionDenied(Edit(change, "member").status()));
}

TEST_F(ResearchActivities, SchoolsOfMemberCountiesReadWhatTheCountiesDo) {
  const JointActivity made = Must(Make(New(county_alliance_id_), "near"));
  for (const std::string token : {"lead", "member"}) {
    EXPECT_TRUE(Look<JointActivity>(made.id(), token).ok()) << token;
    EXPECT_TRUE(absl::IsPermissionDenied(Move<JointActivity>("Hold", made.id(), token).status())) << token;
  }
  const std::string party = Must(Make(Invited(made.id(), far_school_), "near")).id();
  Must(Move<JointActivity>("Hold", made.id(), "near"));
  Must(Move<ActivityParty>("Confirm", party, "member"));
}

TEST_F(ResearchActivities, WhatBelongsToAnAllianceFollowsItsParties) {
  const JointActivity made = Must(Make(New(alliance_id_), "lead"));
  EXPECT_TRUE(Look<JointActivity>(made.id(), "far").ok());
  EXPECT_TRUE(absl::IsPermissionDenied(Move<JointActivity>("Hold", made.id(), "far").status()));
  const auto membership =
      service_.Query("SELECT id FROM membership WHERE organisation_id = '" + far_school_ + "'");
  type::v1::TransitionRequest end;
  end.set_id(membership->Text(0, 0));
  end.set_reason("退出");
  const auto ended = service_.Call<registry::Membership>("MembershipService/EndMembership", end);
  ASSERT_TRUE(ended.ok()) << Explain(ended.status());
  research_.CatchUp();
  EXPECT_TRUE(absl::IsNotFound(Look<JointActivity>(made.id(), "far").status()));
  Stamp();
  EXPECT_TRUE(absl::IsNotFound(Look<JointActivity>(made.id(), "far").status()));
  EXPECT_TRUE(Look<JointActivity>(made.id(), "near").ok());
}

TEST_F(ResearchActivities, APartyIsNamedOnceAndOneOfBothKinds) {
  const JointActivity made = Must(Make(New(alliance_id_), "lead"));
  Must(Make(Invited(made.id(), far_school_), "lead"));
  EXPECT_TRUE(absl::IsAlreadyExists(Make(Invited(made.id(), far_school_), "lead").status()));
  ActivityParty both = Invited(made.id(), near_school_);
  both.set_jurisdiction_id(near_id_);
  EXPECT_EQ(FieldsOf(Make(both, "lead").status()), "activityParty.jurisdictionId");
  EXPECT_TRUE(absl::IsFailedPrecondition(Drop<JointActivity>(made.id(), "lead").status()))
      << "its parties refer to it";
}

TEST_F(ResearchActivities, TheTermIsTheOneOfTheFirstDay) {
  JointActivity activity = New(alliance_id_);
  activity.set_term_id(spring_term_id_);
  EXPECT_EQ(FieldsOf(Make(activity, "lead").status()), "jointActivity.termId");
  activity.set_starts_on("2024-02-05");  // In the winter holidays.
  activity.clear_ends_on();
  activity.clear_day_count();
  EXPECT_TRUE(Make(activity, "lead").ok());
  activity.set_term_id(term_id_);
  EXPECT_TRUE(Make(activity, "lead").ok());
}

TEST_F(ResearchActivities, TwoConfirmationsAtOnceAreOne) {
  const JointActivity made = Must(Make(New(alliance_id_), "lead"));
  const std::string party = Must(Make(Invited(made.id(), far_school_), "lead")).id();
  Must(Move<JointActivity>("Hold", made.id(), "lead"));
  std::atomic<int> done{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      const absl::Status status = Move<ActivityParty>("Confirm", party, "member").status();
      if (status.ok()) ++done;
      if (absl::IsFailedPrecondition(status)) ++refused;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(refused, 3);
  EXPECT_EQ(Must(Look<ActivityParty>(party)).revision(), 2);
}

TEST_F(ResearchActivities, TwoReportsAtOnceAreOneAndAreVerifiedOnce) {
  const JointActivity made = Must(Make(New(alliance_id_), "lead"));
  Must(Move<JointActivity>("Hold", made.id(), "lead"));
  for (const auto& [verb, token] : {std::make_pair("Report", "lead"), std::make_pair("Verify", "city")}) {
    std::atomic<int> done{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&, verb = verb, token = token] {
        const absl::Status status = Move<JointActivity>(verb, made.id(), token).status();
        if (status.ok()) ++done;
        EXPECT_TRUE(status.ok() || absl::IsFailedPrecondition(status)) << status;
      });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(done, 1) << verb;
  }
  EXPECT_EQ(Must(Look<JointActivity>(made.id())).revision(), 4);
}

// The confirmation waits for the verification's lock or the other way round: never both pass against each
// other.
TEST_F(ResearchActivities, AConfirmationIsNotTakenBackWhileTheActivityIsVerified) {
  const JointActivity reported = Reported(alliance_id_);
  const std::string party = Must(Make(Invited(reported.id(), far_school_), "lead")).id();
  Must(Move<ActivityParty>("Confirm", party, "member"));
  absl::Status verified;
  absl::Status declined;
  std::thread verifies([&] { verified = Move<JointActivity>("Verify", reported.id(), "city").status(); });
  std::thread declines(
      [&] { declined = Move<ActivityParty>("Decline", party, "member", "未参加").status(); });
  verifies.join();
  declines.join();
  EXPECT_TRUE(verified.ok()) << verified;
  EXPECT_TRUE(declined.ok() || absl::IsFailedPrecondition(declined)) << declined;
  EXPECT_TRUE(absl::IsFailedPrecondition(declined.ok() ? Move<ActivityParty>("Invite", party, "lead").status()
                                                       : declined));
}

TEST_F(ResearchActivities, HistoryIsImportedWithItsStates) {
  research::BatchUpsertJointActivitiesRequest request;
  request.set_source_system("city-system");
  JointActivity& past = *request.add_joint_activities();
  past = New(alliance_id_);
  past.set_state(research::JOINT_ACTIVITY_STATE_VERIFIED);
  past.set_verified_on("2023-12-01");
  past.add_external_ids()->set_system("city-system");
  past.mutable_external_ids(0)->set_id("2023-17");
  const auto import = [&] {
    return research_.Call<research::BatchUpsertJointActivitiesResponse>(
        "JointActivityService/BatchUpsertJointActivities", request, "city");
  };
  const auto made = import();
  ASSERT_TRUE(made.ok()) << Explain(made.status());
  ASSERT_EQ(made->results(0).outcome(), type::v1::UpsertResult::CREATED) << made->ShortDebugString();
  const JointActivity kept = Must(Look<JointActivity>(made->results(0).id()));
  EXPECT_EQ(kept.state(), research::JOINT_ACTIVITY_STATE_VERIFIED);
  EXPECT_EQ(kept.verified_on(), "2023-12-01");
  past.set_distinct_person_count(300);
  const auto changed = import();
  ASSERT_TRUE(changed.ok()) << Explain(changed.status());
  EXPECT_EQ(changed->results(0).outcome(), type::v1::UpsertResult::REFUSED) << "what is verified stands";
  past.set_state(research::JOINT_ACTIVITY_STATE_HELD);
  const auto reopened = import();
  ASSERT_TRUE(reopened.ok()) << Explain(reopened.status());
  EXPECT_EQ(reopened->results(0).outcome(), type::v1::UpsertResult::UPDATED) << reopened->ShortDebugString();
}

}  // namespace
}  // namespace lianqiao::conformance
