// SPDX-License-Identifier: Apache-2.0
// Agreements, plans, filings, projects, money and bodies around an alliance.
#include <gmock/gmock.h>

#include <algorithm>
#include <thread>

#include "lianqiao/registry/v1/agreement.pb.h"
#include "lianqiao/registry/v1/annual_plan.pb.h"
#include "lianqiao/registry/v1/county_programme.pb.h"
#include "lianqiao/registry/v1/filing.pb.h"
#include "lianqiao/registry/v1/funding.pb.h"
#include "lianqiao/registry/v1/governance.pb.h"
#include "lianqiao/registry/v1/implementation_plan.pb.h"
#include "lianqiao/registry/v1/plan.pb.h"
#include "lianqiao/registry/v1/project.pb.h"
#include "lianqiao/registry/v1/role_holder.pb.h"
#include "services/alliance-registry/alliance_fixture.h"

namespace lianqiao::registry {
namespace {

using ::testing::ElementsAre;

class AlliancePapersPgTest : public AllianceFixture {
 protected:
  static v1::CreateImplementationPlanRequest PlanRequest(const std::string& alliance_id) {
    v1::CreateImplementationPlanRequest request;
    v1::ImplementationPlan& plan = *request.mutable_implementation_plan();
    plan.set_alliance_id(alliance_id);
    plan.set_title("实施方案");
    plan.set_kind(v1::IMPLEMENTATION_PLAN_KIND_OVERALL);
    plan.set_starts_on("2024-01-01");
    plan.set_organisation("领导小组");
    return request;
  }
  v1::ImplementationPlan Plan(const std::string& alliance_id) {
    return Must<v1::ImplementationPlan>("ImplementationPlanService/CreateImplementationPlan",
                                        PlanRequest(alliance_id));
  }
  // Whether the list of what holds on the day names it.
  bool Holds(const std::string& plan_id, const std::string& date) {
    type::v1::ListRequest list;
    list.set_valid_on(date);
    const auto page =
        Must<v1::ListImplementationPlansResponse>("ImplementationPlanService/ListImplementationPlans", list);
    return std::any_of(page.implementation_plans().begin(), page.implementation_plans().end(),
                       [&](const v1::ImplementationPlan& plan) { return plan.id() == plan_id; });
  }
  v1::CreateFilingRequest Filing(const v1::ImplementationPlan& plan, const std::string& authority_id) {
    v1::CreateFilingRequest request;
    v1::Filing& filing = *request.mutable_filing();
    filing.set_alliance_id(plan.alliance_id());
    filing.set_kind(v1::FILING_KIND_IMPLEMENTATION_PLAN);
    filing.set_implementation_plan_id(plan.id());
    filing.set_authority_jurisdiction_id(authority_id);
    filing.set_year(2024);
    return request;
  }
};

TEST_F(AlliancePapersPgTest, ThePlanIsDraftedAgreedAndFiledWithTheCityWhichAloneAccepts) {
  AddClient("weibin", access::ScopeKind::kJurisdiction, weibin_.id());
  AddClient("feng", access::ScopeKind::kJurisdiction, feng_.id());
  AddClient("city", access::ScopeKind::kJurisdiction, city_.id());
  const auto alliance = CountyAlliance();
  const auto plan = Plan(alliance.id());
  const auto filing = Must<v1::Filing>("FilingService/CreateFiling", Filing(plan, city_.id()), "weibin");
  EXPECT_FALSE(TryMove("Filing", "Submit", filing.id(), "", "weibin").ok()) << "a draft is not submitted";
  Move<v1::ImplementationPlan>("ImplementationPlan", "Agree", plan.id());
  EXPECT_EQ(TryMove("Filing", "Submit", filing.id(), "", "weibin"), absl::OkStatus());
  EXPECT_TRUE(absl::IsPermissionDenied(TryMove("Filing", "Accept", filing.id(), "", "weibin")));
  EXPECT_TRUE(absl::IsPermissionDenied(TryMove("Filing", "Accept", filing.id(), "", "feng")));
  EXPECT_FALSE(TryMove("ImplementationPlan", "File", plan.id()).ok()) << "nothing has been accepted";
  EXPECT_EQ(TryMove("Filing", "Return", filing.id(), "缺少检查评价", "city"), absl::OkStatus());
  EXPECT_EQ(TryMove("Filing", "Submit", filing.id(), "", "weibin"), absl::OkStatus());
  EXPECT_EQ(TryMove("Filing", "Accept", filing.id(), "", "city"), absl::OkStatus());
  EXPECT_EQ(TryMove("ImplementationPlan", "File", plan.id(), "", "weibin"), absl::OkStatus());
  EXPECT_EQ(Get<v1::ImplementationPlan>("ImplementationPlan", plan.id(), "feng").state(),
            v1::PLAN_STATE_FILED)
      << "every party reads it";
}

TEST_F(AlliancePapersPgTest, AFilingNamesAnAuthorityAboveTheAlliance) {
  const auto alliance = CountyAlliance();
  const auto plan = Plan(alliance.id());
  EXPECT_THAT(ViolatedFields(Try<v1::Filing>("FilingService/CreateFiling", Filing(plan, feng_.id()))),
              ElementsAre("filing.authorityJurisdictionId"));
  Must<v1::Filing>("FilingService/CreateFiling", Filing(plan, province_.id()));
}

TEST_F(AlliancePapersPgTest, PlansOfEveryKindAreKept) {
  const auto alliance = CountyAlliance();
  v1::CreateDevelopmentPlanRequest development;
  development.mutable_development_plan()->set_alliance_id(alliance.id());
  development.mutable_development_plan()->set_title("三年发展规划");
  development.mutable_development_plan()->set_starts_on("2024-01-01");
  development.mutable_development_plan()->set_ends_on("2026-12-31");
  EXPECT_EQ(Must<v1::DevelopmentPlan>("DevelopmentPlanService/CreateDevelopmentPlan", development).state(),
            v1::PLAN_STATE_DRAFTED);
  v1::CreateAnnualPlanRequest annual;
  annual.mutable_annual_plan()->set_alliance_id(alliance.id());
  annual.mutable_annual_plan()->set_title("年度计划");
  annual.mutable_annual_plan()->set_year(2024);
  annual.mutable_annual_plan()->set_starts_on("2024-01-01");
  annual.mutable_annual_plan()->set_ends_on("2024-12-31");
  annual.mutable_annual_plan()->add_tasks()->set_title("联合教研");
  const auto kept = Must<v1::AnnualPlan>("AnnualPlanService/CreateAnnualPlan", annual);
  EXPECT_EQ(Get<v1::AnnualPlan>("AnnualPlan", kept.id()).tasks(0).title(), "联合教研");
  v1::CreateCountyProgrammeRequest programme;
  programme.mutable_county_programme()->set_jurisdiction_id(city_.id());
  programme.mutable_county_programme()->set_title("城乡教育联盟实施规划");
  EXPECT_THAT(
      ViolatedFields(Try<v1::CountyProgramme>("CountyProgrammeService/CreateCountyProgramme", programme)),
      ElementsAre("countyProgramme.jurisdictionId"));
  programme.mutable_county_programme()->set_jurisdiction_id(feng_.id());
  const auto drafted = Must<v1::CountyProgramme>("CountyProgrammeService/CreateCountyProgramme", programme);
  EXPECT_EQ(Move<v1::CountyProgramme>("CountyProgramme", "Issue", drafted.id()).state(),
            v1::PROGRAMME_STATE_IN_FORCE);
  EXPECT_EQ(Move<v1::CountyProgramme>("CountyProgramme", "End", drafted.id(), "修订").state(),
            v1::PROGRAMME_STATE_ENDED);
}

TEST_F(AlliancePapersPgTest, AnAgreementIsSignedByTwoAndRunsOut) {
  v1::CreateAgreementRequest request;
  v1::Agreement& agreement = *request.mutable_agreement();
  agreement.set_kind(v1::AGREEMENT_KIND_MEMORANDUM);
  agreement.set_title("义务教育均衡发展备忘录");
  agreement.set_jurisdiction_id(city_.id());
  agreement.set_ends_on("2015-12-31");
  agreement.add_parties()->set_jurisdiction_id(city_.id());
  const auto drafted = Must<v1::Agreement>("AgreementService/CreateAgreement", request);
  EXPECT_FALSE(TryMove("Agreement", "Sign", drafted.id()).ok());
  v1::UpdateAgreementRequest update;
  *update.mutable_agreement() = drafted;
  update.mutable_agreement()->add_parties()->set_name("教育部");
  update.mutable_update_mask()->add_paths("parties");
  Must<v1::Agreement>("AgreementService/UpdateAgreement", update);
  type::v1::TransitionRequest step;
  step.set_id(drafted.id());
  step.set_effective_on("2011-03-01");
  Must<v1::Agreement>("AgreementService/SignAgreement", step);
  Must<v1::Agreement>("AgreementService/EnforceAgreement", step);
  update.mutable_agreement()->clear_etag();
  update.mutable_agreement()->mutable_parties(1)->set_name("别的部门");
  EXPECT_THAT(ViolatedFields(Try<v1::Agreement>("AgreementService/UpdateAgreement", update)),
              ElementsAre("agreement.state"))
      << "what is signed stands";
  const auto expired = Move<v1::Agreement>("Agreement", "Expire", drafted.id());
  EXPECT_EQ(expired.state(), v1::AGREEMENT_STATE_EXPIRED);
  EXPECT_EQ(expired.ends_on(), "2015-12-31") << "its last day stays what it was";
  type::v1::ListRequest list;
  list.set_valid_on("2012-01-01");
  EXPECT_EQ(Must<v1::ListAgreementsResponse>("AgreementService/ListAgreements", list).agreements_size(), 1);
  list.set_valid_on("2016-01-01");
  EXPECT_EQ(Must<v1::ListAgreementsResponse>("AgreementService/ListAgreements", list).agreements_size(), 0);
}

TEST_F(AlliancePapersPgTest, AnAgreementEndsBeforeItsTermWithAReason) {
  v1::CreateAgreementRequest request;
  v1::Agreement& agreement = *request.mutable_agreement();
  agreement.set_kind(v1::AGREEMENT_KIND_ENTRUSTED_MANAGEMENT);
  agreement.set_title("委托管理合同");
  agreement.set_jurisdiction_id(feng_.id());
  agreement.add_parties()->set_jurisdiction_id(feng_.id());
  agreement.add_parties()->set_organisation_id("0190a0b0-0000-7000-8000-000000000000");
  EXPECT_THAT(ViolatedFields(Try<v1::Agreement>("AgreementService/CreateAgreement", request)),
              ElementsAre("agreement.parties[1].organisationId"));
  agreement.mutable_parties(1)->set_organisation_id(School("名校", weibin_.id()).id());
  const auto drafted = Must<v1::Agreement>("AgreementService/CreateAgreement", request);
  EXPECT_FALSE(TryMove("Agreement", "Sign", drafted.id()).ok()) << "it has no term";
  v1::UpdateAgreementRequest update;
  update.mutable_agreement()->set_id(drafted.id());
  update.mutable_agreement()->set_ends_on("2099-08-31");
  Must<v1::Agreement>("AgreementService/UpdateAgreement", update);
  EXPECT_EQ(TryMove("Agreement", "Sign", drafted.id()), absl::OkStatus());
  EXPECT_EQ(TryMove("Agreement", "Enforce", drafted.id()), absl::OkStatus());
  EXPECT_FALSE(TryMove("Agreement", "Expire", drafted.id()).ok()) << "its term runs";
  EXPECT_FALSE(TryMove("Agreement", "Terminate", drafted.id()).ok()) << "a reason is due";
  const auto ended = Move<v1::Agreement>("Agreement", "Terminate", drafted.id(), "双方协商");
  EXPECT_EQ(ended.state(), v1::AGREEMENT_STATE_TERMINATED);
  EXPECT_LT(ended.ends_on(), "2099-08-31");
}

// What two parties signed and gave up before its first day was in force on no day.
TEST_F(AlliancePapersPgTest, AnAgreementThatIsAbandonedNeverHeld) {
  v1::CreateAgreementRequest request;
  v1::Agreement& agreement = *request.mutable_agreement();
  agreement.set_kind(v1::AGREEMENT_KIND_COOPERATION);
  agreement.set_title("合作协议");
  agreement.set_jurisdiction_id(feng_.id());
  agreement.set_ends_on("2099-08-31");
  agreement.add_parties()->set_jurisdiction_id(feng_.id());
  agreement.add_parties()->set_name("教育部");
  const auto drafted = Must<v1::Agreement>("AgreementService/CreateAgreement", request);
  ASSERT_EQ(TryMove("Agreement", "Sign", drafted.id()), absl::OkStatus());
  EXPECT_EQ(base::FailureOf(TryMove("Agreement", "Terminate", drafted.id(), "未能生效")).reason(),
            base::ErrorReason::WRONG_STATE);
  const auto abandoned = Move<v1::Agreement>("Agreement", "Abandon", drafted.id(), "未能生效");
  EXPECT_EQ(abandoned.state(), v1::AGREEMENT_STATE_ABANDONED);
  EXPECT_EQ(abandoned.ends_on(), "2099-08-31");
  EXPECT_EQ(abandoned.terminated_reason(), "未能生效");
  type::v1::ListRequest list;
  for (const char* day : {"2012-01-01", "2026-12-31"}) {
    list.set_valid_on(day);
    EXPECT_EQ(Must<v1::ListAgreementsResponse>("AgreementService/ListAgreements", list).agreements_size(), 0);
  }
}

TEST_F(AlliancePapersPgTest, APlanIsReopenedBeforeItChangesAndClosedForGood) {
  const auto plan = Plan(CountyAlliance().id());
  Move<v1::ImplementationPlan>("ImplementationPlan", "Agree", plan.id());
  v1::UpdateImplementationPlanRequest update;
  update.mutable_implementation_plan()->set_id(plan.id());
  update.mutable_implementation_plan()->set_long_term_plan("三年");
  EXPECT_THAT(ViolatedFields(
                  Try<v1::ImplementationPlan>("ImplementationPlanService/UpdateImplementationPlan", update)),
              ElementsAre("implementationPlan.state"));
  Move<v1::ImplementationPlan>("ImplementationPlan", "Reopen", plan.id());
  Must<v1::ImplementationPlan>("ImplementationPlanService/UpdateImplementationPlan", update);
  EXPECT_FALSE(TryMove("ImplementationPlan", "Close", plan.id(), "另行制定").ok()) << "nobody agreed on it";
  Move<v1::ImplementationPlan>("ImplementationPlan", "Agree", plan.id());
  const auto closed = Move<v1::ImplementationPlan>("ImplementationPlan", "Close", plan.id(), "另行制定");
  EXPECT_EQ(closed.state(), v1::PLAN_STATE_CLOSED);
  EXPECT_TRUE(Holds(plan.id(), "2024-06-01"));
}

TEST_F(AlliancePapersPgTest, ADraftThatIsWithdrawnNeverHeld) {
  auto request = PlanRequest(CountyAlliance().id());
  request.mutable_implementation_plan()->set_ends_on("2026-12-31");
  const auto plan =
      Must<v1::ImplementationPlan>("ImplementationPlanService/CreateImplementationPlan", request);
  const auto withdrawn =
      Move<v1::ImplementationPlan>("ImplementationPlan", "Withdraw", plan.id(), "未达成一致");
  EXPECT_EQ(withdrawn.state(), v1::PLAN_STATE_WITHDRAWN);
  EXPECT_EQ(withdrawn.close_reason(), "未达成一致");
  EXPECT_FALSE(Holds(plan.id(), "2024-06-01"));
  EXPECT_FALSE(TryMove("ImplementationPlan", "Agree", plan.id()).ok()) << "it is over";
}

TEST_F(AlliancePapersPgTest, APlanClosedBeforeItsTermHoldsUntilItWasClosed) {
  const std::string alliance_id = CountyAlliance().id();
  const auto close = [&](const std::string& ends_on, const std::string& closed_on) {
    auto request = PlanRequest(alliance_id);
    request.mutable_implementation_plan()->set_ends_on(ends_on);
    const auto plan =
        Must<v1::ImplementationPlan>("ImplementationPlanService/CreateImplementationPlan", request);
    Move<v1::ImplementationPlan>("ImplementationPlan", "Agree", plan.id());
    type::v1::TransitionRequest step;
    step.set_id(plan.id());
    step.set_effective_on(closed_on);
    step.set_reason("另行制定");
    const auto closed =
        Must<v1::ImplementationPlan>("ImplementationPlanService/CloseImplementationPlan", step);
    EXPECT_EQ(closed.ends_on(), ends_on) << "its term stays on record";
    return plan.id();
  };
  const std::string early = close("2026-12-31", "2025-03-01");
  EXPECT_TRUE(Holds(early, "2025-03-01"));
  EXPECT_FALSE(Holds(early, "2025-03-02"));
  const std::string late = close("2024-12-31", "2025-03-01");
  EXPECT_TRUE(Holds(late, "2024-12-31"));
  EXPECT_FALSE(Holds(late, "2025-01-01")) << "its term had run out";
  EXPECT_EQ(Value("SELECT count(*) FROM implementation_plan"), "2");
  // The same of what was known then.
  service_.clock().Advance(absl::Hours(1));
  type::v1::GetRequest past;
  past.set_id(early);
  past.mutable_read_time()->set_seconds(absl::ToUnixSeconds(service_.clock().Now()) - 100);
  past.set_valid_on("2025-03-01");
  EXPECT_EQ(Try<v1::ImplementationPlan>("ImplementationPlanService/GetImplementationPlan", past),
            absl::OkStatus());
  past.set_valid_on("2025-03-02");
  EXPECT_TRUE(
      absl::IsNotFound(Try<v1::ImplementationPlan>("ImplementationPlanService/GetImplementationPlan", past)));
}

// What the bureau has before it or on file cannot be swapped for another text.
TEST_F(AlliancePapersPgTest, WhatWasHandedInIsNotReopenedByWhoHandedItIn) {
  const auto alliance = CountyAlliance();
  v1::CreateDevelopmentPlanRequest development;
  development.mutable_development_plan()->set_alliance_id(alliance.id());
  development.mutable_development_plan()->set_title("三年发展规划");
  development.mutable_development_plan()->set_starts_on("2024-01-01");
  development.mutable_development_plan()->set_ends_on("2026-12-31");
  v1::CreateAnnualPlanRequest annual;
  annual.mutable_annual_plan()->set_alliance_id(alliance.id());
  annual.mutable_annual_plan()->set_title("年度计划");
  annual.mutable_annual_plan()->set_year(2024);
  annual.mutable_annual_plan()->set_starts_on("2024-01-01");
  annual.mutable_annual_plan()->set_ends_on("2024-12-31");
  v1::CreateFilingRequest filings[] = {Filing(Plan(alliance.id()), city_.id()),
                                       Filing(Plan(alliance.id()), city_.id()),
                                       Filing(Plan(alliance.id()), city_.id())};
  const auto developed =
      Must<v1::DevelopmentPlan>("DevelopmentPlanService/CreateDevelopmentPlan", development);
  filings[1].mutable_filing()->clear_implementation_plan_id();
  filings[1].mutable_filing()->set_kind(v1::FILING_KIND_DEVELOPMENT_PLAN);
  filings[1].mutable_filing()->set_development_plan_id(developed.id());
  const auto yearly = Must<v1::AnnualPlan>("AnnualPlanService/CreateAnnualPlan", annual);
  filings[2].mutable_filing()->clear_implementation_plan_id();
  filings[2].mutable_filing()->set_kind(v1::FILING_KIND_ANNUAL_PLAN);
  filings[2].mutable_filing()->set_annual_plan_id(yearly.id());
  const struct {
    const char* noun;
    std::string plan;
    v1::CreateFilingRequest request;
  } papers[] = {
      {"ImplementationPlan", filings[0].filing().implementation_plan_id(), filings[0]},
      {"DevelopmentPlan", developed.id(), filings[1]},
      {"AnnualPlan", yearly.id(), filings[2]},
  };
  for (const auto& paper : papers) {
    SCOPED_TRACE(paper.noun);
    const std::string filing = Must<v1::Filing>("FilingService/CreateFiling", paper.request).id();
    EXPECT_EQ(TryMove(paper.noun, "Agree", paper.plan), absl::OkStatus());
    EXPECT_EQ(TryMove("Filing", "Submit", filing), absl::OkStatus());
    EXPECT_TRUE(absl::IsFailedPrecondition(TryMove(paper.noun, "Reopen", paper.plan)));
    EXPECT_EQ(TryMove("Filing", "Return", filing, "缺少检查评价"), absl::OkStatus());
    EXPECT_EQ(TryMove(paper.noun, "Reopen", paper.plan), absl::OkStatus()) << "it came back";
    EXPECT_EQ(TryMove(paper.noun, "Agree", paper.plan), absl::OkStatus());
    EXPECT_EQ(TryMove("Filing", "Submit", filing), absl::OkStatus());
    EXPECT_EQ(TryMove("Filing", "Accept", filing), absl::OkStatus());
    EXPECT_TRUE(absl::IsFailedPrecondition(TryMove(paper.noun, "Reopen", paper.plan)));
    type::v1::DeleteRequest remove;
    remove.set_id(filing);
    EXPECT_TRUE(absl::IsFailedPrecondition(Try<v1::Filing>("FilingService/DeleteFiling", remove)));
    EXPECT_EQ(TryMove(paper.noun, "File", paper.plan), absl::OkStatus());
  }
}

// One is handed in while the other hand takes it back: one of the two has to give way.
TEST_F(AlliancePapersPgTest, APlanIsNotReopenedWhileItIsHandedIn) {
  const auto alliance = CountyAlliance();
  for (int round = 0; round < 10; ++round) {
    const auto plan = Plan(alliance.id());
    const std::string filing = Must<v1::Filing>("FilingService/CreateFiling", Filing(plan, city_.id())).id();
    Move<v1::ImplementationPlan>("ImplementationPlan", "Agree", plan.id());
    absl::Status submitted;
    std::thread submit([&] { submitted = TryMove("Filing", "Submit", filing); });
    const absl::Status reopened = TryMove("ImplementationPlan", "Reopen", plan.id());
    submit.join();
    EXPECT_NE(submitted.ok(), reopened.ok()) << submitted << " " << reopened;
  }
}

TEST_F(AlliancePapersPgTest, MoneyIsPaidAtThePayersLevel) {
  v1::CreateFundingRequest request;
  v1::Funding& funding = *request.mutable_funding();
  funding.set_jurisdiction_id(weibin_.id());
  funding.set_year(2024);
  funding.set_source(v1::FUNDING_SOURCE_FISCAL);
  funding.set_amount_fen(4000000);
  funding.set_payer_level(v1::PAYER_LEVEL_COUNTY);
  funding.set_payer_jurisdiction_id(city_.id());
  EXPECT_THAT(ViolatedFields(Try<v1::Funding>("FundingService/CreateFunding", request)),
              ElementsAre("funding.payerLevel"));
  funding.clear_payer_jurisdiction_id();
  funding.set_payer_organisation_id(School("甲小学", weibin_.id()).id());
  EXPECT_THAT(ViolatedFields(Try<v1::Funding>("FundingService/CreateFunding", request)),
              ElementsAre("funding.payerLevel"));
  funding.set_payer_level(v1::PAYER_LEVEL_SCHOOL);
  const auto kept = Must<v1::Funding>("FundingService/CreateFunding", request);
  v1::UpdateFundingRequest update;
  update.mutable_funding()->set_id(kept.id());
  update.mutable_funding()->set_payer_level(v1::PAYER_LEVEL_COUNTY);
  EXPECT_THAT(ViolatedFields(Try<v1::Funding>("FundingService/UpdateFunding", update)),
              ElementsAre("funding.payerLevel"));
}

TEST_F(AlliancePapersPgTest, ProjectsMoneyAndBodiesAreKept) {
  const auto alliance = CountyAlliance();
  v1::CreateCooperationProjectRequest project;
  project.mutable_cooperation_project()->set_alliance_id(alliance.id());
  project.mutable_cooperation_project()->set_title("课程共建");
  project.mutable_cooperation_project()->set_year(2024);
  const auto planned =
      Must<v1::CooperationProject>("CooperationProjectService/CreateCooperationProject", project);
  EXPECT_EQ(TryMove("CooperationProject", "Start", planned.id()), absl::OkStatus());
  EXPECT_FALSE(TryMove("CooperationProject", "Complete", planned.id()).ok()) << "its outcome is due";
  EXPECT_EQ(Move<v1::CooperationProject>("CooperationProject", "Cancel", planned.id(), "经费未到").state(),
            v1::PROJECT_STATE_CANCELLED);
  v1::CreateFundingRequest funding;
  funding.mutable_funding()->set_jurisdiction_id(weibin_.id());
  funding.mutable_funding()->set_alliance_id(alliance.id());
  funding.mutable_funding()->set_year(2024);
  funding.mutable_funding()->set_source(v1::FUNDING_SOURCE_SPECIAL_FUND);
  funding.mutable_funding()->set_payer_level(v1::PAYER_LEVEL_COUNTY);
  funding.mutable_funding()->set_amount_fen(5000000);
  EXPECT_EQ(Must<v1::Funding>("FundingService/CreateFunding", funding).amount_fen(), 5000000);
  v1::CreateGoverningBodyRequest body;
  body.mutable_governing_body()->set_kind(v1::GOVERNING_BODY_KIND_LEADING_GROUP);
  body.mutable_governing_body()->set_name("领导小组");
  body.mutable_governing_body()->set_level(v1::GOVERNANCE_LEVEL_CITY);
  body.mutable_governing_body()->set_jurisdiction_id(city_.id());
  const auto group = Must<v1::GoverningBody>("GoverningBodyService/CreateGoverningBody", body);
  v1::CreateRoleHolderRequest holder;
  holder.mutable_role_holder()->set_person_ref("p-7f3a");
  holder.mutable_role_holder()->set_role(v1::HOLDER_ROLE_BODY_HEAD);
  holder.mutable_role_holder()->set_organisation_id(School("甲小学", weibin_.id()).id());
  holder.mutable_role_holder()->set_governing_body_id(group.id());
  holder.mutable_role_holder()->set_from_on("2024-01-01");
  Must<v1::RoleHolder>("RoleHolderService/CreateRoleHolder", holder);
  EXPECT_THAT(ViolatedFields(Try<v1::RoleHolder>("RoleHolderService/CreateRoleHolder", holder)),
              ElementsAre("roleHolder.fromOn"))
      << "the same person in the same role at the same time";
}

TEST_F(AlliancePapersPgTest, APersonThatLooksLikeAnIdCardIsRefused) {
  v1::CreateRoleHolderRequest holder;
  holder.mutable_role_holder()->set_person_ref("110101199003077758");
  holder.mutable_role_holder()->set_role(v1::HOLDER_ROLE_PRINCIPAL);
  holder.mutable_role_holder()->set_organisation_id(School("甲小学", weibin_.id()).id());
  holder.mutable_role_holder()->set_from_on("2024-01-01");
  EXPECT_THAT(ViolatedFields(Try<v1::RoleHolder>("RoleHolderService/CreateRoleHolder", holder)),
              ElementsAre("roleHolder.personRef"));
}

}  // namespace
}  // namespace lianqiao::registry
