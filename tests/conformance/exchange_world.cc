// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/exchange_world.h"

#include "absl/strings/str_cat.h"
#include "lianqiao/registry/v1/calendar.pb.h"
#include "libs/base/clock.h"
#include "services/teacher-exchange/exchange.h"

namespace lianqiao::conformance {

using access::ScopeKind;
using access::testing::MakeCaller;
using access::testing::MakeGrant;

namespace {

// Every right of the service at one place: those that "exchange.*" does not mean are named.
std::vector<access::Grant> Everything(ScopeKind kind, const std::string& place) {
  std::vector<access::Grant> grants = {MakeGrant("registry.*", kind, place)};
  for (const char* right : {"exchange.*", "exchange.*.personal", "exchange.*.import", "exchange.*.approve"})
    grants.push_back(MakeGrant(right, kind, place, {"personnel"}));
  return grants;
}

}  // namespace

ExchangeWorld::ExchangeWorld() : exchange_(::lianqiao::exchange::ExchangeDefinition(), {&service_}) {
  for (const auto& [token, place] :
       {std::make_pair("near", near_id_), std::make_pair("far", far_id_), std::make_pair("city", city_id_)})
    exchange_.AddCaller(token, MakeCaller(Everything(ScopeKind::kJurisdiction, place)));
  exchange_.AddCaller(
      "clerk", MakeCaller({MakeGrant("registry.*", ScopeKind::kJurisdiction, near_id_),
                           MakeGrant("exchange.*", ScopeKind::kJurisdiction, near_id_, {"personnel"})}));
  exchange_.AddCaller("reader",
                      MakeCaller({MakeGrant("exchange.*.read", ScopeKind::kJurisdiction, near_id_)}));
  near_school_ = SchoolOf("渭滨区第一小学", near_id_, registry::URBAN_RURAL_CLASS_URBAN_CORE,
                          registry::QUALITY_TIER_QUALITY, "2015-01-01");
  near_rural_ = SchoolOf("渭滨区晁峪小学", near_id_, registry::URBAN_RURAL_CLASS_VILLAGE,
                         registry::QUALITY_TIER_UNSPECIFIED, "");
  far_school_ = SchoolOf("凤县双石铺小学", far_id_, registry::URBAN_RURAL_CLASS_TOWN_CENTRE,
                         registry::QUALITY_TIER_ORDINARY, "2015-01-01");
  far_rural_ = SchoolOf("凤县红花铺小学", far_id_, registry::URBAN_RURAL_CLASS_VILLAGE,
                        registry::QUALITY_TIER_WEAK, "2020-01-01");
  unclassed_ = SchoolOf("渭滨区新建小学", near_id_, registry::URBAN_RURAL_CLASS_UNSPECIFIED,
                        registry::QUALITY_TIER_UNSPECIFIED, "");
  exchange_.AddCaller("school", MakeCaller(Everything(ScopeKind::kOrganisation, near_school_), near_school_));
  alliance_id_ = Alliance(registry::ALLIANCE_TYPE_CROSS_COUNTY, city_id_);
  Join(alliance_id_, near_school_, registry::MEMBERSHIP_ROLE_LEAD_SCHOOL);
  Join(alliance_id_, far_rural_, registry::MEMBERSHIP_ROLE_MEMBER);
  registry::CreateSchoolYearRequest year;
  year.mutable_school_year()->set_key("2026-2027");
  year.mutable_school_year()->set_starts_on("2026-09-01");
  year.mutable_school_year()->set_ends_on("2027-08-31");
  year.mutable_school_year()->set_statistics_on("2026-09-01");
  const auto made = service_.Call<registry::SchoolYear>("SchoolYearService/CreateSchoolYear", year);
  EXPECT_TRUE(made.ok()) << made.status();
  school_year_id_ = made->id();
  exchange_.CatchUp();
}

std::string ExchangeWorld::SchoolOf(const std::string& name, const std::string& jurisdiction_id,
                                    registry::UrbanRuralClass urban_rural_class, registry::QualityTier tier,
                                    const std::string& tier_from) {
  registry::CreateOrganisationRequest request = NewSchool(name, jurisdiction_id);
  registry::Organisation& school = *request.mutable_organisation();
  school.set_status(registry::ORGANISATION_STATUS_ACTIVE);
  school.set_urban_rural_class(urban_rural_class);
  if (tier != registry::QUALITY_TIER_UNSPECIFIED) {
    auto* period = school.add_quality_tier();
    period->set_tier(tier);
    period->set_valid_from(tier_from);
  }
  const auto made = service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", request);
  EXPECT_TRUE(made.ok()) << made.status();
  return made.ok() ? made->id() : "";
}

std::string ExchangeWorld::Alliance(registry::AllianceType type, const std::string& jurisdiction_id) {
  registry::CreateAllianceRequest request;
  request.mutable_alliance()->set_name(registry::AllianceType_Name(type));
  request.mutable_alliance()->set_type(type);
  request.mutable_alliance()->set_jurisdiction_id(jurisdiction_id);
  request.mutable_alliance()->set_state(registry::ALLIANCE_STATE_ACTIVE);
  const auto made = service_.Call<registry::Alliance>("AllianceService/CreateAlliance", request);
  EXPECT_TRUE(made.ok()) << made.status();
  return made.ok() ? made->id() : "";
}

void ExchangeWorld::Join(const std::string& alliance_id, const std::string& party_id,
                         registry::MembershipRole role, registry::MembershipSide side, bool jurisdiction) {
  registry::CreateMembershipRequest request;
  registry::Membership& membership = *request.mutable_membership();
  membership.set_alliance_id(alliance_id);
  jurisdiction ? membership.set_jurisdiction_id(party_id) : membership.set_organisation_id(party_id);
  membership.set_role(role);
  membership.set_side(side);
  membership.set_state(registry::MEMBERSHIP_STATE_ACTIVE);
  membership.set_joined_on("2024-09-01");
  const auto made = service_.Call<registry::Membership>("MembershipService/CreateMembership", request);
  EXPECT_TRUE(made.ok()) << made.status();
}

exchange::CreateTeacherRequest ExchangeWorld::NewTeacher(const std::string& school_id) {
  exchange::CreateTeacherRequest request;
  exchange::Teacher& teacher = *request.mutable_teacher();
  teacher.set_person_ref(absl::StrCat("T-", ++persons_));
  teacher.set_school_id(school_id);
  teacher.set_at_school_since("2016-09-01");
  teacher.add_stages(type::v1::STAGE_PRIMARY);
  teacher.add_subjects(type::v1::SUBJECT_MATHEMATICS);
  return request;
}

exchange::Teacher ExchangeWorld::Teacher(const std::string& school_id, const std::string& token) {
  return Must<exchange::Teacher>("TeacherService/CreateTeacher", NewTeacher(school_id), token);
}

exchange::CreateAssignmentRequest ExchangeWorld::NewAssignment(const exchange::Teacher& teacher,
                                                               const std::string& to_school_id,
                                                               int share_percent) {
  exchange::CreateAssignmentRequest request;
  exchange::Assignment& assignment = *request.mutable_assignment();
  assignment.set_teacher_id(teacher.id());
  assignment.set_type(exchange::ASSIGNMENT_TYPE_SUPPORT_TEACHING);
  assignment.set_from_school_id(teacher.school_id());
  assignment.set_to_school_id(to_school_id);
  assignment.set_host_role(exchange::HOST_ROLE_TEACHER);
  assignment.set_subject(type::v1::SUBJECT_MATHEMATICS);
  assignment.set_stage(type::v1::STAGE_PRIMARY);
  assignment.set_planned_from(Day(0));
  assignment.set_planned_until(Day(365));
  assignment.set_weekly_share_percent(share_percent);
  return request;
}

exchange::Assignment ExchangeWorld::Nominate(const exchange::CreateAssignmentRequest& request,
                                             const std::string& token) {
  return Must<exchange::Assignment>("AssignmentService/CreateAssignment", request, token);
}

exchange::Assignment ExchangeWorld::Approved(const exchange::CreateAssignmentRequest& request,
                                             const std::string& approved_on) {
  const auto approved =
      Step<exchange::Assignment>("Assignment", "Approve", Nominate(request).id(), "operator", approved_on);
  EXPECT_TRUE(approved.ok()) << approved.status();
  return approved.ok() ? *approved : exchange::Assignment();
}

exchange::Assignment ExchangeWorld::OnPost(const exchange::CreateAssignmentRequest& request,
                                           const std::string& started_on) {
  const std::string id = Approved(request, started_on).id();
  const auto started = Step<exchange::Assignment>("Assignment", "Start", id, "operator", started_on);
  EXPECT_TRUE(started.ok()) << started.status();
  return started.ok() ? *started : exchange::Assignment();
}

void ExchangeWorld::Hide(const std::string& assignment_id) {
  const auto hidden = exchange_.Query(
      absl::StrCat("UPDATE assignment SET delete_time = now() WHERE id = '", assignment_id, "'"));
  EXPECT_TRUE(hidden.ok()) << hidden.status();
}

void ExchangeWorld::Ethics(const std::string& teacher_id, int year, exchange::EthicsOutcome outcome) {
  exchange::CreateEthicsResultRequest request;
  request.mutable_ethics_result()->set_teacher_id(teacher_id);
  request.mutable_ethics_result()->set_year(year);
  request.mutable_ethics_result()->set_outcome(outcome);
  request.mutable_ethics_result()->set_jurisdiction_id(near_id_);
  Must<exchange::EthicsResult>("EthicsResultService/CreateEthicsResult", request);
}

std::string ExchangeWorld::Day(int days) {
  return base::BusinessDate(exchange_.clock().Now() + absl::Hours(24 * days));
}

int64_t ExchangeWorld::ExchangeCount(const std::string& sql) {
  const auto result = exchange_.Query(sql);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() && result->rows() == 1 ? result->Integer(0, 0) : -1;
}

}  // namespace lianqiao::conformance
