// SPDX-License-Identifier: Apache-2.0
// The figures of the exchange over both counties: what counts, where, when, and against which denominators.
#include "absl/strings/str_cat.h"
#include "lianqiao/exchange/v1/rotation_eligibility.pb.h"
#include "lianqiao/exchange/v1/statistics.pb.h"
#include "lianqiao/registry/v1/calendar.pb.h"
#include "lianqiao/registry/v1/fact_submission.pb.h"
#include "lianqiao/registry/v1/jurisdiction_year_facts.pb.h"
#include "lianqiao/registry/v1/school_year_facts.pb.h"
#include "tests/conformance/exchange_world.h"

namespace lianqiao::conformance {
namespace {

class ExchangeFigures : public ExchangeWorld {
 protected:
  exchange::GetExchangeStatisticsRequest OfYear(const std::string& place) {
    exchange::GetExchangeStatisticsRequest request;
    request.set_jurisdiction_id(place);
    request.set_school_year_id(school_year_id_);
    return request;
  }
  absl::StatusOr<exchange::ExchangeStatistics> Try(const exchange::GetExchangeStatisticsRequest& request,
                                                   const std::string& token = "operator") {
    return exchange_.Call<exchange::ExchangeStatistics>("ExchangeStatisticsService/GetExchangeStatistics",
                                                        request, token);
  }
  exchange::ExchangeStatistics Figures(const exchange::GetExchangeStatisticsRequest& request,
                                       const std::string& token = "operator") {
    const auto figures = Try(request, token);
    EXPECT_TRUE(figures.ok()) << figures.status();
    return figures.ok() ? *figures : exchange::ExchangeStatistics();
  }
  // The school led the alliance from 2024-09-01 to twenty days ago.
  void Led(const std::string& alliance, const std::string& school) {
    registry::CreateMembershipRequest past;
    registry::Membership& left = *past.mutable_membership();
    left.set_alliance_id(alliance);
    left.set_organisation_id(school);
    left.set_role(registry::MEMBERSHIP_ROLE_LEAD_SCHOOL);
    left.set_state(registry::MEMBERSHIP_STATE_ENDED);
    left.set_joined_on("2024-09-01");
    left.set_left_on(Day(-20));
    Registry<registry::Membership>("MembershipService/CreateMembership", past);
    exchange_.CatchUp();
  }
  exchange::Teacher Cadre(const std::string& school, exchange::CadreRank rank) {
    auto request = NewTeacher(school);
    request.mutable_teacher()->set_cadre_rank(rank);
    return Must<exchange::Teacher>("TeacherService/CreateTeacher", request);
  }
  exchange::Teacher Backbone(const std::string& school) {
    auto request = NewTeacher(school);
    request.mutable_teacher()->set_backbone_level(exchange::RECOGNITION_LEVEL_COUNTY);
    return Must<exchange::Teacher>("TeacherService/CreateTeacher", request);
  }
  exchange::CreateAssignmentRequest Typed(const exchange::Teacher& teacher, const std::string& to_school,
                                          exchange::AssignmentType type, exchange::HostRole role,
                                          int share_percent = 100) {
    auto request = NewAssignment(teacher, to_school, share_percent);
    request.mutable_assignment()->set_type(type);
    request.mutable_assignment()->set_host_role(role);
    return request;
  }
  static void ExpectCount(const exchange::ExchangeCount& count, int assignments, int persons, int backbones) {
    EXPECT_EQ(count.assignment_count(), assignments);
    EXPECT_EQ(count.distinct_person_count(), persons);
    EXPECT_EQ(count.distinct_backbone_person_count(), backbones);
  }
  void Eligible(const std::string& school, int count) {
    exchange::CreateRotationEligibilityRequest request;
    auto& eligibility = *request.mutable_rotation_eligibility();
    eligibility.set_school_id(school);
    eligibility.set_school_year_id(school_year_id_);
    eligibility.set_stage(type::v1::STAGE_PRIMARY);
    eligibility.set_eligible_count(count);
    Must<exchange::RotationEligibility>("RotationEligibilityService/CreateRotationEligibility", request);
  }
  template <typename T>
  T Registry(const std::string& method, const google::protobuf::Message& request) {
    const auto answer = service_.Call<T>(method, request);
    EXPECT_TRUE(answer.ok()) << method << ": " << answer.status();
    return answer.ok() ? *answer : T();
  }
  // School pairs belong to a regional alliance.
  std::string PairOf(const std::string& regional) {
    registry::CreateAllianceRequest request;
    registry::Alliance& pair = *request.mutable_alliance();
    pair.set_name("渭滨区第一小学与红花铺小学");
    pair.set_type(registry::ALLIANCE_TYPE_SCHOOL_PAIR);
    pair.set_jurisdiction_id(city_id_);
    pair.set_parent_alliance_id(regional);
    pair.set_state(registry::ALLIANCE_STATE_ACTIVE);
    return Registry<registry::Alliance>("AllianceService/CreateAlliance", request).id();
  }
  void Advance(const std::string& submission, const std::vector<std::string>& verbs) {
    for (const std::string& verb : verbs) {
      type::v1::TransitionRequest step;
      step.set_id(submission);
      Registry<registry::FactSubmission>("FactSubmissionService/" + verb + "FactSubmission", step);
    }
    exchange_.CatchUp();
  }
  // A pair of a near and a far school, within an alliance of both counties; of near a central urban one.
  void PairBoth() {
    const auto regional = Alliance(registry::ALLIANCE_TYPE_REGIONAL, city_id_);
    Join(regional, near_id_, registry::MEMBERSHIP_ROLE_HELPER, registry::MEMBERSHIP_SIDE_FIRST, true);
    Join(regional, far_id_, registry::MEMBERSHIP_ROLE_HELPED, registry::MEMBERSHIP_SIDE_SECOND, true);
    const auto pair = PairOf(regional);
    Join(pair, near_school_, registry::MEMBERSHIP_ROLE_HELPER, registry::MEMBERSHIP_SIDE_FIRST);
    Join(pair, far_rural_, registry::MEMBERSHIP_ROLE_HELPED, registry::MEMBERSHIP_SIDE_SECOND);
    registry::UpdateJurisdictionRequest central;
    central.mutable_jurisdiction()->set_id(near_id_);
    central.mutable_jurisdiction()->add_central_urban()->set_valid_from("2015-01-01");
    Registry<registry::Jurisdiction>("JurisdictionService/UpdateJurisdiction", central);
    exchange_.CatchUp();
  }
  // Yearly facts of one school of a county, as far as `verbs`; 0 teachers: it does not say. The submission.
  std::string Facts(const std::string& county, const std::string& school, int teachers,
                    const std::vector<std::string>& verbs) {
    registry::CreateFactSubmissionRequest submit;
    submit.mutable_fact_submission()->set_jurisdiction_id(county);
    submit.mutable_fact_submission()->set_school_year_id(school_year_id_);
    const auto submission =
        Registry<registry::FactSubmission>("FactSubmissionService/CreateFactSubmission", submit);
    registry::CreateSchoolYearFactsRequest create;
    auto& facts = *create.mutable_school_year_facts();
    facts.set_submission_id(submission.id());
    facts.set_organisation_id(school);
    facts.set_school_year_id(school_year_id_);
    facts.set_stage(type::v1::STAGE_PRIMARY);
    if (teachers > 0) facts.set_full_time_teachers(teachers);
    Registry<registry::SchoolYearFacts>("SchoolYearFactsService/CreateSchoolYearFacts", create);
    registry::CreateJurisdictionYearFactsRequest own;
    own.mutable_jurisdiction_year_facts()->set_submission_id(submission.id());
    own.mutable_jurisdiction_year_facts()->set_school_year_id(school_year_id_);
    own.mutable_jurisdiction_year_facts()->set_jurisdiction_id(county);
    Registry<registry::JurisdictionYearFacts>("JurisdictionYearFactsService/CreateJurisdictionYearFacts",
                                              own);
    Advance(submission.id(), verbs);
    return submission.id();
  }
};

TEST_F(ExchangeFigures, OnlyWhoWasOnPostCountsAndTheOthersStandBeside) {
  OnPost(NewAssignment(Teacher(near_school_), far_rural_));
  const auto twice = Backbone(near_school_);
  OnPost(NewAssignment(twice, far_rural_, 40));
  OnPost(NewAssignment(twice, near_rural_, 40));
  OnPost(NewAssignment(Teacher(unclassed_), far_rural_));
  Nominate(NewAssignment(Teacher(near_school_), far_rural_));
  Approved(NewAssignment(Teacher(near_school_), far_rural_));
  const auto withdrawn = Nominate(NewAssignment(Teacher(near_school_), far_rural_));
  ASSERT_TRUE(Step<exchange::Assignment>("Assignment", "Withdraw", withdrawn.id()).ok());
  const auto recalled = OnPost(NewAssignment(Backbone(near_school_), far_rural_));
  ASSERT_TRUE(Step<exchange::Assignment>("Assignment", "Recall", recalled.id()).ok());
  const auto completed = OnPost(NewAssignment(Teacher(near_school_), far_rural_));
  ASSERT_TRUE(Step<exchange::Assignment>("Assignment", "Complete", completed.id()).ok());
  const auto figures = Figures(OfYear(near_id_));
  EXPECT_EQ(figures.starts_on(), "2026-09-01");
  EXPECT_EQ(figures.ends_on(), "2027-08-31");
  EXPECT_EQ(figures.school_year_id(), school_year_id_);
  ExpectCount(figures.sent(), 6, 5, 2);
  ExpectCount(figures.received(), 1, 1, 1);
  ASSERT_EQ(figures.by_type_size(), 1);
  ExpectCount(figures.by_type(0).count(), 6, 5, 2);
  ASSERT_EQ(figures.by_direction_size(), 2);
  EXPECT_EQ(figures.by_direction(0).direction(), exchange::DIRECTION_UNKNOWN);
  ExpectCount(figures.by_direction(0).count(), 1, 1, 0);
  EXPECT_EQ(figures.by_direction(1).direction(), exchange::DIRECTION_URBAN_TO_RURAL);
  ExpectCount(figures.by_direction(1).count(), 5, 4, 2);
  ASSERT_EQ(figures.by_host_role_size(), 1);
  ExpectCount(figures.by_host_role(0).count(), 6, 5, 2);
  ASSERT_EQ(figures.not_counted_size(), 3);
  EXPECT_EQ(figures.not_counted(0).state(), exchange::ASSIGNMENT_STATE_NOMINATED);
  EXPECT_EQ(figures.not_counted(1).state(), exchange::ASSIGNMENT_STATE_APPROVED);
  EXPECT_EQ(figures.not_counted(2).state(), exchange::ASSIGNMENT_STATE_WITHDRAWN);
  for (const auto& state : figures.not_counted()) EXPECT_EQ(state.count().assignment_count(), 1);
  const auto far = Figures(OfYear(far_id_));
  ExpectCount(far.sent(), 0, 0, 0);
  ExpectCount(far.received(), 5, 5, 2);
  const auto city = Figures(OfYear(city_id_));
  ExpectCount(city.sent(), 6, 5, 2);
  ExpectCount(city.received(), 6, 5, 2);
}

TEST_F(ExchangeFigures, APeriodHoldsWhoWasOnPostInItOrBeganInIt) {
  auto request = NewAssignment(Teacher(near_school_), far_rural_);
  request.mutable_assignment()->set_planned_from(Day(-40));
  OnPost(request, Day(-30));
  auto over = NewAssignment(Teacher(near_school_), far_rural_);
  over.mutable_assignment()->set_planned_from(Day(-40));
  const auto ended = OnPost(over, Day(-30));
  ASSERT_TRUE(Step<exchange::Assignment>("Assignment", "Complete", ended.id(), "operator", Day(-20)).ok());
  exchange::GetExchangeStatisticsRequest days;
  days.set_jurisdiction_id(near_id_);
  const auto sent = [&](int from, int to, exchange::StatisticsBasis basis) {
    days.set_starts_on(Day(from));
    days.set_ends_on(Day(to));
    days.set_basis(basis);
    return Figures(days).sent().assignment_count();
  };
  EXPECT_EQ(sent(-25, -22, exchange::STATISTICS_BASIS_ON_POST), 2);
  EXPECT_EQ(sent(-20, -20, exchange::STATISTICS_BASIS_ON_POST), 2) << "the last day";
  EXPECT_EQ(sent(-19, 0, exchange::STATISTICS_BASIS_ON_POST), 1);
  EXPECT_EQ(sent(-60, -31, exchange::STATISTICS_BASIS_ON_POST), 0);
  EXPECT_EQ(sent(-25, 0, exchange::STATISTICS_BASIS_BEGAN), 0);
  EXPECT_EQ(sent(-30, 0, exchange::STATISTICS_BASIS_BEGAN), 2);
  registry::CreateTermRequest create;
  create.mutable_term()->set_key("2026-2027-1");
  create.mutable_term()->set_number(1);
  create.mutable_term()->set_school_year_id(school_year_id_);
  create.mutable_term()->set_starts_on("2026-09-01");
  create.mutable_term()->set_ends_on("2027-01-20");
  const auto term = Registry<registry::Term>("TermService/CreateTerm", create);
  exchange_.CatchUp();
  exchange::GetExchangeStatisticsRequest of_term;
  of_term.set_jurisdiction_id(near_id_);
  of_term.set_term_id(term.id());
  const auto figures = Figures(of_term);
  EXPECT_EQ(figures.sent().assignment_count(), 2);
  EXPECT_EQ(figures.school_year_id(), school_year_id_) << "the year that holds the term";
}

// A bureau that calls people back does not change what it has reported before.
TEST_F(ExchangeFigures, ARecallChangesNothingOfThePast) {
  auto request = NewAssignment(Teacher(near_school_), far_rural_);
  request.mutable_assignment()->set_planned_from(Day(-40));
  const auto post = OnPost(request, Day(-30));
  exchange::GetExchangeStatisticsRequest days;
  days.set_jurisdiction_id(near_id_);
  const auto sent = [&](int from, int to) {
    days.set_starts_on(Day(from));
    days.set_ends_on(Day(to));
    return Figures(days).sent().assignment_count();
  };
  EXPECT_EQ(sent(-30, -20), 1);
  ASSERT_TRUE(Step<exchange::Assignment>("Assignment", "Recall", post.id(), "operator", Day(-10)).ok());
  EXPECT_EQ(sent(-30, -20), 1);
  EXPECT_EQ(sent(-10, 0), 1) << "the last day";
  EXPECT_EQ(sent(-9, 0), 0);
  EXPECT_EQ(sent(-60, -31), 0);
}

TEST_F(ExchangeFigures, APeriodIsAskedForInOneWay) {
  exchange::GetExchangeStatisticsRequest request;
  request.set_jurisdiction_id(near_id_);
  EXPECT_TRUE(absl::IsInvalidArgument(Try(request).status()));
  request.set_school_year_id(school_year_id_);
  EXPECT_TRUE(Try(request).ok());
  request.set_starts_on(Day(-1));
  request.set_ends_on(Day(0));
  EXPECT_TRUE(absl::IsInvalidArgument(Try(request).status()));
  request.clear_school_year_id();
  EXPECT_TRUE(Try(request).ok());
  request.set_ends_on(Day(-2));
  EXPECT_TRUE(absl::IsInvalidArgument(Try(request).status()));
  request = OfYear(near_id_);
  request.set_school_year_id(base::RandomId());
  EXPECT_TRUE(absl::IsInvalidArgument(Try(request).status()));
}

TEST_F(ExchangeFigures, EachCountsWhatItMayRead) {
  OnPost(NewAssignment(Teacher(near_school_), far_rural_));
  EXPECT_EQ(Figures(OfYear(near_id_), "near").sent().assignment_count(), 1);
  EXPECT_EQ(Figures(OfYear(far_id_), "far").received().assignment_count(), 1) << "the host school reads it";
  EXPECT_TRUE(absl::IsNotFound(Try(OfYear(near_id_), "far").status()));
  EXPECT_TRUE(absl::IsNotFound(Try(OfYear(city_id_), "near").status()));
}

TEST_F(ExchangeFigures, CadresAreCountedByRankRoleAndPlace) {
  const auto dispatch = exchange::ASSIGNMENT_TYPE_CADRE_DISPATCH;
  OnPost(Typed(Cadre(near_school_, exchange::CADRE_RANK_MID_LEVEL), far_rural_, dispatch,
               exchange::HOST_ROLE_VICE_PRINCIPAL));
  OnPost(Typed(Cadre(near_school_, exchange::CADRE_RANK_PRINCIPAL), near_rural_, dispatch,
               exchange::HOST_ROLE_PRINCIPAL));
  OnPost(Typed(Cadre(near_school_, exchange::CADRE_RANK_VICE_PRINCIPAL), far_school_, dispatch,
               exchange::HOST_ROLE_PRINCIPAL));  // Of a town, ordinary: neither rural nor weak.
  OnPost(Typed(Cadre(near_school_, exchange::CADRE_RANK_VICE_PRINCIPAL), unclassed_, dispatch,
               exchange::HOST_ROLE_PRINCIPAL));
  auto reserve = NewTeacher(far_rural_);
  reserve.mutable_teacher()->set_reserve_cadre(true);
  OnPost(Typed(Must<exchange::Teacher>("TeacherService/CreateTeacher", reserve), near_school_,
               exchange::ASSIGNMENT_TYPE_RESERVE_CADRE_TRAINING, exchange::HOST_ROLE_TRAINEE));
  const auto cadres = Figures(OfYear(city_id_)).cadres();
  EXPECT_EQ(cadres.distinct_dispatched_person_count(), 2);
  EXPECT_EQ(cadres.distinct_principal_person_count(), 1);
  EXPECT_DOUBLE_EQ(cadres.principal_ratio(), 0.5);
  EXPECT_EQ(cadres.distinct_dispatched_from_quality_person_count(), 2);
  EXPECT_EQ(cadres.distinct_undetermined_person_count(), 1) << "nobody knows the class of that school";
  EXPECT_EQ(cadres.distinct_reserve_cadre_person_count(), 1);
  const auto far = Figures(OfYear(far_id_)).cadres();
  EXPECT_EQ(far.distinct_dispatched_person_count(), 0);
  EXPECT_FALSE(far.has_principal_ratio());
  EXPECT_EQ(far.distinct_reserve_cadre_person_count(), 1) << "sent by the far county";
}

TEST_F(ExchangeFigures, RotationIsMeasuredAgainstTheEligible) {
  OnPost(NewAssignment(Backbone(near_school_), far_rural_));
  OnPost(NewAssignment(Teacher(near_school_), far_school_));
  OnPost(Typed(Teacher(near_school_), far_rural_, exchange::ASSIGNMENT_TYPE_CROSS_SCHOOL_TEACHING,
               exchange::HOST_ROLE_TEACHER));
  auto request = OfYear(near_id_);
  EXPECT_FALSE(Figures(request).rotation().has_eligible_person_count()) << "nobody has told";
  Eligible(near_school_, 16);
  Eligible(near_rural_, 4);
  Eligible(far_rural_, 100);
  const auto partly = Figures(request);
  EXPECT_EQ(partly.rotation().eligible_person_count(), 20);
  EXPECT_EQ(partly.rotation().distinct_missing_school_count(), 1);
  EXPECT_FALSE(partly.rotation().has_ratio()) << "one school has not told";
  EXPECT_FALSE(partly.outflow().has_ratio());
  Eligible(unclassed_, 0);
  const auto figures = Figures(request);
  EXPECT_EQ(figures.rotation().distinct_missing_school_count(), 0);
  EXPECT_EQ(figures.rotation().types_size(), 6);
  EXPECT_EQ(figures.rotation().distinct_rotated_person_count(), 2);
  EXPECT_EQ(figures.rotation().distinct_rotated_backbone_person_count(), 1);
  EXPECT_EQ(figures.rotation().eligible_person_count(), 20);
  EXPECT_EQ(figures.rotation().distinct_eligible_school_count(), 3);
  EXPECT_DOUBLE_EQ(figures.rotation().ratio(), 0.1);
  EXPECT_DOUBLE_EQ(figures.rotation().backbone_ratio(), 0.5);
  // From a quality school to a weak and to an ordinary one.
  EXPECT_EQ(figures.outflow().distinct_person_count(), 3);
  EXPECT_EQ(figures.outflow().distinct_backbone_person_count(), 1);
  EXPECT_EQ(figures.outflow().distinct_three_year_person_count(), 0);
  EXPECT_DOUBLE_EQ(figures.outflow().ratio(), 0.15);
  request.add_rotation_types(exchange::ASSIGNMENT_TYPE_CROSS_SCHOOL_TEACHING);
  EXPECT_EQ(Figures(request).rotation().distinct_rotated_person_count(), 1);
  auto long_stay = NewAssignment(Teacher(near_school_), far_rural_);
  long_stay.mutable_assignment()->set_planned_until(Day(3 * 366));
  OnPost(long_stay);
  EXPECT_EQ(Figures(OfYear(near_id_)).outflow().distinct_three_year_person_count(), 1);
}

// Its teachers are among no eligible ones: CN-06 is about compulsory education.
TEST_F(ExchangeFigures, ASeniorSchoolThatSendsLeavesTheRatioAlone) {
  for (const auto& [school, count] :
       {std::make_pair(near_school_, 16), std::make_pair(near_rural_, 4), std::make_pair(unclassed_, 0)})
    Eligible(school, count);
  registry::CreateOrganisationRequest request = NewSchool("渭滨区高级中学", near_id_);
  registry::Organisation& school = *request.mutable_organisation();
  school.set_status(registry::ORGANISATION_STATUS_ACTIVE);
  school.clear_stages();
  school.add_stages(type::v1::STAGE_SENIOR);
  school.add_quality_tier()->set_tier(registry::QUALITY_TIER_QUALITY);
  school.mutable_quality_tier(0)->set_valid_from("2015-01-01");
  const auto senior = Registry<registry::Organisation>("OrganisationService/CreateOrganisation", request);
  exchange_.CatchUp();
  OnPost(NewAssignment(Teacher(near_school_), far_rural_));
  EXPECT_DOUBLE_EQ(Figures(OfYear(near_id_)).rotation().ratio(), 0.05);
  OnPost(NewAssignment(Teacher(senior.id()), far_rural_));
  const auto figures = Figures(OfYear(near_id_));
  EXPECT_EQ(figures.rotation().distinct_rotated_person_count(), 2);
  EXPECT_DOUBLE_EQ(figures.rotation().ratio(), 0.05);
  EXPECT_EQ(figures.outflow().distinct_person_count(), 2);
  EXPECT_DOUBLE_EQ(figures.outflow().ratio(), 0.05);
}

TEST_F(ExchangeFigures, AYearIsCountedByWhoTookPartThenThoughNoMoreToday) {
  const auto alliance = Alliance(registry::ALLIANCE_TYPE_CHARACTERISTIC, city_id_);
  Led(alliance, near_school_);
  exchange::CreateQuotaRequest request;
  exchange::Quota& quota = *request.mutable_quota();
  quota.set_issuer_jurisdiction_id(far_id_);
  quota.set_alliance_id(alliance);
  quota.set_school_year_id(school_year_id_);
  quota.set_type(exchange::ASSIGNMENT_TYPE_SUPPORT_TEACHING);
  quota.set_planned_count(1);
  quota.set_due_on(Day(30));
  Must<exchange::Quota>("QuotaService/CreateQuota", request);
  Eligible(near_school_, 16);
  auto of_alliance = OfYear(near_id_);
  of_alliance.set_alliance_id(alliance);
  const auto figures = Figures(of_alliance);
  EXPECT_EQ(figures.rotation().eligible_person_count(), 16);
  EXPECT_EQ(figures.rotation().distinct_missing_school_count(), 0);
  EXPECT_EQ(figures.quotas_size(), 1);
}

TEST_F(ExchangeFigures, ASchoolThatHasClosedSinceOwesItsNumber) {
  Facts(near_id_, unclassed_, 10, {"Submit", "Check", "Accept"});
  type::v1::TransitionRequest close;
  close.set_id(unclassed_);
  close.set_reason("并入渭滨区第一小学");
  Registry<registry::Organisation>("OrganisationService/CloseOrganisation", close);
  exchange_.CatchUp();
  OnPost(NewAssignment(Teacher(near_school_), far_rural_));
  Eligible(near_school_, 16);
  Eligible(near_rural_, 4);
  const auto rotation = Figures(OfYear(near_id_)).rotation();
  EXPECT_EQ(rotation.distinct_missing_school_count(), 1);
  EXPECT_FALSE(rotation.has_ratio());
}

TEST_F(ExchangeFigures, QuotasAreMetByWhoCameInTime) {
  exchange::CreateQuotaRequest request;
  exchange::Quota& quota = *request.mutable_quota();
  quota.set_issuer_jurisdiction_id(city_id_);
  quota.set_alliance_id(alliance_id_);
  quota.set_school_year_id(school_year_id_);
  quota.set_type(exchange::ASSIGNMENT_TYPE_SUPPORT_TEACHING);
  quota.set_planned_count(1);
  quota.set_due_on(Day(30));
  const auto met = Must<exchange::Quota>("QuotaService/CreateQuota", request);
  quota.set_planned_count(3);
  const auto open = Must<exchange::Quota>("QuotaService/CreateQuota", request);
  for (const auto& id : {met.id(), open.id()}) {
    auto assignment = NewAssignment(Teacher(near_school_), far_rural_);
    assignment.mutable_assignment()->set_quota_id(id);
    assignment.mutable_assignment()->set_alliance_id(alliance_id_);
    OnPost(assignment);
  }
  const auto figures = Figures(OfYear(near_id_));
  ASSERT_EQ(figures.quotas_size(), 1) << "one row for the alliance";
  EXPECT_EQ(figures.quotas(0).alliance_id(), alliance_id_);
  EXPECT_EQ(figures.quotas(0).quota_count(), 2);
  EXPECT_EQ(figures.quotas(0).met_quota_count(), 1);
  EXPECT_EQ(figures.quotas(0).planned_person_count(), 4);
  EXPECT_EQ(figures.quotas(0).filled_person_count(), 2);
  EXPECT_DOUBLE_EQ(figures.quotas(0).ratio(), 0.5);
  auto other = OfYear(near_id_);
  other.set_alliance_id(Alliance(registry::ALLIANCE_TYPE_CROSS_COUNTY, city_id_));
  exchange_.CatchUp();
  EXPECT_EQ(Figures(other).quotas_size(), 0);
  EXPECT_EQ(Figures(other).sent().assignment_count(), 0);
}

TEST_F(ExchangeFigures, SupportIsMeasuredAgainstTheTeachersOfPairedSchools) {
  PairBoth();
  OnPost(NewAssignment(Teacher(near_school_), far_rural_));
  OnPost(NewAssignment(Teacher(far_school_), near_rural_));  // Not from a central place.
  Facts(near_id_, near_school_, 60, {"Submit", "Check", "Accept", "Freeze"});
  const auto partly = Figures(OfYear(city_id_)).support();
  EXPECT_EQ(partly.distinct_person_count(), 1);
  EXPECT_EQ(partly.distinct_paired_school_count(), 2);
  EXPECT_EQ(partly.distinct_reported_school_count(), 1);
  EXPECT_EQ(partly.full_time_teacher_count(), 60);
  EXPECT_FALSE(partly.has_ratio()) << "one school has not reported";
  Facts(far_id_, far_rural_, 20, {"Submit", "Check", "Accept"});
  const auto whole = Figures(OfYear(city_id_)).support();
  EXPECT_EQ(whole.full_time_teacher_count(), 80);
  EXPECT_DOUBLE_EQ(whole.ratio(), 0.0125);
  ASSERT_EQ(whole.basis_size(), 2);
  for (const auto& basis : whole.basis()) {
    EXPECT_EQ(basis.frozen(), basis.jurisdiction_id() == near_id_);
    EXPECT_EQ(basis.full_time_teacher_count(), basis.frozen() ? 60 : 20);
  }
  const auto urban_half = Figures(OfYear(near_id_)).support();
  EXPECT_EQ(urban_half.distinct_paired_school_count(), 2) << "a pair is both its schools";
  EXPECT_DOUBLE_EQ(urban_half.ratio(), 0.0125);
}

// Who reads the figures of a county, but the assignments of one school of it.
TEST_F(ExchangeFigures, WhoDoesNotReadEveryAssignmentGetsNoRatio) {
  PairBoth();
  OnPost(NewAssignment(Teacher(near_school_), far_rural_));
  Facts(near_id_, near_school_, 60, {"Submit", "Check", "Accept"});
  Facts(far_id_, far_rural_, 20, {"Submit", "Check", "Accept"});
  for (const auto& [school, count] :
       {std::make_pair(near_school_, 16), std::make_pair(near_rural_, 4), std::make_pair(unclassed_, 0)})
    Eligible(school, count);
  using access::ScopeKind;
  using access::testing::MakeGrant;
  const auto told = MakeGrant("exchange.rotation_eligibility.read", ScopeKind::kJurisdiction, near_id_);
  const auto figures = MakeGrant("exchange.statistics.read", ScopeKind::kJurisdiction, near_id_);
  const auto registry = MakeGrant("registry.*", ScopeKind::kJurisdiction, city_id_);
  exchange_.AddCaller("whole", access::testing::MakeCaller({told, figures, registry,
                                                            MakeGrant("exchange.assignment.read",
                                                                      ScopeKind::kJurisdiction, near_id_)}));
  exchange_.AddCaller("mixed",
                      access::testing::MakeCaller(
                          {told, figures, registry,
                           MakeGrant("exchange.assignment.read", ScopeKind::kOrganisation, near_rural_)}));
  const auto whole = Figures(OfYear(near_id_), "whole");
  EXPECT_DOUBLE_EQ(whole.support().ratio(), 0.0125);
  EXPECT_DOUBLE_EQ(whole.rotation().ratio(), 0.05);
  const auto mixed = Figures(OfYear(near_id_), "mixed");
  EXPECT_EQ(mixed.support().full_time_teacher_count(), 80);
  EXPECT_EQ(mixed.rotation().eligible_person_count(), 20);
  EXPECT_FALSE(mixed.support().has_ratio());
  EXPECT_FALSE(mixed.rotation().has_ratio());
  EXPECT_FALSE(mixed.outflow().has_ratio());
}

TEST_F(ExchangeFigures, ASchoolThatDoesNotSayHowManyHasNotReported) {
  PairBoth();
  OnPost(NewAssignment(Teacher(near_school_), far_rural_));
  Facts(near_id_, near_school_, 60, {"Submit", "Check", "Accept"});
  Facts(far_id_, far_rural_, 0, {"Submit", "Check", "Accept"});
  const auto support = Figures(OfYear(city_id_)).support();
  EXPECT_EQ(support.distinct_paired_school_count(), 2);
  EXPECT_EQ(support.distinct_reported_school_count(), 1);
  EXPECT_FALSE(support.has_ratio());
}

TEST_F(ExchangeFigures, WhatARestatementLeavesOutIsNoMore) {
  PairBoth();
  OnPost(NewAssignment(Teacher(near_school_), far_rural_));
  const std::string first = Facts(near_id_, near_school_, 60, {"Submit", "Check", "Accept", "Freeze"});
  Facts(far_id_, far_rural_, 20, {"Submit", "Check", "Accept"});
  registry::RestateFactSubmissionRequest restate;
  restate.set_id(first);
  restate.set_reason("该校数据有误");
  const auto next =
      Registry<registry::FactSubmission>("FactSubmissionService/RestateFactSubmission", restate);
  exchange_.CatchUp();
  EXPECT_TRUE(Figures(OfYear(city_id_)).support().has_ratio()) << "a draft says nothing yet";
  type::v1::ListRequest list;
  list.set_filter("submission_id = \"" + next.id() + "\"");
  const auto copies =
      Registry<registry::ListSchoolYearFactsResponse>("SchoolYearFactsService/ListSchoolYearFacts", list);
  ASSERT_EQ(copies.school_year_facts_size(), 1);
  type::v1::DeleteRequest remove;
  remove.set_id(copies.school_year_facts(0).id());
  Registry<registry::SchoolYearFacts>("SchoolYearFactsService/DeleteSchoolYearFacts", remove);
  Advance(next.id(), {"Submit", "Check", "Accept"});
  const auto support = Figures(OfYear(city_id_)).support();
  EXPECT_EQ(support.distinct_reported_school_count(), 1);
  EXPECT_FALSE(support.has_ratio());
}

TEST_F(ExchangeFigures, WhoTookPartThenIsNamedThoughNoMoreToday) {
  const auto alliance = Alliance(registry::ALLIANCE_TYPE_CHARACTERISTIC, city_id_);
  Join(alliance, near_school_, registry::MEMBERSHIP_ROLE_LEAD_SCHOOL);
  Led(alliance, near_rural_);
  EXPECT_EQ(Figures(OfYear(near_id_)).seconded_schools_size(), 2);
  exchange::GetExchangeStatisticsRequest days;
  days.set_jurisdiction_id(near_id_);
  days.set_starts_on(Day(-19));
  days.set_ends_on(Day(0));
  EXPECT_EQ(Figures(days).seconded_schools_size(), 1);
  days.set_starts_on("2023-09-01");
  days.set_ends_on("2024-08-31");
  EXPECT_EQ(Figures(days).seconded_schools_size(), 0) << "nobody had joined yet";
}

TEST_F(ExchangeFigures, EveryLeadSchoolOfACharacteristicAllianceIsNamed) {
  const auto alliance = Alliance(registry::ALLIANCE_TYPE_CHARACTERISTIC, city_id_);
  Join(alliance, near_school_, registry::MEMBERSHIP_ROLE_LEAD_SCHOOL);
  Join(alliance, far_school_, registry::MEMBERSHIP_ROLE_MEMBER);
  exchange_.CatchUp();
  const auto seconded = [&] { return Figures(OfYear(near_id_)).seconded_schools(); };
  ASSERT_EQ(seconded().size(), 1);
  EXPECT_EQ(seconded()[0].distinct_person_count(), 0);
  for (int i = 0; i < 2; ++i) {
    auto request = Typed(Teacher(near_school_), far_school_, exchange::ASSIGNMENT_TYPE_SECONDED_TEAM,
                         exchange::HOST_ROLE_TEACHER);
    request.mutable_assignment()->set_alliance_id(alliance);
    OnPost(request);
  }
  ASSERT_EQ(seconded().size(), 1);
  EXPECT_EQ(seconded()[0].school_id(), near_school_);
  EXPECT_EQ(seconded()[0].alliance_id(), alliance);
  EXPECT_EQ(seconded()[0].distinct_person_count(), 2);
}

}  // namespace
}  // namespace lianqiao::conformance
