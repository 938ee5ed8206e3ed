// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "lianqiao/registry/v1/alliance.pb.h"
#include "lianqiao/registry/v1/membership.pb.h"
#include "services/alliance-registry/places_fixture.h"

namespace lianqiao::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class OrganisationPgTest : public PlacesFixture {
 protected:
  // Its code is its external id too, as in a source system that knows schools by their codes.
  v1::CreateOrganisationRequest SchoolWithCode(const std::string& name, const std::string& code) {
    v1::CreateOrganisationRequest create;
    create.mutable_organisation()->set_kind(v1::ORGANISATION_KIND_SCHOOL);
    create.mutable_organisation()->set_name(name);
    create.mutable_organisation()->set_jurisdiction_id(weibin_.id());
    create.mutable_organisation()->set_school_code(code);
    auto* external = create.mutable_organisation()->add_external_ids();
    external->set_system("codes");
    external->set_id(code);
    return create;
  }
};

TEST_F(OrganisationPgTest, MergedSchoolsEndAndTheirCampusesMove) {
  const auto target = School("甲小学", weibin_.id(), "2161999901");
  const auto source = School("乙小学", weibin_.id(), "2161999902");
  v1::CreateOrganisationRequest create;
  v1::Organisation& wanted = *create.mutable_organisation();
  wanted.set_kind(v1::ORGANISATION_KIND_CAMPUS);
  wanted.set_name("乙小学东校区");
  wanted.set_jurisdiction_id(weibin_.id());
  wanted.set_parent_organisation_id(source.id());
  wanted.set_status(v1::ORGANISATION_STATUS_ACTIVE);
  const auto campus = Must<v1::Organisation>("OrganisationService/CreateOrganisation", create);

  v1::MergeRequest request;
  request.add_source_ids(source.id());
  request.set_target_id(target.id());
  request.set_document("合并示例");
  const auto merged = Must<v1::MergeOrganisationsResponse>("OrganisationService/MergeOrganisations", request);
  ASSERT_THAT(merged.merged(), SizeIs(1));
  EXPECT_EQ(merged.merged(0).status(), v1::ORGANISATION_STATUS_MERGED);
  EXPECT_EQ(merged.merged(0).replaced_by(), target.id());
  EXPECT_EQ(merged.merged(0).former_codes(0).code(), "2161999902");
  EXPECT_EQ(Get<v1::Organisation>("Organisation", campus.id()).parent_organisation_id(), target.id());
  EXPECT_EQ(Value("SELECT operation FROM change WHERE id = '" + source.id() + "' AND revision = 2"), "MERGE");
  // Ended once: not again.
  EXPECT_TRUE(absl::IsFailedPrecondition(
      Try<v1::MergeOrganisationsResponse>("OrganisationService/MergeOrganisations", request)));
}

// A county merges its own schools although an alliance that another county leads has one of them as a member;
// the facts of past years keep the school that reported them.
TEST_F(OrganisationPgTest, AMergeMovesMembershipsAndKeepsFactsOfThePast) {
  const auto target = School("甲小学", weibin_.id());
  const auto source = School("乙小学", weibin_.id());
  const auto lead = School("丙小学", feng_.id());
  const auto facts = Facts(Submission(weibin_.id(), Year("2023-2024")), source.id(), 600);
  v1::CreateAllianceRequest create;
  create.mutable_alliance()->set_name("丙小学联盟");
  create.mutable_alliance()->set_type(v1::ALLIANCE_TYPE_CROSS_COUNTY);
  create.mutable_alliance()->set_jurisdiction_id(feng_.id());
  create.mutable_alliance()->set_state(v1::ALLIANCE_STATE_ACTIVE);
  const auto alliance = Must<v1::Alliance>("AllianceService/CreateAlliance", create);
  std::string membership_id;
  for (const auto& [school, role] : {std::make_pair(lead.id(), v1::MEMBERSHIP_ROLE_LEAD_SCHOOL),
                                     std::make_pair(source.id(), v1::MEMBERSHIP_ROLE_MEMBER)}) {
    v1::CreateMembershipRequest join;
    join.mutable_membership()->set_alliance_id(alliance.id());
    join.mutable_membership()->set_organisation_id(school);
    join.mutable_membership()->set_role(role);
    join.mutable_membership()->set_joined_on("2022-01-01");
    join.mutable_membership()->set_state(v1::MEMBERSHIP_STATE_ACTIVE);
    membership_id = Must<v1::Membership>("MembershipService/CreateMembership", join).id();
  }
  using access::testing::MakeCaller;
  using access::testing::MakeGrant;
  service_.AddCaller("weibin",
                     MakeCaller({MakeGrant("registry.*", access::ScopeKind::kJurisdiction, weibin_.id())}));
  v1::MergeRequest request;
  request.add_source_ids(source.id());
  request.set_target_id(target.id());
  request.set_document("合并示例");
  Must<v1::MergeOrganisationsResponse>("OrganisationService/MergeOrganisations", request, "weibin");
  EXPECT_EQ(Get<v1::Membership>("Membership", membership_id).organisation_id(), target.id());
  EXPECT_EQ(Get<v1::SchoolYearFacts>("SchoolYearFacts", facts.id()).organisation_id(), source.id());
  // Schools of others are out of reach.
  request.clear_source_ids();
  request.add_source_ids(lead.id());
  EXPECT_TRUE(absl::IsNotFound(
      Try<v1::MergeOrganisationsResponse>("OrganisationService/MergeOrganisations", request, "weibin")));
}

TEST_F(OrganisationPgTest, ASplitSchoolHandsItsCodeToAPart) {
  const auto school = School("甲小学", weibin_.id(), "2161999901");
  v1::SplitOrganisationRequest request;
  request.set_id(school.id());
  request.set_document("拆分示例");
  for (const char* name : {"甲一小学", "甲二小学"}) {
    v1::Organisation& part = *request.add_parts()->mutable_organisation();
    part.set_kind(v1::ORGANISATION_KIND_SCHOOL);
    part.set_name(name);
    part.set_school_type(v1::SCHOOL_TYPE_PRIMARY);
    part.add_stages(type::v1::STAGE_PRIMARY);
    part.set_jurisdiction_id(weibin_.id());
  }
  request.mutable_parts(0)->mutable_organisation()->set_school_code("2161999901");
  const auto split = Must<v1::SplitOrganisationResponse>("OrganisationService/SplitOrganisation", request);
  ASSERT_THAT(split.organisations(), SizeIs(2));
  EXPECT_EQ(split.organisations(0).school_code(), "2161999901");
  EXPECT_EQ(split.organisations(1).split_from_id(), school.id());
  EXPECT_EQ(split.source().replaced_by(), split.organisations(0).id());
  EXPECT_EQ(Get<v1::Organisation>("Organisation", school.id()).status(), v1::ORGANISATION_STATUS_MERGED);
}

TEST_F(OrganisationPgTest, ClosingAndReopeningKeepTheRecord) {
  const auto school = School("甲小学", weibin_.id(), "2161999901");
  const auto closed = Move<v1::Organisation>("Organisation", "Close", school.id());
  EXPECT_EQ(closed.status(), v1::ORGANISATION_STATUS_CLOSED);
  EXPECT_NE(closed.closed_on(), "");
  service_.clock().Advance(absl::Hours(48));
  const auto reopened = Move<v1::Organisation>("Organisation", "Reopen", school.id());
  EXPECT_EQ(reopened.status(), v1::ORGANISATION_STATUS_ACTIVE);
  EXPECT_EQ(reopened.closed_on(), "");
  EXPECT_EQ(reopened.school_code(), "2161999901");
}

TEST_F(OrganisationPgTest, ACodeChangesOnceAndIsUnique) {
  const auto school = School("甲小学", weibin_.id(), "2161999901");
  const auto other = School("乙小学", weibin_.id(), "2161999902");
  v1::RecodeRequest request;
  request.set_id(school.id());
  request.set_kind(v1::CODE_KIND_SCHOOL);
  request.set_code("2161999902");
  request.set_document("更码示例");
  EXPECT_TRUE(
      absl::IsAlreadyExists(Try<v1::Organisation>("OrganisationService/RecodeOrganisation", request)));
  request.set_code("2161999903");
  const auto recoded = Must<v1::Organisation>("OrganisationService/RecodeOrganisation", request);
  EXPECT_EQ(recoded.school_code(), "2161999903");
  EXPECT_EQ(recoded.former_codes(0).code(), "2161999901");
}

TEST_F(OrganisationPgTest, RulesOnStoredPlacesRefuse) {
  const auto town =
      Place(v1::JURISDICTION_KIND_TOWNSHIP, v1::JURISDICTION_LEVEL_TOWNSHIP, "某镇", "610330100", feng_.id());
  v1::CreateOrganisationRequest create;
  create.mutable_organisation()->set_kind(v1::ORGANISATION_KIND_SCHOOL);
  create.mutable_organisation()->set_name("镇小学");
  create.mutable_organisation()->set_jurisdiction_id(town.id());
  create.mutable_organisation()->set_school_type(v1::SCHOOL_TYPE_PRIMARY);
  create.mutable_organisation()->add_stages(type::v1::STAGE_PRIMARY);
  const absl::Status status = Try<v1::Organisation>("OrganisationService/CreateOrganisation", create);
  EXPECT_THAT(ViolatedFields(status), ElementsAre("organisation.jurisdictionId"));
}

TEST_F(OrganisationPgTest, ASchoolWithoutAStatusBeginsAsPlanned) {
  v1::CreateOrganisationRequest create;
  create.mutable_organisation()->set_kind(v1::ORGANISATION_KIND_SCHOOL);
  create.mutable_organisation()->set_name("筹建小学");
  create.mutable_organisation()->set_jurisdiction_id(weibin_.id());
  const auto school = Must<v1::Organisation>("OrganisationService/CreateOrganisation", create);
  EXPECT_EQ(school.status(), v1::ORGANISATION_STATUS_PLANNED);
  EXPECT_EQ(Move<v1::Organisation>("Organisation", "Activate", school.id()).status(),
            v1::ORGANISATION_STATUS_ACTIVE);
}

TEST_F(OrganisationPgTest, ACodeThatWasAnothersGoesToItsSuccessorOnly) {
  const auto target = School("甲小学", weibin_.id());
  const auto source = School("乙小学", weibin_.id(), "2161999902");
  v1::MergeRequest merge;
  merge.add_source_ids(source.id());
  merge.set_target_id(target.id());
  merge.set_document("合并示例");
  Must<v1::MergeOrganisationsResponse>("OrganisationService/MergeOrganisations", merge);
  v1::CreateOrganisationRequest create;
  create.mutable_organisation()->set_kind(v1::ORGANISATION_KIND_SCHOOL);
  create.mutable_organisation()->set_name("新建小学");
  create.mutable_organisation()->set_jurisdiction_id(weibin_.id());
  create.mutable_organisation()->set_school_type(v1::SCHOOL_TYPE_PRIMARY);
  create.mutable_organisation()->add_stages(type::v1::STAGE_PRIMARY);
  create.mutable_organisation()->set_school_code("2161999902");
  EXPECT_THAT(ViolatedFields(Try<v1::Organisation>("OrganisationService/CreateOrganisation", create)),
              ElementsAre("organisation.schoolCode"));
  v1::RecodeRequest recode;
  recode.set_id(target.id());
  recode.set_kind(v1::CODE_KIND_SCHOOL);
  recode.set_code("2161999902");
  recode.set_document("沿用示例");
  EXPECT_EQ(Must<v1::Organisation>("OrganisationService/RecodeOrganisation", recode).school_code(),
            "2161999902");
}

TEST_F(OrganisationPgTest, NamesAndCodesChangeByTheirMethodsOnly) {
  const auto school = School("甲小学", weibin_.id(), "2161999901");
  v1::UpdateOrganisationRequest update;
  update.mutable_organisation()->set_id(school.id());
  update.mutable_organisation()->set_name("新名小学");
  update.mutable_organisation()->set_school_code("2161999909");
  EXPECT_THAT(ViolatedFields(Try<v1::Organisation>("OrganisationService/UpdateOrganisation", update)),
              ElementsAre("organisation.schoolCode", "organisation.name"));
  v1::RenameRequest rename;
  rename.set_id(school.id());
  rename.set_name("甲小学");
  rename.set_document("更名示例");
  EXPECT_THAT(ViolatedFields(Try<v1::Organisation>("OrganisationService/RenameOrganisation", rename)),
              ElementsAre("name"))
      << "it bears that name already";
  rename.set_name("新名小学");
  const auto renamed = Must<v1::Organisation>("OrganisationService/RenameOrganisation", rename);
  EXPECT_EQ(renamed.name(), "新名小学");
  EXPECT_EQ(renamed.former_names(0).name(), "甲小学");
  EXPECT_EQ(renamed.school_code(), "2161999901") << "a new name keeps the code";
}

TEST_F(OrganisationPgTest, ASchoolThatLosesAPartLivesOn) {
  const auto school = School("甲小学", weibin_.id(), "2161999901");
  v1::SplitOrganisationRequest request;
  request.set_id(school.id());
  request.set_keep_source(true);
  request.set_document("析出示例");
  v1::Organisation& part = *request.add_parts()->mutable_organisation();
  part.set_kind(v1::ORGANISATION_KIND_SCHOOL);
  part.set_name("甲小学东校");
  part.set_jurisdiction_id(weibin_.id());
  part.set_school_type(v1::SCHOOL_TYPE_PRIMARY);
  part.add_stages(type::v1::STAGE_PRIMARY);
  const auto split = Must<v1::SplitOrganisationResponse>("OrganisationService/SplitOrganisation", request);
  EXPECT_EQ(split.source().status(), v1::ORGANISATION_STATUS_ACTIVE);
  EXPECT_EQ(split.source().school_code(), "2161999901");
  EXPECT_EQ(split.organisations(0).split_from_id(), school.id());
}

TEST_F(OrganisationPgTest, ASchoolClosesAfterItsCampuses) {
  const auto school = School("甲小学", weibin_.id());
  v1::CreateOrganisationRequest create;
  create.mutable_organisation()->set_kind(v1::ORGANISATION_KIND_CAMPUS);
  create.mutable_organisation()->set_name("甲小学东校区");
  create.mutable_organisation()->set_jurisdiction_id(weibin_.id());
  create.mutable_organisation()->set_parent_organisation_id(school.id());
  const auto campus = Must<v1::Organisation>("OrganisationService/CreateOrganisation", create);
  type::v1::TransitionRequest close;
  close.set_id(school.id());
  EXPECT_TRUE(
      absl::IsFailedPrecondition(Try<v1::Organisation>("OrganisationService/CloseOrganisation", close)));
  Move<v1::Organisation>("Organisation", "Abandon", campus.id());
  EXPECT_EQ(Move<v1::Organisation>("Organisation", "Close", school.id()).status(),
            v1::ORGANISATION_STATUS_CLOSED);
}

// A school that closed and opened again years later existed on no day in between.
TEST_F(OrganisationPgTest, ClosedYearsStayClosed) {
  const auto school = School("甲小学", weibin_.id());
  const auto step = [&](const std::string& verb, const std::string& day) {
    type::v1::TransitionRequest request;
    request.set_id(school.id());
    request.set_effective_on(day);
    request.set_reason("复校示例");
    return service_.Call<v1::Organisation>("OrganisationService/" + verb + "Organisation", request);
  };
  const auto held = [&](const std::string& day) {
    type::v1::ListRequest list;
    list.set_valid_on(day);
    type::v1::GetRequest get;
    get.set_id(school.id());
    get.set_valid_on(day);
    const int listed = Must<v1::ListOrganisationsResponse>("OrganisationService/ListOrganisations", list)
                           .organisations_size();
    EXPECT_EQ(Try<v1::Organisation>("OrganisationService/GetOrganisation", get).ok(), listed == 1) << day;
    return listed == 1;
  };
  ASSERT_TRUE(step("Close", "2015-08-31").ok());
  EXPECT_THAT(ViolatedFields(step("Reopen", "2015-08-31").status()), ElementsAre("effectiveOn"));
  EXPECT_THAT(ViolatedFields(step("Reopen", "2999-01-01").status()), ElementsAre("effectiveOn"));
  const auto reopened = step("Reopen", "2020-09-01");
  ASSERT_TRUE(reopened.ok()) << reopened.status();
  EXPECT_EQ(reopened->closed_on(), "");
  ASSERT_THAT(reopened->closed_periods(), SizeIs(1));
  EXPECT_EQ(reopened->closed_periods(0).valid_from(), "2015-09-01");
  EXPECT_EQ(reopened->closed_periods(0).valid_to(), "2020-08-31");
  EXPECT_EQ(reopened->closed_periods(0).reason(), "复校示例");
  EXPECT_TRUE(held("2015-08-31"));
  EXPECT_FALSE(held("2015-09-01"));
  EXPECT_FALSE(held("2020-08-31"));
  EXPECT_TRUE(held("2020-09-01"));
  v1::UpdateOrganisationRequest update;
  update.mutable_organisation()->set_id(school.id());
  update.mutable_update_mask()->add_paths("closed_periods");
  EXPECT_THAT(ViolatedFields(Try<v1::Organisation>("OrganisationService/UpdateOrganisation", update)),
              ElementsAre("organisation.closedPeriods"));
}

// What was planned and never opened existed on no day, however it ended.
TEST_F(OrganisationPgTest, APlannedSchoolThatNeverOpenedNeverExisted) {
  const auto target = School("甲小学", weibin_.id());
  const auto plan = [&](const std::string& name) {
    v1::CreateOrganisationRequest create;
    create.mutable_organisation()->set_kind(v1::ORGANISATION_KIND_SCHOOL);
    create.mutable_organisation()->set_name(name);
    create.mutable_organisation()->set_jurisdiction_id(weibin_.id());
    return Must<v1::Organisation>("OrganisationService/CreateOrganisation", create);
  };
  const auto given_up = plan("停建小学");
  type::v1::TransitionRequest close;
  close.set_id(given_up.id());
  EXPECT_EQ(base::FailureOf(Try<v1::Organisation>("OrganisationService/CloseOrganisation", close)).reason(),
            base::ErrorReason::WRONG_STATE);
  EXPECT_EQ(Move<v1::Organisation>("Organisation", "Abandon", given_up.id()).status(),
            v1::ORGANISATION_STATUS_ABANDONED);
  v1::MergeRequest merge;
  merge.add_source_ids(plan("并建小学").id());
  merge.set_target_id(target.id());
  merge.set_document("合并示例");
  const auto merged = Must<v1::MergeOrganisationsResponse>("OrganisationService/MergeOrganisations", merge);
  EXPECT_EQ(merged.merged(0).status(), v1::ORGANISATION_STATUS_ABANDONED);
  EXPECT_EQ(merged.merged(0).replaced_by(), target.id());
  type::v1::ListRequest list;
  for (const char* day : {"1999-01-01", "2015-01-01"}) {
    list.set_valid_on(day);
    EXPECT_THAT(
        Must<v1::ListOrganisationsResponse>("OrganisationService/ListOrganisations", list).organisations(),
        SizeIs(day == std::string("1999-01-01") ? 0 : 1))
        << day;
  }
}

// A code entered by mistake leaves no trace that would keep it from the school that it belongs to.
TEST_F(OrganisationPgTest, ACodeThatWasAMistakeIsFreeForItsSchool) {
  v1::CreateOrganisationRequest create = SchoolWithCode("甲小学", "2161999901");
  const auto school = Must<v1::Organisation>("OrganisationService/CreateOrganisation", create);
  v1::RecodeRequest recode;
  recode.set_id(school.id());
  recode.set_kind(v1::CODE_KIND_SCHOOL);
  recode.set_code("2161999902");
  recode.set_document("更正示例");
  recode.set_correction(true);
  const auto corrected = Must<v1::Organisation>("OrganisationService/RecodeOrganisation", recode);
  EXPECT_EQ(corrected.school_code(), "2161999902");
  EXPECT_THAT(corrected.former_codes(), SizeIs(0));
  ASSERT_THAT(corrected.external_ids(), SizeIs(1));
  EXPECT_EQ(corrected.external_ids(0).id(), "2161999902");
  create.mutable_organisation()->set_name("乙小学");
  EXPECT_NE(Must<v1::Organisation>("OrganisationService/CreateOrganisation", create).id(), school.id())
      << "code and external id are free";
}

// A correction may lead back: the code that the mistake had replaced is the code again, and none of the past.
TEST_F(OrganisationPgTest, AMistakeIsTakenBack) {
  v1::CreateOrganisationRequest create = SchoolWithCode("甲小学", "2161999901");
  const auto school = Must<v1::Organisation>("OrganisationService/CreateOrganisation", create);
  v1::RecodeRequest recode;
  recode.set_id(school.id());
  recode.set_kind(v1::CODE_KIND_SCHOOL);
  recode.set_code("2161999902");
  recode.set_document("更码示例");
  const auto recoded = Must<v1::Organisation>("OrganisationService/RecodeOrganisation", recode);
  ASSERT_THAT(recoded.former_codes(), SizeIs(1));
  ASSERT_THAT(recoded.external_ids(), SizeIs(2));
  recode.set_code("2161999901");
  recode.set_correction(true);
  const auto corrected = Must<v1::Organisation>("OrganisationService/RecodeOrganisation", recode);
  EXPECT_EQ(corrected.school_code(), "2161999901");
  EXPECT_THAT(corrected.former_codes(), SizeIs(0));
  ASSERT_THAT(corrected.external_ids(), SizeIs(1));
  EXPECT_EQ(corrected.external_ids(0).id(), "2161999901");
  EXPECT_EQ(corrected.external_ids(0).valid_to(), "");
}

TEST_F(OrganisationPgTest, AMoveDoesNotPutASchoolIntoAThirdPlace) {
  const auto school = School("甲小学", feng_.id());
  const auto third =
      Place(v1::JURISDICTION_KIND_COUNTY, v1::JURISDICTION_LEVEL_COUNTY, "眉县", "610326", city_.id());
  v1::UpdateOrganisationRequest update;
  update.mutable_organisation()->set_id(school.id());
  update.mutable_organisation()->set_jurisdiction_id(weibin_.id());
  auto& left = *update.mutable_organisation()->add_former_jurisdictions();
  left.set_jurisdiction_id(third.id());
  left.set_valid_to("2099-12-31");
  EXPECT_THAT(ViolatedFields(Try<v1::Organisation>("OrganisationService/UpdateOrganisation", update)),
              ElementsAre("organisation.formerJurisdictions[0].jurisdictionId",
                          "organisation.formerJurisdictions[0].validTo"));
  left.set_jurisdiction_id(feng_.id());
  left.set_valid_to("2024-12-31");
  const auto moved = Must<v1::Organisation>("OrganisationService/UpdateOrganisation", update);
  EXPECT_EQ(moved.jurisdiction_id(), weibin_.id());
  ASSERT_THAT(moved.former_jurisdictions(), SizeIs(1));
  EXPECT_EQ(moved.former_jurisdictions(0).valid_to(), "2024-12-31");
}

// A closed school stays with its county when that is merged away; reopened, it is where the county went.
TEST_F(OrganisationPgTest, AReopenedSchoolFollowsItsCounty) {
  const auto school = School("甲小学", feng_.id());
  const auto third =
      Place(v1::JURISDICTION_KIND_COUNTY, v1::JURISDICTION_LEVEL_COUNTY, "眉县", "610326", city_.id());
  type::v1::TransitionRequest step;
  step.set_id(school.id());
  step.set_effective_on("2015-08-31");
  Must<v1::Organisation>("OrganisationService/CloseOrganisation", step);
  const auto merge = [&](const std::string& source, const std::string& target, const std::string& day) {
    v1::MergeRequest request;
    request.add_source_ids(source);
    request.set_target_id(target);
    request.set_effective_on(day);
    request.set_document("合并示例");
    Must<v1::MergeJurisdictionsResponse>("JurisdictionService/MergeJurisdictions", request);
  };
  merge(feng_.id(), third.id(), "2018-01-01");
  merge(third.id(), weibin_.id(), "2023-01-01");
  ASSERT_EQ(Get<v1::Organisation>("Organisation", school.id()).jurisdiction_id(), feng_.id());
  step.set_effective_on("2024-09-01");
  const auto reopened = Must<v1::Organisation>("OrganisationService/ReopenOrganisation", step);
  EXPECT_EQ(reopened.status(), v1::ORGANISATION_STATUS_ACTIVE);
  EXPECT_EQ(reopened.jurisdiction_id(), weibin_.id());
  ASSERT_THAT(reopened.former_jurisdictions(), SizeIs(2));
  EXPECT_EQ(reopened.former_jurisdictions(0).jurisdiction_id(), feng_.id());
  EXPECT_EQ(reopened.former_jurisdictions(0).valid_from(), "");
  EXPECT_EQ(reopened.former_jurisdictions(0).valid_to(), "2017-12-31");
  EXPECT_EQ(reopened.former_jurisdictions(1).jurisdiction_id(), third.id());
  EXPECT_EQ(reopened.former_jurisdictions(1).valid_from(), "2018-01-01");
  EXPECT_EQ(reopened.former_jurisdictions(1).valid_to(), "2022-12-31");
}

}  // namespace
}  // namespace lianqiao::registry
