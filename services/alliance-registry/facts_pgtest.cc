// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "lianqiao/registry/v1/data_quality.pb.h"
#include "services/alliance-registry/places_fixture.h"

namespace lianqiao::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class FactsPgTest : public PlacesFixture {
 protected:
  v1::FactSubmission Advance(const v1::FactSubmission& submission, const std::vector<std::string>& verbs) {
    v1::FactSubmission last = submission;
    for (const std::string& verb : verbs)
      last = Move<v1::FactSubmission>("FactSubmission", verb, submission.id());
    return last;
  }
  v1::GetDataQualityResponse Quality(const std::string& jurisdiction_id, const v1::SchoolYear& year,
                                     const std::string& token = "operator") {
    v1::GetDataQualityRequest request;
    request.set_jurisdiction_id(jurisdiction_id);
    request.set_school_year_id(year.id());
    return Must<v1::GetDataQualityResponse>("DataQualityService/GetDataQuality", request, token);
  }
  static v1::RestateFactSubmissionRequest Restatement(const v1::FactSubmission& submission) {
    v1::RestateFactSubmissionRequest request;
    request.set_id(submission.id());
    request.set_reason("学生数更正");
    return request;
  }
  v1::FactSubmission Restate(const v1::FactSubmission& submission, const std::string& token = "operator") {
    return Must<v1::FactSubmission>("FactSubmissionService/RestateFactSubmission", Restatement(submission),
                                    token);
  }
  // The schools whose facts a submission holds.
  std::vector<std::string> SchoolsOf(const v1::FactSubmission& submission) {
    type::v1::ListRequest list;
    list.set_filter("submission_id = \"" + submission.id() + "\"");
    const auto page =
        Must<v1::ListSchoolYearFactsResponse>("SchoolYearFactsService/ListSchoolYearFacts", list);
    std::vector<std::string> schools;
    for (const auto& facts : page.school_year_facts()) schools.push_back(facts.organisation_id());
    return schools;
  }
  void MergeSchools(const std::string& source, const std::string& target, const std::string& on = "") {
    Must<v1::MergeOrganisationsResponse>("OrganisationService/MergeOrganisations",
                                         Merger(source, target, on));
  }
  void MergeCounties(const std::string& source, const std::string& target, const std::string& on = "") {
    Must<v1::MergeJurisdictionsResponse>("JurisdictionService/MergeJurisdictions",
                                         Merger(source, target, on));
  }
  void MoveSchool(const std::string& id, const std::string& jurisdiction_id) {
    v1::UpdateOrganisationRequest request;
    request.mutable_organisation()->set_id(id);
    request.mutable_organisation()->set_jurisdiction_id(jurisdiction_id);
    Must<v1::Organisation>("OrganisationService/UpdateOrganisation", request);
  }
  absl::Status TryFacts(const v1::FactSubmission& submission, const std::string& organisation_id) {
    v1::CreateSchoolYearFactsRequest request;
    request.mutable_school_year_facts()->set_submission_id(submission.id());
    request.mutable_school_year_facts()->set_school_year_id(submission.school_year_id());
    request.mutable_school_year_facts()->set_organisation_id(organisation_id);
    request.mutable_school_year_facts()->set_stage(type::v1::STAGE_PRIMARY);
    return Try<v1::SchoolYearFacts>("SchoolYearFactsService/CreateSchoolYearFacts", request);
  }
  // Expected, reported and missing records of one county, by the report on `asked`.
  std::vector<int64_t> Records(const std::string& asked, const v1::SchoolYear& year,
                               const std::string& county) {
    const auto quality = Quality(asked, year);
    for (const auto& entry : quality.jurisdictions()) {
      if (entry.jurisdiction_id() == county)
        return {entry.expected_record_count(), entry.reported_record_count(), entry.missing_record_count()};
    }
    return {};
  }
  absl::Status TryPupils(const v1::SchoolYearFacts& facts, int64_t pupils, const std::string& token) {
    v1::UpdateSchoolYearFactsRequest request;
    request.mutable_school_year_facts()->set_id(facts.id());
    request.mutable_school_year_facts()->set_pupils(pupils);
    return Try<v1::SchoolYearFacts>("SchoolYearFactsService/UpdateSchoolYearFacts", request, token);
  }
  void AddCounty(const std::string& token, const std::string& id) {
    service_.AddCaller(token, access::testing::MakeCaller({access::testing::MakeGrant(
                                  "registry.*", access::ScopeKind::kJurisdiction, id)}));
  }

 private:
  static v1::MergeRequest Merger(const std::string& source, const std::string& target,
                                 const std::string& on) {
    v1::MergeRequest request;
    request.add_source_ids(source);
    request.set_target_id(target);
    request.set_effective_on(on);
    request.set_document("合并示例");
    return request;
  }
};

TEST_F(FactsPgTest, ASubmissionGoesItsWayAndItsFactsStandStill) {
  const auto year = Year("2023-2024");
  const auto school = School("甲小学", weibin_.id());
  const auto submission = Submission(weibin_.id(), year);
  EXPECT_EQ(submission.state(), v1::FACT_SUBMISSION_STATE_DRAFT);
  const auto facts = Facts(submission, school.id(), 600);
  // The county's own facts come first.
  type::v1::TransitionRequest submit;
  submit.set_id(submission.id());
  EXPECT_TRUE(absl::IsFailedPrecondition(
      Try<v1::FactSubmission>("FactSubmissionService/SubmitFactSubmission", submit)));
  CountyFacts(submission, 1, true);
  const auto frozen = Advance(submission, {"Submit", "Check", "Accept", "Freeze"});
  EXPECT_EQ(frozen.state(), v1::FACT_SUBMISSION_STATE_FROZEN);
  EXPECT_NE(frozen.submitted_on(), "");
  EXPECT_NE(frozen.frozen_on(), "");

  v1::UpdateSchoolYearFactsRequest update;
  *update.mutable_school_year_facts() = facts;
  update.mutable_school_year_facts()->set_pupils(610);
  update.mutable_update_mask()->add_paths("pupils");
  EXPECT_THAT(
      ViolatedFields(Try<v1::SchoolYearFacts>("SchoolYearFactsService/UpdateSchoolYearFacts", update)),
      ElementsAre("schoolYearFacts.submissionId"));
  type::v1::DeleteRequest remove;
  remove.set_id(facts.id());
  EXPECT_TRUE(absl::IsFailedPrecondition(
      Try<v1::SchoolYearFacts>("SchoolYearFactsService/DeleteSchoolYearFacts", remove)));
}

TEST_F(FactsPgTest, FactsOfADraftMayBeDeletedAndComeBack) {
  const auto school = School("甲小学", weibin_.id());
  const auto facts = Facts(Submission(weibin_.id(), Year("2023-2024")), school.id(), 600);
  type::v1::DeleteRequest request;
  request.set_id(facts.id());
  Must<v1::SchoolYearFacts>("SchoolYearFactsService/DeleteSchoolYearFacts", request);
  type::v1::GetRequest get;
  get.set_id(facts.id());
  EXPECT_TRUE(absl::IsNotFound(Try<v1::SchoolYearFacts>("SchoolYearFactsService/GetSchoolYearFacts", get)));
  EXPECT_EQ(Must<v1::SchoolYearFacts>("SchoolYearFactsService/UndeleteSchoolYearFacts", request).pupils(),
            600);
}

TEST_F(FactsPgTest, AReturnedSubmissionIsADraftAgainWithTheReason) {
  const auto submission = Submission(weibin_.id(), Year("2023-2024"));
  CountyFacts(submission, 1, false);
  Advance(submission, {"Submit"});
  const auto returned = Move<v1::FactSubmission>("FactSubmission", "Return", submission.id(), "缺一所学校");
  EXPECT_EQ(returned.state(), v1::FACT_SUBMISSION_STATE_DRAFT);
  EXPECT_EQ(returned.return_reason(), "缺一所学校");
}

TEST_F(FactsPgTest, ARestatementIsADraftWithCopiesOfAllFacts) {
  const auto year = Year("2023-2024");
  const auto school = School("甲小学", weibin_.id());
  const auto submission = Submission(weibin_.id(), year);
  const auto facts = Facts(submission, school.id(), 600);
  CountyFacts(submission, 1, true);
  v1::RestateFactSubmissionRequest request;
  request.set_id(submission.id());
  request.set_reason("学生数更正");
  EXPECT_TRUE(absl::IsFailedPrecondition(
      Try<v1::FactSubmission>("FactSubmissionService/RestateFactSubmission", request)));
  Advance(submission, {"Submit", "Check", "Accept", "Freeze"});
  request.set_request_id("restate-1");
  const auto next = Must<v1::FactSubmission>("FactSubmissionService/RestateFactSubmission", request);
  EXPECT_EQ(next.restatement(), 1);
  EXPECT_EQ(next.restates_id(), submission.id());
  EXPECT_EQ(next.state(), v1::FACT_SUBMISSION_STATE_DRAFT);
  EXPECT_EQ(Must<v1::FactSubmission>("FactSubmissionService/RestateFactSubmission", request).id(), next.id());

  type::v1::ListRequest list;
  list.set_filter("submission_id = \"" + next.id() + "\"");
  const auto copies =
      Must<v1::ListSchoolYearFactsResponse>("SchoolYearFactsService/ListSchoolYearFacts", list);
  ASSERT_THAT(copies.school_year_facts(), SizeIs(1));
  EXPECT_EQ(copies.school_year_facts(0).pupils(), 600);
  EXPECT_NE(copies.school_year_facts(0).id(), facts.id());
  EXPECT_EQ(Get<v1::FactSubmission>("FactSubmission", submission.id()).state(),
            v1::FACT_SUBMISSION_STATE_FROZEN);
  // Only the newest is corrected.
  request.clear_request_id();
  EXPECT_TRUE(absl::IsFailedPrecondition(
      Try<v1::FactSubmission>("FactSubmissionService/RestateFactSubmission", request)));
}

TEST_F(FactsPgTest, ImpossibleFactsAndFactsOfOtherCountiesAreRefused) {
  const auto submission = Submission(weibin_.id(), Year("2023-2024"));
  const auto elsewhere = School("乙小学", feng_.id());
  v1::CreateSchoolYearFactsRequest create;
  v1::SchoolYearFacts& facts = *create.mutable_school_year_facts();
  facts.set_submission_id(submission.id());
  facts.set_school_year_id(submission.school_year_id());
  facts.set_organisation_id(elsewhere.id());
  facts.set_stage(type::v1::STAGE_PRIMARY);
  facts.set_full_time_teachers(10);
  facts.set_backbone_teachers(11);
  EXPECT_THAT(
      ViolatedFields(Try<v1::SchoolYearFacts>("SchoolYearFactsService/CreateSchoolYearFacts", create)),
      ElementsAre("schoolYearFacts.organisationId", "schoolYearFacts.backboneTeachers"));
}

TEST_F(FactsPgTest, SmallCountsOfChildrenAreHiddenWithoutThePersonalRight) {
  using access::testing::MakeCaller;
  using access::testing::MakeGrant;
  service_.AddCaller("county", MakeCaller({MakeGrant("registry.jurisdiction_year_facts.read",
                                                     access::ScopeKind::kJurisdiction, weibin_.id())}));
  const auto facts = CountyFacts(Submission(weibin_.id(), Year("2023-2024")), 1, true);
  const auto seen = Get<v1::JurisdictionYearFacts>("JurisdictionYearFacts", facts.id(), "county");
  EXPECT_FALSE(seen.has_disabled_children_known());
  EXPECT_FALSE(seen.has_disabled_children_enrolled());
  EXPECT_EQ(seen.schools(), 1);
  EXPECT_EQ(Get<v1::JurisdictionYearFacts>("JurisdictionYearFacts", facts.id()).disabled_children_known(), 9);
  // 11 of 15 are shown by themselves, but the 4 between them are not.
  v1::UpdateJurisdictionYearFactsRequest update;
  *update.mutable_jurisdiction_year_facts() = facts;
  update.mutable_jurisdiction_year_facts()->set_disabled_children_known(15);
  update.mutable_jurisdiction_year_facts()->set_disabled_children_enrolled(11);
  Must<v1::JurisdictionYearFacts>("JurisdictionYearFactsService/UpdateJurisdictionYearFacts", update);
  const auto later = Get<v1::JurisdictionYearFacts>("JurisdictionYearFacts", facts.id(), "county");
  EXPECT_FALSE(later.has_disabled_children_known());
  EXPECT_FALSE(later.has_disabled_children_enrolled());
}

TEST_F(FactsPgTest, DataQualityNamesWhatIsMissingImplausibleAndLate) {
  const auto last_year = Year("2022-2023");
  const auto year = Year("2023-2024");
  const auto good = School("甲小学", weibin_.id());
  const auto silent = School("乙小学", weibin_.id());
  const auto before = Submission(weibin_.id(), last_year);
  Facts(before, good.id(), 200);
  CountyFacts(before, 2, false);
  Advance(before, {"Submit", "Check", "Accept"});
  const auto submission = Submission(weibin_.id(), year);
  Facts(submission, good.id(), 600);
  const auto quality = Quality(city_.id(), year);
  ASSERT_THAT(quality.jurisdictions(), SizeIs(2));
  const auto& weibin = quality.jurisdictions(0);
  EXPECT_EQ(weibin.jurisdiction_id(), weibin_.id());
  EXPECT_EQ(weibin.submission_id(), submission.id());
  EXPECT_TRUE(weibin.late());
  EXPECT_EQ(weibin.expected_record_count(), 2);
  EXPECT_EQ(weibin.reported_record_count(), 1);
  EXPECT_EQ(weibin.missing_record_count(), 1);
  EXPECT_EQ(weibin.missing_field_count(), 16);
  EXPECT_EQ(weibin.implausible_count(), 1);
  EXPECT_FALSE(weibin.has_jurisdiction_facts());
  EXPECT_TRUE(quality.jurisdictions(1).late());
  bool tripled = false;
  bool missing = false;
  for (const auto& finding : quality.findings()) {
    tripled =
        tripled || (finding.organisation_id() == good.id() &&
                    finding.rule() == v1::PLAUSIBILITY_RULE_CHANGE_OF_PUPILS && finding.field() == "pupils");
    missing = missing || (finding.organisation_id() == silent.id() &&
                          finding.kind() == v1::FINDING_KIND_MISSING && finding.field().empty());
  }
  EXPECT_TRUE(tripled);
  EXPECT_TRUE(missing);
}

TEST_F(FactsPgTest, DataQualityTellsALateCityCheckFromALateCounty) {
  v1::CreateSchoolYearRequest create;
  v1::SchoolYear& year = *create.mutable_school_year();
  year.set_key("2023-2024");
  year.set_starts_on("2023-09-01");
  year.set_ends_on("2024-08-31");
  year.set_statistics_on("2023-09-01");
  year.set_submission_due_on("2099-10-31");
  year.set_city_check_due_on("2099-11-30");
  const auto stored = Must<v1::SchoolYear>("SchoolYearService/CreateSchoolYear", create);
  const auto submission = Submission(weibin_.id(), stored);
  CountyFacts(submission, 1, true);
  Advance(submission, {"Submit"});
  EXPECT_FALSE(Quality(weibin_.id(), stored).jurisdictions(0).city_check_late());
  v1::UpdateSchoolYearRequest update;
  update.mutable_school_year()->set_id(stored.id());
  update.mutable_school_year()->set_submission_due_on("2023-10-31");
  update.mutable_school_year()->set_city_check_due_on("2023-11-30");
  Must<v1::SchoolYear>("SchoolYearService/UpdateSchoolYear", update);
  const auto quality = Quality(city_.id(), stored);
  ASSERT_THAT(quality.jurisdictions(), SizeIs(2));
  EXPECT_TRUE(quality.jurisdictions(0).city_check_late());
  EXPECT_TRUE(quality.jurisdictions(1).late());
  EXPECT_FALSE(quality.jurisdictions(1).city_check_late()) << "the city has nothing to check yet";
  EXPECT_EQ(quality.findings(0).field(), "submission_due_on");
  EXPECT_EQ(quality.findings(1).field(), "city_check_due_on");
}

TEST_F(FactsPgTest, DataQualityNamesMissingCountyFactsSchoolsWithoutStagesAndAnIncompleteRegistry) {
  const auto year = Year("2023-2024");
  v1::CreateOrganisationRequest create;
  create.mutable_organisation()->set_kind(v1::ORGANISATION_KIND_SCHOOL);
  create.mutable_organisation()->set_name("学段待定学校");
  create.mutable_organisation()->set_jurisdiction_id(feng_.id());
  create.mutable_organisation()->set_status(v1::ORGANISATION_STATUS_ACTIVE);
  const auto undetermined = Must<v1::Organisation>("OrganisationService/CreateOrganisation", create);
  CountyFacts(Submission(weibin_.id(), year), 2, true);
  const auto quality = Quality(city_.id(), year);
  ASSERT_THAT(quality.jurisdictions(), SizeIs(2));
  EXPECT_EQ(quality.jurisdictions(0).implausible_count(), 1) << "it reports two schools, none is registered";
  EXPECT_EQ(quality.jurisdictions(1).school_without_stage_count(), 1);
  int county_missing = 0, stages_missing = 0, incomplete = 0;
  for (const auto& finding : quality.findings()) {
    const bool missing = finding.kind() == v1::FINDING_KIND_MISSING;
    county_missing += missing && finding.jurisdiction_id() == feng_.id() &&
                      finding.organisation_id().empty() && finding.field().empty();
    stages_missing +=
        missing && finding.organisation_id() == undetermined.id() && finding.field() == "stages";
    incomplete += finding.rule() == v1::PLAUSIBILITY_RULE_REGISTRY_NOT_COMPLETE;
  }
  EXPECT_EQ(county_missing, 1);
  EXPECT_EQ(stages_missing, 1);
  EXPECT_EQ(incomplete, 1);
  v1::GetDataQualityRequest request;
  request.set_jurisdiction_id(city_.id());
  request.set_school_year_id(year.id());
  request.set_max_findings(1);
  const auto short_list = Must<v1::GetDataQualityResponse>("DataQualityService/GetDataQuality", request);
  EXPECT_THAT(short_list.findings(), SizeIs(1));
  EXPECT_EQ(short_list.findings_left_out(), quality.findings_size() - 1);
}

TEST_F(FactsPgTest, ASubmissionIsNotDatedBack) {
  const auto submission = Submission(weibin_.id(), Year("2023-2024"));
  CountyFacts(submission, 1, false);
  type::v1::TransitionRequest submit;
  submit.set_id(submission.id());
  submit.set_effective_on("2023-10-31");
  EXPECT_THAT(ViolatedFields(Try<v1::FactSubmission>("FactSubmissionService/SubmitFactSubmission", submit)),
              ElementsAre("effectiveOn"));
}

TEST_F(FactsPgTest, TermsOfAYearDoNotOverlap) {
  const auto year = Year("2023-2024");
  v1::CreateTermRequest request;
  v1::Term& term = *request.mutable_term();
  term.set_key("2023-2024-1");
  term.set_school_year_id(year.id());
  term.set_number(1);
  term.set_starts_on("2023-09-01");
  term.set_ends_on("2024-01-20");
  Must<v1::Term>("TermService/CreateTerm", request);
  term.set_key("2023-2024-2");
  term.set_number(2);
  term.set_starts_on("2024-01-10");
  term.set_ends_on("2024-07-10");
  EXPECT_THAT(ViolatedFields(Try<v1::Term>("TermService/CreateTerm", request)), ElementsAre("term.startsOn"));
  term.set_starts_on("2024-02-20");
  Must<v1::Term>("TermService/CreateTerm", request);
}

TEST_F(FactsPgTest, DataQualityShowsACountyItsOwnPlaceOnly) {
  using access::testing::MakeCaller;
  using access::testing::MakeGrant;
  service_.AddCaller("county",
                     MakeCaller({MakeGrant("registry.*", access::ScopeKind::kJurisdiction, weibin_.id())}));
  const auto year = Year("2023-2024");
  School("乙小学", feng_.id());
  const auto quality = Quality(weibin_.id(), year, "county");
  ASSERT_THAT(quality.jurisdictions(), SizeIs(1));
  EXPECT_EQ(quality.jurisdictions(0).missing_record_count(), 0);
  v1::GetDataQualityRequest foreign;
  foreign.set_jurisdiction_id(feng_.id());
  foreign.set_school_year_id(year.id());
  EXPECT_TRUE(absl::IsNotFound(
      Try<v1::GetDataQualityResponse>("DataQualityService/GetDataQuality", foreign, "county")));
}

// What was a school on the statistics day stays one in the facts of that year.
TEST_F(FactsPgTest, RestatingAfterASchoolMergedKeepsItsFactsItsOwn) {
  const auto target = School("甲小学", weibin_.id());
  const auto source = School("乙小学", weibin_.id());
  const auto submission = Submission(weibin_.id(), Year("2022-2023"));
  Facts(submission, target.id(), 600);
  Facts(submission, source.id(), 300);
  CountyFacts(submission, 2, true);
  Advance(submission, {"Submit", "Check", "Accept"});
  MergeSchools(source.id(), target.id());
  EXPECT_THAT(SchoolsOf(Restate(submission)), UnorderedElementsAre(source.id(), target.id()));
}

TEST_F(FactsPgTest, RestatingAfterACountyMergedKeepsItsFactsItsOwn) {
  const auto year = Year("2022-2023");
  const auto school = School("甲小学", weibin_.id());
  const auto merged = Submission(weibin_.id(), year);
  const auto facts = Facts(merged, school.id(), 600);
  CountyFacts(merged, 1, true);
  Advance(merged, {"Submit", "Check", "Accept"});
  const auto kept = Submission(feng_.id(), year);
  CountyFacts(kept, 2, true);
  Advance(kept, {"Submit", "Check", "Accept"});
  MergeCounties(weibin_.id(), feng_.id());
  const auto next = Restate(merged);
  EXPECT_EQ(next.jurisdiction_id(), weibin_.id());
  EXPECT_THAT(SchoolsOf(next), ElementsAre(school.id()));
  type::v1::ListRequest list;
  list.set_filter("submission_id = \"" + next.id() + "\"");
  const auto own = Must<v1::ListJurisdictionYearFactsResponse>(
      "JurisdictionYearFactsService/ListJurisdictionYearFacts", list);
  ASSERT_THAT(own.jurisdiction_year_facts(), SizeIs(1));
  EXPECT_EQ(own.jurisdiction_year_facts(0).jurisdiction_id(), weibin_.id());
  EXPECT_EQ(Restate(kept).jurisdiction_id(), feng_.id()) << "the other county can still correct its own";
}

TEST_F(FactsPgTest, FactsReportedForTheFirstTimeAfterAMergerBelongToWhoItWasThen) {
  const auto year = Year("2023-2024");
  const auto target = School("甲小学", weibin_.id());
  const auto source = School("乙小学", weibin_.id());
  MergeSchools(source.id(), target.id(), "2024-03-01");
  MergeCounties(weibin_.id(), feng_.id(), "2024-04-01");
  const auto submission = Submission(weibin_.id(), year);
  EXPECT_EQ(submission.jurisdiction_id(), weibin_.id());
  EXPECT_EQ(Facts(submission, source.id(), 300).organisation_id(), source.id());
  // It belongs to the county that took over by now.
  EXPECT_EQ(Facts(submission, target.id(), 600).organisation_id(), target.id());
  EXPECT_EQ(CountyFacts(submission, 2, true).jurisdiction_id(), weibin_.id());
  const auto quality = Quality(city_.id(), year);
  ASSERT_THAT(quality.jurisdictions(), SizeIs(2));
  for (const auto& county : quality.jurisdictions()) {
    const bool merged = county.jurisdiction_id() == weibin_.id();
    EXPECT_EQ(county.expected_record_count(), merged ? 2 : 0) << county.jurisdiction_name();
    EXPECT_EQ(county.reported_record_count(), merged ? 2 : 0) << county.jurisdiction_name();
    EXPECT_EQ(county.missing_record_count(), 0) << county.jurisdiction_name();
    EXPECT_EQ(county.implausible_count(), 0) << county.jurisdiction_name();
  }
}

TEST_F(FactsPgTest, NobodyReportsForAStatisticsDayAfterItsEnd) {
  const auto year = Year("2024-2025");
  const auto target = School("甲小学", feng_.id());
  const auto source = School("乙小学", feng_.id());
  MergeSchools(source.id(), target.id(), "2024-03-01");
  MergeCounties(weibin_.id(), feng_.id(), "2024-04-01");
  v1::CreateFactSubmissionRequest create;
  create.mutable_fact_submission()->set_jurisdiction_id(weibin_.id());
  create.mutable_fact_submission()->set_school_year_id(year.id());
  EXPECT_THAT(ViolatedFields(Try<v1::FactSubmission>("FactSubmissionService/CreateFactSubmission", create)),
              ElementsAre("factSubmission.jurisdictionId"));
  const auto submission = Submission(feng_.id(), year);
  v1::CreateSchoolYearFactsRequest facts;
  facts.mutable_school_year_facts()->set_submission_id(submission.id());
  facts.mutable_school_year_facts()->set_school_year_id(year.id());
  facts.mutable_school_year_facts()->set_organisation_id(source.id());
  facts.mutable_school_year_facts()->set_stage(type::v1::STAGE_PRIMARY);
  EXPECT_THAT(ViolatedFields(Try<v1::SchoolYearFacts>("SchoolYearFactsService/CreateSchoolYearFacts", facts)),
              ElementsAre("schoolYearFacts.organisationId"));
}

// A part of the facts would be taken for all of them.
TEST_F(FactsPgTest, WhoMayNotWriteAllFactsRestatesNone) {
  using access::testing::MakeCaller;
  using access::testing::MakeGrant;
  const auto grant = [&](const std::string& permission) {
    return MakeGrant(permission, access::ScopeKind::kJurisdiction, weibin_.id());
  };
  std::vector<access::Grant> grants = {grant("registry.fact_submission.*"),
                                       grant("registry.jurisdiction_year_facts.*"),
                                       grant("registry.jurisdiction.read"), grant("registry.calendar.read")};
  service_.AddCaller("blind", MakeCaller(grants));
  grants.push_back(grant("registry.school_year_facts.read"));
  service_.AddCaller("reader", MakeCaller(grants));
  const auto school = School("甲小学", weibin_.id());
  const auto submission = Submission(weibin_.id(), Year("2023-2024"));
  Facts(submission, school.id(), 600);
  CountyFacts(submission, 1, true);
  Advance(submission, {"Submit", "Check", "Accept"});
  for (const char* caller : {"blind", "reader"}) {
    const absl::Status refused = Try<v1::FactSubmission>("FactSubmissionService/RestateFactSubmission",
                                                         Restatement(submission), caller);
    EXPECT_TRUE(absl::IsPermissionDenied(refused)) << caller << " " << Explain(refused);
    EXPECT_THAT(Explain(refused), HasSubstr("registry.school_year_facts.write"));
  }
  EXPECT_EQ(Value("SELECT count(*) FROM fact_submission"), "1");
  EXPECT_THAT(SchoolsOf(Restate(submission)), ElementsAre(school.id()));
}

TEST_F(FactsPgTest, TheFactsOfASchoolThatMovedStayWithTheCountyThatReports) {
  AddCounty("weibin", weibin_.id());
  AddCounty("feng", feng_.id());
  const auto school = School("甲小学", weibin_.id());
  service_.AddCaller(
      "school", access::testing::MakeCaller(
                    {access::testing::MakeGrant("registry.*", access::ScopeKind::kOrganisation, school.id())},
                    school.id()));
  const auto submission = Submission(weibin_.id(), Year("2023-2024"));
  const auto facts = Facts(submission, school.id(), 600);
  MoveSchool(school.id(), feng_.id());
  EXPECT_EQ(TryPupils(facts, 610, "weibin"), absl::OkStatus());
  for (const char* reader : {"feng", "school"}) {
    EXPECT_EQ(Get<v1::SchoolYearFacts>("SchoolYearFacts", facts.id(), reader).pupils(), 610) << reader;
    EXPECT_TRUE(absl::IsPermissionDenied(TryPupils(facts, 620, reader))) << reader;
  }
  CountyFacts(submission, 1, true);
  Advance(submission, {"Submit", "Check", "Accept"});
  EXPECT_THAT(SchoolsOf(Restate(submission, "weibin")), ElementsAre(school.id()));
}

TEST_F(FactsPgTest, FactsStampedByTheirSchoolAreStampedByTheirSubmissionInstead) {
  const auto school = School("甲小学", weibin_.id());
  const auto facts = Facts(Submission(weibin_.id(), Year("2023-2024")), school.id(), 600);
  const std::string row = " WHERE id = '" + facts.id() + "'";
  const std::string wanted = Value("SELECT write_scope FROM school_year_facts" + row);
  ASSERT_TRUE(service_
                  .Query("UPDATE school_year_facts SET write_scope = array_append(write_scope, '" +
                         school.id() + "')" + row)
                  .ok());
  std::ifstream file("services/alliance-registry/migrations/0035_restamp_school_year_facts.sql");
  std::stringstream migration;
  migration << file.rdbuf();
  ASSERT_NE(migration.str(), "");
  ASSERT_TRUE(service_.Query(migration.str()).ok());
  for (int rounds = 0; rounds < 100; ++rounds) {
    const auto done = service_.engine().RestampSome(absl::Now() + absl::Seconds(30), 100);
    ASSERT_TRUE(done.ok()) << done.status();
    if (*done == 0) break;
  }
  EXPECT_EQ(Value("SELECT count(*) FROM restamp_job"), "0");
  EXPECT_EQ(Value("SELECT write_scope FROM school_year_facts" + row), wanted);
}

TEST_F(FactsPgTest, WhoCorrectsWhatCameInTimeIsNotLate) {
  v1::SchoolYear year = Year("2023-2024");
  const auto submission = Submission(weibin_.id(), year);
  CountyFacts(submission, 1, true);
  const auto accepted = Advance(submission, {"Submit", "Check", "Accept"});
  v1::UpdateSchoolYearRequest update;
  update.mutable_school_year()->set_id(year.id());
  update.mutable_school_year()->set_submission_due_on(accepted.submitted_on());
  update.mutable_school_year()->set_city_check_due_on(accepted.city_checked_on());
  Must<v1::SchoolYear>("SchoolYearService/UpdateSchoolYear", update);
  service_.clock().Advance(absl::Hours(72));
  const auto next = Restate(submission);
  const auto in_time = [&](const char* when) {
    const auto quality = Quality(weibin_.id(), year);
    ASSERT_THAT(quality.jurisdictions(), SizeIs(1));
    const auto& county = quality.jurisdictions(0);
    EXPECT_EQ(county.restatement(), 1) << when;
    EXPECT_FALSE(county.late()) << when;
    EXPECT_FALSE(county.city_check_late()) << when;
    EXPECT_EQ(county.first_submitted_on(), accepted.submitted_on()) << when;
    EXPECT_EQ(county.first_city_checked_on(), accepted.city_checked_on()) << when;
  };
  in_time("corrected, not handed in");
  const auto again = Advance(next, {"Submit"});
  in_time("handed in again");
  EXPECT_GT(again.submitted_on(), accepted.submitted_on());
  EXPECT_EQ(Quality(weibin_.id(), year).jurisdictions(0).submitted_on(), again.submitted_on());
}

// 乙 comes before 甲, by code of the county and not by name, whatever is wrong with either.
TEST_F(FactsPgTest, FindingsComeByCountyThenSchool) {
  const auto year = Year("2023-2024");
  const auto silent = School("丁小学", weibin_.id());
  const auto odd = School("乙小学", weibin_.id());
  School("甲小学", feng_.id());
  const auto submission = Submission(weibin_.id(), year);
  Facts(submission, odd.id(), 7000);
  const auto quality = Quality(city_.id(), year);
  std::vector<std::string> order;
  for (const auto& finding : quality.findings()) {
    const std::string key = finding.jurisdiction_id() + " " + finding.organisation_name();
    if (order.empty() || order.back() != key) order.push_back(key);
  }
  EXPECT_THAT(order, ElementsAre(weibin_.id() + " ", weibin_.id() + " 丁小学", weibin_.id() + " 乙小学",
                                 feng_.id() + " ", feng_.id() + " 甲小学"));
  v1::GetDataQualityRequest request;
  request.set_jurisdiction_id(city_.id());
  request.set_school_year_id(year.id());
  int count = 0;  // Of the findings of the first county.
  for (const auto& finding : quality.findings()) count += finding.jurisdiction_id() == weibin_.id();
  request.set_max_findings(count);
  const auto first = Must<v1::GetDataQualityResponse>("DataQualityService/GetDataQuality", request);
  ASSERT_THAT(first.findings(), SizeIs(count));
  for (int i = 0; i < count; ++i)
    EXPECT_EQ(first.findings(i).ShortDebugString(), quality.findings(i).ShortDebugString());
  EXPECT_EQ(first.findings(count - 1).rule(), v1::PLAUSIBILITY_RULE_SCHOOL_SIZE);
  EXPECT_EQ(first.findings_left_out(), quality.findings_size() - count);
}

TEST_F(FactsPgTest, ASchoolIsReportedByTheCountyThatHadItOnTheStatisticsDay) {
  const auto year = Year("2023-2024");
  const auto school = School("甲小学", weibin_.id());
  MoveSince(school.id(), weibin_.id(), feng_.id(), "2023-10-09");
  EXPECT_THAT(ViolatedFields(TryFacts(Submission(feng_.id(), year), school.id())),
              ElementsAre("schoolYearFacts.organisationId"));
  EXPECT_EQ(TryFacts(Submission(weibin_.id(), year), school.id()), absl::OkStatus());
}

// It turns out, once it is reported, that it had moved before the statistics day.
TEST_F(FactsPgTest, NoTwoCountiesReportOneSchoolForAYear) {
  const auto year = Year("2023-2024");
  const auto school = School("甲小学", weibin_.id());
  const auto facts = Facts(Submission(weibin_.id(), year), school.id(), 600);
  MoveSince(school.id(), weibin_.id(), feng_.id(), "2023-04-30");
  const auto submission = Submission(feng_.id(), year);
  EXPECT_THAT(ViolatedFields(TryFacts(submission, school.id())),
              ElementsAre("schoolYearFacts.organisationId"));
  EXPECT_EQ(TryFacts(Submission(feng_.id(), Year("2024-2025")), school.id()), absl::OkStatus());
  type::v1::DeleteRequest request;
  request.set_id(facts.id());
  Must<v1::SchoolYearFacts>("SchoolYearFactsService/DeleteSchoolYearFacts", request);
  EXPECT_EQ(TryFacts(submission, school.id()), absl::OkStatus());
  EXPECT_THAT(
      ViolatedFields(Try<v1::SchoolYearFacts>("SchoolYearFactsService/UndeleteSchoolYearFacts", request)),
      ElementsAre("organisationId"));
}

TEST_F(FactsPgTest, ASchoolThatMovedIsExpectedOfTheCountyThatHadIt) {
  const auto year = Year("2023-2024");
  const auto reported = School("甲小学", weibin_.id());
  const auto silent = School("乙小学", weibin_.id());
  const auto submission = Submission(weibin_.id(), year);
  Facts(submission, reported.id(), 600);
  CountyFacts(submission, 2, true);
  CountyFacts(Submission(feng_.id(), year), 0, true);
  for (const auto& school : {reported, silent})
    MoveSince(school.id(), weibin_.id(), feng_.id(), "2023-10-09");
  for (const auto& asked : {weibin_.id(), city_.id()})
    EXPECT_THAT(Records(asked, year, weibin_.id()), ElementsAre(2, 1, 1));
  for (const auto& asked : {feng_.id(), city_.id()})
    EXPECT_THAT(Records(asked, year, feng_.id()), ElementsAre(0, 0, 0));
  const auto quality = Quality(city_.id(), year);
  for (const auto& county : quality.jurisdictions())
    EXPECT_EQ(county.implausible_count(), 0) << "registered as on the statistics day";
}

// Reported before it was known that it had moved: it is missing in neither county.
TEST_F(FactsPgTest, ASchoolThatAnotherCountyReportedIsNotMissing) {
  const auto year = Year("2023-2024");
  const auto school = School("甲小学", weibin_.id());
  Facts(Submission(weibin_.id(), year), school.id(), 600);
  MoveSince(school.id(), weibin_.id(), feng_.id(), "2023-04-30");
  for (const auto& asked : {weibin_.id(), city_.id()})
    EXPECT_THAT(Records(asked, year, weibin_.id()), ElementsAre(1, 1, 0));
  for (const auto& asked : {feng_.id(), city_.id()})
    EXPECT_THAT(Records(asked, year, feng_.id()), ElementsAre(0, 0, 0));
}

TEST_F(FactsPgTest, ASchoolThatWasClosedOnTheStatisticsDayOwesNothing) {
  const auto year = Year("2023-2024");
  const auto school = School("甲小学", weibin_.id());
  type::v1::TransitionRequest step;
  step.set_id(school.id());
  step.set_effective_on("2023-06-30");
  Must<v1::Organisation>("OrganisationService/CloseOrganisation", step);
  step.set_effective_on("2024-03-01");
  Must<v1::Organisation>("OrganisationService/ReopenOrganisation", step);
  const auto submission = Submission(weibin_.id(), year);
  CountyFacts(submission, 1, true);
  EXPECT_THAT(ViolatedFields(TryFacts(submission, school.id())),
              ElementsAre("schoolYearFacts.organisationId"));
  EXPECT_THAT(Records(weibin_.id(), year, weibin_.id()), ElementsAre(0, 0, 0));
  EXPECT_EQ(Quality(weibin_.id(), year).jurisdictions(0).implausible_count(), 1)
      << "it reports a school, none was open";
}

}  // namespace
}  // namespace lianqiao::registry
