// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "lianqiao/registry/v1/alliance.pb.h"
#include "lianqiao/registry/v1/membership.pb.h"
#include "lianqiao/registry/v1/statistics.pb.h"
#include "services/alliance-registry/places_fixture.h"

namespace lianqiao::registry {
namespace {

using ::testing::SizeIs;

class StatisticsPgTest : public PlacesFixture {
 protected:
  v1::Alliance Alliance(v1::AllianceType type, const std::string& jurisdiction_id,
                        const std::string& active_on, const std::string& ended_on = "") {
    v1::CreateAllianceRequest request;
    v1::Alliance& alliance = *request.mutable_alliance();
    alliance.set_name(v1::AllianceType_Name(type));
    alliance.set_type(type);
    alliance.set_jurisdiction_id(jurisdiction_id);
    alliance.set_active_on(active_on);
    alliance.set_ended_on(ended_on);
    alliance.set_state(ended_on.empty() ? v1::ALLIANCE_STATE_ACTIVE : v1::ALLIANCE_STATE_DISSOLVED);
    return Must<v1::Alliance>("AllianceService/CreateAlliance", request);
  }
  v1::Membership Join(const v1::Alliance& alliance, const std::string& organisation_id,
                      v1::MembershipRole role, const std::string& joined_on,
                      const std::string& left_on = "") {
    v1::CreateMembershipRequest request;
    v1::Membership& membership = *request.mutable_membership();
    membership.set_alliance_id(alliance.id());
    membership.set_organisation_id(organisation_id);
    membership.set_role(role);
    membership.set_joined_on(joined_on);
    membership.set_left_on(left_on);
    membership.set_state(left_on.empty() ? v1::MEMBERSHIP_STATE_ACTIVE : v1::MEMBERSHIP_STATE_ENDED);
    return Must<v1::Membership>("MembershipService/CreateMembership", request);
  }
  v1::RegistryStatistics Statistics(const std::string& jurisdiction_id, const std::string& date,
                                    const std::string& token = "operator") {
    v1::GetRegistryStatisticsRequest request;
    request.set_jurisdiction_id(jurisdiction_id);
    request.set_date(date);
    return Must<v1::RegistryStatistics>("RegistryStatisticsService/GetRegistryStatistics", request, token);
  }
  void AddCounty(const std::string& token, const std::string& id) {
    service_.AddCaller(token, access::testing::MakeCaller({access::testing::MakeGrant(
                                  "registry.*", access::ScopeKind::kJurisdiction, id)}));
  }
  static const v1::AllianceTypeStatistics& Type(const v1::RegistryStatistics& statistics,
                                                v1::AllianceType type) {
    for (const auto& entry : statistics.alliance_types()) {
      if (entry.type() == type) return entry;
    }
    return v1::AllianceTypeStatistics::default_instance();
  }
};

// 甲 leads 乙 (another county) and 丙 (its own); 乙 is in both kinds of alliance and in a group that 丁
// leads.
class BothKinds : public StatisticsPgTest {
 protected:
  BothKinds() {
    a_ = School("甲小学", weibin_.id()).id();
    b_ = School("乙小学", feng_.id()).id();
    c_ = School("丙小学", weibin_.id()).id();
    d_ = School("丁小学", feng_.id()).id();
    const auto cross = Alliance(v1::ALLIANCE_TYPE_CROSS_COUNTY, city_.id(), "2021-01-01");
    Join(cross, a_, v1::MEMBERSHIP_ROLE_LEAD_SCHOOL, "2021-01-01");
    Join(cross, b_, v1::MEMBERSHIP_ROLE_MEMBER, "2021-01-01");
    const auto inner = Alliance(v1::ALLIANCE_TYPE_IN_COUNTY, weibin_.id(), "2021-01-01");
    Join(inner, a_, v1::MEMBERSHIP_ROLE_LEAD_SCHOOL, "2021-01-01");
    Join(inner, c_, v1::MEMBERSHIP_ROLE_MEMBER, "2021-01-01");
    const auto group = Alliance(v1::ALLIANCE_TYPE_EDUCATION_GROUP, feng_.id(), "2022-01-01");
    Join(group, d_, v1::MEMBERSHIP_ROLE_LEAD_SCHOOL, "2022-01-01");
    Join(group, b_, v1::MEMBERSHIP_ROLE_MEMBER, "2022-01-01", "2023-06-30");
    Alliance(v1::ALLIANCE_TYPE_IN_COUNTY, feng_.id(), "2015-01-01", "2020-12-31");
  }
  std::string a_, b_, c_, d_;
};

TEST_F(BothKinds, CountsSayWhatTheyCount) {
  const auto statistics = Statistics(city_.id(), "2022-12-31");
  EXPECT_EQ(Type(statistics, v1::ALLIANCE_TYPE_CROSS_COUNTY).alliance_count(), 1);
  EXPECT_EQ(Type(statistics, v1::ALLIANCE_TYPE_CROSS_COUNTY).membership_count(), 2);
  EXPECT_EQ(Type(statistics, v1::ALLIANCE_TYPE_IN_COUNTY).alliance_count(), 1);
  EXPECT_EQ(statistics.school_alliances().alliance_count(), 2);
  EXPECT_EQ(statistics.school_alliances().membership_count(), 4);
  EXPECT_EQ(statistics.school_alliances().distinct_school_count(), 3);
  EXPECT_EQ(statistics.school_alliances().distinct_school_in_both_count(), 1);
  EXPECT_EQ(statistics.education_groups().group_count(), 1);
  EXPECT_EQ(statistics.education_groups().distinct_member_school_count(), 1);
  EXPECT_EQ(statistics.education_groups().distinct_lead_school_count(), 1);
  EXPECT_EQ(statistics.education_groups().distinct_school_count(), 2);
  EXPECT_EQ(statistics.coverage().distinct_school_count(), 3);
  EXPECT_EQ(statistics.coverage_of_all_types().distinct_school_count(), 4);
}

TEST_F(BothKinds, TheDayDecidesWhatIsInForce) {
  const auto before = Statistics(city_.id(), "2018-01-01");
  EXPECT_EQ(before.school_alliances().alliance_count(), 0);
  const auto later = Statistics(city_.id(), "2023-12-31");
  EXPECT_EQ(later.education_groups().distinct_member_school_count(), 0);
  EXPECT_EQ(later.education_groups().distinct_lead_school_count(), 1);
}

TEST_F(BothKinds, ACountyCountsItsOwnSchoolsInSharedAlliances) {
  const auto feng = Statistics(feng_.id(), "2022-12-31");
  EXPECT_EQ(Type(feng, v1::ALLIANCE_TYPE_CROSS_COUNTY).alliance_count(), 1);
  EXPECT_EQ(Type(feng, v1::ALLIANCE_TYPE_CROSS_COUNTY).membership_count(), 1);
  EXPECT_EQ(feng.school_alliances().distinct_school_count(), 1);
}

TEST_F(BothKinds, ACallerSeesTheFiguresOfItsOwnScopeOnly) {
  using access::testing::MakeCaller;
  using access::testing::MakeGrant;
  service_.AddCaller("feng",
                     MakeCaller({MakeGrant("registry.*", access::ScopeKind::kJurisdiction, feng_.id())}));
  EXPECT_EQ(Statistics(feng_.id(), "2022-12-31", "feng").school_alliances().distinct_school_count(), 1);
  v1::GetRegistryStatisticsRequest request;
  request.set_jurisdiction_id(city_.id());
  EXPECT_TRUE(absl::IsNotFound(
      Try<v1::RegistryStatistics>("RegistryStatisticsService/GetRegistryStatistics", request, "feng")));
}

TEST_F(BothKinds, ARatioNeedsACompleteRegistryInEveryCounty) {
  const auto year = Year("2022-2023");
  const auto report = [&](const std::string& jurisdiction_id, int64_t schools, bool complete) {
    const auto submission = Submission(jurisdiction_id, year);
    CountyFacts(submission, schools, complete);
    for (const char* verb : {"Submit", "Check", "Accept"})
      Move<v1::FactSubmission>("FactSubmission", verb, submission.id());
  };
  report(weibin_.id(), 4, true);
  auto statistics = Statistics(city_.id(), "2022-12-31");
  EXPECT_FALSE(statistics.coverage().registry_complete());
  EXPECT_FALSE(statistics.coverage().has_ratio());
  EXPECT_EQ(statistics.coverage().school_count(), 4);
  report(feng_.id(), 2, true);
  statistics = Statistics(city_.id(), "2022-12-31");
  EXPECT_TRUE(statistics.coverage().registry_complete());
  EXPECT_DOUBLE_EQ(statistics.coverage().ratio(), 0.5);
  EXPECT_THAT(statistics.coverage().basis(), SizeIs(2));
}

TEST_F(StatisticsPgTest, CountyAlliancesCountPlacesNotSchools) {
  const auto alliance = Alliance(v1::ALLIANCE_TYPE_COUNTY, city_.id(), "2021-01-01");
  for (const auto& [place, role] : {std::make_pair(weibin_.id(), v1::MEMBERSHIP_ROLE_LEAD_COUNTY),
                                    std::make_pair(feng_.id(), v1::MEMBERSHIP_ROLE_MEMBER)}) {
    v1::CreateMembershipRequest request;
    request.mutable_membership()->set_alliance_id(alliance.id());
    request.mutable_membership()->set_jurisdiction_id(place);
    request.mutable_membership()->set_role(role);
    request.mutable_membership()->set_position(role == v1::MEMBERSHIP_ROLE_LEAD_COUNTY ? 1 : 2);
    request.mutable_membership()->set_joined_on("2021-01-01");
    request.mutable_membership()->set_state(v1::MEMBERSHIP_STATE_ACTIVE);
    Must<v1::Membership>("MembershipService/CreateMembership", request);
  }
  const auto statistics = Statistics(city_.id(), "2022-12-31");
  const auto& county = Type(statistics, v1::ALLIANCE_TYPE_COUNTY);
  EXPECT_EQ(county.alliance_count(), 1);
  EXPECT_EQ(county.distinct_jurisdiction_count(), 2);
  EXPECT_EQ(county.distinct_school_count(), 0);
  EXPECT_FALSE(statistics.coverage().registry_complete());
}

TEST_F(BothKinds, AClosedSchoolCountsWhileItExisted) {
  type::v1::TransitionRequest close;
  close.set_id(c_);
  close.set_effective_on("2022-06-30");
  Must<v1::Organisation>("OrganisationService/CloseOrganisation", close);
  EXPECT_EQ(Statistics(city_.id(), "2022-06-30").school_alliances().distinct_school_count(), 3);
  EXPECT_EQ(Statistics(city_.id(), "2022-12-31").school_alliances().distinct_school_count(), 2);
  EXPECT_EQ(Statistics(city_.id(), "2022-12-31").coverage().distinct_school_count(), 2);
}

TEST_F(BothKinds, ACityThatRunsSchoolsMustReportThemToo) {
  const auto year = Year("2022-2023");
  for (const auto& place : {weibin_.id(), feng_.id()}) {
    const auto submission = Submission(place, year);
    CountyFacts(submission, 3, true);
    for (const char* verb : {"Submit", "Check", "Accept"})
      Move<v1::FactSubmission>("FactSubmission", verb, submission.id());
  }
  EXPECT_TRUE(Statistics(city_.id(), "2022-12-31").coverage().has_ratio());
  School("市直属小学", city_.id());
  const auto statistics = Statistics(city_.id(), "2022-12-31");
  EXPECT_FALSE(statistics.coverage().registry_complete());
  EXPECT_FALSE(statistics.coverage().has_ratio());
}

TEST_F(BothKinds, ASmallZoneBelowACountyReportsWithItsCounty) {
  const auto year = Year("2022-2023");
  Place(v1::JURISDICTION_KIND_FUNCTIONAL_ZONE, v1::JURISDICTION_LEVEL_TOWNSHIP, "园区", "", weibin_.id());
  for (const auto& place : {weibin_.id(), feng_.id()}) {
    const auto submission = Submission(place, year);
    CountyFacts(submission, 3, true);
    for (const char* verb : {"Submit", "Check", "Accept"})
      Move<v1::FactSubmission>("FactSubmission", verb, submission.id());
  }
  EXPECT_TRUE(Statistics(city_.id(), "2022-12-31").coverage().registry_complete());
}

TEST_F(BothKinds, CompulsorySchoolsAreCountedByThemselves) {
  v1::CreateOrganisationRequest create;
  create.mutable_organisation()->set_kind(v1::ORGANISATION_KIND_KINDERGARTEN);
  create.mutable_organisation()->set_name("甲幼儿园");
  create.mutable_organisation()->set_jurisdiction_id(weibin_.id());
  create.mutable_organisation()->set_school_type(v1::SCHOOL_TYPE_KINDERGARTEN);
  create.mutable_organisation()->add_stages(type::v1::STAGE_KINDERGARTEN);
  create.mutable_organisation()->set_status(v1::ORGANISATION_STATUS_ACTIVE);
  const auto kindergarten = Must<v1::Organisation>("OrganisationService/CreateOrganisation", create);
  Join(Alliance(v1::ALLIANCE_TYPE_IN_COUNTY, weibin_.id(), "2021-01-01"), kindergarten.id(),
       v1::MEMBERSHIP_ROLE_LEAD_SCHOOL, "2021-01-01");
  const auto submission = Submission(weibin_.id(), Year("2022-2023"));
  const auto facts = CountyFacts(submission, 3, false);
  v1::UpdateJurisdictionYearFactsRequest update;
  update.mutable_jurisdiction_year_facts()->set_id(facts.id());
  update.mutable_jurisdiction_year_facts()->set_compulsory_schools(2);
  update.mutable_update_mask()->add_paths("compulsory_schools");
  Must<v1::JurisdictionYearFacts>("JurisdictionYearFactsService/UpdateJurisdictionYearFacts", update);
  auto statistics = Statistics(city_.id(), "2022-12-31");
  EXPECT_EQ(Type(statistics, v1::ALLIANCE_TYPE_IN_COUNTY).distinct_school_count(), 3);
  EXPECT_EQ(Type(statistics, v1::ALLIANCE_TYPE_IN_COUNTY).distinct_compulsory_school_count(), 2);
  EXPECT_FALSE(statistics.has_compulsory_school_count()) << "a draft is no source";
  for (const char* verb : {"Submit", "Check", "Accept"})
    Move<v1::FactSubmission>("FactSubmission", verb, submission.id());
  statistics = Statistics(city_.id(), "2022-12-31");
  EXPECT_EQ(statistics.compulsory_school_count(), 2);
}

TEST_F(BothKinds, CoverageCountsACampusAsItsSchool) {
  v1::CreateOrganisationRequest create;
  create.mutable_organisation()->set_kind(v1::ORGANISATION_KIND_CAMPUS);
  create.mutable_organisation()->set_name("甲小学东校区");
  create.mutable_organisation()->set_jurisdiction_id(weibin_.id());
  create.mutable_organisation()->set_parent_organisation_id(a_);
  create.mutable_organisation()->set_status(v1::ORGANISATION_STATUS_ACTIVE);
  const auto campus = Must<v1::Organisation>("OrganisationService/CreateOrganisation", create);
  Join(Alliance(v1::ALLIANCE_TYPE_IN_COUNTY, weibin_.id(), "2021-01-01"), campus.id(),
       v1::MEMBERSHIP_ROLE_MEMBER, "2021-01-01");
  const auto statistics = Statistics(city_.id(), "2022-12-31");
  EXPECT_EQ(statistics.school_alliances().distinct_school_count(), 4);
  EXPECT_EQ(statistics.coverage().distinct_school_count(), 3);
}

// Two counties with complete registries, every school in an alliance, become one.
class MergedCounties : public StatisticsPgTest {
 protected:
  MergedCounties() {
    const auto year = Year("2023-2024");
    for (const auto& [place, schools] : {std::pair{weibin_.id(), &of_weibin_}, {feng_.id(), &of_feng_}}) {
      const auto alliance = Alliance(v1::ALLIANCE_TYPE_IN_COUNTY, place, "2021-01-01");
      for (const char* name : {"甲小学", "乙小学"}) {
        schools->push_back(School(name, place).id());
        Join(alliance, schools->back(),
             schools->size() == 1 ? v1::MEMBERSHIP_ROLE_LEAD_SCHOOL : v1::MEMBERSHIP_ROLE_MEMBER,
             "2021-01-01");
      }
      const auto submission = Submission(place, year);
      v1::UpdateJurisdictionYearFactsRequest update;
      update.mutable_jurisdiction_year_facts()->set_id(CountyFacts(submission, 2, true).id());
      update.mutable_jurisdiction_year_facts()->set_compulsory_schools(2);
      Must<v1::JurisdictionYearFacts>("JurisdictionYearFactsService/UpdateJurisdictionYearFacts", update);
      for (const char* verb : {"Submit", "Check", "Accept"})
        Move<v1::FactSubmission>("FactSubmission", verb, submission.id());
    }
  }
  // On the statistics day both were whole: what changes after it changes the facts of nobody.
  void Merge(const std::string& source, const std::string& target, const std::string& on) {
    v1::MergeRequest merge;
    merge.add_source_ids(source);
    merge.set_target_id(target);
    merge.set_effective_on(on);
    merge.set_document("合并示例");
    Must<v1::MergeJurisdictionsResponse>("JurisdictionService/MergeJurisdictions", merge);
  }
  std::string SplitOffNewZone(const std::string& source, const std::string& organisation_id,
                              const std::string& on) {
    v1::SplitJurisdictionRequest split;
    split.set_id(source);
    split.set_keep_source(true);
    split.set_effective_on(on);
    split.set_document("析置示例");
    auto& part = *split.add_parts();
    part.mutable_jurisdiction()->set_kind(v1::JURISDICTION_KIND_FUNCTIONAL_ZONE);
    part.mutable_jurisdiction()->set_level(v1::JURISDICTION_LEVEL_COUNTY);
    part.mutable_jurisdiction()->set_name("凤县新区");
    part.add_organisation_ids(organisation_id);
    return Must<v1::SplitJurisdictionResponse>("JurisdictionService/SplitJurisdiction", split)
        .jurisdictions(0)
        .id();
  }
  void ExpectNoRatio(const std::string& place, const std::string& day, int schools) {
    const auto statistics = Statistics(place, day);
    EXPECT_EQ(statistics.coverage().distinct_school_count(), schools);
    EXPECT_FALSE(statistics.coverage().registry_complete());
    EXPECT_FALSE(statistics.coverage().has_ratio()) << statistics.coverage().ShortDebugString();
    EXPECT_FALSE(statistics.has_compulsory_school_count());
  }
  void ExpectCoverage(const std::string& place, const std::string& day, int schools, double ratio) {
    const auto coverage = Statistics(place, day).coverage();
    EXPECT_EQ(coverage.distinct_school_count(), schools) << day;
    ASSERT_TRUE(coverage.has_ratio()) << coverage.ShortDebugString();
    EXPECT_DOUBLE_EQ(coverage.ratio(), ratio) << day;
  }
  std::vector<std::string> of_weibin_, of_feng_;
};

TEST_F(MergedCounties, PastDaysStayWithTheCountiesOfThatDay) {
  Merge(feng_.id(), weibin_.id(), "2025-01-01");
  const auto moved = Get<v1::Organisation>("Organisation", of_feng_[0]);
  ASSERT_THAT(moved.former_jurisdictions(), SizeIs(1));
  EXPECT_EQ(moved.former_jurisdictions(0).jurisdiction_id(), feng_.id());
  EXPECT_EQ(moved.former_jurisdictions(0).valid_from(), "");
  EXPECT_EQ(moved.former_jurisdictions(0).valid_to(), "2024-12-31");
  for (const char* day : {"2023-12-31", "2024-06-30"}) {
    ExpectCoverage(weibin_.id(), day, 2, 1.0);
    ExpectCoverage(feng_.id(), day, 2, 1.0);
    ExpectCoverage(city_.id(), day, 4, 1.0);
  }
  EXPECT_EQ(Statistics(weibin_.id(), "2025-01-01").coverage().distinct_school_count(), 4);
  EXPECT_EQ(Statistics(feng_.id(), "2025-01-01").coverage().distinct_school_count(), 0);
}

TEST_F(MergedCounties, ASchoolThatMovesCountsWhereItWas) {
  v1::UpdateOrganisationRequest update;
  update.mutable_organisation()->set_id(of_feng_[1]);
  update.mutable_organisation()->set_jurisdiction_id(weibin_.id());
  Must<v1::Organisation>("OrganisationService/UpdateOrganisation", update);
  ExpectCoverage(feng_.id(), "2023-12-31", 2, 1.0);
  ExpectCoverage(weibin_.id(), "2023-12-31", 2, 1.0);
  EXPECT_EQ(Statistics(weibin_.id(), "").coverage().distinct_school_count(), 3);
  // The county that it left no longer sees it: no ratio rather than a wrong one.
  using access::testing::MakeCaller;
  using access::testing::MakeGrant;
  service_.AddCaller("feng",
                     MakeCaller({MakeGrant("registry.*", access::ScopeKind::kJurisdiction, feng_.id())}));
  const auto seen = Statistics(feng_.id(), "2023-12-31", "feng");
  EXPECT_TRUE(seen.schools_moved_away());
  EXPECT_FALSE(seen.coverage().has_ratio());
  EXPECT_FALSE(Statistics(feng_.id(), "2023-12-31").schools_moved_away());
}

TEST_F(MergedCounties, ASplitCountyKeepsItsPast) {
  const std::string zone = SplitOffNewZone(feng_.id(), of_feng_[1], "2025-01-01");
  ExpectCoverage(feng_.id(), "2023-12-31", 2, 1.0);
  EXPECT_EQ(Statistics(zone, "2023-12-31").coverage().distinct_school_count(), 0);
  EXPECT_EQ(Statistics(zone, "2025-01-01").coverage().distinct_school_count(), 1);
}

TEST_F(MergedCounties, AMergerWithinTheYearBringsItsFactsAlong) {
  AddCounty("weibin", weibin_.id());
  Merge(feng_.id(), weibin_.id(), "2024-01-01");
  for (const auto& place : {weibin_.id(), city_.id()}) {
    ExpectCoverage(place, "2024-03-01", 4, 1.0);
    const auto statistics = Statistics(place, "2024-03-01");
    EXPECT_EQ(statistics.coverage().school_count(), 4);
    EXPECT_EQ(statistics.compulsory_school_count(), 4);
    EXPECT_THAT(statistics.coverage().basis(), SizeIs(2));
  }
  EXPECT_EQ(Statistics(weibin_.id(), "2023-12-31").compulsory_school_count(), 2);
  // Who may not read what the other county reported gets no ratio of a part.
  EXPECT_FALSE(Statistics(weibin_.id(), "2024-03-01", "weibin").coverage().registry_complete());
  EXPECT_FALSE(Statistics(weibin_.id(), "2024-03-01", "weibin").coverage().has_ratio());
}

TEST_F(MergedCounties, ASplitWithinTheYearLeavesItsPartsWithoutARatio) {
  const std::string zone = SplitOffNewZone(feng_.id(), of_feng_[1], "2024-01-01");
  ExpectCoverage(feng_.id(), "2023-12-31", 2, 1.0);
  ExpectNoRatio(feng_.id(), "2024-03-01", 1);
  ExpectNoRatio(zone, "2024-03-01", 1);
  ExpectCoverage(weibin_.id(), "2024-03-01", 2, 1.0);
  // The city is what it was.
  ExpectCoverage(city_.id(), "2024-03-01", 4, 1.0);
  EXPECT_EQ(Statistics(city_.id(), "2024-03-01").compulsory_school_count(), 4);
}

TEST_F(MergedCounties, AMoveWithinTheYearLeavesBothCountiesWithoutARatio) {
  MoveSince(of_feng_[1], feng_.id(), weibin_.id(), "2023-12-31");
  ExpectCoverage(feng_.id(), "2023-12-31", 2, 1.0);
  ExpectCoverage(weibin_.id(), "2023-12-31", 2, 1.0);
  ExpectNoRatio(feng_.id(), "2024-03-01", 1);
  ExpectNoRatio(weibin_.id(), "2024-03-01", 3);
  ExpectCoverage(city_.id(), "2024-03-01", 4, 1.0);
}

// Whoever was not there yet is missing in no figure.
TEST_F(MergedCounties, ASchoolThatOpenedLaterHasNotMovedAway) {
  AddCounty("feng", feng_.id());
  v1::CreateOrganisationRequest create;
  create.mutable_organisation()->set_kind(v1::ORGANISATION_KIND_SCHOOL);
  create.mutable_organisation()->set_name("新校");
  create.mutable_organisation()->set_jurisdiction_id(feng_.id());
  create.mutable_organisation()->set_school_type(v1::SCHOOL_TYPE_PRIMARY);
  create.mutable_organisation()->add_stages(type::v1::STAGE_PRIMARY);
  create.mutable_organisation()->set_opened_on("2024-05-01");
  create.mutable_organisation()->set_status(v1::ORGANISATION_STATUS_ACTIVE);
  const auto school = Must<v1::Organisation>("OrganisationService/CreateOrganisation", create);
  MoveSince(school.id(), feng_.id(), weibin_.id(), "2024-09-30");
  const auto before = Statistics(feng_.id(), "2024-03-01", "feng");
  EXPECT_FALSE(before.schools_moved_away());
  EXPECT_TRUE(before.coverage().has_ratio());
  EXPECT_TRUE(Statistics(feng_.id(), "2024-06-01", "feng").schools_moved_away());
}

// Known to lie in the city, then in which county: it was there all along.
TEST_F(StatisticsPgTest, APlaceKnownMoreExactlyIsNoMove) {
  const auto school = School("甲小学", city_.id());
  const auto move = [&](const std::string& to) {
    v1::UpdateOrganisationRequest update;
    update.mutable_organisation()->set_id(school.id());
    update.mutable_organisation()->set_jurisdiction_id(to);
    return Must<v1::Organisation>("OrganisationService/UpdateOrganisation", update).former_jurisdictions();
  };
  EXPECT_THAT(move(weibin_.id()), SizeIs(0));
  EXPECT_THAT(move(feng_.id()), SizeIs(1));
  EXPECT_THAT(move(weibin_.id()), SizeIs(1)) << "it was in the other one on no day of its own";
  v1::UpdateOrganisationRequest rewrite;
  rewrite.mutable_organisation()->set_id(school.id());
  rewrite.mutable_update_mask()->add_paths("former_jurisdictions");
  EXPECT_FALSE(Try<v1::Organisation>("OrganisationService/UpdateOrganisation", rewrite).ok());
  rewrite.mutable_organisation()->set_jurisdiction_id(feng_.id());
  auto& former = *rewrite.mutable_organisation()->mutable_former_jurisdictions();
  former = Get<v1::Organisation>("Organisation", school.id()).former_jurisdictions();
  auto& since = *former.Add();
  since.set_jurisdiction_id("0190a0b0-0000-7000-8000-000000000000");
  since.set_valid_from(former.at(0).valid_to());
  since.set_valid_to("2030-01-01");
  rewrite.mutable_update_mask()->add_paths("jurisdiction_id");
  EXPECT_THAT(ViolatedFields(Try<v1::Organisation>("OrganisationService/UpdateOrganisation", rewrite)),
              ::testing::UnorderedElementsAre("organisation.formerJurisdictions[1]",
                                              "organisation.formerJurisdictions[1].jurisdictionId"));
}

// A campus lies in its own education jurisdiction; in a coverage it counts as its school, where that lies.
TEST_F(StatisticsPgTest, ACampusCountsInItsOwnCounty) {
  const auto school = School("甲小学", weibin_.id());
  v1::CreateOrganisationRequest create;
  create.mutable_organisation()->set_kind(v1::ORGANISATION_KIND_CAMPUS);
  create.mutable_organisation()->set_name("甲小学凤县校区");
  create.mutable_organisation()->set_jurisdiction_id(feng_.id());
  create.mutable_organisation()->set_parent_organisation_id(school.id());
  create.mutable_organisation()->set_status(v1::ORGANISATION_STATUS_ACTIVE);
  const auto campus = Must<v1::Organisation>("OrganisationService/CreateOrganisation", create);
  Join(Alliance(v1::ALLIANCE_TYPE_IN_COUNTY, feng_.id(), "2021-01-01"), campus.id(),
       v1::MEMBERSHIP_ROLE_LEAD_SCHOOL, "2021-01-01");
  EXPECT_EQ(Statistics(feng_.id(), "2022-12-31").school_alliances().distinct_school_count(), 1);
  EXPECT_EQ(Statistics(feng_.id(), "2022-12-31").coverage().distinct_school_count(), 0);
  EXPECT_EQ(Statistics(weibin_.id(), "2022-12-31").school_alliances().alliance_count(), 0);
  EXPECT_EQ(Statistics(weibin_.id(), "2022-12-31").coverage().distinct_school_count(), 1);
  EXPECT_EQ(Statistics(city_.id(), "2022-12-31").coverage().distinct_school_count(), 1);
}

TEST_F(BothKinds, AReopenedSchoolDoesNotCountWhileItWasClosed) {
  type::v1::TransitionRequest step;
  step.set_id(c_);
  step.set_effective_on("2021-06-30");
  Must<v1::Organisation>("OrganisationService/CloseOrganisation", step);
  step.set_effective_on("2022-09-01");
  Must<v1::Organisation>("OrganisationService/ReopenOrganisation", step);
  EXPECT_EQ(Statistics(city_.id(), "2021-06-30").school_alliances().distinct_school_count(), 3);
  EXPECT_EQ(Statistics(city_.id(), "2022-08-31").school_alliances().distinct_school_count(), 2);
  EXPECT_EQ(Statistics(city_.id(), "2022-09-01").school_alliances().distinct_school_count(), 3);
}

}  // namespace
}  // namespace lianqiao::registry
